/*
 * policy.h - the configuration that decisions follow: catalogue, profiles,
 * portal map, routes
 *
 * Read once, immutable after that, shared by any number of threads without a
 * lock. Accounts, contracts and offers held are facts, not policy.
 */
#ifndef DECIDE_POLICY_H
#define DECIDE_POLICY_H

#include "config/option.h"
#include "decide/request.h"

struct policy;

struct policy *policy_read(struct config *, struct problems *); /* never NULL */
void policy_free(struct policy *);
const struct catalogue *policy_catalogue(const struct policy *);
/* Unreachable and shadowed routes, a missing last route: `config check` only. */
void policy_check(const struct policy *, struct problems *);

/* ---- portal map ------------------------------------------------------------ */

struct portal_entry {
	const char *name, *title;
	struct text workloads; /* comma list; "*" = all */
	int64_t environments;  /* bit 0 on-premises, bit 1 cloud */
	bool for_customers;    /* the portal for customers of a CSP (R41) */
	bool accepts_contract; /* Access ID and Contract ID can be entered there */
};

const struct portal_entry *policy_portal(const struct policy *, const char *name); /* NULL */
/* The first portal in file order that serves the workload in the environment; NULL. */
const struct portal_entry *policy_portal_for(
    const struct policy *, const char *workload, enum environment);
const struct portal_entry *policy_portal_for_customers(const struct policy *);

/* ---- profiles (domain 2.2 to 2.4) ------------------------------------------- */

struct profile_offer {
	const char *id;
	struct text aliases;
	struct text folded;      /* id and aliases: "|gold|gold membership|" */
	int64_t on_premises;     /* incidents; 0: not included; REMAINING_UNLIMITED */
	int64_t cloud;           /* with another competency, or none */
	int64_t cloud_competent; /* with a cloud competency (R20) */
};

struct profile {
	const char *id, *title;
	bool stacks; /* counts of several offers add up (2026); else the best cell */
	struct text cloud_competencies;  /* R20 */
	struct text folded_competencies; /* "|security|cloud platform|" */
	const struct profile_offer *offers;
	size_t n_offers;
	struct text plan_names[PLAN_INCLUDED + 1]; /* display names, newest first, parted by '|' */
	const char *probe_product;                 /* R27 */
	struct text no_contract_portals;           /* portals that take no IDs: plan included */
	bool csp_own_tenant;   /* R40 also without a customer (2021; V3 ended it) */
	struct text azure_csp; /* V1: kinds of CSP that may open Azure requests; empty: any */
};

const struct profile *policy_profile(
    const struct policy *, const char *id); /* NULL id: the partner's own */
size_t policy_profile_count(const struct policy *);
const struct profile *policy_profile_at(const struct policy *, size_t);
/* The offer of that id or alias (folded); *known_elsewhere if another profile has it. */
const struct profile_offer *profile_offer_find(
    const struct policy *, const struct profile *, const char *offer, bool *known_elsewhere);
/* The first of a plan's display names; its id where a profile gives none. */
const char *profile_plan_title(const struct profile *, enum plan_id, struct arena *);

/* The portal takes no IDs in this profile: support there is included. */
bool profile_is_included(const struct profile *, const char *portal);

/* What the held offers entitle to (R18, R19, R22): 0 none; REMAINING_UNLIMITED. */
struct entitlement {
	int64_t on_premises, cloud;
	unsigned n_counted; /* offers of this profile */
	unsigned n_foreign; /* offers of other profiles: ignored */
	bool by_competency; /* a competency raised or lowered the cloud figure (R20) */
};
/* False: an offer that no profile knows (FAILURE_DATA). */
bool profile_entitlement(const struct policy *, const struct profile *, const struct held_offer *,
    size_t n, struct entitlement *, struct failure *);

/* ---- routes ------------------------------------------------------------------ */

struct route {
	const char *name;
	struct place place;
	const char *portal; /* NULL: auto; "ask"; or a portal's name */
	struct text plan;   /* preference list; empty: the default */
	const char *note;
};

struct route_key { /* what conditions look at; NULL: not known, matches only '*'-less absence */
	const char *kind, *product, *release, *environment, *workload, *severity, *account,
	    *customer;
};

/* The first route that fits, in file order; NULL. The arena holds scratch bits. */
/* The first route that fits and that `may_take` does not pass over (NULL: none is). */
const struct route *policy_route(const struct policy *, const struct route_key *,
    bool (*may_take)(const void *, const struct route *), const void *context, struct arena *);
size_t policy_route_count(const struct policy *);
const struct route *policy_route_at(const struct policy *, size_t);

#endif
