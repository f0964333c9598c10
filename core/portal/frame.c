#include "portal/frame.h"
#include "base/json.h"
#include "caseroute/portal.h"

#include <string.h>

#define MOST_ITEMS 10000u /* of a list */

/* ---- writing ----------------------------------------------------------------------------- */

static void write_u32(struct buffer *out, size_t number)
{
	uint32_t value = (uint32_t)number;

	buffer_append(out, (const char *)&value, sizeof value);
}

static void set_u32(struct buffer *out, size_t at, size_t number)
{
	uint32_t value = (uint32_t)number;

	memcpy(out->p + at, &value, sizeof value);
}

/* What is written until close_length() has its length before it. */
static size_t open_length(struct buffer *out)
{
	write_u32(out, 0);
	return out->n;
}

static void close_length(struct buffer *out, size_t from)
{
	set_u32(out, from - sizeof(uint32_t), out->n - from);
}

static void write_bytes(struct buffer *out, uint32_t tag, const void *bytes, size_t n)
{
	write_u32(out, tag);
	write_u32(out, n);
	buffer_append(out, bytes, n);
}

static void write_record(struct buffer *, const struct record *, const char *from);

static uint32_t count_of(const struct field *f, const char *from)
{
	uint32_t n;

	memcpy(&n, from + f->count, sizeof n);
	return n;
}

static void write_list(struct buffer *out, uint32_t tag, const struct field *f, const char *from)
{
	uint32_t n = count_of(f, from);
	const void *list;
	size_t whole;

	if (!n)
		return;
	memcpy(&list, from + f->offset, sizeof list);
	write_u32(out, tag);
	whole = open_length(out);
	for (uint32_t i = 0; i < n; i++) {
		size_t item = open_length(out);

		if (f->type == FIELD_STRS)
			buffer_append(
			    out, ((const portal_str *)list)[i].p, ((const portal_str *)list)[i].n);
		else
			write_record(out, f->record, ((const char *const *)list)[i]);
		close_length(out, item);
	}
	close_length(out, whole);
}

static void write_pointed(struct buffer *out, uint32_t tag, const struct field *f, const char *at)
{
	const char *to;
	size_t from;

	memcpy(&to, at, sizeof to);
	if (!to)
		return;
	if (f->type == FIELD_CHARS) {
		write_bytes(out, tag, to, strlen(to));
		return;
	}
	write_u32(out, tag);
	from = open_length(out);
	if (f->type == FIELD_JSON)
		json_write((const struct json *)(const void *)to, JSON_LINE, out);
	else
		write_record(out, f->record, to);
	close_length(out, from);
}

static void write_number(struct buffer *out, uint32_t tag, const char *at, size_t n)
{
	static const char zeroes[8];

	if (memcmp(at, zeroes, n) != 0)
		write_bytes(out, tag, at, n);
}

static void write_field(struct buffer *out, uint32_t tag, const struct field *f, const char *from)
{
	const char *at = from + f->offset;
	portal_str str;

	switch (f->type) {
	case FIELD_U32: write_number(out, tag, at, 4); break;
	case FIELD_I64: write_number(out, tag, at, 8); break;
	case FIELD_STR:
	case FIELD_TEXT: /* of one layout */
		memcpy(&str, at, sizeof str);
		if (str.n)
			write_bytes(out, tag, str.p, str.n);
		break;
	case FIELD_CHARS:
	case FIELD_JSON:
	case FIELD_RECORD: write_pointed(out, tag, f, at); break;
	case FIELD_STRS:
	case FIELD_RECORDS: write_list(out, tag, f, from); break;
	}
}

static void write_record(struct buffer *out, const struct record *record, const char *from)
{
	for (size_t i = 0; i < record->n; i++)
		write_field(out, (uint32_t)i, &record->fields[i], from);
}

void frame_write(
    struct buffer *out, enum frame_kind kind, const struct record *record, const void *from)
{
	size_t begin = out->n;

	write_u32(out, 0);
	write_u32(out, kind);
	write_record(out, record, from);
	set_u32(out, begin, out->n - begin - FRAME_HEAD);
}

bool frame_head(const char head[FRAME_HEAD], size_t most, uint32_t *kind, size_t *length)
{
	uint32_t n;

	memcpy(&n, head, sizeof n);
	memcpy(kind, head + sizeof n, sizeof *kind);
	*length = n;
	return n <= most;
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool malformed(struct failure *why, const char *what)
{
	return failure_set(why, FAILURE_DATA, "a frame is malformed: %s", what);
}

static bool take_u32(struct text *rest, uint32_t *value)
{
	if (rest->n < sizeof *value)
		return false;
	memcpy(value, rest->p, sizeof *value);
	*rest = (struct text){ rest->p + sizeof *value, rest->n - sizeof *value };
	return true;
}

static bool take_bytes(struct text *rest, struct text *bytes)
{
	uint32_t n;

	if (!take_u32(rest, &n) || n > rest->n)
		return false;
	*bytes = (struct text){ rest->p, n };
	*rest = (struct text){ rest->p + n, rest->n - n };
	return true;
}

static portal_str copy_str(struct arena *arena, struct text text)
{
	return (portal_str){ arena_copy(arena, text.p, text.n), text.n };
}

static bool count_items(struct text list, uint32_t *n)
{
	struct text item;

	for (*n = 0; list.n; ++*n)
		if (*n == MOST_ITEMS || !take_bytes(&list, &item))
			return false;
	return true;
}

static bool read_strs(
    const struct field *f, struct text bytes, struct arena *arena, char *into, struct failure *why)
{
	portal_str *list;
	struct text item;
	uint32_t n;

	if (!count_items(bytes, &n))
		return malformed(why, "a list");
	list = arena_take(arena, (n + 1) * sizeof *list);
	for (uint32_t i = 0; i < n && take_bytes(&bytes, &item); i++)
		list[i] = copy_str(arena, item);
	memcpy(into + f->offset, &list, sizeof list);
	memcpy(into + f->count, &n, sizeof n);
	return true;
}

static bool read_one(const struct record *record, struct text bytes, struct arena *arena,
    void *pointer, struct failure *why)
{
	void *made = arena_take(arena, record->size);

	memcpy(pointer, &made, sizeof made);
	return frame_read(record, bytes, arena, made, why);
}

static bool read_records(
    const struct field *f, struct text bytes, struct arena *arena, char *into, struct failure *why)
{
	void **list;
	struct text item;
	uint32_t n;

	if (!count_items(bytes, &n))
		return malformed(why, "a list");
	list = arena_take(arena, (n + 1) * sizeof *list);
	memcpy(into + f->offset, &list, sizeof list);
	memcpy(into + f->count, &n, sizeof n);
	for (uint32_t i = 0; i < n && take_bytes(&bytes, &item); i++)
		if (!read_one(f->record, item, arena, &list[i], why))
			return false;
	return true;
}

static bool read_number(struct text bytes, size_t n, char *at, struct failure *why)
{
	if (bytes.n != n)
		return malformed(why, "a number");
	memcpy(at, bytes.p, n);
	return true;
}

static bool read_json(const struct field *f, struct text bytes, char *at, struct failure *why)
{
	struct json *value = json_read(bytes, "frame", f->most, why);

	memcpy(at, &value, sizeof value);
	return value != NULL;
}

static bool read_field(
    const struct field *f, struct text bytes, struct arena *arena, char *into, struct failure *why)
{
	char *at = into + f->offset;
	portal_str str;

	switch (f->type) {
	case FIELD_U32: return read_number(bytes, 4, at, why);
	case FIELD_I64: return read_number(bytes, 8, at, why);
	case FIELD_STR:
	case FIELD_TEXT:
		str = copy_str(arena, bytes);
		memcpy(at, &str, sizeof str);
		return true;
	case FIELD_CHARS:
		str = copy_str(arena, bytes);
		memcpy(at, &str.p, sizeof str.p);
		return true;
	case FIELD_JSON: return read_json(f, bytes, at, why);
	case FIELD_STRS: return read_strs(f, bytes, arena, into, why);
	case FIELD_RECORD: return read_one(f->record, bytes, arena, at, why);
	case FIELD_RECORDS: return read_records(f, bytes, arena, into, why);
	}
	return false;
}

static void set_defaults(const struct record *record, char *into)
{
	static const portal_str none = { "", 0 };
	static const void *const nobody[1];
	const void *const *empty = nobody;
	uint32_t size = (uint32_t)record->size;

	memset(into, 0, record->size);
	if (record->has_size)
		memcpy(into, &size, sizeof size);
	for (size_t i = 0; i < record->n; i++) {
		enum field_type type = record->fields[i].type;

		if (type == FIELD_STR || type == FIELD_TEXT)
			memcpy(into + record->fields[i].offset, &none, sizeof none);
		else if (type == FIELD_STRS || type == FIELD_RECORDS)
			memcpy(into + record->fields[i].offset, &empty, sizeof empty);
	}
}

bool frame_read(const struct record *record, struct text fields, struct arena *arena, void *into,
    struct failure *why)
{
	uint64_t seen = 0;
	struct text bytes;
	uint32_t tag;

	set_defaults(record, into);
	while (fields.n) {
		if (!take_u32(&fields, &tag) || tag >= record->n || !take_bytes(&fields, &bytes))
			return malformed(why, "a field");
		if (seen & (UINT64_C(1) << tag))
			return malformed(why, "a field is there twice");
		seen |= UINT64_C(1) << tag;
		if (!read_field(&record->fields[tag], bytes, arena, into, why))
			return false;
	}
	return true;
}
