/*
 * request.h - what an agent files, what is known, what was decided
 *
 * The three JSON objects of design 4.1 as structs. Reading is strict: unknown
 * members, wrong types and wrong words are failures of kind FAILURE_DATA that
 * name the member; a member left out or null is *unknown*, never empty.
 */
#ifndef DECIDE_REQUEST_H
#define DECIDE_REQUEST_H

#include "base/instant.h"
#include "base/json.h"
#include "base/memory.h"
#include "catalogue/catalogue.h"

enum request_kind { KIND_INCIDENT, KIND_ADVISORY, KIND_BILLING, KIND_PARTNER_CENTER, KIND_PROBE };

enum { SEVERITY_UNKNOWN = 0, SEVERITY_A = 1, SEVERITY_B = 2, SEVERITY_C = 3 };

struct contact {
	const char *first_name, *last_name, *email, *phone, *method; /* method: email | phone */
	const char *language, *country, *time_zone;
	int around_the_clock; /* -1 unknown, 0, 1 */
};

struct request_file {
	const char *path, *media_type;
};

/* Every const char * is NULL when unknown. All memory is the arena's. */
struct request {
	enum request_kind kind;
	const char *reference, *title, *description, *product, *release;
	enum environment environment;
	int severity; /* SEVERITY_* */
	const char *account, *customer, *subscription, *resource, *plan;
	struct contact contact;
	instant problem_started; /* INSTANT_UNKNOWN */
	const struct request_file *files;
	size_t n_files;
};

enum account_type { ACCOUNT_TYPE_UNKNOWN, ACCOUNT_AAD, ACCOUNT_MSA };

enum program { PROGRAM_MPN = 1, PROGRAM_CSP = 2 }; /* bits */
enum role {
	ROLE_GLOBAL_ADMIN = 1,
	ROLE_MPN_PARTNER_ADMIN = 2,
	ROLE_ADMIN_AGENT = 4,
	ROLE_OTHER = 8
};
enum csp_kind {
	CSP_KIND_UNKNOWN,
	CSP_DIRECT_BILL,
	CSP_PROVIDER,
	CSP_INDIRECT_RESELLER,
	CSP_ADVISOR
};
enum centre { CENTRE_UNKNOWN, CENTRE_PARTNER_CENTER, CENTRE_PMC };
enum tristate { TRI_UNKNOWN = -1, TRI_NO = 0, TRI_YES = 1 };

struct held_offer {
	const char *offer, *competency; /* competency NULL: none or unknown */
};

#define REMAINING_UNLIMITED INT64_MAX
#define REMAINING_UNKNOWN INT64_MIN

enum plan_id {
	PLAN_NONE,
	PLAN_PARTNER_SUPPORT,
	PLAN_SIGNATURE_CLOUD,
	PLAN_CSP,
	PLAN_PREMIER,
	PLAN_ADVANCED,
	PLAN_INCLUDED
};
const char *plan_name(enum plan_id); /* "partner-support" ...; NULL for NONE */
enum plan_id plan_read(struct text); /* PLAN_NONE if it is none */

struct contract_fact {
	const char *id;
	enum plan_id plan;                    /* PARTNER_SUPPORT or SIGNATURE_CLOUD */
	enum tristate access_id, contract_id; /* in hand or not */
	instant start, end;  /* INSTANT_UNKNOWN; end is usable through its last ms */
	int64_t remaining;   /* as observed, reservations already taken off; or the marks above */
	instant observed_at; /* INSTANT_UNKNOWN */
	const char *observed_portal;
	enum tristate linked; /* for facts.account */
};

struct paid_plan {
	enum plan_id plan; /* PREMIER or ADVANCED */
	enum tristate linked;
};

struct facts {
	instant now;
	const char *profile; /* NULL: the policy's own */
	struct {
		const char *name; /* NULL: the account itself is unknown */
		enum account_type type;
		int programs; /* PROGRAM_* bits; -1 unknown */
		int roles;    /* ROLE_* bits; -1 unknown */
		enum csp_kind csp_kind;
		enum centre membership_centre;
	} account;
	const struct held_offer *offers; /* what this account sees */
	size_t n_offers;
	bool offers_known;
	const struct held_offer *company_offers;
	size_t n_company_offers;
	bool company_offers_known;
	enum tristate activated;
	const struct contract_fact *contracts;
	size_t n_contracts;
	bool contracts_known;
	const struct paid_plan *paid_plans;
	size_t n_paid_plans;
	bool paid_plans_known;
	struct {
		const char *message; /* "M3" or NULL */
		const char *portal, *contract;
	} portal_said;
	/* Whose plugins died too often: the next route that fits is taken instead. */
	const char *const *closed_portals;
	size_t n_closed_portals;
};

bool request_read(const struct json *, struct arena *, struct request *, struct failure *);
bool facts_read(const struct json *, struct arena *, struct facts *, struct failure *);
/* Complete objects with every member, null where unknown, on one line; of the facts
 * "closed_portals" only where there are some. */
void request_write(const struct request *, struct buffer *);
void facts_write(const struct facts *, struct buffer *);

#endif
