#include "engine/partner.h"
#include "config/secret.h"

#include <stdlib.h>
#include <string.h>

/* ---- [partner] -------------------------------------------------------------- */

enum { P_NAME, P_ID, P_CSP_KIND, P_CENTRE, P_ACCOUNT, P_PAID, P_OFFERS };

static const struct option partner_options[] = {
	[P_NAME] = { .name = "name",
	    .type = OPTION_TEXT,
	    .help = "the company, as it stands in a dossier" },
	[P_ID] = { .name = "partner_id",
	    .type = OPTION_TEXT,
	    .help = "Partner ID (formerly MPN ID), as it stands in a dossier" },
	[P_CSP_KIND] = { .name = "csp_kind",
	    .type = OPTION_CHOICE,
	    .choices = "direct-bill provider indirect-reseller advisor",
	    .help = "kind of CSP partner; decides about customers' Azure requests (V1)" },
	[P_CENTRE] = { .name = "membership_centre",
	    .type = OPTION_CHOICE,
	    .choices = "partner-center pmc",
	    .fallback = "partner-center",
	    .help = "where the membership is kept (R46)" },
	[P_ACCOUNT] = { .name = "account",
	    .type = OPTION_TEXT,
	    .help = "the account that signs in when a request names none" },
	[P_PAID] = { .name = "paid_plans",
	    .type = OPTION_WORDS,
	    .choices = "premier advanced none",
	    .help = "paid plans that the company has" },
	[P_OFFERS] = { .name = "offers",
	    .type = OPTION_CHOICE,
	    .choices = "listed none",
	    .fallback = "listed",
	    .help = "none: the company has no membership offer; listed: those of the [offer] "
		    "sections" },
};

enum {
	A_TYPE,
	A_PROGRAMS,
	A_ROLES,
	A_CSP_KIND,
	A_FIRST,
	A_LAST,
	A_EMAIL,
	A_PHONE,
	A_METHOD,
	A_LANGUAGE,
	A_COUNTRY,
	A_ZONE,
	A_CLOCK
};

static const struct option account_options[] = {
	[A_TYPE] = { .name = "type",
	    .type = OPTION_CHOICE,
	    .choices = "aad msa",
	    .help = "work account (aad) or personal one (msa)" },
	[A_PROGRAMS] = { .name = "programs",
	    .type = OPTION_WORDS,
	    .choices = "mpn csp none",
	    .help = "programmes it is associated with" },
	[A_ROLES] = { .name = "roles",
	    .type = OPTION_WORDS,
	    .choices = "global-admin mpn-partner-admin admin-agent none",
	    .help = "its roles in Partner Center" },
	[A_CSP_KIND] = { .name = "csp_kind",
	    .type = OPTION_CHOICE,
	    .choices = "direct-bill provider indirect-reseller advisor",
	    .help = "where it differs from the partner's" },
	[A_FIRST] = { .name = "first_name",
	    .type = OPTION_TEXT,
	    .help = "contact for requests that give none" },
	[A_LAST] = { .name = "last_name", .type = OPTION_TEXT, .help = "contact" },
	[A_EMAIL] = { .name = "email", .type = OPTION_TEXT, .help = "contact" },
	[A_PHONE] = { .name = "phone", .type = OPTION_TEXT, .help = "contact, with country code" },
	[A_METHOD] = { .name = "method",
	    .type = OPTION_CHOICE,
	    .choices = "email phone",
	    .help = "preferred way of contact" },
	[A_LANGUAGE] = { .name = "language",
	    .type = OPTION_TEXT,
	    .help = "support language, such as en-us" },
	[A_COUNTRY] = { .name = "country",
	    .type = OPTION_TEXT,
	    .help = "ISO 3166 code of 2 or 3 letters" },
	[A_ZONE] = { .name = "time_zone",
	    .type = OPTION_TEXT,
	    .help = "Windows name of the time zone, or an IANA name" },
	[A_CLOCK] = { .name = "around_the_clock",
	    .type = OPTION_BOOLEAN,
	    .help = "somebody answers day and night (severity A)" },
};

enum { O_OFFER, O_COMPETENCY, O_ACTIVATED, O_ACCOUNTS };

static const struct option offer_options[] = {
	[O_OFFER] = { .name = "offer",
	    .type = OPTION_TEXT,
	    .flags = OPTION_REQUIRED,
	    .help = "id of an offer of the profile" },
	[O_COMPETENCY] = { .name = "competency",
	    .type = OPTION_TEXT,
	    .help = "competency or designation it was earned with" },
	[O_ACTIVATED] = { .name = "activated",
	    .type = OPTION_BOOLEAN,
	    .help = "its benefit is activated (R10)" },
	[O_ACCOUNTS] = { .name = "accounts",
	    .type = OPTION_WORDS,
	    .help = "who sees it; default: every account in mpn" },
};

enum { C_PLAN, C_KIND, C_START, C_END, C_REMAINING, C_OBSERVED, C_ACCESS, C_CONTRACT, C_LINKED };

static const struct option contract_options[] = {
	[C_PLAN] = { .name = "plan",
	    .type = OPTION_CHOICE,
	    .flags = OPTION_REQUIRED,
	    .choices = "partner-support signature-cloud",
	    .help = "on-premises (partner-support) or cloud (signature-cloud)" },
	[C_KIND] = { .name = "kind",
	    .type = OPTION_CHOICE,
	    .choices = "shared personal",
	    .fallback = "shared",
	    .help = "one pair of IDs for all colleagues, or one for each" },
	[C_START] = { .name = "start", .type = OPTION_DATE, .help = "first day" },
	[C_END] = { .name = "end",
	    .type = OPTION_END,
	    .help = "last day (usable through it, UTC)" },
	[C_REMAINING] = { .name = "remaining",
	    .type = OPTION_TEXT,
	    .help = "incidents seen, or unlimited" },
	[C_OBSERVED] = { .name = "observed", .type = OPTION_DATE, .help = "when they were seen" },
	[C_ACCESS] = { .name = "access_id",
	    .type = OPTION_SECRET,
	    .help = "Access ID, by reference" },
	[C_CONTRACT] = { .name = "contract_id",
	    .type = OPTION_SECRET,
	    .help = "Contract ID, by reference" },
	[C_LINKED] = { .name = "linked",
	    .type = OPTION_WORDS,
	    .help = "accounts that have it linked already" },
};

enum { U_NAME, U_TENANT, U_DOMAIN, U_SUBSCRIPTION };

static const struct option customer_options[] = {
	[U_NAME] = { .name = "name", .type = OPTION_TEXT, .help = "name for people" },
	[U_TENANT] = { .name = "tenant", .type = OPTION_TEXT, .help = "tenant id (a GUID)" },
	[U_DOMAIN] = { .name = "domain", .type = OPTION_TEXT, .help = "default domain" },
	[U_SUBSCRIPTION] = { .name = "subscription",
	    .type = OPTION_TEXT,
	    .help = "Azure subscription for requests that name none" },
};

enum { L_PATH, L_KEY };

static const struct option ledger_options[] = {
	[L_PATH] = { .name = "path", .type = OPTION_PATH, .help = "the ledger's file" },
	[L_KEY] = { .name = "key", .type = OPTION_SECRET, .help = "key of what is sealed in it" },
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const char *text_or_null(const struct value *value)
{
	return value->given && value->text.n ? value->text.p : NULL;
}

/* csp_kind's choices stand in the order of the enum, from 1. */
static enum csp_kind csp_kind_of(const struct value *value)
{
	return value->given ? (enum csp_kind)(value->number + 1) : CSP_KIND_UNKNOWN;
}

static void read_partner(struct partner *partner, struct config *config, struct problems *problems)
{
	struct config_section *section = config_find_section(config, "partner", "");
	struct value v[COUNT(partner_options)];

	partner->paid_plans = -1;
	partner->membership_centre = CENTRE_PARTNER_CENTER;
	if (!section)
		return;
	option_read(config, section, partner_options, COUNT(partner_options), v, problems);
	partner->name = text_or_null(&v[P_NAME]);
	partner->id = text_or_null(&v[P_ID]);
	partner->csp_kind = csp_kind_of(&v[P_CSP_KIND]);
	partner->membership_centre = v[P_CENTRE].number ? CENTRE_PMC : CENTRE_PARTNER_CENTER;
	partner->default_account = text_or_null(&v[P_ACCOUNT]);
	if (v[P_PAID].given)
		partner->paid_plans = v[P_PAID].number & 3;
	partner->has_no_offers = v[P_OFFERS].number == 1;
}

static void read_contact(struct contact *contact, const struct value *v)
{
	static const char *const methods[] = { "email", "phone" };

	contact->first_name = text_or_null(&v[A_FIRST]);
	contact->last_name = text_or_null(&v[A_LAST]);
	contact->email = text_or_null(&v[A_EMAIL]);
	contact->phone = text_or_null(&v[A_PHONE]);
	contact->method = v[A_METHOD].given ? methods[v[A_METHOD].number] : NULL;
	contact->language = text_or_null(&v[A_LANGUAGE]);
	contact->country = text_or_null(&v[A_COUNTRY]);
	contact->time_zone = text_or_null(&v[A_ZONE]);
	contact->around_the_clock = v[A_CLOCK].given ? (int)v[A_CLOCK].number : -1;
}

/* Bits of the choices `first second ... none`; -1 when the key is not there. */
static int bits_of(const struct value *value, int64_t mask)
{
	return value->given ? (int)(value->number & mask) : -1;
}

static void read_account(
    struct config *config, struct config_section *section, void *into, struct problems *problems)
{
	struct partner_account *account = into;
	struct value v[COUNT(account_options)];

	option_read(config, section, account_options, COUNT(account_options), v, problems);
	account->name = section_name(section);
	account->type = !v[A_TYPE].given ? ACCOUNT_TYPE_UNKNOWN
	    : v[A_TYPE].number           ? ACCOUNT_MSA
					 : ACCOUNT_AAD;
	account->programs = bits_of(&v[A_PROGRAMS], 3);
	account->roles = bits_of(&v[A_ROLES], 7);
	account->csp_kind = csp_kind_of(&v[A_CSP_KIND]);
	read_contact(&account->contact, v);
}

static void read_offer(
    struct config *config, struct config_section *section, void *into, struct problems *problems)
{
	struct partner_offer *offer = into;
	struct value v[COUNT(offer_options)];

	option_read(config, section, offer_options, COUNT(offer_options), v, problems);
	offer->name = section_name(section);
	offer->held.offer = v[O_OFFER].text.p;
	offer->held.competency = text_or_null(&v[O_COMPETENCY]);
	offer->activated =
	    v[O_ACTIVATED].given ? (enum tristate)v[O_ACTIVATED].number : TRI_UNKNOWN;
	offer->accounts = v[O_ACCOUNTS].text;
}

static int64_t read_remaining(const struct value *v, struct problems *problems)
{
	int64_t number;

	if (!v->given)
		return REMAINING_UNKNOWN;
	if (text_is(v->text, "unlimited"))
		return REMAINING_UNLIMITED;
	if (text_integer(v->text, &number) && number >= 0)
		return number;
	problem_add(problems, PROBLEM_ERROR, E_VALUE, v->place,
	    "remaining must be a number from 0 or unlimited");
	return REMAINING_UNKNOWN;
}

static void read_contract(
    struct config *config, struct config_section *section, void *into, struct problems *problems)
{
	struct partner_contract *c = into;
	struct value v[COUNT(contract_options)];

	option_read(config, section, contract_options, COUNT(contract_options), v, problems);
	c->id = section_name(section);
	c->plan = v[C_PLAN].number ? PLAN_SIGNATURE_CLOUD : PLAN_PARTNER_SUPPORT;
	c->is_personal = v[C_KIND].number != 0;
	c->start = v[C_START].given ? v[C_START].number : INSTANT_UNKNOWN;
	c->end = v[C_END].given ? v[C_END].number : INSTANT_UNKNOWN;
	c->remaining = read_remaining(&v[C_REMAINING], problems);
	c->observed_at = v[C_OBSERVED].given ? v[C_OBSERVED].number : INSTANT_UNKNOWN;
	c->access_id = text_or_null(&v[C_ACCESS]);
	c->contract_id = text_or_null(&v[C_CONTRACT]);
	c->file = section_place(section).file;
	c->linked = v[C_LINKED].text;
	secret_warn_mode(problems, &v[C_ACCESS], "access_id");
	secret_warn_mode(problems, &v[C_CONTRACT], "contract_id");
}

static void read_customer(
    struct config *config, struct config_section *section, void *into, struct problems *problems)
{
	struct partner_customer *customer = into;
	struct value v[COUNT(customer_options)];

	option_read(config, section, customer_options, COUNT(customer_options), v, problems);
	customer->id = section_name(section);
	customer->name = text_or_null(&v[U_NAME]);
	customer->tenant = text_or_null(&v[U_TENANT]);
	customer->domain = text_or_null(&v[U_DOMAIN]);
	customer->subscription = text_or_null(&v[U_SUBSCRIPTION]);
}

typedef void reader(struct config *, struct config_section *, void *, struct problems *);

static size_t count_of(const struct config *config, const char *kind)
{
	size_t n = 0;

	for (struct config_section *s = NULL; (s = config_next(config, kind, s));)
		n++;
	return n;
}

/* All sections of one kind into an array of the arena. */
static void *read_all(struct config *config, const char *kind, reader *read, size_t size, size_t *n,
    struct arena *arena, struct problems *problems)
{
	size_t i = 0;
	char *all;

	*n = count_of(config, kind);
	all = arena_take(arena, (*n + 1) * size);
	for (struct config_section *s = NULL; (s = config_next(config, kind, s)); i++) {
		if (!*section_name(s))
			problem_add(problems, PROBLEM_ERROR, E_NAME, section_place(s),
			    "[%s] needs a name: [%s NAME]", kind, kind);
		read(config, s, all + i * size, problems);
	}
	return all;
}

/* ---- [ledger]: where it is when nothing is said --------------------------------- */

static const char *state_folder(struct arena *arena)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (xdg && *xdg)
		return arena_format(arena, "%s/caseroute", xdg);
	if (home && *home)
		return arena_format(arena, "%s/.local/state/caseroute", home);
	return "/var/lib/caseroute";
}

static void read_ledger(
    struct partner *partner, struct config *config, struct arena *arena, struct problems *problems)
{
	struct config_section *section = config_find_section(config, "ledger", "");
	const char *folder = state_folder(arena);
	struct value v[COUNT(ledger_options)];

	partner->ledger_path = arena_format(arena, "%s/ledger.db", folder);
	partner->ledger_key = arena_format(arena, "file:%s/ledger.key", folder);
	if (!section)
		return;
	option_read(config, section, ledger_options, COUNT(ledger_options), v, problems);
	if (v[L_PATH].given) {
		partner->ledger_path = v[L_PATH].text.p;
		partner->ledger_key = arena_format(arena, "file:%s.key", v[L_PATH].text.p);
	}
	if (v[L_KEY].given) {
		partner->ledger_key = v[L_KEY].text.p;
		partner->ledger_key_file = v[L_KEY].place.file;
		secret_warn_mode(problems, &v[L_KEY], "key");
	}
}

static void check_references(
    const struct partner *partner, struct config *config, struct problems *problems)
{
	struct config_section *section = config_find_section(config, "partner", "");

	if (partner->default_account && !partner_account(partner, partner->default_account))
		problem_add(problems, PROBLEM_ERROR, E_REFERENCE, section_place(section),
		    "[partner] account \"%s\" is not defined; there is no [account %s]",
		    partner->default_account, partner->default_account);
}

struct partner *partner_read(struct config *config, struct arena *arena, struct problems *problems)
{
	struct partner *p = arena_take(arena, sizeof *p);

	read_partner(p, config, problems);
	p->accounts = read_all(
	    config, "account", read_account, sizeof *p->accounts, &p->n_accounts, arena, problems);
	p->offers =
	    read_all(config, "offer", read_offer, sizeof *p->offers, &p->n_offers, arena, problems);
	p->contracts = read_all(config, "contract", read_contract, sizeof *p->contracts,
	    &p->n_contracts, arena, problems);
	p->customers = read_all(config, "customer", read_customer, sizeof *p->customers,
	    &p->n_customers, arena, problems);
	read_ledger(p, config, arena, problems);
	check_references(p, config, problems);
	return p;
}

const struct partner_account *partner_account(const struct partner *partner, const char *name)
{
	for (size_t i = 0; name && i < partner->n_accounts; i++)
		if (strcasecmp(partner->accounts[i].name, name) == 0)
			return &partner->accounts[i];
	return NULL;
}

const struct partner_customer *partner_customer(const struct partner *partner, const char *id)
{
	for (size_t i = 0; id && i < partner->n_customers; i++)
		if (strcasecmp(partner->customers[i].id, id) == 0)
			return &partner->customers[i];
	return NULL;
}

const struct partner_contract *partner_contract(const struct partner *partner, const char *id)
{
	for (size_t i = 0; id && i < partner->n_contracts; i++)
		if (strcasecmp(partner->contracts[i].id, id) == 0)
			return &partner->contracts[i];
	return NULL;
}
