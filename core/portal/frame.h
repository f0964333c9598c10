/*
 * frame.h - what goes between the host and a confined child, as bytes
 *
 * A frame is a head (length of the rest, kind; 4 bytes each) and fields: tag, length, bytes.
 * Both ends are the same binary on the same machine, so numbers are as memory has them.
 * What a struct is made of is a table, from which it is both written and read; a member
 * that is zero, empty or NULL is left out. The reader believes nothing: each length is
 * held against what is there, each tag may come once, texts end where they say.
 */
#ifndef PORTAL_FRAME_H
#define PORTAL_FRAME_H

#include "base/failure.h"
#include "base/memory.h"
#include "base/text.h"

enum frame_kind { FRAME_PORTAL = 1, FRAME_READY, FRAME_STEP, FRAME_RESULT };

#define FRAME_HEAD ((size_t)8)
/* The longest reply that a portal may be allowed is 16 MiB; an exchange is 1 MiB of texts,
 * in which each byte may take 6 as JSON. */
#define FRAME_TO_CHILD ((size_t)24 << 20)
#define FRAME_FROM_CHILD ((size_t)8 << 20)

enum field_type {
	FIELD_U32,
	FIELD_I64,     /* also uint64_t */
	FIELD_STR,     /* portal_str; "" if left out */
	FIELD_TEXT,    /* struct text; the same */
	FIELD_CHARS,   /* const char *; NULL if left out */
	FIELD_JSON,    /* struct json *; NULL if left out */
	FIELD_STRS,    /* const portal_str *, so many as `count` */
	FIELD_RECORD,  /* pointer to a struct; NULL if left out */
	FIELD_RECORDS, /* pointers to structs and a NULL, so many as `count` */
};

struct record;
struct field {
	enum field_type type;
	size_t offset;
	size_t count;                /* STRS, RECORDS: offset of a uint32_t */
	size_t most;                 /* JSON: bytes of its text */
	const struct record *record; /* RECORD, RECORDS */
};

/* A field's tag is its place in the table: at most 64. */
struct record {
	const struct field *fields;
	size_t n, size;
	bool has_size; /* an ABI struct: begins with its size, uint32_t */
};

/* Appends a whole frame. */
void frame_write(struct buffer *, enum frame_kind, const struct record *, const void *from);

/* The head's length and kind; false if the length is over `most`. */
bool frame_head(const char head[FRAME_HEAD], size_t most, uint32_t *kind, size_t *length);

/* The fields of a frame into a struct, all of which is written. What it points to lives in the
 * arena; JSON is the caller's, also on failure (FAILURE_DATA). */
bool frame_read(
    const struct record *, struct text fields, struct arena *, void *into, struct failure *);

#endif
