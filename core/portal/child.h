/*
 * child.h - a confined child, as its parent has it
 *
 * One process for each portal: this binary once more (child_run.h), with nothing but one socket
 * and the sealed plugin. It takes one step after the other, and answers in their order; so many
 * may be on their way to it. What it sends is read by frame.h and believed by nobody (result.h).
 */
#ifndef PORTAL_CHILD_H
#define PORTAL_CHILD_H

#include "portal/result.h"

struct child {
	pid_t pid; /* 0: there is none */
	int socket;
	uint32_t number; /* of the last step that was sent */
	struct buffer in, out;
	size_t taken, sent; /* of in, of out */
};

/* Waits through the loop of `http` if it has one. On failure there is no child. *unconfined: NULL,
 * or why it has no filter; in the arena. */
bool child_start(struct child *, const struct portal *, struct http *, struct arena *,
    const char **unconfined, struct failure *);

/* While it has nothing to do: is it still there, and has it said nothing that nobody asked for?
 * Else it is ended. */
bool child_is_well(struct child *, struct failure *why_not);

/* Gives it a step, as far as that goes without waiting; false: some of it is left. *number names
 * the step. The next may be sent when all of this one is. */
bool child_send(
    struct child *, const struct step_input *, const struct step_memory *, uint32_t *number);

/* Where all that was sent before has its answer: sends what is left, then waits for the answer to
 * the step of this number. On failure the child is ended, and the failure says how: "it died:
 * signal 11 (SIGSEGV)". limit_ms: of its own computing; ten times as long by the clock. */
bool child_send_rest(struct child *, struct http *, int64_t limit_ms, struct failure *);
bool child_take(struct child *, uint32_t number, struct http *, int64_t limit_ms, struct arena *,
    struct step_result *, struct failure *);

void child_end(struct child *);

#endif
