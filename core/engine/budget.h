/*
 * budget.h - what needs care before a request does: [budget], and the rules
 *
 * The rules are pure: they say for one thing at one instant whether the condition holds,
 * as a word that is another one for another period or degree; NULL: it does not hold. It
 * is told once for each word (budget_look.h).
 */
#ifndef ENGINE_BUDGET_H
#define ENGINE_BUDGET_H

#include "base/memory.h"
#include "config/option.h"
#include "decide/request.h"

struct budget_limits {
	int64_t low;                  /* incidents left */
	int64_t low_percent;          /* of those that the contract had */
	int64_t ends_soon, ends_next; /* ms before the end: told at the first, and again */
};

void budget_read(struct budget_limits *, struct config *, struct problems *);

enum budget_kind { BALANCE_LOW, ENDS_SOON, LINK_MISSING, BENEFIT_NOT_ACTIVATED, N_BUDGET_KINDS };
const char *budget_word(enum budget_kind); /* as it stands in an event: "contract balance low" */
bool budget_is_event(const char *what);

/* left: what is observed less what was spent since; reservations come and go, and do not count.
 * granted: what it had when it was seen, and what was spent before; REMAINING_UNKNOWN. */
const char *budget_balance(const struct budget_limits *, int64_t left, int64_t granted);
/* end: INSTANT_UNKNOWN; its last ms. The word holds the date. */
const char *budget_end(const struct budget_limits *, instant end, instant now, struct arena *);
/* is_used: the account has opened a ticket under the contract's plan. */
const char *budget_link(const struct contract_fact *, bool is_used, instant now);
const char *budget_benefit(enum tristate activated);

#endif
