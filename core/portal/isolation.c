#include "portal/isolation.h"
#include "base/text.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From the folder of the binary: a build tree has its plugins beside it, an
 * installation below its library folder. */
#ifndef CASEROUTE_PLUGIN_FOLDER
#define CASEROUTE_PLUGIN_FOLDER "../lib/caseroute/plugins"
#endif

const char *isolation_own_folders(struct arena *arena)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	const char *folder;

	if (n <= 0)
		return ".";
	path[n] = 0;
	folder = dirname(path);
	return arena_format(arena, "%s/plugins:%s/" CASEROUTE_PLUGIN_FOLDER, folder, folder);
}

/* Both without links and dots; false if one is not there. */
static bool is_in(const char *file, struct text folder, struct arena *arena)
{
	char *real = realpath(arena_copy(arena, folder.p, folder.n), NULL),
	     *mine = realpath(file, NULL);
	bool is = real && mine && strcmp(dirname(mine), real) == 0;

	free(real);
	free(mine);
	return is;
}

const char *isolation_stranger(const char *file, struct arena *arena)
{
	struct text rest = text_of(isolation_own_folders(arena)), folder;
	bool is_own = false;
	struct stat s;

	while (!is_own && text_split(&rest, ':', &folder))
		is_own = is_in(file, folder, arena);
	if (!is_own)
		return "its file is not among the plugins that came with caseroute";
	if (stat(file, &s) != 0 || (s.st_uid != 0 && s.st_uid != geteuid()))
		return "its file belongs to somebody else";
	return NULL;
}
