/*
 * trace.h - which call of which trace: W3C Trace Context, level 1
 *
 * A caller's trace goes on; one that brings none, or none that is well formed, begins
 * a new one. The span is this call's own.
 */
#ifndef SERVICE_TRACE_H
#define SERVICE_TRACE_H

#include <stdbool.h>
#include "base/text.h"

#define TRACE_ID 33 /* 32 lower-case hexadecimal digits and a NUL */
#define TRACE_SPAN 17
#define TRACE_TEXT 56 /* "00-ID-SPAN-FLAGS" and a NUL */

struct trace {
	char id[TRACE_ID], span[TRACE_SPAN];
	unsigned flags;
	bool is_new; /* begun here */
};

/* Of the field traceparent ("" if there is none). */
struct trace trace_begin(struct text traceparent);
const char *trace_write(const struct trace *, char out[TRACE_TEXT]);
/* May a field tracestate be passed on as it is? Visible ASCII and blanks, at most 512 bytes. */
bool trace_state_ok(struct text);

#endif
