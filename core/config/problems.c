#include "config/problems.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct problem {
	enum severity severity;
	enum problem_code code;
	struct place place;
	char *text;
	size_t order; /* as they came, within one place */
};

struct problems {
	struct problem *list;
	size_t n, capacity;
};

struct problems *problems_new(void)
{
	return memory_new(sizeof(struct problems));
}

void problems_free(struct problems *problems)
{
	if (!problems)
		return;
	for (size_t i = 0; i < problems->n; i++)
		free(problems->list[i].text);
	free(problems->list);
	free(problems);
}

void problem_add(struct problems *problems, enum severity severity, enum problem_code code,
    struct place place, const char *format, ...)
{
	struct buffer text = { 0 };
	va_list args;

	va_start(args, format);
	buffer_vformat(&text, format, args);
	va_end(args);
	problems->list =
	    memory_grow(problems->list, problems->n, &problems->capacity, sizeof *problems->list);
	problems->list[problems->n] =
	    (struct problem){ severity, code, place, buffer_steal(&text), problems->n };
	problems->n++;
}

unsigned problems_count(const struct problems *problems, enum severity severity)
{
	unsigned count = 0;

	for (size_t i = 0; i < problems->n; i++)
		count += problems->list[i].severity == severity;
	return count;
}

static int by_place(const void *left, const void *right)
{
	const struct problem *a = left, *b = right;
	int files = strcmp(a->place.file ? a->place.file : "", b->place.file ? b->place.file : "");

	if (files)
		return files;
	if (a->place.line != b->place.line)
		return a->place.line < b->place.line ? -1 : 1;
	if (a->place.column != b->place.column)
		return a->place.column < b->place.column ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* ---- printing -------------------------------------------------------------- */

/* The text of one file, kept from one problem to the next. */
struct source {
	const char *file;
	struct buffer text;
};

static struct text line_of(struct source *source, const struct place *place)
{
	struct text rest;

	if (!place->file || !place->line)
		return TEXT("");
	if (!text_same(source->file, place->file)) {
		buffer_free(&source->text);
		source->file = place->file;
		file_read(place->file, (size_t)64 << 20, &source->text, NULL);
	}
	rest = buffer_as_text(&source->text);
	for (uint32_t line = 1; rest.n; line++) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		if (line == place->line)
			return (struct text){ rest.p, n };
		rest.p += end ? n + 1 : n;
		rest.n -= end ? n + 1 : n;
	}
	return TEXT("");
}

/* As many columns as there are characters before the place; tabs stay tabs. */
static void print_indent(FILE *to, struct text line, uint32_t column)
{
	for (size_t i = 0; i < line.n && column > 1; i++) {
		if (((unsigned char)line.p[i] & 0xc0) == 0x80)
			continue;
		fputc(line.p[i] == '\t' ? '\t' : ' ', to);
		column--;
	}
}

/* The line and a caret below the column; a key that may hold a secret in the
 * open is not shown. */
static void print_line(FILE *to, struct source *source, const struct problem *problem)
{
	struct text line = line_of(source, &problem->place);

	if (!line.n || line.n > 300 || problem->code == E_SECRET || text_bad_utf8(line) >= 0 ||
	    memchr(line.p, 0, line.n))
		return;
	if (line.p[line.n - 1] == '\r')
		line.n--;
	fprintf(to, "    %.*s\n    ", TEXT_ARGS(line));
	print_indent(to, line, problem->place.column);
	fputs("^\n", to);
}

static const char *const severity_names[] = { "error", "warning", "note" };

static void print_text(const struct problems *problems, FILE *to)
{
	struct source source = { 0 };

	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];

		fputs(p->place.file ? p->place.file : "caseroute", to);
		if (p->place.line)
			fprintf(to, ":%u:%u", p->place.line, p->place.column);
		fprintf(
		    to, ": %s: %s [E%03d]\n", severity_names[p->severity], p->text, (int)p->code);
		print_line(to, &source, p);
	}
	buffer_free(&source.text);
}

static void sort(struct problems *problems)
{
	if (problems->n)
		qsort(problems->list, problems->n, sizeof *problems->list, by_place);
}

struct json *problems_json(struct problems *problems)
{
	struct json *list = json_new_array();
	char code[16];

	sort(problems);
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];
		struct json *one = json_new_object();

		snprintf(code, sizeof code, "E%03d", (int)p->code);
		json_set(one, "severity", json_new_string(severity_names[p->severity]));
		json_set(one, "code", json_new_string(code));
		json_set(one, "file", json_new_string(p->place.file));
		json_set(one, "line", json_new_number(p->place.line));
		json_set(one, "column", json_new_number(p->place.column));
		json_set(one, "message", json_new_string(p->text));
		json_append(list, one);
	}
	return list;
}

static void print_json(struct problems *problems, FILE *to)
{
	struct json *list = problems_json(problems);
	struct buffer text = { 0 };

	json_write(list, JSON_INDENTED, &text);
	fprintf(to, "%s\n", text.p);
	buffer_free(&text);
	json_free(list);
}

void problems_print(struct problems *problems, FILE *to, bool json)
{
	sort(problems);
	if (json)
		print_json(problems, to);
	else
		print_text(problems, to);
}

void problems_log(struct problems *problems)
{
	sort(problems);
	if (log_format() == LOG_TEXT) {
		print_text(problems, stderr);
		return;
	}
	for (size_t i = 0; i < problems->n; i++) {
		const struct problem *p = &problems->list[i];

		log_line(LOG_ERROR, "%s:%u:%u: %s: %s [E%03d]",
		    p->place.file ? p->place.file : "caseroute", p->place.line, p->place.column,
		    severity_names[p->severity], p->text, (int)p->code);
	}
}

const char *problem_help(enum problem_code code)
{
	static const char *const help[] = {
		[E_FILE] = "A configuration file cannot be read: it is missing, a folder, not "
			   "readable, or holds NUL bytes.",
		[E_SYNTAX] = "A line is neither a [section], a key = value, nor a comment that "
			     "begins with ; or #.",
		[E_LINE_LENGTH] = "A line is longer than 1022 bytes. Put the long value in a file "
				  "of its own and name it with file:PATH.",
		[E_ENCODING] = "The file is not UTF-8 without byte order mark. Save it so.",
		[E_QUOTE] = "A bare value holds ; or # without a blank before it, or its quotes do "
			    "not fit. Put the whole value in double quotes.",
		[E_CONTINUATION] = "A line ends in a backslash and would swallow the next one.",
		[E_DUPLICATE] =
		    "A section or key stands twice; the second would silently win. Remove one.",
		[E_COLON] = "Names of sections and keys cannot hold a colon.",
		[E_INCLUDE] = "An included file is missing, includes itself, or the include line "
			      "stands behind a section.",
		[E_UNKNOWN_SECTION] = "The first word of a section is none that caseroute knows.",
		[E_UNKNOWN_KEY] = "The section has no such key. `caseroute portals describe "
				  "PLUGIN` lists a portal's keys.",
		[E_MISSING_KEY] = "The section needs a key that is not there.",
		[E_VALUE] = "A value is not of its key's type, out of bounds, or not one of the "
			    "allowed words.",
		[E_REFERENCE] = "A value names a section that is not defined.",
		[E_NAME] =
		    "A section's name does not fit: it is missing, or holds what a name cannot.",
		[E_SECRET] = "A secret stands in the open or cannot be read. Name it by file:PATH, "
			     "env:NAME or cred:NAME.",
		[E_PLUGIN] =
		    "A plugin cannot be found, is not what it should be, or refuses its options.",
		[E_NO_LAST_ROUTE] =
		    "The last route must take every request: a [route NAME] without match keys.",
		[E_UNREACHABLE] =
		    "A route can never be chosen: an earlier one takes all its requests.",
		[E_SHADOWED] = "An earlier route takes some of this route's requests.",
		[E_CATALOGUE] = "A product or release does not fit the others: two of one name, a "
				"release without product, dates out of order.",
		[E_PROFILE] = "A profile is incomplete or contradicts itself.",
		[E_SECRET_MODE] = "A file that holds a secret can be read by others. chmod 600 it.",
	};

	return (size_t)code < sizeof help / sizeof help[0] ? help[code] : NULL;
}
