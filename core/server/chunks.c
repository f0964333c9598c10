#include "server/head.h"

enum { SIZE, EXTENSION, SIZE_END, DATA, DATA_CR, DATA_LF, LAST_CR, LAST_LF, DONE };

#define MAX_DIGITS 15     /* 60 bits: no overflow, and no room for a row of zeroes */
#define MAX_EXTENSIONS 64 /* bytes in one body; nobody sends them but to probe */

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *take_size(struct server_chunks *chunks, char c)
{
	int digit = hex(c);

	if (digit >= 0 && chunks->digits++ < MAX_DIGITS) {
		chunks->left = chunks->left * 16 + (uint64_t)digit;
		return NULL;
	}
	if (digit >= 0 || !chunks->digits || (c != ';' && c != '\r'))
		return "chunk";
	chunks->state = c == ';' ? EXTENSION : SIZE_END;
	return NULL;
}

static const char *take_extension(struct server_chunks *chunks, char c)
{
	if (c == '\r') {
		chunks->state = SIZE_END;
		return NULL;
	}
	return (unsigned char)c < ' ' || c == 0x7f || ++chunks->extensions > MAX_EXTENSIONS
	    ? "chunk"
	    : NULL;
}

/* The bytes that may stand in one place only. */
static const char *take_fixed(struct server_chunks *chunks, char c)
{
	static const struct {
		char byte;
		unsigned next;
	} fixed[] = { [SIZE_END] = { '\n', DATA },
		[DATA_CR] = { '\r', DATA_LF },
		[DATA_LF] = { '\n', SIZE },
		[LAST_CR] = { '\r', LAST_LF },
		[LAST_LF] = { '\n', DONE } };
	unsigned state = chunks->state;

	if (c != fixed[state].byte)
		return state == LAST_CR ? "trailer" : "chunk";
	chunks->state = state == SIZE_END && !chunks->left ? LAST_CR : fixed[state].next;
	if (chunks->state == SIZE)
		chunks->digits = 0;
	return NULL;
}

static const char *take_byte(struct server_chunks *chunks, char c)
{
	if (chunks->state == SIZE)
		return take_size(chunks, c);
	if (chunks->state == EXTENSION)
		return take_extension(chunks, c);
	return take_fixed(chunks, c);
}

static void take_data(struct server_chunks *chunks, struct text *bytes, struct buffer *out)
{
	size_t n = chunks->left < bytes->n ? (size_t)chunks->left : bytes->n;

	buffer_append(out, bytes->p, n);
	*bytes = (struct text){ bytes->p + n, bytes->n - n };
	chunks->left -= n;
	if (!chunks->left)
		chunks->state = DATA_CR;
}

enum server_scan server_chunks_take(struct server_chunks *chunks, struct text *bytes,
    size_t max_bytes, struct buffer *out, const struct server_refusal **why)
{
	const char *wrong = NULL;

	while (bytes->n && !wrong && chunks->state != DONE) {
		if (chunks->state == DATA) {
			take_data(chunks, bytes, out);
			continue;
		}
		wrong = take_byte(chunks, bytes->p[0]);
		*bytes = (struct text){ bytes->p + 1, bytes->n - 1 };
		if (chunks->state == DATA && chunks->left > max_bytes - out->n)
			wrong = "body-too-large";
	}
	if (wrong)
		*why = server_refusal_of(wrong);
	if (wrong)
		return SCAN_BAD;
	return chunks->state == DONE ? SCAN_WHOLE : SCAN_MORE;
}
