/*
 * confine.h - what a child that runs a plugin gives up
 *
 * In order: all descriptors but one or two, then what limits and flags take, at last all
 * system calls but reading and writing the one socket, ending, and memory that cannot be
 * executed. What breaks the last rule is killed by SIGSYS.
 */
#ifndef PORTAL_CONFINE_H
#define PORTAL_CONFINE_H

#include "base/failure.h"

#include <stddef.h>
#include <sys/types.h>

/* Why this program can have no filter at all; NULL: it can. */
const char *confine_missing(void);

/* Closes all descriptors but those from `first` to `last`. */
bool confine_descriptors(int first, int last);

/* Limits, no new privileges, no dump, no tracing; it dies with its parent's thread. Where memory
 * can be limited (not in instrumented builds): to so many bytes of addresses. */
bool confine_limits(size_t bytes, struct failure *);

/* The filter; the caller has done before whatever needs other system calls. */
bool confine_calls(int socket, struct failure *);

#endif
