/*
 * tell.h - what becomes of requests, in the log (notices)
 *
 * The ledger is asked only where a notice is told at all.
 */
#ifndef SERVICE_TELL_H
#define SERVICE_TELL_H

#include "engine/engine.h"

/* `what`: a past-tense word. trace: of the call, or NULL. begun: monotonic, when the work on
 * it began. */
void tell_request(
    struct engine *, const char *id, const char *what, const char *trace, instant begun);

/* Around work on a request: tells of it only if something has changed. */
struct tell {
	instant begun, changed;
	enum request_state state;
};
struct tell tell_before(struct engine *, const char *id);
void tell_after(const struct tell *, struct engine *, const char *id);

#endif
