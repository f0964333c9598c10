#include "config/values.h"

#include <errno.h>
#include <iniparser/iniparser.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SECTIONS_AT_ONCE 32

static int be_silent(const char *format, ...)
{
	(void)format;
	return 0;
}

/* iniparser reads files by name only: the bytes go into a nameless one. */
static dictionary *load(struct text bytes)
{
	char path[64];
	dictionary *values = NULL;
	int fd = memfd_create("caseroute-ini", MFD_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		values = iniparser_load(path);
	}
	close(fd);
	return values;
}

/* Walks the scan's keys in step with the entries of one section. */
static void take_section(struct arena *arena, dictionary *values, struct config_section *section,
    const struct scan_item *keys, const char *file, struct problems *problems)
{
	struct buffer name = { 0 };

	size_t n = strlen(section->header) + 1;

	buffer_text(&name, section->header);
	buffer_char(&name, ':');
	for (size_t i = 0; i < section->n; i++, keys++) {
		const char *value;

		name.n = n;
		buffer_text(&name, section->entries[i].key);
		value = iniparser_getstring(values, name.p, NULL);
		if (!value || !text_is(keys->value, value))
			problem_add(problems, PROBLEM_ERROR, E_SYNTAX,
			    (struct place){ file, keys->line, keys->value_column },
			    "this value reads differently than it looks; put it in double quotes");
		else
			section->entries[i].value = arena_copy(arena, value, strlen(value));
	}
	buffer_free(&name);
}

/* The items of one section: its header at items[0], its keys behind it. */
static size_t items_of(const struct scan_item *items, const struct scan_item *end)
{
	size_t n = 1;

	while (items + n < end && items[n].kind == SCAN_KEY)
		n++;
	return n;
}

void values_read(struct arena *arena, struct config_section **sections, size_t n,
    const struct scan *scan, struct text bytes, const char *file, struct problems *problems)
{
	const struct scan_item *item = scan->items, *end = scan->items + scan->n;

	while (item < end && item->kind != SCAN_SECTION)
		item++;
	iniparser_set_error_callback(be_silent);
	for (size_t i = 0; i < n;) {
		const struct scan_item *first = item;
		size_t last = i + SECTIONS_AT_ONCE < n ? i + SECTIONS_AT_ONCE : n, to = bytes.n;
		dictionary *values;

		for (size_t k = i; k < last; k++)
			item += items_of(item, end);
		if (item < end)
			to = item->offset;
		values = load((struct text){ bytes.p + first->offset, to - first->offset });
		if (!values) {
			problem_add(problems, PROBLEM_ERROR, E_SYNTAX,
			    (struct place){ file, first->line, 1 },
			    "iniparser refuses this part of the file: %s", strerror(errno));
			return;
		}
		for (; i < last; i++) {
			take_section(arena, values, sections[i], first + 1, file, problems);
			first += items_of(first, end);
		}
		iniparser_freedict(values);
	}
}
