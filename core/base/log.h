/*
 * log.h - what the program says about its own doings, on stderr
 *
 * Lines are for operators; answers to commands go to stdout and are not log.
 * Never hand a secret to a log function. Each line is one write, so that lines of
 * two threads do not mix, and holds no control character of what it tells.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_DETAIL };

void log_set_level(enum log_level); /* default LOG_WARNING; -v NOTICE, -vv DETAIL, -q ERROR */
bool log_has(enum log_level);       /* is it told at all? */

enum log_format {
	LOG_TEXT,   /* caseroute: notice: request 7fa96db8: submitted state=ready */
	LOG_LOGFMT, /* time=... level=notice request=... message=submitted state=ready */
	LOG_JSON,   /* the same as an object */
};
bool log_read_format(const char *, enum log_format *); /* "text", "logfmt", "json" */
/* Before other threads begin. Where stderr is the journal's (JOURNAL_STREAM), each line
 * has its priority before it from then on (sd-daemon(3)). */
void log_set_format(enum log_format);
enum log_format log_format(void);

void log_line(enum log_level, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What a long-lived program says of its start and end: a notice that only -q leaves out. */
void log_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct log_field {
	const char *name, *value; /* NULL: left out */
};
/* About one request. */
void log_request(enum log_level, const char *id, const struct log_field *, size_t n,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
