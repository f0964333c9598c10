/*
 * contract.h - the contract path: domain 1.9, steps 6 to 12
 */
#ifndef DECIDE_CONTRACT_H
#define DECIDE_CONTRACT_H

#include "decide/trace.h"

enum verdict {
	VERDICT_NOT_APPLICABLE, /* this plan is not for this request: nothing was settled */
	VERDICT_DENIED,         /* settled as deny; another plan may still serve */
	VERDICT_SETTLED,        /* allow, ask, activate-first or redirect */
};

enum verdict contract_decide(struct deciding *);
/* Lists every contract and offered plan that cannot serve, with its cause. */
void contract_unavailable(struct deciding *);
/* R26 to R30: what the probe shows; nothing is created. */
void contract_probe(struct deciding *);

#endif
