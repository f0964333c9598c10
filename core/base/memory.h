/*
 * memory.h - memory that is there, or the process ends
 *
 * Every durable state is in the ledger and survives the end of the process at
 * any moment, so running out of memory is handled as a kill: one line on
 * stderr and exit status 71. Nothing here returns NULL.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

void *memory_new(size_t bytes);                /* zeroed; free() it */
void *memory_array(size_t count, size_t size); /* zeroed; checks the product */
void *memory_resize(void *, size_t count, size_t size);
char *memory_copy_text(const char *);          /* NULL stays NULL */
void *memory_copy(const void *, size_t bytes); /* with a NUL behind it */

/* Makes room for one more element in a growing array; returns the array. */
void *memory_grow(void *array, size_t count, size_t *capacity, size_t size);

/* Not zeroed. What comes and goes many times for each request: up to 12 KiB it is kept by the
 * thread that frees it, so that the next costs nearly nothing. It may also be given to
 * memory_resize() and then to free(). `bytes` to free are those that were asked for. */
void *memory_cell(size_t bytes);
void memory_cell_free(void *, size_t bytes);
/* A larger one in place of one of *bytes (0: none yet), with what it holds. *bytes is then what
 * there is room for, at least `least`, and is what memory_cell_free() wants. */
void *memory_cell_grow(void *, size_t *bytes, size_t least);

/* An arena: allocations that end together. */
struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *);                               /* NULL is fine */
void arena_reset(struct arena *);                              /* keeps its memory for reuse */
void *arena_take(struct arena *, size_t bytes);                /* zeroed, aligned for anything */
char *arena_copy(struct arena *, const char *bytes, size_t n); /* NUL-terminated */
/* One after the other, up to a NULL: what needs no format. */
char *arena_join(struct arena *, const char *first, ...) __attribute__((sentinel));
char *arena_format(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
