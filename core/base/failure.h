/*
 * failure.h - why something could not be done, and what the process says of it
 *
 * A function that can fail takes a struct failure, fills it, reports nothing
 * itself and returns false, NULL or a negative number. Whoever can act prints
 * it. The first failure stands: setting a failure that is set changes nothing,
 * so a chain of calls can be checked once at its end.
 */
#ifndef BASE_FAILURE_H
#define BASE_FAILURE_H

#include <stdbool.h>

/* The kinds are the exit statuses of sysexits.h, and 1 for a negative answer. */
enum failure_kind {
	FAILURE_NONE = 0,
	FAILURE_NEGATIVE = 1,     /* a proper answer that is no */
	FAILURE_USAGE = 64,       /* the command line is wrong */
	FAILURE_DATA = 65,        /* input data are wrong */
	FAILURE_NO_INPUT = 66,    /* an input file is not there or not readable */
	FAILURE_UNAVAILABLE = 69, /* a portal or service is not to be had */
	FAILURE_INTERNAL = 70,    /* a fault of this program */
	FAILURE_CANNOT_CREATE = 73,
	FAILURE_IO = 74,
	FAILURE_TRY_LATER = 75,
	FAILURE_NO_PERMISSION = 77,
	FAILURE_CONFIG = 78,
};

struct failure {
	enum failure_kind kind;
	char text[1000]; /* what happened, where, what to do; UTF-8, no final newline */
};

/* Fills `why` (may be NULL) unless it is filled. Always returns false. */
bool failure_set(struct failure *why, enum failure_kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "CONTEXT: " before the text of a failure that is set. Always returns false. */
bool failure_context(struct failure *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
