/*
 * Any bytes as an INI file: what our scan takes, iniparser reads with the same
 * values; what iniparser would bend, the scan refuses by itself.
 */
#include "config/config.h"
#include "config/option.h"
#include "config/scan.h"
#include "base/memory.h"

#include <iniparser/iniparser.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static int be_silent(const char *format, ...)
{
	(void)format;
	return 0;
}

/* The whole file at once, as iniparser alone would read it. */
static dictionary *load(struct text text)
{
	char path[64];
	dictionary *values;
	int fd = memfd_create("ini-fuzz", MFD_CLOEXEC);

	must(write(fd, text.p, text.n) == (ssize_t)text.n, "the memory file is written");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	iniparser_set_error_callback(be_silent);
	values = iniparser_load(path);
	close(fd);
	return values;
}

static bool is_scanned(struct text text)
{
	struct problems *problems = problems_new();
	struct scan scan = { 0 };
	bool is_ok;

	scan_text(&scan, "fuzz.ini", text, problems);
	is_ok = problems_count(problems, PROBLEM_ERROR) == 0;
	scan_free(&scan);
	problems_free(problems);
	return is_ok;
}

static char *printed(struct problems *problems, bool as_json)
{
	char *said = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&said, &n);

	problems_print(problems, to, as_json);
	fclose(to);
	return said;
}

static const char *header_of(const struct config_section *section, char *out, size_t n)
{
	snprintf(out, n, "%s%s%s", section_kind(section), *section_name(section) ? " " : "",
	    section_name(section));
	for (char *c = out; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	return out;
}

static void compare_section(dictionary *values, const struct config_section *section)
{
	char header[2048], name[4096];

	header_of(section, header, sizeof header);
	if (!iniparser_find_entry(values, header))
		return; /* several blanks between kind and name: iniparser keeps them */
	for (size_t i = 0; i < section_count(section); i++) {
		const struct config_entry *entry = section_at(section, i);
		const char *value;

		snprintf(name, sizeof name, "%s:%s", header, entry->key);
		value = iniparser_getstring(values, name, NULL);
		must(value && strcmp(value, entry->value) == 0, "both read the same value");
	}
}

static void compare(const struct config *config, struct text text)
{
	dictionary *values = load(text);

	must(values != NULL, "iniparser takes what we take");
	must(config_count(config) == (size_t)iniparser_getnsec(values), "both see the sections");
	for (size_t i = 0; i < config_count(config); i++)
		compare_section(values, config_at(config, i));
	iniparser_freedict(values);
}

/* Every type of option on whatever values there are. */
static void read_options(struct config *config, struct problems *problems)
{
	static const struct option table[] = {
		{ .name = "text", .type = OPTION_TEXT, .help = "" },
		{ .name = "number", .type = OPTION_INTEGER, .min = 1, .max = 9, .help = "" },
		{ .name = "yes", .type = OPTION_BOOLEAN, .help = "" },
		{ .name = "time", .type = OPTION_DURATION, .help = "" },
		{ .name = "one", .type = OPTION_CHOICE, .choices = "a b", .help = "" },
		{ .name = "origin", .type = OPTION_ORIGIN, .help = "" },
		{ .name = "secret", .type = OPTION_SECRET, .help = "" },
		{ .name = "date", .type = OPTION_DATE, .help = "" },
		{ .name = "end", .type = OPTION_END, .help = "" },
		{ .name = "words", .type = OPTION_WORDS, .choices = "a b", .help = "" },
		{ .name = "url", .type = OPTION_URL, .help = "" },
		{ .name = "step", .type = OPTION_TEXT, .flags = OPTION_NUMBERED, .help = "" },
		{ .name = "open", .type = OPTION_TEXT, .flags = OPTION_OPEN, .help = "" },
	};
	struct value values[sizeof table / sizeof table[0]];

	for (size_t i = 0; i < config_count(config); i++)
		option_read(config, config_at(config, i), table, sizeof table / sizeof table[0],
		    values, problems);
	config_finish(config, problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct text text = { n ? (const char *)bytes : "", n };
	struct problems *problems = problems_new();
	struct config *config = config_read_text("fuzz.ini", text, problems);
	bool is_clean = problems_count(problems, PROBLEM_ERROR) == 0;
	char *said = printed(problems, false);

	if (is_scanned(text)) {
		must(!strstr(said, "error: iniparser refuses"), "the scan refuses it by itself");
		must(!strstr(said, "error: this value reads"), "the scan reads as iniparser");
	}
	if (is_clean && config_count(config))
		compare(config, text);
	read_options(config, problems);
	free(said);
	free(printed(problems, true));
	config_free(config);
	problems_free(problems);
	return 0;
}
