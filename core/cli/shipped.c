/* Where what ships with the program lies: beside it in a build tree, below share/ if installed. */
#include "cli/cli.h"

#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

const char *cli_shipped(
    struct arena *arena, const char *in_tree, const char *installed, const char *holds)
{
	const char *places[] = { in_tree, installed };
	char exe[PATH_MAX], real[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	const char *folder;

	exe[n > 0 ? n : 0] = 0;
	folder = dirname(exe);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (realpath(arena_format(arena, "%s/%s", folder, places[i]), real) &&
		    access(arena_format(arena, "%s/%s", real, holds), R_OK) == 0)
			return arena_format(arena, "%s", real);
	return NULL;
}
