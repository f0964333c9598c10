/*
 * partner.h - what the configuration knows of the partner: accounts, offers,
 * contracts, customers, and where the ledger lies
 */
#ifndef ENGINE_PARTNER_H
#define ENGINE_PARTNER_H

#include "config/option.h"
#include "decide/request.h"

struct partner_account {
	const char *name;
	enum account_type type;
	int programs, roles; /* bits; -1: not said */
	enum csp_kind csp_kind;
	struct contact contact; /* used where a request gives none */
};

struct partner_offer {
	const char *name; /* of the section */
	struct held_offer held;
	enum tristate activated;
	struct text accounts; /* who sees it; empty: every account in the MPN programme */
};

struct partner_contract {
	const char *id;
	enum plan_id plan;
	bool is_personal;
	instant start, end;
	int64_t remaining;
	instant observed_at;
	const char *access_id, *contract_id; /* secret references; NULL */
	const char *file;                    /* that they are relative to */
	struct text linked;                  /* accounts that have it already */
};

struct partner_customer {
	const char *id, *name, *tenant, *domain, *subscription;
};

struct partner {
	const char *name, *id, *default_account;
	enum csp_kind csp_kind;
	enum centre membership_centre;
	int64_t paid_plans; /* bit 0 premier, bit 1 advanced; -1: not said */
	bool has_no_offers; /* offers = none */
	struct partner_account *accounts;
	size_t n_accounts;
	struct partner_offer *offers;
	size_t n_offers;
	struct partner_contract *contracts;
	size_t n_contracts;
	struct partner_customer *customers;
	size_t n_customers;
	const char *ledger_path;     /* absolute */
	const char *ledger_key;      /* secret reference */
	const char *ledger_key_file; /* file that the reference is relative to; NULL */
};

/* Never NULL; memory lives as long as the arena and the config. */
struct partner *partner_read(struct config *, struct arena *, struct problems *);
const struct partner_account *partner_account(const struct partner *, const char *name); /* NULL */
const struct partner_customer *partner_customer(const struct partner *, const char *id); /* NULL */
const struct partner_offer *partner_offer(const struct partner *, const char *name);     /* NULL */
const struct partner_contract *partner_contract(const struct partner *, const char *id); /* NULL */

#endif
