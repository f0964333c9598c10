#include "decide/members.h"

#include <string.h>

const char *word_of(const struct word *words, int number)
{
	for (; words->word; words++)
		if (words->number == number)
			return words->word;
	return NULL;
}

static void list_words(const struct word *words, struct buffer *out)
{
	for (; words->word; words++)
		buffer_format(out, "%s%s", out->n ? ", " : "", words->word);
}

static bool read_word(struct text text, const char *where, const char *name,
    const struct word *words, int *number, struct failure *why)
{
	struct buffer list = { 0 };

	for (const struct word *w = words; w->word; w++)
		if (text_is(text, w->word)) {
			*number = w->number;
			return true;
		}
	list_words(words, &list);
	failure_set(why, FAILURE_DATA, "%s.%s is \"%.*s\"; it must be one of: %s", where, name,
	    text.n < 100 ? (int)text.n : 100, text.p, list.p);
	buffer_free(&list);
	return false;
}

static bool wrong_type(const char *where, const char *name, const struct json *value,
    const char *wanted, struct failure *why)
{
	return failure_set(why, FAILURE_DATA, "%s.%s is %s; it must be %s", where, name,
	    json_kind_name(json_kind(value)), wanted);
}

static bool read_instant(
    const struct member *m, struct text text, const char *where, void *into, struct failure *why)
{
	bool is_ok =
	    m->type == MEMBER_END ? instant_read_end(text, into) : instant_read_date(text, into);

	return is_ok ||
	    failure_set(why, FAILURE_DATA,
		"%s.%s is \"%.*s\"; it must be a date (2026-11-24) or an RFC 3339 time "
		"(2026-11-24T09:00:00Z)",
		where, m->name, text.n < 100 ? (int)text.n : 100, text.p);
}

static bool read_member(const struct member *m, const struct json *value, const char *where,
    struct arena *arena, char *into, struct failure *why)
{
	enum json_kind kind = json_kind(value);
	struct text text = json_text(value);

	if (kind == JSON_IS_NULL || m->type == MEMBER_OTHER)
		return true;
	if (m->type == MEMBER_BOOLEAN) {
		if (kind != JSON_IS_BOOLEAN)
			return wrong_type(where, m->name, value, "true, false or null", why);
		*(int *)(void *)(into + m->offset) = json_truth(value);
		return true;
	}
	if (kind != JSON_IS_TEXT)
		return wrong_type(where, m->name, value, "a string or null", why);
	if (m->type == MEMBER_TEXT)
		*(const char **)(void *)(into + m->offset) = arena_copy(arena, text.p, text.n);
	else if (m->type == MEMBER_WORD)
		return read_word(
		    text, where, m->name, m->words, (int *)(void *)(into + m->offset), why);
	else
		return read_instant(m, text, where, into + m->offset, why);
	return true;
}

static const struct member *find(const struct member *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static bool unknown_member(
    const struct member *table, size_t n, const char *where, const char *name, struct failure *why)
{
	const char *names[32], *nearest;

	for (size_t i = 0; i < n && i < 32; i++)
		names[i] = table[i].name;
	nearest = text_nearest(name, names, n < 32 ? n : 32);
	return failure_set(why, FAILURE_DATA, "%s: unknown member \"%.60s\"%s%s%s", where, name,
	    nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

bool members_read(const struct json *object, const char *where, const struct member *table,
    size_t n, struct arena *arena, void *into, struct failure *why)
{
	void *cursor = NULL;
	struct json *value;
	const char *name;

	if (json_kind(object) != JSON_IS_OBJECT)
		return failure_set(why, FAILURE_DATA, "%s is %s; it must be an object", where,
		    json_kind_name(json_kind(object)));
	while (json_next(object, &cursor, &name, &value)) {
		const struct member *m = find(table, n, name);

		if (!m)
			return unknown_member(table, n, where, name, why);
		if (!read_member(m, value, where, arena, into, why))
			return false;
	}
	return true;
}

bool members_read_bits(const struct json *list, const char *where, const struct word *words,
    int *bits, struct failure *why)
{
	int number;

	*bits = -1;
	if (json_kind(list) == JSON_IS_NULL)
		return true;
	if (json_kind(list) != JSON_IS_ARRAY)
		return failure_set(why, FAILURE_DATA, "%s is %s; it must be an array of words",
		    where, json_kind_name(json_kind(list)));
	*bits = 0;
	for (size_t i = 0; i < json_length(list); i++) {
		if (json_kind(json_at(list, i)) != JSON_IS_TEXT)
			return failure_set(why, FAILURE_DATA, "%s[%zu] must be a string", where, i);
		if (!read_word(json_text(json_at(list, i)), where, "item", words, &number, why))
			return false;
		*bits |= number;
	}
	return true;
}
