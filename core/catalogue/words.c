/* Cutting text into words. ASCII is folded on the way, all else by text_fold(). */
#include "catalogue/words.h"

#include <string.h>

enum glyph { OTHER, LETTER, DIGIT, WIDE, STOP, PART, BLANK, DASH, BOUND };

/* One character: its length, and what it is to us. */
struct character {
	size_t n;
	enum glyph glyph;
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
		return (struct character){ 1, OTHER };
	for (size_t i = 1; i < n; i++) {
		if (((unsigned char)text.p[i] & 0xc0) != 0x80)
			return (struct character){ 1, OTHER };
		point = point << 6 | ((unsigned char)text.p[i] & 0x3fu);
	}
	return (struct character){ n, glyph_of(point) };
}

#define TWENTY_SIX                                                                                 \
	LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,    \
	    LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER,        \
	    LETTER, LETTER, LETTER, LETTER, LETTER

/* clang-format off */
static const unsigned char glyphs[256] = { /* of ASCII; the bytes of all else are OTHER */
	['\t'] = BLANK, ['\n'] = STOP, ['\r'] = BLANK, [' '] = BLANK, ['!'] = STOP, ['('] = PART,
	[')'] = PART, [','] = BOUND, ['-'] = DASH, ['.'] = BOUND,
	['0'] = DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT,
	[':'] = BOUND, [';'] = STOP, ['?'] = STOP, ['A'] = TWENTY_SIX,
	['['] = PART, [']'] = PART, ['a'] = TWENTY_SIX,
};
/* clang-format on */

static inline struct character look(struct text text)
{
	unsigned char c = (unsigned char)text.p[0];

	if (c >= 0x80)
		return decode(text);
	return (struct character){ 1, glyphs[c] };
}

uint32_t word_hash(const char *folded, size_t n)
{
	uint32_t hash = WORD_HASH;

	for (size_t i = 0; i < n; i++)
		hash = word_hash_with(hash, folded[i]);
	return hash;
}

static bool is_in_words(enum glyph glyph)
{
	return glyph == LETTER || glyph == DIGIT || glyph == WIDE;
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

/* The flags of the next word, once a character stands before it. */
static unsigned flags_after(unsigned flags, enum glyph glyph, struct text rest)
{
	flags &= ~(unsigned)WORD_GLUED;
	switch (glyph) {
	case BLANK: return flags & ~(unsigned)WORD_JOINED;
	case STOP: return (flags & ~(unsigned)WORD_JOINED) | WORD_SENTENCE;
	case PART: return flags | WORD_CLAUSE;
	case DASH: return !(flags & WORD_JOINED) && ends_here(rest) ? flags | WORD_CLAUSE : flags;
	case BOUND:
		if (!ends_here(rest))
			return flags;
		return flags | (*rest.p == '.' ? WORD_SENTENCE : WORD_CLAUSE);
	default: return flags;
	}
}

/* What lies before the next word, as flags of that word. */
static unsigned skip_between(struct word_reader *reader)
{
	unsigned flags = reader->has_word ? WORD_JOINED | WORD_GLUED : WORD_SENTENCE;
	struct text rest = reader->rest;
	enum glyph last = OTHER;
	size_t skipped = 0;

	for (; rest.n; skipped++) {
		struct character c = look(rest);

		if (is_in_words(c.glyph) || begins_dotted(rest, flags))
			break;
		flags = flags_after(flags, c.glyph, rest);
		last = c.glyph;
		rest = (struct text){ rest.p + c.n, rest.n - c.n };
	}
	reader->rest = rest;
	if (skipped == 1 && last == DASH && (flags & WORD_JOINED))
		flags |= WORD_HYPHEN;
	return flags;
}

/* One blank is between most words, and it says nothing. */
static bool skip_blank(struct word_reader *reader)
{
	struct text rest = reader->rest;

	if (!reader->has_word || rest.n < 2 || rest.p[0] != ' ' ||
	    !is_in_words(glyphs[(unsigned char)rest.p[1]]))
		return false;
	reader->rest = (struct text){ rest.p + 1, rest.n - 1 };
	return true;
}

/* Folded letters and digits of ASCII; 0 for all else. */
#define SMALL_LETTERS                                                                              \
	'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r',  \
	    's', 't', 'u', 'v', 'w', 'x', 'y', 'z'
static const char letters[256] = { ['A'] = SMALL_LETTERS, ['a'] = SMALL_LETTERS };
static const char digits[256] = { ['0'] = '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' };

#define SMALL 0x20 /* the bit that capitals of ASCII have not; digits have it as well */

/* Capitals behind the first letter, and small ones. */
static bool is_camel(const char *p, size_t n, bool is_first)
{
	bool has_small = false, has_capital = false;

	for (size_t i = 0; i < n; i++) {
		has_small |= (p[i] & SMALL) != 0;
		has_capital |= !(p[i] & SMALL) && !(is_first && i == 0);
	}
	return has_small && has_capital;
}

/* Nearly all words: of ASCII, and not too long. False, and nothing taken, if it is not such. */
static bool take_ascii(struct word_reader *reader, struct word *word, const char *folds)
{
	const char *p = reader->rest.p;
	size_t room = WORD_BYTES - word->n, rest = reader->rest.n, most = rest < room ? rest : room;
	char *out = word->folded + word->n, all = SMALL, folded;
	uint32_t hash = word->hash;
	size_t n;

	for (n = 0; n < most && (folded = folds[(unsigned char)p[n]]); n++) {
		all &= p[n];
		out[n] = folded;
		hash = word_hash_with(hash, folded);
	}
	if (n < rest && (n == most || (unsigned char)p[n] >= 0x80))
		return false;
	if (!all && is_camel(p, n, word->n == 0))
		word->flags |= WORD_CAMEL;
	word->hash = hash;
	word->n += n;
	reader->rest = (struct text){ p + n, rest - n };
	return true;
}

static void put(struct word *word, struct text character)
{
	word->n += text_fold(character, word->folded + word->n, WORD_BYTES - word->n);
}

/* Any word; what does not fit into its folded form is passed over. */
static void take_any(struct word_reader *reader, struct word *word, enum glyph glyph)
{
	struct text rest = reader->rest;
	bool has_small = false, has_capital = false;

	while (rest.n) {
		struct character c = look(rest);

		if (c.glyph != glyph)
			break;
		if (*rest.p >= 'A' && *rest.p <= 'Z')
			has_capital |= word->n > 0;
		else
			has_small = true;
		if ((unsigned char)*rest.p >= 0x80)
			word->flags &= ~(unsigned)WORD_PLAIN;
		put(word, (struct text){ rest.p, c.n });
		rest = (struct text){ rest.p + c.n, rest.n - c.n };
	}
	reader->rest = rest;
	if (has_small && has_capital)
		word->flags |= WORD_CAMEL;
	word->hash = word_hash(word->folded, word->n);
}

/* Capitals beyond ASCII are told by their bytes changing when folded to themselves. */
static bool is_capital(struct text text)
{
	unsigned char second = text.n > 1 ? (unsigned char)text.p[1] : 0;

	if (text.p[0] >= 'A' && text.p[0] <= 'Z')
		return true;
	return (unsigned char)text.p[0] == 0xc3 && second >= 0x80 && second <= 0x9e;
}

static void take(struct word_reader *reader, struct word *word)
{
	struct character c = look(reader->rest);

	if (is_capital(reader->rest))
		word->flags |= WORD_CAPITAL;
	if (c.glyph == DIGIT)
		word->flags = (word->flags | WORD_NUMBER) & ~(unsigned)WORD_PLAIN;
	if (c.glyph == WIDE) {
		word->flags = (word->flags | WORD_WIDE) & ~(unsigned)WORD_PLAIN;
		put(word, (struct text){ reader->rest.p, c.n });
		word->hash = word_hash(word->folded, word->n);
		reader->rest.p += c.n;
		reader->rest.n -= c.n;
	} else if (!take_ascii(reader, word, c.glyph == DIGIT ? digits : letters)) {
		take_any(reader, word, c.glyph);
	}
}

bool word_next(struct word_reader *reader, struct word *word)
{
	const char *start;

	word->flags = WORD_PLAIN | (skip_blank(reader) ? 0 : skip_between(reader));
	word->n = 0;
	word->hash = WORD_HASH;
	if (!reader->rest.n)
		return false;
	start = reader->rest.p;
	if (*start == '.') {
		word->folded[word->n++] = '.';
		word->hash = word_hash_with(word->hash, '.');
		reader->rest.p++;
		reader->rest.n--;
	}
	take(reader, word);
	word->text = (struct text){ start, (size_t)(reader->rest.p - start) };
	reader->has_word = true;
	return true;
}
