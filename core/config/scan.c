#include "config/scan.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct scan *scan;
	struct problems *problems;
	const char *file;
	uint32_t line;
	size_t offset;
};

static struct place at(const struct reader *r, size_t column)
{
	return (struct place){ r->file, r->line, (uint32_t)column };
}

/* Columns count characters, not bytes. */
static size_t column_of(struct text line, size_t byte)
{
	size_t column = 1;

	for (size_t i = 0; i < byte && i < line.n; i++)
		column += ((unsigned char)line.p[i] & 0xc0) != 0x80;
	return column;
}

static void add(struct reader *r, enum scan_kind kind, struct text name, struct text value,
    size_t column, size_t value_column)
{
	struct scan *scan = r->scan;

	scan->items = memory_grow(scan->items, scan->n, &scan->capacity, sizeof *scan->items);
	scan->items[scan->n++] = (struct scan_item){ kind, name, value, r->line, (uint32_t)column,
		(uint32_t)value_column, r->offset };
}

static void read_section(struct reader *r, struct text line, size_t start)
{
	const char *end = memchr(line.p + start, ']', line.n - start);
	struct text name, rest;

	if (!end) {
		problem_add(r->problems, PROBLEM_ERROR, E_SYNTAX, at(r, column_of(line, start)),
		    "this section header has no closing ']'");
		return;
	}
	name = text_trim((struct text){ line.p + start + 1, (size_t)(end - line.p) - start - 1 });
	rest = text_trim((struct text){ end + 1, line.n - (size_t)(end + 1 - line.p) });
	if (rest.n)
		problem_add(r->problems, PROBLEM_ERROR, E_SYNTAX,
		    at(r, column_of(line, (size_t)(rest.p - line.p))),
		    "nothing may stand behind a section header; put a comment on a line of its "
		    "own");
	else if (!name.n)
		problem_add(r->problems, PROBLEM_ERROR, E_NAME, at(r, column_of(line, start)),
		    "this section has no name");
	else if (memchr(name.p, ':', name.n))
		problem_add(r->problems, PROBLEM_ERROR, E_COLON, at(r, column_of(line, start)),
		    "a section name cannot hold ':'; write [%s NAME] with a blank", "portal");
	else
		add(r, SCAN_SECTION, name, TEXT(""), column_of(line, start), 0);
}

/* A quoted value up to its closing quote; only a comment may follow. */
static bool read_quoted(struct reader *r, struct text line, size_t start, struct text *value)
{
	char quote = line.p[start];
	const char *end = memchr(line.p + start + 1, quote, line.n - start - 1);
	struct text rest;

	if (!end) {
		problem_add(r->problems, PROBLEM_ERROR, E_QUOTE, at(r, column_of(line, start)),
		    "this value has no closing %c", quote);
		return false;
	}
	if (end > line.p && end[-1] == '\\') {
		problem_add(r->problems, PROBLEM_ERROR, E_QUOTE,
		    at(r, column_of(line, (size_t)(end - line.p))),
		    "\\%c inside quotes is not understood; use the other kind of quote or a file: "
		    "reference",
		    quote);
		return false;
	}
	*value = (struct text){ line.p + start + 1, (size_t)(end - line.p) - start - 1 };
	rest = text_trim((struct text){ end + 1, line.n - (size_t)(end + 1 - line.p) });
	if (rest.n && rest.p[0] != ';' && rest.p[0] != '#') {
		problem_add(r->problems, PROBLEM_ERROR, E_QUOTE,
		    at(r, column_of(line, (size_t)(rest.p - line.p))),
		    "text stands behind the closing quote; quote the whole value");
		return false;
	}
	return true;
}

/* A bare value ends at a comment, which needs a blank before its mark: iniparser
 * would cut https://h/p#part to https://h/p without a word. */
static bool read_bare(struct reader *r, struct text line, size_t start, struct text *value)
{
	for (size_t i = start; i < line.n; i++) {
		char c = line.p[i];

		if (c != ';' && c != '#')
			continue;
		if (i > start && line.p[i - 1] != ' ' && line.p[i - 1] != '\t') {
			problem_add(r->problems, PROBLEM_ERROR, E_QUOTE, at(r, column_of(line, i)),
			    "'%c' would cut this value; put the whole value in double quotes", c);
			return false;
		}
		*value = text_trim((struct text){ line.p + start, i - start });
		return true;
	}
	*value = text_trim((struct text){ line.p + start, line.n - start });
	return true;
}

static void read_key(struct reader *r, struct text line, size_t start)
{
	const char *equals = memchr(line.p + start, '=', line.n - start);
	size_t from;
	struct text key, value = TEXT("");

	if (!equals) {
		problem_add(r->problems, PROBLEM_ERROR, E_SYNTAX, at(r, column_of(line, start)),
		    "this is neither [section], key = value nor a comment");
		return;
	}
	key = text_trim((struct text){ line.p + start, (size_t)(equals - line.p) - start });
	if (!key.n || memchr(key.p, ':', key.n) || memchr(key.p, ';', key.n) ||
	    memchr(key.p, '#', key.n)) {
		problem_add(r->problems, PROBLEM_ERROR,
		    key.n && memchr(key.p, ':', key.n) ? E_COLON : E_SYNTAX,
		    at(r, column_of(line, start)),
		    key.n ? "a key cannot hold ':', ';' or '#'" : "a key is missing before '='");
		return;
	}
	from = (size_t)(equals - line.p) + 1;
	while (from < line.n && strchr(" \t\r\f\v", line.p[from]))
		from++;
	if (from < line.n && (line.p[from] == '"' || line.p[from] == '\'')) {
		if (!read_quoted(r, line, from, &value))
			return;
	} else if (!read_bare(r, line, from, &value)) {
		return;
	}
	add(r, SCAN_KEY, key, value, column_of(line, start), column_of(line, from));
}

static bool is_whole(struct reader *r, struct text line)
{
	ptrdiff_t bad = text_bad_utf8(line);

	if (memchr(line.p, 0, line.n))
		problem_add(
		    r->problems, PROBLEM_ERROR, E_FILE, at(r, 1), "this line holds a NUL byte");
	else if (bad >= 0)
		problem_add(r->problems, PROBLEM_ERROR, E_ENCODING,
		    at(r, column_of(line, (size_t)bad)),
		    "byte %zd of this line is not UTF-8; save the file as UTF-8", bad + 1);
	else if (line.n > SCAN_LINE_BYTES)
		problem_add(r->problems, PROBLEM_ERROR, E_LINE_LENGTH, at(r, 1),
		    "this line has %zu bytes, %d are allowed; put a long value in a file and name "
		    "it with file:",
		    line.n, SCAN_LINE_BYTES);
	else
		return true;
	return false;
}

/* Blanks and the end of a Windows line; iniparser looks for '\\' before them. */
static struct text without_tail(struct text line)
{
	while (line.n && strchr(" \t\r\f\v", line.p[line.n - 1]))
		line.n--;
	return line;
}

static void read_line(struct reader *r, struct text line)
{
	size_t start = 0;

	if (!is_whole(r, line))
		return;
	line = without_tail(line);
	while (start < line.n && strchr(" \t\r\f\v", line.p[start]))
		start++;
	if (start == line.n)
		return;
	if (line.p[line.n - 1] == '\\') {
		problem_add(r->problems, PROBLEM_ERROR, E_CONTINUATION,
		    at(r, column_of(line, line.n - 1)),
		    "a '\\' at the end would swallow the next line; quote the value or drop it");
		return;
	}
	if (line.p[start] == ';' || line.p[start] == '#')
		return;
	if (line.p[start] == '[')
		read_section(r, line, start);
	else
		read_key(r, line, start);
}

void scan_text(struct scan *scan, const char *file, struct text text, struct problems *problems)
{
	struct reader r = { scan, problems, file, 0, 0 };
	struct text rest = text;

	if (text_starts(text, "\xef\xbb\xbf")) {
		problem_add(problems, PROBLEM_ERROR, E_ENCODING, (struct place){ file, 1, 1 },
		    "the file begins with a byte order mark; save it as UTF-8 without BOM");
		rest.p += 3;
		rest.n -= 3;
	}
	while (rest.n) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		r.line++;
		r.offset = (size_t)(rest.p - text.p);
		read_line(&r, (struct text){ rest.p, n });
		rest.p += end ? n + 1 : n;
		rest.n -= end ? n + 1 : n;
	}
}

void scan_free(struct scan *scan)
{
	free(scan->items);
	*scan = (struct scan){ 0 };
}
