/*
 * trace.h - a decision under way: what is known and what has been fixed so far
 */
#ifndef DECIDE_TRACE_H
#define DECIDE_TRACE_H

#include "decide/decide.h"
#include "decide/policy.h"

struct deciding {
	const struct policy *policy;
	const struct profile *profile;
	const struct facts *facts;
	const struct request *request;
	struct arena *arena;
	struct decision *d;
	struct failure *why;
	struct entitlement held;          /* of the offers that the account sees */
	struct entitlement company;       /* of those that the company has */
	const struct contract_fact *said; /* the one that a portal's M3 is about; NULL */
	const struct portal_entry
	    *workload_portal; /* where the contract is entered and the case ends up */
	const struct route *route;
	bool is_customer_path; /* R41: through the portal for customers */
};

/* Each adds one thing once; a full table drops the rest silently (they are sized
 * for everything the rules can add). Texts are literals or the arena's. */
void trace_reason(struct deciding *, const char *rule, const char *text);
void trace_saw(struct deciding *, const char *name,
    const char *value); /* of the last reason; NULL: "unknown" */
void trace_inform(struct deciding *, const char *text);
void trace_ask(struct deciding *, const char *member);
void trace_unavailable(struct deciding *, enum plan_id, const char *contract, const char *cause);
/* What can be bought for the environment decided (R43 to R45). */
void trace_advise(struct deciding *, bool offers_first);
const char *trace_count(struct deciding *, int64_t remaining); /* "7", "unlimited", "unknown" */

/* Ends of the procedure. */
void settle_ask(struct deciding *, const char *cause, const char *member);
void settle_deny(struct deciding *, const char *cause, const char *message);
void settle_redirect(struct deciding *, const char *cause, const char *goal);
void settle_allow(struct deciding *, enum plan_id, enum link_state);

#endif
