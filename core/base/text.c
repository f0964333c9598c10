#include "base/text.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool text_equal(struct text a, struct text b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool text_is(struct text text, const char *c_string)
{
	return text_equal(text, text_of(c_string));
}

bool text_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_same_fold(const char *a, const char *b)
{
	return a && b ? strcasecmp(a, b) == 0 : a == b;
}

bool text_starts(struct text text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.n >= n && memcmp(text.p, prefix, n) == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

struct text text_trim(struct text text)
{
	while (text.n && is_blank(text.p[0])) {
		text.p++;
		text.n--;
	}
	while (text.n && is_blank(text.p[text.n - 1]))
		text.n--;
	return text;
}

bool text_split(struct text *rest, char separator, struct text *item)
{
	while (rest->n) {
		const char *end = memchr(rest->p, separator, rest->n);
		size_t n = end ? (size_t)(end - rest->p) : rest->n;
		size_t skip = end ? n + 1 : n;

		*item = text_trim((struct text){ rest->p, n });
		rest->p += skip;
		rest->n -= skip;
		if (item->n)
			return true;
	}
	return false;
}

bool text_has_item(struct text list, char separator, const char *word)
{
	struct text item;

	while (text_split(&list, separator, &item))
		if (text_is(item, word))
			return true;
	return false;
}

bool text_integer(struct text text, int64_t *number)
{
	bool is_negative = text.n && text.p[0] == '-';
	size_t i = text.n && (text.p[0] == '-' || text.p[0] == '+') ? 1 : 0;
	int64_t value = 0;

	if (i == text.n)
		return false;
	for (; i < text.n; i++) {
		int digit = text.p[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return false;
	}
	/* Counted downwards, so that INT64_MIN has a way in. */
	if (!is_negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return false;
	*number = value;
	return true;
}

struct text text_of_number(int64_t number, char room[NUMBER_TEXT])
{
	char *p = room + NUMBER_TEXT;
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do
		*--p = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		*--p = '-';
	return (struct text){ p, (size_t)(room + NUMBER_TEXT - p) };
}

static unsigned lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned text_distance(const char *a, const char *b, unsigned limit)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned rows[3][65]; /* the last two rows and the one being made */

	if (n > 63 || m > 63 || n > m + limit || m > n + limit)
		return limit + 1;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *twice = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned differs = lower(a[i - 1]) != lower(b[j - 1]);

			row[j] = least(above[j - 1] + differs, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				row[j] = least(row[j], twice[j - 2] + 1);
		}
	}
	return least(rows[n % 3][m], limit + 1);
}

const char *text_nearest(const char *wrong, const char *const *words, size_t n)
{
	unsigned best = strlen(wrong) <= 4 ? 2 : 3;
	const char *nearest = NULL;

	for (size_t i = 0; i < n; i++) {
		unsigned distance = text_distance(wrong, words[i], 2);

		if (distance < best) {
			best = distance;
			nearest = words[i];
		}
	}
	for (size_t i = 0; i < n && !nearest && strlen(wrong) >= 3; i++)
		if (strncasecmp(wrong, words[i], strlen(wrong)) == 0 ||
		    (strlen(words[i]) >= 3 && strncasecmp(wrong, words[i], strlen(words[i])) == 0))
			nearest = words[i];
	return nearest;
}

/* ---- text that grows ------------------------------------------------------ */

/* From cell to cell, and then twice as much each time. */
void buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t needed = buffer->n + more + 1;

	if (needed <= buffer->capacity)
		return;
	if (needed < buffer->capacity * 2)
		needed = buffer->capacity * 2;
	buffer->p = memory_cell_grow(buffer->p, &buffer->capacity, needed);
}

void buffer_number(struct buffer *buffer, int64_t number)
{
	char room[NUMBER_TEXT];
	struct text digits = text_of_number(number, room);

	buffer_append(buffer, digits.p, digits.n);
}

/* Written where it shall lie, and once more only if there is too little room. */
void buffer_vformat(struct buffer *buffer, const char *format, va_list args)
{
	va_list again;
	size_t room;
	int n;

	buffer_reserve(buffer, 0);
	room = buffer->capacity - buffer->n;
	va_copy(again, args);
	n = vsnprintf(buffer->p + buffer->n, room, format, args);
	if (n > 0 && (size_t)n >= room) {
		buffer_reserve(buffer, (size_t)n);
		vsnprintf(buffer->p + buffer->n, (size_t)n + 1, format, again);
	}
	va_end(again);
	buffer->n += n > 0 ? (size_t)n : 0;
	buffer->p[buffer->n] = 0;
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buffer_vformat(buffer, format, args);
	va_end(args);
}

struct text buffer_as_text(const struct buffer *buffer)
{
	return buffer->p ? (struct text){ buffer->p, buffer->n } : TEXT("");
}

char *buffer_steal(struct buffer *buffer)
{
	char *p;

	buffer_append(buffer, "", 0);
	p = buffer->p;
	*buffer = (struct buffer){ 0 };
	return p;
}

void buffer_free(struct buffer *buffer)
{
	memory_cell_free(buffer->p, buffer->capacity);
	*buffer = (struct buffer){ 0 };
}

void buffer_wipe(struct buffer *buffer)
{
	if (buffer->p)
		explicit_bzero(buffer->p, buffer->capacity);
	buffer_free(buffer);
}
