#include "base/log.h"
#include "base/id.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum log_level level = LOG_WARNING;
static enum log_format format_in_use = LOG_TEXT;
static bool is_journal;

static const char *const words[] = { "error", "warning", "notice", "detail" };

struct entry {
	enum log_level level;
	bool is_told; /* the program speaks of itself: in text without a level */
	const char *request;
	const struct log_field *fields;
	size_t n;
	struct buffer message;
};

/* ---- settings ------------------------------------------------------------------- */

void log_set_level(enum log_level wanted)
{
	level = wanted;
}

bool log_has(enum log_level asked)
{
	return asked <= level;
}

bool log_read_format(const char *word, enum log_format *format)
{
	static const char *const names[] = { "text", "logfmt", "json" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!text_same(word, names[i]))
			continue;
		*format = (enum log_format)i;
		return true;
	}
	return false;
}

/* The variable names the journal's socket by device and inode: who has stderr sent
 * elsewhere inherits the variable all the same. */
static bool stderr_is_journal(void)
{
	const char *named = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat info;

	return named && sscanf(named, "%llu:%llu", &device, &inode) == 2 &&
	    fstat(STDERR_FILENO, &info) == 0 && info.st_dev == device && info.st_ino == inode;
}

void log_set_format(enum log_format format)
{
	format_in_use = format;
	is_journal = stderr_is_journal();
}

enum log_format log_format(void)
{
	return format_in_use;
}

/* ---- lines ---------------------------------------------------------------------- */

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 127;
}

/* A line break in a message must not begin a line that somebody else wrote. */
static void put_plain(struct buffer *line, struct text value)
{
	for (size_t i = 0; i < value.n; i++)
		buffer_char(line, is_control(value.p[i]) ? ' ' : value.p[i]);
}

static bool is_bare(struct text value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] <= ' ' || value.p[i] == '"' || value.p[i] == '=' ||
		    value.p[i] == '\\' || is_control(value.p[i]))
			return false;
	return value.n > 0;
}

static void put_pair(struct buffer *line, const char *name, struct text value)
{
	buffer_format(line, "%s%s=", line->n ? " " : "", name);
	if (is_bare(value)) {
		buffer_append(line, value.p, value.n);
		return;
	}
	buffer_char(line, '"');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			buffer_char(line, '\\');
		buffer_char(line, is_control(value.p[i]) ? ' ' : value.p[i]);
	}
	buffer_char(line, '"');
}

static void put_text(struct buffer *line, const struct entry *e)
{
	buffer_text(line, "caseroute: ");
	if (!e->is_told)
		buffer_format(line, "%s: ", words[e->level]);
	if (e->request)
		buffer_format(line, "request %s: ", id_short(e->request));
	put_plain(line, buffer_as_text(&e->message));
	for (size_t i = 0; i < e->n; i++)
		if (e->fields[i].value)
			put_pair(line, e->fields[i].name, text_of(e->fields[i].value));
}

/* RFC 3339 with milliseconds. */
static const char *time_now(char out[INSTANT_TEXT])
{
	instant now = instant_now();
	size_t n = strlen(instant_write(now, out)) - 1;

	snprintf(out + n, INSTANT_TEXT - n, ".%03dZ", (int)(now % 1000));
	return out;
}

static void put_logfmt(struct buffer *line, const struct entry *e)
{
	char time[INSTANT_TEXT];

	put_pair(line, "time", text_of(time_now(time)));
	put_pair(line, "level", text_of(words[e->level]));
	if (e->request)
		put_pair(line, "request", text_of(e->request));
	put_pair(line, "message", buffer_as_text(&e->message));
	for (size_t i = 0; i < e->n; i++)
		if (e->fields[i].value)
			put_pair(line, e->fields[i].name, text_of(e->fields[i].value));
}

static void put_json(struct buffer *line, const struct entry *e)
{
	struct json *o = json_new_object();
	char time[INSTANT_TEXT];

	json_set(o, "time", json_new_string(time_now(time)));
	json_set(o, "level", json_new_string(words[e->level]));
	if (e->request)
		json_set(o, "request", json_new_string(e->request));
	json_set(o, "message", json_new_text(buffer_as_text(&e->message)));
	for (size_t i = 0; i < e->n; i++)
		if (e->fields[i].value)
			json_set(o, e->fields[i].name, json_new_string(e->fields[i].value));
	json_write(o, JSON_LINE, line);
	json_free(o);
}

static void put(struct entry *e)
{
	static const int priorities[] = { 3, 4, 5, 6 }; /* err, warning, notice, info */
	struct buffer body = { 0 }, line = { 0 };

	switch (format_in_use) {
	case LOG_TEXT: put_text(&body, e); break;
	case LOG_LOGFMT: put_logfmt(&body, e); break;
	case LOG_JSON: put_json(&body, e); break;
	}
	if (is_journal)
		buffer_format(&line, "<%d>", priorities[e->level]);
	buffer_append(&line, body.p, body.n);
	buffer_char(&line, '\n');
	if (write(STDERR_FILENO, line.p, line.n) < 0)
		level = LOG_ERROR;
	buffer_free(&body);
	buffer_free(&line);
	buffer_free(&e->message);
}

void log_line(enum log_level at, const char *format, ...)
{
	struct entry e = { .level = at };
	va_list args;

	if (!log_has(at))
		return;
	va_start(args, format);
	buffer_vformat(&e.message, format, args);
	va_end(args);
	put(&e);
}

void log_tell(const char *format, ...)
{
	struct entry e = { .level = LOG_NOTICE, .is_told = true };
	va_list args;

	if (level == LOG_ERROR)
		return;
	va_start(args, format);
	buffer_vformat(&e.message, format, args);
	va_end(args);
	put(&e);
}

void log_request(enum log_level at, const char *id, const struct log_field *fields, size_t n,
    const char *format, ...)
{
	struct entry e = { .level = at, .request = id, .fields = fields, .n = n };
	va_list args;

	if (!log_has(at))
		return;
	va_start(args, format);
	buffer_vformat(&e.message, format, args);
	va_end(args);
	put(&e);
}
