#include "base/memory.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARENA_BLOCK ((size_t)2 * 1024 - 48) /* with its head one cell */
#define ARENA_UNIT _Alignof(max_align_t)
#define ARENA_HEAD ARENA_UNIT /* what the arena itself takes of its first block */

static void *checked(void *memory)
{
	static const char message[] = "caseroute: out of memory\n";

	if (memory)
		return memory;
	if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
		_exit(71);
	_exit(71);
}

void *memory_array(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

/* What is small malloc has at hand in the thread; calloc never asks there. */
void *memory_new(size_t bytes)
{
	return bytes <= 1024 ? memset(memory_resize(NULL, 1, bytes), 0, bytes)
			     : memory_array(1, bytes);
}

void *memory_resize(void *memory, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return checked(NULL);
	return checked(realloc(memory, bytes > 0 ? bytes : 1));
}

void *memory_copy(const void *from, size_t bytes)
{
	char *copy = checked(malloc(bytes + 1));

	if (bytes)
		memcpy(copy, from, bytes);
	copy[bytes] = 0;
	return copy;
}

char *memory_copy_text(const char *text)
{
	return text ? memory_copy(text, strlen(text)) : NULL;
}

void *memory_grow(void *array, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return array;
	*capacity = *capacity ? *capacity * 2 : 8;
	return memory_resize(array, *capacity, size);
}

/* ---- cells ------------------------------------------------------------------ */

/* Kept for the next of that size in the thread, up to so many of each. Not where a sanitizer is
 * to see that one is used after its end. */
#if defined(CASEROUTE_INSTRUMENTED)
#define KEPT_SMALL 0
#define KEPT_LARGE 0
#define KEPT_HUGE 0
#else
#define KEPT_SMALL 1024
#define KEPT_LARGE 256
#define KEPT_HUGE 8
#endif

/* What malloc gives in whole sixteens, of which eight bytes are its own. */
static const struct {
	size_t bytes;
	unsigned most;
} sizes[] = { { 56, KEPT_SMALL }, { 88, KEPT_SMALL }, { 248, KEPT_LARGE }, { 504, KEPT_LARGE },
	{ 1016, KEPT_LARGE }, { 2040, KEPT_LARGE }, { 12288, KEPT_HUGE } };

enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

struct cell {
	struct cell *next;
};

static _Thread_local struct {
	struct cell *first;
	unsigned n;
} kept[N_SIZES];

/* N_SIZES: none, as where a large cell would be half empty. */
static size_t size_of_cell(size_t bytes)
{
	size_t i;

#pragma GCC unroll 8 /* then it compares with constants */
	for (i = 0; i < N_SIZES; i++)
		if (bytes <= sizes[i].bytes)
			break;
	return i == N_SIZES - 1 && bytes * 2 < sizes[i].bytes ? N_SIZES : i;
}

void *memory_cell(size_t bytes)
{
	size_t i = size_of_cell(bytes);
	struct cell *cell;

	if (i == N_SIZES)
		return memory_resize(NULL, 1, bytes);
	cell = kept[i].first;
	if (!cell)
		return memory_resize(NULL, 1, sizes[i].bytes);
	kept[i].first = cell->next;
	kept[i].n--;
	return cell;
}

void memory_cell_free(void *memory, size_t bytes)
{
	size_t i = size_of_cell(bytes);
	struct cell *cell = memory;

	if (!cell || i == N_SIZES || kept[i].n >= sizes[i].most) {
		free(cell);
		return;
	}
	cell->next = kept[i].first;
	kept[i].first = cell;
	kept[i].n++;
}

void *memory_cell_grow(void *memory, size_t *bytes, size_t least)
{
	size_t i = size_of_cell(least), had = *bytes;
	void *grown;

	if (i == N_SIZES) {
		*bytes = least;
		return memory_resize(memory, least, 1);
	}
	*bytes = sizes[i].bytes;
	grown = memory_cell(*bytes);
	if (had)
		memcpy(grown, memory, had);
	memory_cell_free(memory, had);
	return grown;
}

/* ---- arena: a chain of blocks, the newest first --------------------------- */

struct block {
	struct block *next;
	size_t used, capacity;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *newest;
};

static struct block *block_new(struct block *next, size_t capacity)
{
	struct block *block = memory_cell(sizeof *block + capacity);

	block->next = next;
	block->used = 0;
	block->capacity = capacity;
	return block;
}

struct arena *arena_new(void)
{
	struct block *first = block_new(NULL, ARENA_BLOCK);
	struct arena *arena = (void *)first->bytes;

	_Static_assert(sizeof *arena <= ARENA_HEAD, "the arena lies in its first block");
	first->used = ARENA_HEAD;
	arena->newest = first;
	return arena;
}

static void free_newest(struct arena *arena)
{
	struct block *block = arena->newest;

	arena->newest = block->next;
	memory_cell_free(block, sizeof *block + block->capacity);
}

void arena_reset(struct arena *arena)
{
	while (arena->newest->next)
		free_newest(arena);
	arena->newest->used = ARENA_HEAD;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	arena_reset(arena);
	memory_cell_free(arena->newest, sizeof *arena->newest + arena->newest->capacity);
}

static void *take(struct arena *arena, size_t bytes)
{
	size_t rounded = (bytes + ARENA_UNIT - 1) / ARENA_UNIT * ARENA_UNIT;
	struct block *block = arena->newest;
	void *memory;

	if (rounded < bytes)
		checked(NULL);
	if (rounded > block->capacity - block->used) {
		block = block_new(block, rounded > ARENA_BLOCK ? rounded : ARENA_BLOCK);
		arena->newest = block;
	}
	memory = block->bytes + block->used;
	block->used += rounded;
	return memory;
}

void *arena_take(struct arena *arena, size_t bytes)
{
	return memset(take(arena, bytes), 0, bytes);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t n)
{
	char *copy = take(arena, n + 1);

	if (n)
		memcpy(copy, bytes, n);
	copy[n] = 0;
	return copy;
}

char *arena_join(struct arena *arena, const char *first, ...)
{
	va_list args, again;
	size_t n = 0;
	char *text, *at;

	va_start(args, first);
	va_copy(again, args);
	for (const char *part = first; part; part = va_arg(args, const char *))
		n += strlen(part);
	va_end(args);
	text = at = take(arena, n + 1);
	for (const char *part = first; part; part = va_arg(again, const char *))
		at = stpcpy(at, part);
	va_end(again);
	*at = 0;
	return text;
}

/* Written where it shall lie, and once more only if that block has too little room: what is
 * left of one is whole units of take(), so that what fits is taken in place. */
char *arena_format(struct arena *arena, const char *format, ...)
{
	struct block *block = arena->newest;
	size_t room = block->capacity - block->used;
	va_list args, again;
	char *text;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf((char *)block->bytes + block->used, room, format, args);
	va_end(args);
	text = take(arena, n < 0 ? 1 : (size_t)n + 1);
	if (n < 0)
		text[0] = 0;
	else if ((size_t)n >= room)
		vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	return text;
}
