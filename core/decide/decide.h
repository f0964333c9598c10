/*
 * decide.h - which plan, account, link and portal, and why
 *
 * A pure function of (policy, facts, request): no I/O, no clock, no globals.
 * Every surface calls this one function. Same input, same bytes out.
 */
#ifndef DECIDE_DECIDE_H
#define DECIDE_DECIDE_H

#include "decide/request.h"

struct policy; /* policy.h */

enum outcome {
	OUTCOME_ALLOW,
	OUTCOME_ASK,
	OUTCOME_DENY,
	OUTCOME_REDIRECT,
	OUTCOME_ACTIVATE_FIRST,
	OUTCOME_INFORM
};
enum { STEP_ACTIVATE = 1, STEP_LINK = 2, STEP_ALLOW = 4 }; /* bits, in this order */
enum link_state { LINK_NONE, LINK_LINK, LINK_SKIP };

#define DECISION_ASKS 8
#define DECISION_ADVICE 4
#define DECISION_INFORMS 32
#define DECISION_REASONS 24

struct saw { /* a value that a rule looked at */
	const char *name, *value;
};

struct reason {
	const char *rule; /* "R25", "V1", "O5", "route" */
	const char *text; /* one sentence */
	struct saw saw[3];
	unsigned n_saw;
};

struct unavailable {
	enum plan_id plan;
	const char *contract; /* NULL: an offered plan without a contract */
	const char *cause;
};

/* Strings are literals or live in the policy, the facts, the request or the arena. */
struct decision {
	enum outcome outcome;
	unsigned steps;
	const char *portal, *workload;
	enum environment environment;
	enum plan_id plan;
	const char *contract;
	enum link_state link;
	const char *message, *cause;
	const char *ask[DECISION_ASKS];
	unsigned n_ask;
	const char *redirect;
	const char *advise[DECISION_ADVICE];
	unsigned n_advise;
	const char *inform[DECISION_INFORMS];
	unsigned n_inform;
	struct unavailable *unavailable; /* every one, however many; the arena's */
	unsigned n_unavailable;
	const char *route;
	struct reason reasons[DECISION_REASONS];
	unsigned n_reasons;
	struct {
		int64_t on_premises, cloud; /* a number, REMAINING_UNLIMITED or REMAINING_UNKNOWN */
	} entitled;
	struct {
		const char *contract; /* NULL: uses nothing */
		int64_t incidents, remaining;
	} uses;
	/* For people; not part of the JSON. */
	const char *account; /* the sign-in */
	const struct product *product;
	const char *release;
	const struct contract_fact *chosen; /* the contract used; NULL */
	struct reading reading;
};

/* True: *out is a decision. False: the input is contradictory or names an
 * unknown profile or offer (FAILURE_DATA). The arena must outlive the decision. */
bool decide(const struct policy *, const struct facts *, const struct request *, struct arena *,
    struct decision *out, struct failure *);

const char *outcome_name(enum outcome);
const char *link_name(enum link_state);
void decision_write(const struct decision *, struct buffer *); /* design 4.1, on one line */
struct json *decision_json(const struct decision *);

#endif
