/*
 * child.h - a confined child, as its parent has it
 *
 * One process for each portal: this binary once more (child_run.h), with nothing but one socket
 * and the sealed plugin. One step at a time. What it sends is read by frame.h and believed by
 * nobody (result.h).
 */
#ifndef PORTAL_CHILD_H
#define PORTAL_CHILD_H

#include "portal/result.h"

struct child {
	pid_t pid; /* 0: there is none */
	int socket;
	uint32_t number; /* of the last step */
	struct buffer in, out;
};

/* Waits through the loop of `http` if it has one. On failure there is no child. *unconfined: NULL,
 * or why it has no filter; in the arena. */
bool child_start(struct child *, const struct portal *, struct http *, struct arena *,
    const char **unconfined, struct failure *);

/* Is it still there, and has it said nothing that nobody asked for? Else it is ended. */
bool child_is_well(struct child *, struct failure *why_not);

/* One round trip. On failure the child is ended, and the failure says how: "it died: signal 11
 * (SIGSEGV)". limit_ms: of its own computing; ten times as long by the clock. */
bool child_step(struct child *, const struct step_input *, const struct step_memory *,
    int64_t limit_ms, struct arena *, struct step_result *, struct failure *);

void child_end(struct child *);

#endif
