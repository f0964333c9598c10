/* portals new: a plugin's project, from the template of the SDK. */
#include "cli/cli.h"
#include "base/file.h"
#include "portal/loader.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACEHOLDER "newportal" /* in the template's texts and names of files */
#define TEMPLATE_BYTES ((size_t)1 << 20)

struct making {
	struct arena *arena;
	const char *name;      /* of the plugin */
	struct json *files;    /* written so far, below the project's folder */
	struct buffer section; /* its INI section */
	const char *guide;
	struct failure why;
};

/* ---- may it be made? ---------------------------------------------------------------- */

/* A plugin of that name which caseroute would load in its stead; NULL if there is none. */
static const char *find_plugin(struct arena *arena, const struct cli *cli, const char *name)
{
	struct text folders = text_of(cli_plugin_path(cli, arena)), folder;

	while (text_split(&folders, ':', &folder)) {
		const char *file = arena_format(arena, "%.*s/%s.so", TEXT_ARGS(folder), name);

		if (access(file, F_OK) == 0)
			return file;
	}
	return NULL;
}

/* A folder that is not there is empty. */
static bool is_empty(const char *path, struct failure *why)
{
	DIR *folder = opendir(path);
	const struct dirent *entry = NULL;
	unsigned n = 0;

	if (!folder && errno == ENOENT)
		return true;
	if (!folder)
		return failure_set(why, FAILURE_CANNOT_CREATE, "%s: %s", path, strerror(errno));
	while (n <= 2 && (entry = readdir(folder)))
		n++; /* "." and ".." are always there */
	closedir(folder);
	return n <= 2 ||
	    failure_set(why, FAILURE_CANNOT_CREATE,
		"%s is not empty; name a folder that is, or none yet. Nothing was written", path);
}

/* ---- writing ------------------------------------------------------------------------- */

/* The text with the plugin's name for each placeholder. */
static void fill_in(struct buffer *out, struct text text, const char *name)
{
	const char *end = text.p + text.n, *at;

	while ((at = memmem(text.p, (size_t)(end - text.p), PLACEHOLDER, strlen(PLACEHOLDER)))) {
		buffer_append(out, text.p, (size_t)(at - text.p));
		buffer_text(out, name);
		text.p = at + strlen(PLACEHOLDER);
	}
	buffer_append(out, text.p, (size_t)(end - text.p));
}

static bool write_file(struct making *m, const char *from, const char *to, unsigned mode)
{
	struct buffer bytes = { 0 }, filled = { 0 };
	bool is_ok = file_read(from, TEMPLATE_BYTES, &bytes, &m->why);

	if (is_ok) {
		fill_in(&filled, buffer_as_text(&bytes), m->name);
		is_ok = file_write(to, buffer_as_text(&filled), mode & 0777, false, &m->why);
	}
	if (is_ok && strcmp(from + strlen(from) - 4, ".ini") == 0)
		buffer_append(&m->section, filled.p, filled.n);
	buffer_free(&bytes);
	buffer_free(&filled);
	return is_ok;
}

static bool write_folder(struct making *, const char *from, const char *to, const char *below);

static bool write_entry(struct making *m, const char *from, const char *to, const char *below)
{
	struct stat about;

	if (stat(from, &about) != 0)
		return failure_set(&m->why, FAILURE_NO_INPUT, "%s: %s", from, strerror(errno));
	if (S_ISDIR(about.st_mode))
		return write_folder(m, from, to, arena_format(m->arena, "%s/", below));
	if (!write_file(m, from, to, about.st_mode))
		return false;
	json_append(m->files, json_new_string(below));
	return true;
}

/* All of the folder `from`; `below` is where it comes to lie in the project: "" or "tests/". */
static bool write_folder(struct making *m, const char *from, const char *to, const char *below)
{
	struct dirent **entries = NULL;
	int n = scandir(from, &entries, NULL, alphasort);
	bool is_ok = n >= 0
	    ? file_make_directory(to, &m->why)
	    : failure_set(&m->why, FAILURE_NO_INPUT, "%s: %s", from, strerror(errno));

	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		struct buffer filled = { 0 };

		fill_in(&filled, text_of(name), m->name);
		if (is_ok && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			is_ok = write_entry(m, arena_format(m->arena, "%s/%s", from, name),
			    arena_format(m->arena, "%s/%s", to, filled.p),
			    arena_format(m->arena, "%s%s", below, filled.p));
		buffer_free(&filled);
		free(entries[i]);
	}
	free(entries);
	return is_ok;
}

/* ---- the command ---------------------------------------------------------------------- */

static bool may_be_made(
    struct making *m, const struct cli *cli, const char *folder, const char *sdk)
{
	const char *taken;

	if (!plugin_name_ok(m->name, false))
		return failure_set(&m->why, FAILURE_USAGE,
		    "'%s' cannot be a plugin's name: it begins with a to z and goes on with a to "
		    "z, "
		    "0 to 9 and '-', up to 40 bytes",
		    m->name);
	taken = find_plugin(m->arena, cli, m->name);
	if (taken)
		return failure_set(&m->why, FAILURE_CANNOT_CREATE,
		    "there is a plugin %s already, %s; choose another name", m->name, taken);
	if (!sdk)
		return failure_set(&m->why, FAILURE_NO_INPUT,
		    "the template is not here; install the SDK: package caseroute-dev, or "
		    "`cmake --install` with its component dev");
	return is_empty(folder, &m->why);
}

static void print_next(const struct making *m, const char *folder)
{
	printf("Written: %s\n\n"
	       "Next:\n"
	       "  cd %s\n"
	       "  sh ci.sh      # builds it, checks it, plays its transcripts\n"
	       "Then change it: the comments of %s.c lead through it. The guide: %s\n\n"
	       "Its section in the configuration, where [caseroute] has plugins = "
	       "%s/build/plugins:\n\n%s",
	    folder, folder, m->name, m->guide, folder, m->section.p ? m->section.p : "");
}

static void print_json(struct making *m, const char *folder)
{
	struct json *all = json_new_object();

	json_set(all, "schema", json_new_string("caseroute.new/1"));
	json_set(all, "plugin", json_new_string(m->name));
	json_set(all, "folder", json_new_string(folder));
	json_set(all, "files", m->files);
	cli_json(all);
	m->files = NULL;
}

int portals_new(struct cli *cli, int argc, char **argv)
{
	struct making m = { 0 };
	const char *folder, *sdk;
	char *real;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 2, &status) < 0)
		return status;
	m.arena = arena_new();
	m.files = json_new_array();
	m.name = argv[0];
	folder = argv[1] ? argv[1] : argv[0];
	sdk =
	    cli_shipped(m.arena, "../plugins", "../share/caseroute/sdk", "template/CMakeLists.txt");
	m.guide = arena_format(m.arena, "%s/README.md", sdk ? sdk : "");
	if (!may_be_made(&m, cli, folder, sdk) ||
	    !write_folder(&m, arena_format(m.arena, "%s/template", sdk), folder, "")) {
		if (json_length(m.files))
			failure_context(&m.why, "%s is not whole, remove it", folder);
		status = cli_fail(&m.why);
	} else {
		real = realpath(folder, NULL);
		if (cli->json)
			print_json(&m, real ? real : folder);
		else
			print_next(&m, real ? real : folder);
		free(real);
	}
	json_free(m.files);
	buffer_free(&m.section);
	arena_free(m.arena);
	return status;
}
