/* A configuration from INI text, with what is wrong with it as text; folders for files. */
#ifndef CONFIG_FIXTURE_H
#define CONFIG_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "config/config.h"
#include "config/option.h"

struct read_ini {
	struct problems *problems;
	struct config *config;
	char *said;
};

static inline const char *said_of(struct read_ini *ini, bool as_json)
{
	size_t n = 0;
	FILE *to;

	free(ini->said);
	to = open_memstream(&ini->said, &n);
	problems_print(ini->problems, to, as_json);
	fclose(to);
	return ini->said;
}

static inline struct read_ini read_bytes(const char *bytes, size_t n)
{
	struct read_ini ini = { .problems = problems_new() };

	ini.config = config_read_text("test.ini", (struct text){ bytes, n }, ini.problems);
	said_of(&ini, false);
	return ini;
}

static inline struct read_ini read_ini(const char *text)
{
	return read_bytes(text, strlen(text));
}

static inline struct read_ini read_path(const char *path)
{
	struct read_ini ini = { .problems = problems_new() };

	ini.config = config_read(path, ini.problems);
	said_of(&ini, false);
	return ini;
}

static inline void free_ini(struct read_ini *ini)
{
	config_free(ini->config);
	problems_free(ini->problems);
	free(ini->said);
}

static inline void must_say(const struct read_ini *ini, const char *part)
{
	if (!strstr(ini->said, part))
		fail_msg("\"%s\" is not in\n%s", part, ini->said);
}

static inline const char *value_of(const struct read_ini *ini, const char *kind, const char *key)
{
	const struct config_section *section = config_next(ini->config, kind, NULL);
	const struct config_entry *entry = section ? section_entry(section, key) : NULL;

	return entry ? entry->value : NULL;
}

/* ---- files ----------------------------------------------------------------------- */

static inline char *new_folder(void)
{
	char *path = memory_copy_text("/tmp/caseroute-test-XXXXXX");

	assert_non_null(mkdtemp(path));
	return path;
}

static inline const char *put_bytes(const char *folder, const char *name, struct text bytes)
{
	static char path[4][512];
	static unsigned turn;
	char *file = path[turn++ % 4];
	struct failure why = { 0 };

	snprintf(file, sizeof path[0], "%s/%s", folder, name);
	if (!file_write(file, bytes, 0600, true, &why))
		fail_msg("%s", why.text);
	return file;
}

static inline const char *put_file(const char *folder, const char *name, const char *text)
{
	return put_bytes(folder, name, text_of(text));
}

static inline void remove_folder(char *folder)
{
	char command[600];

	snprintf(command, sizeof command, "rm -rf -- '%s'", folder);
	assert_int_equal(system(command), 0);
	free(folder);
}

#endif
