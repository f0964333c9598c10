/*
 * result.h - what a step left behind, as its home tells it
 *
 * A step runs in one of two homes: in this process, or in a confined child (home.h).
 * Whoever ran it fills a struct step_result. Nothing of that is believed: a plugin may
 * have taken its child over, so result_judge(), always in the parent and the same for
 * both homes, looks at every part of it before the engine gets a struct step.
 */
#ifndef PORTAL_RESULT_H
#define PORTAL_RESULT_H

#include "portal/inside.h"

/* Texts live in the arena of the step; JSON until result_free(). */
struct step_result {
	uint32_t verdict;  /* as the step returned it */
	const char *fault; /* the first failure of a host call; NULL: none */
	uint32_t stage, cursor[3];
	struct text note;
	uint32_t repeat; /* of the exchange: enum portal_repeat */
	int64_t wait_ms;
	struct json *exchange, *guide, *extra, *missing, *log; /* NULL: none */
	const struct portal_outcome *outcome;                  /* DONE; else NULL */
	const char *go_portal, *go_address, *go_tenant;        /* NULL: go() was not called */
	uint32_t is_ended;                                     /* fail(), reject(), need() was */
	uint32_t failure_class;
	const char *failure_text, *failure_message;
	const char *kept; /* keep_secret(); NULL: it was not called */
	int64_t kept_until;
};

void result_free(struct step_result *); /* its JSON */

/* Runs the step here; step.c. */
void step_run(struct portal *, const struct step_input *, const struct step_memory *,
    struct arena *, struct step_result *out);

/* What the engine gets of it: the step, or a fault of the plugin. The memory is written
 * unless the step failed. The result is used up. */
void result_judge(struct portal *, const struct step_input *, struct step_result *,
    struct step_memory *, struct arena *, struct step *out);

/* The parts that a judge has of its own. NULL: it is as exchange.h says, and goes nowhere but
 * where the portal's configuration lets it; else a sentence in the arena. */
const char *exchange_judge(
    const struct portal *, const struct step_input *, const struct json *exchange, struct arena *);
const char *guide_judge(const struct step_input *, const struct json *guide, struct arena *);
/* With BY_HAND; NULL is a guide too. */
const char *guide_judge_by_hand(
    const struct step_input *, const struct json *guide, struct arena *);

/* A secret's name, as a place (exchange.h), that this portal and operation have. */
bool secret_is_ours(const struct portal *, const struct step_input *, const char *name);

#endif
