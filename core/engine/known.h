/*
 * known.h - the facts that a decision starts from: configuration, ledger and
 * what agents have answered
 */
#ifndef ENGINE_KNOWN_H
#define ENGINE_KNOWN_H

#include "decide/decide.h"
#include "engine/generation.h"
#include "ledger/ledger.h"

struct known {
	const struct generation *generation;
	struct ledger *ledger; /* NULL: there is none yet */
	instant now;
	const char *account; /* whose facts; NULL: no account can be told */
	const char
	    *own_contract; /* the request holds an incident of it: that one is not missing; NULL */
	bool wants_all;    /* contracts, however many: for a list, not for a decision */
	const struct json *patch; /* members of FACTS that agents have answered; NULL */
	struct {                  /* a portal just said so, while linking */
		const char *message, *portal, *contract;
	} said;
};

/* Fills *facts from all that is known; memory is the arena's. */
bool known_facts(const struct known *, struct arena *, struct facts *, struct failure *);

/* Decides for the account that the request names or, if it names none, for the
 * one that gets furthest (the configured default first). */
bool known_decide(const struct known *, const struct request *, struct arena *, struct facts *,
    struct decision *, struct failure *);

#endif
