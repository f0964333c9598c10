/* UTF-8: well-formedness and folding of case and accents (text.h). */
#include "base/text.h"

#include <string.h>

/* One character: its length in bytes, or 0 where the bytes are not well-formed
 * (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF). */
static size_t decode(struct text text, uint32_t *point)
{
	static const struct {
		unsigned char mask, mark;
		uint32_t least;
	} forms[] = {
		{ 0x80, 0x00, 0 },
		{ 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	};
	unsigned char first = (unsigned char)text.p[0];

	for (size_t n = 1; n <= 4; n++) {
		if ((first & forms[n - 1].mask) != forms[n - 1].mark)
			continue;
		if (n > text.n)
			return 0;
		*point = first & (unsigned char)~forms[n - 1].mask;
		for (size_t i = 1; i < n; i++) {
			if (((unsigned char)text.p[i] & 0xc0) != 0x80)
				return 0;
			*point = *point << 6 | ((unsigned char)text.p[i] & 0x3f);
		}
		if (*point < forms[n - 1].least || *point > 0x10ffff ||
		    (*point >= 0xd800 && *point <= 0xdfff))
			return 0;
		return n;
	}
	return 0;
}

/* Not 0 if one of eight bytes is not ASCII. */
static inline uint64_t upper_bits(const char *p)
{
	uint64_t bytes;

	memcpy(&bytes, p, sizeof bytes);
	return bytes & 0x8080808080808080u;
}

/* How many bytes of ASCII the text begins with. */
static size_t ascii_run(const char *p, size_t n)
{
	size_t at = 0;

	while (n - at >= 16 && !(upper_bits(p + at) | upper_bits(p + at + 8)))
		at += 16;
	if (n - at >= 8 && !upper_bits(p + at))
		at += 8;
	/* The last eight, some of them for the second time. */
	if (at && n - at < 8 && !upper_bits(p + n - 8))
		return n;
	while (at < n && (unsigned char)p[at] < 0x80)
		at++;
	return at;
}

ptrdiff_t text_bad_utf8(struct text text)
{
	size_t at = 0;

	while ((at += ascii_run(text.p + at, text.n - at)) < text.n) {
		uint32_t point;
		size_t n = decode((struct text){ text.p + at, text.n - at }, &point);

		if (!n)
			return (ptrdiff_t)at;
		at += n;
	}
	return -1;
}

/* Latin letters with marks, U+00C0 to U+017F, as their plain letters; '.' where
 * there is none. Two-letter forms (ß æ œ ij) are handled beside it. */
static const char plain[] = "aaaaaa.ceeeeiiiidnooooo.ouuuuy.."  /* U+00C0 */
			    "aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"  /* U+00E0 */
			    "aaaaaaccccccccddddeeeeeeeeeegggg"  /* U+0100 */
			    "gggghhhhiiiiiiiiii..jjkkklllllll"  /* U+0120 */
			    "lllnnnnnnnnnoooooo..rrrrrrssssss"  /* U+0140 */
			    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs"; /* U+0160 */

static const char *two_letters(uint32_t point)
{
	switch (point) {
	case 0xc6:
	case 0xe6: return "ae";
	case 0xdf:
	case 0x1e9e: return "ss";
	case 0x132:
	case 0x133: return "ij";
	case 0x152:
	case 0x153: return "oe";
	case 0xde:
	case 0xfe: return "th";
	default: return NULL;
	}
}

static char fold_point(uint32_t point)
{
	if (point < 0x80)
		return (char)(point >= 'A' && point <= 'Z' ? point + 32 : point);
	if (point >= 0xc0 && point <= 0x17f && plain[point - 0xc0] != '.')
		return plain[point - 0xc0];
	if (point >= 0xff01 && point <= 0xff5e) /* full-width forms of ASCII */
		return fold_point(point - 0xfee0);
	if (point == 0x2018 || point == 0x2019)
		return '\'';
	if (point >= 0x2010 && point <= 0x2015)
		return '-';
	if (point == 0xa0 || point == 0x3000 || point == 0x202f)
		return ' ';
	return 0;
}

size_t text_fold(struct text text, char *out, size_t capacity)
{
	size_t at = 0, written = 0;

	while (at < text.n) {
		unsigned char c = (unsigned char)text.p[at];
		uint32_t point = 0;
		const char *two, *from;
		size_t n, bytes;
		char one;

		if (c < 0x80) { /* nearly all of it */
			if (written == capacity)
				break;
			out[written++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
			at++;
			continue;
		}
		n = decode((struct text){ text.p + at, text.n - at }, &point);
		two = n > 1 ? two_letters(point) : NULL;
		one = n ? fold_point(point) : '?';
		from = two ? two : one ? &one : text.p + at;
		bytes = two ? 2 : one ? 1 : n;

		if (bytes > capacity - written)
			break;
		/* Combining marks (U+0300 to U+036F) vanish. */
		if (!(point >= 0x300 && point <= 0x36f)) {
			memcpy(out + written, from, bytes);
			written += bytes;
		}
		at += n ? n : 1;
	}
	return written;
}
