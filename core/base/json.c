#include "base/json_inside.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FEW 7   /* elements or members for which there is room at first: a cell of them */
#define MANY 32 /* members that are not looked through one by one any more */

/* ---- values -------------------------------------------------------------------- */

struct json *json_make(enum json_kind kind, size_t extra)
{
	struct json *value = memory_cell(sizeof *value + extra);

	value->users = 1;
	value->kind = kind;
	return value;
}

struct json *json_new_object(void)
{
	struct json *value = json_make(JSON_IS_OBJECT, 0);

	memset(&value->object, 0, sizeof value->object);
	return value;
}

struct json *json_new_array(void)
{
	struct json *value = json_make(JSON_IS_ARRAY, 0);

	memset(&value->array, 0, sizeof value->array);
	return value;
}

struct json *json_make_text(size_t n, char **bytes)
{
	struct json *value = json_make(JSON_IS_TEXT, n + 1);

	value->text.n = n;
	*bytes = (char *)(value + 1);
	(*bytes)[n] = 0;
	return value;
}

/* Each byte that is not part of a well-formed character becomes U+FFFD. */
static void append_mended(struct buffer *to, struct text text)
{
	ptrdiff_t bad;

	while ((bad = text_bad_utf8(text)) >= 0) {
		buffer_append(to, text.p, (size_t)bad);
		buffer_text(to, "\xef\xbf\xbd");
		text.p += bad + 1;
		text.n -= (size_t)bad + 1;
	}
	buffer_append(to, text.p, text.n);
}

struct json *json_new_text(struct text text)
{
	struct buffer mended = { 0 };
	struct json *value;
	char *bytes;

	if (text_bad_utf8(text) >= 0) {
		append_mended(&mended, text);
		text = buffer_as_text(&mended);
	}
	value = json_make_text(text.n, &bytes);
	memcpy(bytes, text.p, text.n);
	buffer_free(&mended);
	return value;
}

struct json *json_new_string(const char *text)
{
	return text ? json_new_text(text_of(text)) : json_new_null();
}

struct json *json_new_number(int64_t number)
{
	struct json *value = json_make(JSON_IS_NUMBER, 0);

	value->number = number;
	return value;
}

struct json *json_new_real(double real)
{
	struct json *value = json_make(JSON_IS_REAL, 0);

	value->real = real;
	return value;
}

struct json *json_new_boolean(bool truth)
{
	static struct json values[] = { { .kind = JSON_IS_BOOLEAN, .truth = false },
		{ .kind = JSON_IS_BOOLEAN, .truth = true } };

	return &values[truth];
}

struct json *json_new_null(void)
{
	static struct json value = { .kind = JSON_IS_NULL };

	return &value;
}

struct json *json_hold(struct json *value)
{
	if (value && value->users)
		value->users++;
	return value;
}

/* Memory of arrays and objects grows from cell to cell; most need no more than the first. */
static void *more(void *array, size_t count, size_t *capacity, size_t size)
{
	size_t bytes = *capacity * size;

	if (count < *capacity)
		return array;
	array = memory_cell_grow(array, &bytes, bytes ? bytes * 2 : FEW * size);
	*capacity = bytes / size;
	return array;
}

static void name_free(struct json_member *member)
{
	if (member->n > NAME_HERE)
		free(member->name.elsewhere);
}

void json_free(struct json *value)
{
	size_t extra = 0;

	if (!value || !value->users || --value->users)
		return;
	if (value->kind == JSON_IS_TEXT)
		extra = value->text.n + 1;
	if (value->kind == JSON_IS_ARRAY) {
		for (size_t i = 0; i < value->array.n; i++)
			json_free(value->array.items[i]);
		memory_cell_free(value->array.items, value->array.capacity * sizeof(struct json *));
	}
	if (value->kind == JSON_IS_OBJECT) {
		for (size_t i = 0; i < value->object.n; i++) {
			json_free(value->object.members[i].value);
			name_free(&value->object.members[i]);
		}
		memory_cell_free(
		    value->object.members, value->object.capacity * sizeof(struct json_member));
		free(value->object.places);
	}
	memory_cell_free(value, sizeof *value + extra);
}

/* ---- members -------------------------------------------------------------------- */

static uint64_t seed;

static pthread_once_t seeded = PTHREAD_ONCE_INIT;

static void make_seed(void)
{
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
		seed = (uint64_t)(uintptr_t)&seed; /* at boot: where the program lies */
}

void json_seed(void)
{
	pthread_once(&seeded, make_seed);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t hash_of(struct text name)
{
	uint64_t hash, word;

	json_seed();
	hash = seed ^ name.n;
	while (name.n) {
		size_t n = name.n < sizeof word ? name.n : sizeof word;

		word = 0;
		memcpy(&word, name.p, n);
		hash = mix(hash ^ word, seed ^ 0x9e3779b97f4a7c15u);
		name.p += n;
		name.n -= n;
	}
	return (size_t)hash;
}

static bool is_named(const struct json_member *member, struct text name)
{
	return member->n == name.n && memcmp(json_member_name(member), name.p, name.n) == 0;
}

static void note_place(struct json *object, size_t i)
{
	const struct json_member *member = &object->object.members[i];
	size_t mask = object->object.n_places - 1,
	       at = hash_of((struct text){ json_member_name(member), member->n }) & mask;

	while (object->object.places[at])
		at = (at + 1) & mask;
	object->object.places[at] = (uint32_t)i + 1;
}

/* After the last member has changed: MANY are found by their hash. */
static void note_member(struct json *object)
{
	size_t n = object->object.n;

	if (n < MANY)
		return;
	if (object->object.places && n * 2 <= object->object.n_places) {
		note_place(object, n - 1);
		return;
	}
	free(object->object.places);
	object->object.n_places = object->object.n_places ? object->object.n_places * 2 : MANY * 2;
	while (object->object.n_places < n * 2)
		object->object.n_places *= 2;
	object->object.places = memory_array(object->object.n_places, sizeof(uint32_t));
	for (size_t i = 0; i < n; i++)
		note_place(object, i);
}

static struct json_member *find(const struct json *object, struct text name)
{
	struct json_member *members = object->object.members;
	size_t mask = object->object.n_places - 1;

	if (!object->object.places) {
		for (size_t i = 0; i < object->object.n; i++)
			if (is_named(&members[i], name))
				return &members[i];
		return NULL;
	}
	for (size_t at = hash_of(name) & mask; object->object.places[at]; at = (at + 1) & mask)
		if (is_named(&members[object->object.places[at] - 1], name))
			return &members[object->object.places[at] - 1];
	return NULL;
}

bool json_add(struct json *object, struct text name, struct json *value)
{
	struct json_member *member;

	if (find(object, name))
		return false;
	object->object.members = more(
	    object->object.members, object->object.n, &object->object.capacity, sizeof *member);
	member = &object->object.members[object->object.n++];
	*member = (struct json_member){ .value = value, .n = name.n };
	if (name.n <= NAME_HERE)
		memcpy(member->name.here, name.p, name.n);
	else
		member->name.elsewhere = memory_copy(name.p, name.n);
	note_member(object);
	return true;
}

void json_set_text(struct json *object, struct text name, struct json *value)
{
	struct json_member *member;

	if (json_add(object, name, value))
		return;
	member = find(object, name);
	json_free(member->value);
	member->value = value;
}

struct json *json_get_text(const struct json *object, struct text name)
{
	struct json_member *member =
	    object && object->kind == JSON_IS_OBJECT ? find(object, name) : NULL;

	return member ? member->value : NULL;
}

void json_set(struct json *object, const char *name, struct json *value)
{
	if (value && object && object->kind == JSON_IS_OBJECT)
		json_set_text(object, text_of(name), value);
	else
		json_free(value);
}

struct json *json_get(const struct json *object, const char *name)
{
	return json_get_text(object, text_of(name));
}

void json_remove(struct json *object, const char *name)
{
	struct json_member *member =
	    object && object->kind == JSON_IS_OBJECT ? find(object, text_of(name)) : NULL;
	size_t i;

	if (!member)
		return;
	i = (size_t)(member - object->object.members);
	json_free(member->value);
	name_free(member);
	memmove(member, member + 1, (--object->object.n - i) * sizeof *member);
	free(object->object.places);
	object->object.places = NULL;
	object->object.n_places = 0;
	note_member(object);
}

bool json_next(const struct json *object, void **cursor, const char **name, struct json **value)
{
	struct json_member *member = *cursor, *end;

	if (!object || object->kind != JSON_IS_OBJECT || !object->object.n)
		return false;
	end = object->object.members + object->object.n;
	member = member ? member + 1 : object->object.members;
	if (member >= end)
		return false;
	*cursor = member;
	*name = json_member_name(member);
	*value = member->value;
	return true;
}

/* ---- elements --------------------------------------------------------------------- */

void json_append(struct json *array, struct json *value)
{
	if (!value || !array || array->kind != JSON_IS_ARRAY) {
		json_free(value);
		return;
	}
	array->array.items = more(
	    array->array.items, array->array.n, &array->array.capacity, sizeof *array->array.items);
	array->array.items[array->array.n++] = value;
}

struct json *json_at(const struct json *array, size_t index)
{
	return array && array->kind == JSON_IS_ARRAY && index < array->array.n
	    ? array->array.items[index]
	    : NULL;
}

size_t json_length(const struct json *value)
{
	if (!value)
		return 0;
	return value->kind == JSON_IS_OBJECT ? value->object.n
	    : value->kind == JSON_IS_ARRAY   ? value->array.n
					     : 0;
}

/* ---- looking ------------------------------------------------------------------------ */

enum json_kind json_kind(const struct json *value)
{
	return value ? value->kind : JSON_IS_NULL;
}

const char *json_kind_name(enum json_kind kind)
{
	static const char *const names[] = { "null", "a boolean", "a number",
		"a number with a fraction", "a string", "an array", "an object" };

	return names[kind];
}

struct text json_text(const struct json *value)
{
	if (!value || value->kind != JSON_IS_TEXT)
		return TEXT("");
	return (struct text){ (const char *)(value + 1), value->text.n };
}

const char *json_chars(const struct json *value)
{
	return value && value->kind == JSON_IS_TEXT ? (const char *)(value + 1) : NULL;
}

int64_t json_number(const struct json *value, int64_t otherwise)
{
	return value && value->kind == JSON_IS_NUMBER ? value->number : otherwise;
}

bool json_truth(const struct json *value)
{
	return value && value->kind == JSON_IS_BOOLEAN && value->truth;
}

const char *json_get_chars(const struct json *object, const char *name)
{
	return json_chars(json_get(object, name));
}

/* ---- wholes --------------------------------------------------------------------------- */

static struct json *clone_text(const struct json *value)
{
	char *bytes;
	struct json *clone = json_make_text(value->text.n, &bytes);

	memcpy(bytes, value + 1, value->text.n);
	return clone;
}

static struct json *clone_object(const struct json *value)
{
	struct json *clone = json_new_object();

	for (size_t i = 0; i < value->object.n; i++) {
		const struct json_member *m = &value->object.members[i];

		json_add(clone, (struct text){ json_member_name(m), m->n }, json_clone(m->value));
	}
	return clone;
}

static struct json *clone_array(const struct json *value)
{
	struct json *clone = json_new_array();

	for (size_t i = 0; i < value->array.n; i++)
		json_append(clone, json_clone(value->array.items[i]));
	return clone;
}

struct json *json_clone(const struct json *value)
{
	if (!value)
		return NULL;
	switch (value->kind) {
	case JSON_IS_OBJECT: return clone_object(value);
	case JSON_IS_ARRAY: return clone_array(value);
	case JSON_IS_TEXT: return clone_text(value);
	case JSON_IS_NUMBER: return json_new_number(value->number);
	case JSON_IS_REAL: return json_new_real(value->real);
	case JSON_IS_BOOLEAN: return json_new_boolean(value->truth);
	case JSON_IS_NULL: break;
	}
	return json_new_null();
}

static bool same_members(const struct json *a, const struct json *b)
{
	if (a->object.n != b->object.n)
		return false;
	for (size_t i = 0; i < a->object.n; i++) {
		const struct json_member *m = &a->object.members[i];
		const struct json *other =
		    json_get_text(b, (struct text){ json_member_name(m), m->n });

		if (!other || !json_same(m->value, other))
			return false;
	}
	return true;
}

static bool same_elements(const struct json *a, const struct json *b)
{
	if (a->array.n != b->array.n)
		return false;
	for (size_t i = 0; i < a->array.n; i++)
		if (!json_same(a->array.items[i], b->array.items[i]))
			return false;
	return true;
}

bool json_same(const struct json *a, const struct json *b)
{
	if (!a || !b || a->kind != b->kind)
		return a == b;
	switch (a->kind) {
	case JSON_IS_OBJECT: return same_members(a, b);
	case JSON_IS_ARRAY: return same_elements(a, b);
	case JSON_IS_TEXT: return text_equal(json_text(a), json_text(b));
	case JSON_IS_NUMBER: return a->number == b->number;
	case JSON_IS_REAL: return a->real >= b->real && a->real <= b->real;
	case JSON_IS_BOOLEAN: return a->truth == b->truth;
	case JSON_IS_NULL: break;
	}
	return true;
}
