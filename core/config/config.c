#include "config/config.h"
#include "config/option.h"
#include "config/section.h"
#include "config/values.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES ((size_t)64 << 20)
#define INCLUDE_DEPTH 16

/* ---- where it is ------------------------------------------------------------ */

static char *in_folder(const char *folder, const char *rest)
{
	struct buffer path = { 0 };

	buffer_format(&path, "%s/%s", folder, rest);
	return buffer_steal(&path);
}

static char *existing(char *path)
{
	if (path && access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

static char *with_file(const char *path)
{
	struct stat info;

	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		return in_folder(path, "caseroute.ini");
	return memory_copy_text(path);
}

char *config_find(const char *path)
{
	const char *environment = getenv("CASEROUTE_CONFIG"), *xdg = getenv("XDG_CONFIG_HOME"),
		   *home = getenv("HOME");
	char *found = NULL;

	if (path)
		return with_file(path);
	if (environment && *environment)
		return with_file(environment);
	if (xdg && *xdg)
		found = existing(in_folder(xdg, "caseroute/caseroute.ini"));
	else if (home && *home)
		found = existing(in_folder(home, ".config/caseroute/caseroute.ini"));
	return found ? found : existing(memory_copy_text("/etc/caseroute/caseroute.ini"));
}

/* ---- sections ----------------------------------------------------------------- */

static struct place place_of(const char *file, uint32_t line, uint32_t column)
{
	return (struct place){ file, line, column };
}

static char *lower_copy(struct arena *arena, struct text text)
{
	char *copy = arena_copy(arena, text.p, text.n);

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	return copy;
}

/* "portal azure", however many blanks or tabs stand between the two. */
static size_t kind_length(struct text header)
{
	size_t n = 0;

	while (n < header.n && !strchr(" \t\f\v\r", header.p[n]))
		n++;
	return n;
}

static struct config_section *add_section(struct config *config, const char *file,
    const struct scan_item *item, struct problems *problems)
{
	struct config_section *section = arena_take(config->arena, sizeof *section), *twin;
	size_t kind_bytes = kind_length(item->name);
	struct text name =
	    text_trim((struct text){ item->name.p + kind_bytes, item->name.n - kind_bytes });

	section->kind = lower_copy(config->arena, (struct text){ item->name.p, kind_bytes });
	section->name = arena_copy(config->arena, name.p, name.n);
	section->header = lower_copy(config->arena, item->name);
	section->folded = lower_copy(config->arena,
	    text_of(arena_format(
		config->arena, "%s%s%s", section->kind, name.n ? " " : "", section->name)));
	section->place = place_of(file, item->line, item->column);
	section->position = config->n;
	twin = index_find(&config->index, section->folded);
	if (twin)
		problem_add(problems, PROBLEM_ERROR, E_DUPLICATE, section->place,
		    "section [%.*s] stands already in %s:%u (upper and lower case are the same)",
		    TEXT_ARGS(item->name), twin->place.file, twin->place.line);
	else
		index_add(&config->index, section->folded, section);
	config->sections =
	    memory_grow(config->sections, config->n, &config->capacity, sizeof *config->sections);
	config->sections[config->n++] = section;
	return section;
}

static void add_entry(struct config *config, struct config_section *section, const char *file,
    const struct scan_item *item, struct problems *problems)
{
	const char *key = lower_copy(config->arena, item->name);
	const struct config_entry *twin = section_entry(section, key);
	struct place place = place_of(file, item->line, item->column);

	if (twin) {
		problem_add(problems, PROBLEM_ERROR, E_DUPLICATE, place,
		    "[%s%s%s] key \"%s\" stands already in line %u", section->kind,
		    *section->name ? " " : "", section->name, key, twin->place.line);
		return;
	}
	section->entries =
	    memory_grow(section->entries, section->n, &section->capacity, sizeof *section->entries);
	section->known = memory_grow(
	    section->known, section->n, &section->known_capacity, sizeof *section->known);
	section->entries[section->n] =
	    (struct config_entry){ key, arena_copy(config->arena, item->value.p, item->value.n),
		    place, place_of(file, item->line, item->value_column) };
	section->known[section->n++] = false;
}

/* ---- files ----------------------------------------------------------------- */

struct inclusion {
	const char *file;
	const char
	    *real; /* without links and "..": what a cycle is told by; NULL: no file at all */
	const struct inclusion *from;
	unsigned depth;
};

static void read_file(struct config *, const char *path, const struct place *,
    const struct inclusion *, struct problems *);

/* The including file's folder, where '*' and its like mean themselves. */
static char *escaped(const char *folder)
{
	struct buffer out = { 0 };

	buffer_text(&out, "");
	for (; *folder; folder++) {
		if (strchr("*?[]\\", *folder))
			buffer_char(&out, '\\');
		buffer_char(&out, *folder);
	}
	return buffer_steal(&out);
}

/* All files that fit, in byte order (glob's own order: the locale sorts nothing here). */
static void include_all(struct config *config, const char *folder, const char *pattern,
    const struct place *place, const struct inclusion *from, struct problems *problems)
{
	char *plain = escaped(folder);
	char *path = pattern[0] == '/' ? memory_copy_text(pattern) : in_folder(plain, pattern);
	glob_t found;

	if (glob(path, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			read_file(config, found.gl_pathv[i], place, from, problems);
		globfree(&found);
	}
	free(path);
	free(plain);
}

static void include_pattern(struct config *config, const char *pattern, const struct place *place,
    const struct inclusion *from, struct problems *problems)
{
	char *copy = memory_copy_text(from->file), *path;
	const char *folder = dirname(copy);

	if (strpbrk(pattern, "*?[")) {
		include_all(config, folder, pattern, place, from, problems);
	} else {
		path = pattern[0] == '/' ? memory_copy_text(pattern) : in_folder(folder, pattern);
		read_file(config, path, place, from, problems);
		free(path);
	}
	free(copy);
}

static void include_list(struct config *config, const char *file, const struct scan_item *item,
    const struct inclusion *from, struct problems *problems)
{
	struct place place = place_of(file, item->line, item->value_column);
	struct text rest = item->value, pattern;

	if (!from->real) {
		problem_add(problems, PROBLEM_ERROR, E_INCLUDE, place,
		    "include: only a file can include others");
		return;
	}
	while (text_split(&rest, ',', &pattern))
		include_pattern(config, arena_copy(config->arena, pattern.p, pattern.n), &place,
		    from, problems);
}

/* Items before the first section can only be `include`. */
static void read_head_item(struct config *config, const char *file, const struct scan_item *item,
    const struct inclusion *from, struct problems *problems)
{
	if (text_is(item->name, "include"))
		include_list(config, file, item, from, problems);
	else
		problem_add(problems, PROBLEM_ERROR, E_SYNTAX,
		    place_of(file, item->line, item->column),
		    "key \"%.*s\" stands before the first section; only include may stand there",
		    TEXT_ARGS(item->name));
}

static void take_items(struct config *config, const char *file, const struct scan *scan,
    struct text bytes, const struct inclusion *from, struct problems *problems)
{
	struct config_section *section = NULL;
	size_t first = config->n;

	for (size_t i = 0; i < scan->n; i++) {
		const struct scan_item *item = &scan->items[i];

		if (item->kind == SCAN_SECTION) {
			if (!section)
				first = config->n;
			section = add_section(config, file, item, problems);
		} else if (section) {
			add_entry(config, section, file, item, problems);
		} else {
			read_head_item(config, file, item, from, problems);
		}
	}
	/* What the scan refused, iniparser is not asked about: the scan's own values
	 * stand then, so that everything else that is wrong is found in the same run. */
	if (section && problems_count(problems, PROBLEM_ERROR) == 0)
		values_read(config->arena, config->sections + first, config->n - first, scan, bytes,
		    file, problems);
}

static bool is_included_already(const struct inclusion *from, const char *real)
{
	for (; from; from = from->from)
		if (text_same(from->real, real))
			return true;
	return false;
}

/* Never NULL: a file that is not there is told when it is read. */
static const char *real_path(struct config *config, const char *path)
{
	char *real = realpath(path, NULL);
	const char *kept =
	    arena_copy(config->arena, real ? real : path, strlen(real ? real : path));

	free(real);
	return kept;
}

static void read_file(struct config *config, const char *path, const struct place *place,
    const struct inclusion *from, struct problems *problems)
{
	struct inclusion here = { arena_copy(config->arena, path, strlen(path)),
		real_path(config, path), from, from ? from->depth + 1 : 0 };
	struct place none = place ? *place : place_of(here.file, 0, 0);
	struct failure why = { 0 };
	struct scan scan = { 0 };
	struct buffer bytes = { 0 };

	if (is_included_already(from, here.real) || here.depth > INCLUDE_DEPTH) {
		problem_add(
		    problems, PROBLEM_ERROR, E_INCLUDE, none, "include: %s includes itself", path);
		return;
	}
	if (!file_read(path, FILE_BYTES, &bytes, &why)) {
		problem_add(
		    problems, PROBLEM_ERROR, place ? E_INCLUDE : E_FILE, none, "%s", why.text);
	} else {
		scan_text(&scan, here.file, buffer_as_text(&bytes), problems);
		take_items(config, here.file, &scan, buffer_as_text(&bytes), &here, problems);
	}
	scan_free(&scan);
	buffer_free(&bytes);
}

static struct config *config_new(void)
{
	struct config *config = memory_new(sizeof *config);

	config->arena = arena_new();
	return config;
}

struct config *config_read(const char *path, struct problems *problems)
{
	struct config *config = config_new();
	char *file = with_file(path);

	read_file(config, file, NULL, NULL, problems);
	free(file);
	return config;
}

struct config *config_read_text(const char *name, struct text text, struct problems *problems)
{
	struct config *config = config_new();
	const char *file = arena_copy(config->arena, name, strlen(name));
	struct inclusion here = { file, NULL, NULL, 0 };
	struct scan scan = { 0 };

	scan_text(&scan, file, text, problems);
	take_items(config, file, &scan, text, &here, problems);
	scan_free(&scan);
	return config;
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n; i++) {
		free(config->sections[i]->entries);
		free(config->sections[i]->known);
		free(config->sections[i]->tables);
	}
	free(config->sections);
	index_free(&config->index);
	arena_free(config->arena);
	free(config);
}
