#include "service/parts.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct parts {
	char owner[OWNER_TEXT];
	uint64_t last;     /* number that was given out */
	uint64_t *at_work; /* numbers in order */
	size_t n, capacity;
};

struct parts *parts_new(const char *owner)
{
	struct parts *parts = memory_new(sizeof *parts);

	strncpy(parts->owner, owner, sizeof parts->owner - 1);
	return parts;
}

void parts_free(struct parts *parts)
{
	free(parts ? parts->at_work : NULL);
	free(parts);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* NULL: it has ended. */
static uint64_t *find(const struct parts *parts, uint64_t number)
{
	return parts->n ? bsearch(&number, parts->at_work, parts->n, sizeof number, by_number)
			: NULL;
}

/* 0: it is none of this process's. */
static uint64_t number_of(const struct parts *parts, const char *owner)
{
	size_t n = strlen(parts->owner);

	return owner && strncmp(owner, parts->owner, n) == 0 && owner[n] == '/'
	    ? strtoull(owner + n + 1, NULL, 10)
	    : 0;
}

void parts_begin(struct parts *parts, char owner[OWNER_TEXT])
{
	owner_part(owner, ++parts->last);
	parts->at_work =
	    memory_grow(parts->at_work, parts->n, &parts->capacity, sizeof *parts->at_work);
	parts->at_work[parts->n++] = parts->last;
}

void parts_end(struct parts *parts, const char *owner)
{
	uint64_t *at = find(parts, number_of(parts, owner));
	uint64_t *end = parts->at_work + parts->n;

	if (!at)
		return;
	memmove(at, at + 1, (size_t)(end - at - 1) * sizeof *at);
	parts->n--;
}

enum part parts_find(const struct parts *parts, const char *owner)
{
	uint64_t number = number_of(parts, owner);

	if (!number)
		return PART_NONE;
	return find(parts, number) ? PART_AT_WORK : PART_ENDED;
}
