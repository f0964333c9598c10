/* Reading the [release PRODUCT] sections: one line for each release. */
#include "catalogue/read.h"

#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
	{ "release", OPTION_TEXT, OPTION_OPEN, NULL, NULL, 0, 0,
	    "Released, end of mainstream support, end of all support, name, other names; - where "
	    "there is none" },
};

struct reader {
	struct catalogue *catalogue;
	struct problems *problems;
	struct release *list;
	const char **majors; /* as keys, one for each of list; NULL: is one itself */
	const char **keys;
	size_t n;
};

/* The next field between commas, empty ones included. */
static struct text next_field(struct text *rest)
{
	const char *end = rest->n ? memchr(rest->p, ',', rest->n) : NULL;
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	struct text field = text_trim((struct text){ rest->p, n });

	rest->p += end ? n + 1 : n;
	rest->n -= end ? n + 1 : n;
	return field;
}

static bool read_date(
    struct reader *reader, struct text field, bool is_end, struct place place, instant *date)
{
	*date = INSTANT_UNKNOWN;
	if (text_is(field, "-"))
		return true;
	if (is_end ? instant_read_end(field, date) : instant_read_date(field, date))
		return true;
	problem_add(reader->problems, PROBLEM_ERROR, E_VALUE, place,
	    "\"%.*s\" is not a date; write 2019-01-31, or - where none is given", TEXT_ARGS(field));
	return false;
}

static bool read_dates(
    struct reader *reader, struct text *rest, struct place place, struct release *release)
{
	struct text released = next_field(rest), mainstream = next_field(rest),
		    extended = next_field(rest);
	bool is_ok;

	if (!extended.n) {
		problem_add(reader->problems, PROBLEM_ERROR, E_VALUE, place,
		    "a release needs three dates: 2018-10-22, 2024-01-09, 2025-10-14 (- where none "
		    "is given)");
		return false;
	}
	/* All three are looked at, so that all that is wrong is told at once. */
	is_ok = read_date(reader, released, false, place, &release->released);
	is_ok = read_date(reader, mainstream, true, place, &release->mainstream_end) && is_ok;
	return read_date(reader, extended, true, place, &release->extended_end) && is_ok;
}

static bool is_in_order(instant early, instant late)
{
	return early == INSTANT_UNKNOWN || late == INSTANT_UNKNOWN || early <= late;
}

static bool check_order(struct reader *reader, const struct release *release, struct place place)
{
	if (is_in_order(release->released, release->mainstream_end) &&
	    is_in_order(release->mainstream_end, release->extended_end) &&
	    is_in_order(release->released, release->extended_end))
		return true;
	problem_add(reader->problems, PROBLEM_ERROR, E_CATALOGUE, place,
	    "the dates are out of order: released, end of mainstream support, end of all support");
	return false;
}

static void read_names(
    struct reader *reader, struct text rest, const char *fallback, struct release *release)
{
	struct text first = next_field(&rest), name = first.n ? first : text_of(fallback);
	struct buffer names = { 0 };

	release->name = arena_copy(reader->catalogue->arena, name.p, name.n);
	for (; name.n; name = next_field(&rest)) {
		char key[128];
		size_t n = release_key(name, key, sizeof key);

		buffer_append(&names, key + (names.n > 0), n - (names.n > 0));
	}
	release->names = arena_copy(reader->catalogue->arena, names.p ? names.p : "", names.n);
	buffer_free(&names);
}

static void read_one(struct reader *reader, const struct option_item *item)
{
	struct release *release = &reader->list[reader->n];
	const char *part = strchr(item->suffix, '/');
	struct text rest = item->text;

	*release = (struct release){ 0 };
	if (!read_dates(reader, &rest, item->place, release) ||
	    !check_order(reader, release, item->place))
		return;
	read_names(reader, rest, part ? part + 1 : item->suffix, release);
	reader->keys[reader->n] = item->suffix;
	reader->majors[reader->n] = part
	    ? arena_copy(reader->catalogue->arena, item->suffix, (size_t)(part - item->suffix))
	    : NULL;
	reader->n++;
}

static void find_majors(struct reader *reader, const struct config_section *section)
{
	for (size_t i = 0; i < reader->n; i++) {
		reader->list[i].major = reader->majors[i] ? NULL : reader->list[i].name;
		for (size_t k = 0; k < reader->n && !reader->list[i].major; k++)
			if (text_same(reader->keys[k], reader->majors[i]))
				reader->list[i].major = reader->list[k].name;
		if (reader->list[i].major)
			continue;
		problem_add(reader->problems, PROBLEM_ERROR, E_REFERENCE, section_place(section),
		    "release.%s belongs to release.%s, which is not there", reader->keys[i],
		    reader->majors[i]);
		reader->list[i].major = reader->list[i].name;
	}
}

static int newest_first(const void *left, const void *right)
{
	const struct release *a = left, *b = right;

	if (a->released != b->released)
		return a->released > b->released ? -1 : 1;
	/* A major release stands before its parts of the same day. */
	return text_same(b->major, b->name) - text_same(a->major, a->name);
}

static void note_names(struct item *item, const char *names)
{
	while (names[0] && names[1]) { /* each begins with the bar that ends the last one */
		const char *name = names + 1;
		size_t n = strcspn(name, "|"), bytes = n + 2;

		item->release_starts |= (uint64_t)1 << word_hash(name, strcspn(name, " |")) % 64;
		if (bytes > item->release_bytes)
			item->release_bytes = bytes;
		names = name + n;
	}
}

static void read_section(
    struct reader *reader, struct config *config, struct config_section *section)
{
	struct catalogue *catalogue = reader->catalogue;
	struct value value;
	struct item *item;
	uint32_t number;

	option_read(config, section, options, 1, &value, reader->problems);
	number = reference_read(
	    catalogue, text_of(section_name(section)), section_place(section), reader->problems);
	if (!number)
		return;
	item = &catalogue->items[number - 1];
	reader->n = 0;
	reader->list = arena_take(catalogue->arena, (value.n_items + 1) * sizeof *reader->list);
	reader->majors = memory_array(value.n_items, sizeof *reader->majors);
	reader->keys = memory_array(value.n_items, sizeof *reader->keys);
	for (size_t i = 0; i < value.n_items; i++)
		read_one(reader, &value.items[i]);
	find_majors(reader, section);
	if (reader->n)
		qsort(reader->list, reader->n, sizeof *reader->list, newest_first);
	item->product.releases = reader->list;
	item->product.n_releases = reader->n;
	for (size_t i = 0; i < reader->n; i++)
		note_names(item, reader->list[i].names);
	free(reader->majors);
	free(reader->keys);
}

void releases_read(struct catalogue *catalogue, struct config *config, struct problems *problems)
{
	struct reader reader = { .catalogue = catalogue, .problems = problems };
	struct config_section *section = NULL;

	while ((section = config_next(config, "release", section)))
		read_section(&reader, config, section);
}
