/* Cutting text into words. ASCII is folded on the way, all else by text_fold(). */
#include "catalogue/words.h"

#include <string.h>

enum glyph { OTHER, LETTER, DIGIT, WIDE, STOP, PART, BLANK, DASH, BOUND };

/* One character: its length, and what it is to us. */
struct character {
	size_t n;
	enum glyph glyph;
	uint32_t point;
};

/* Beyond ASCII; what is in none of them is OTHER. */
static const struct {
	uint32_t first, last;
	enum glyph glyph;
} ranges[] = {
	{ 0x00a0, 0x00a0, BLANK },
	{ 0x00c0, 0x00d6, LETTER },
	{ 0x00d8, 0x00f6, LETTER },
	{ 0x00f8, 0x024f, LETTER },
	{ 0x0300, 0x036f, LETTER },
	{ 0x0370, 0x1fff, LETTER },
	{ 0x2000, 0x200b, BLANK },
	{ 0x2010, 0x2012, DASH },
	{ 0x2013, 0x2015, PART },
	{ 0x202f, 0x202f, BLANK },
	{ 0x3000, 0x3000, BLANK },
	{ 0x3001, 0x3001, PART },
	{ 0x3002, 0x3002, STOP },
	{ 0x3005, 0x3007, WIDE },
	{ 0x3041, 0x30ff, WIDE },
	{ 0x3400, 0x9fff, WIDE },
	{ 0xac00, 0xd7af, WIDE },
	{ 0xff01, 0xff01, STOP },
	{ 0xff0c, 0xff0c, PART },
	{ 0xff10, 0xff19, DIGIT },
	{ 0xff1a, 0xff1a, PART },
	{ 0xff1f, 0xff1f, STOP },
	{ 0xff21, 0xff3a, LETTER },
	{ 0xff41, 0xff5a, LETTER },
	{ 0xff66, 0xff9f, WIDE },
};

static enum glyph glyph_of(uint32_t point)
{
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return ranges[i].glyph;
	return OTHER;
}

/* Characters beyond ASCII; malformed bytes are OTHER, one at a time. */
static struct character decode(struct text text)
{
	unsigned char first = (unsigned char)text.p[0];
	size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	uint32_t point = n == 4 ? first & 7u : n == 3 ? first & 15u : first & 31u;

	if (n == 1 || n > text.n)
		return (struct character){ 1, OTHER, 0 };
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)text.p[i] & 0xc0) != 0x80)
			return (struct character){ 1, OTHER, 0 };
		point = point << 6 | ((unsigned char)text.p[i] & 0x3fu);
	}
	return (struct character){ n, glyph_of(point), point };
}

#define TWENTY_SIX                                                                                 \
	LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,    \
	    LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,        \
	    LETTER, LETTER, LETTER, LETTER, LETTER

/* clang-format off */
static const unsigned char glyphs_of_ascii[128] = {
	['\t'] = BLANK, ['\n'] = STOP, ['\r'] = BLANK, [' '] = BLANK, ['!'] = STOP, ['('] = PART,
	[')'] = PART, [','] = BOUND, ['-'] = DASH, ['.'] = BOUND,
	['0'] = DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT,
	[':'] = BOUND, [';'] = STOP, ['?'] = STOP, ['A'] = TWENTY_SIX,
	['['] = PART, [']'] = PART, ['a'] = TWENTY_SIX,
};
/* clang-format on */

static struct character look(struct text text)
{
	unsigned char c = (unsigned char)text.p[0];

	if (c >= 0x80)
		return decode(text);
	return (struct character){ 1, glyphs_of_ascii[c], c };
}

static bool is_ascii_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ".NET" is a word of its own, its dot included; "asp.net" are two words. */
static bool begins_dotted(struct text rest, unsigned flags)
{
	return rest.n > 3 && rest.p[0] == '.' && !(flags & WORD_JOINED) &&
	    is_ascii_letter(rest.p[1]) && is_ascii_letter(rest.p[2]);
}

static bool ends_here(struct text rest)
{
	return rest.n < 2 || rest.p[1] == ' ' || rest.p[1] == '\n' || rest.p[1] == '\t' ||
	    rest.p[1] == '\r';
}

/* What lies before the next word, as flags of that word. */
static unsigned skip_between(struct word_reader *reader)
{
	unsigned flags = reader->has_word ? WORD_JOINED | WORD_GLUED : WORD_SENTENCE;
	size_t hyphens = 0, others = 0;

	while (reader->rest.n) {
		struct text rest = reader->rest;
		struct character c = look(rest);

		if (c.glyph == LETTER || c.glyph == DIGIT || c.glyph == WIDE ||
		    begins_dotted(rest, flags))
			break;
		if (c.glyph == BLANK || c.glyph == STOP)
			flags &= ~(unsigned)WORD_JOINED;
		if (c.glyph == STOP || (c.glyph == BOUND && c.point == '.' && ends_here(rest)))
			flags |= WORD_SENTENCE;
		else if (c.glyph == PART || (c.glyph == BOUND && ends_here(rest)) ||
		    (c.glyph == DASH && !(flags & WORD_JOINED) && ends_here(rest)))
			flags |= WORD_CLAUSE;
		hyphens += c.glyph == DASH;
		others += c.glyph != DASH;
		flags &= ~(unsigned)WORD_GLUED;
		reader->rest = (struct text){ rest.p + c.n, rest.n - c.n };
	}
	if ((flags & WORD_JOINED) && hyphens == 1 && !others)
		flags |= WORD_HYPHEN;
	return flags;
}

static void put(struct word *word, struct text character)
{
	if (word->n < WORD_BYTES)
		word->n += text_fold(character, word->folded + word->n, WORD_BYTES - word->n);
}

static void take_run(struct word_reader *reader, struct word *word, enum glyph glyph)
{
	const char *p = reader->rest.p, *end = p + reader->rest.n;
	bool has_small = false, has_capital = false;

	while (p < end) {
		unsigned char one = (unsigned char)*p;
		struct character c;

		if (one < 0x80) { /* nearly all of it */
			bool is_capital = one >= 'A' && one <= 'Z';

			if (glyphs_of_ascii[one] != glyph)
				break;
			has_capital |= is_capital && word->n;
			has_small |= !is_capital;
			if (word->n < WORD_BYTES)
				word->folded[word->n++] = (char)(is_capital ? one + 32 : one);
			p++;
			continue;
		}
		c = decode((struct text){ p, (size_t)(end - p) });
		if (c.glyph != glyph)
			break;
		word->flags &= ~(unsigned)WORD_PLAIN;
		has_small = true;
		put(word, (struct text){ p, c.n });
		p += c.n;
	}
	reader->rest = (struct text){ p, (size_t)(end - p) };
	if (has_small && has_capital)
		word->flags |= WORD_CAMEL;
}

/* Capitals beyond ASCII are told by their bytes changing when folded to themselves. */
static bool is_capital(struct text text)
{
	unsigned char second = text.n > 1 ? (unsigned char)text.p[1] : 0;

	if (text.p[0] >= 'A' && text.p[0] <= 'Z')
		return true;
	return (unsigned char)text.p[0] == 0xc3 && second >= 0x80 && second <= 0x9e;
}

bool word_next(struct word_reader *reader, struct word *word)
{
	struct character c;
	const char *start;

	word->flags = skip_between(reader) | WORD_PLAIN;
	word->n = 0;
	if (!reader->rest.n)
		return false;
	start = reader->rest.p;
	if (*start == '.') {
		word->folded[word->n++] = '.';
		reader->rest.p++;
		reader->rest.n--;
	}
	c = look(reader->rest);
	if (is_capital(reader->rest))
		word->flags |= WORD_CAPITAL;
	if (c.glyph == WIDE) {
		word->flags = (word->flags | WORD_WIDE) & ~(unsigned)WORD_PLAIN;
		put(word, (struct text){ start, c.n });
		reader->rest.p += c.n;
		reader->rest.n -= c.n;
	} else {
		take_run(reader, word, c.glyph);
	}
	if (c.glyph == DIGIT)
		word->flags = (word->flags | WORD_NUMBER) & ~(unsigned)WORD_PLAIN;
	word->text = (struct text){ start, (size_t)(reader->rest.p - start) };
	reader->has_word = true;
	return true;
}
