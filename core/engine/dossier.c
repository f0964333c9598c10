/* What a plugin sees of a request: the ABI's structs, filled from the request,
 * the decision and the configuration. Everything lives in an arena of its own. */
#include "engine/inside.h"

#include <string.h>
#include <sys/stat.h>

#define MOST_NAMES 64 /* of one plan */

static portal_str str(const char *text)
{
	return (portal_str){ text ? text : "", text ? strlen(text) : 0 };
}

static int64_t seconds(instant at)
{
	return at == INSTANT_UNKNOWN ? 0 : at / 1000;
}

/* ---- plans ------------------------------------------------------------------- */

/* The display names of a plan, the profile's own first, then those of the others:
 * a portal may still show an old one. */
static const portal_str *plan_names(
    const struct work *w, enum plan_id plan, const struct dossier *d, uint32_t *n)
{
	const struct policy *policy = w->engine->generation->policy;
	const struct profile *own = policy_profile(policy, NULL);
	size_t count = policy_profile_count(policy);
	portal_str names[MOST_NAMES], *kept;

	for (size_t i = 0; i <= count; i++) {
		const struct profile *p = i == 0 ? own : policy_profile_at(policy, i - 1);
		struct text rest = p ? p->plan_names[plan] : TEXT(""), one;

		while ((i == 0 || p != own) && *n < MOST_NAMES && text_split(&rest, '|', &one)) {
			names[*n] = (portal_str){ arena_copy(d->arena, one.p, one.n), one.n };
			++*n;
		}
	}
	kept = arena_take(d->arena, *n * sizeof *kept);
	memcpy(kept, names, *n * sizeof *kept);
	return kept;
}

/* ---- the request ----------------------------------------------------------------- */

static const char *first_of(const char *a, const char *b)
{
	return a ? a : b;
}

static void fill_contact(struct work *w, const char *account, struct dossier *d)
{
	const struct contact *own = &w->request.contact;
	const struct partner_account *a = partner_account(w->engine->generation->partner, account);
	static const struct contact none = { .around_the_clock = -1 };
	const struct contact *other = a ? &a->contact : &none;
	const char *country = first_of(own->country, other->country);
	int clock = own->around_the_clock >= 0 ? own->around_the_clock : other->around_the_clock;

	d->contact = (struct portal_contact){ .size = sizeof d->contact,
		.around_the_clock = clock < 0 ? 0 : (uint32_t)clock + 1,
		.first_name = str(first_of(own->first_name, other->first_name)),
		.last_name = str(first_of(own->last_name, other->last_name)),
		.email = str(first_of(own->email, other->email)),
		.phone = str(first_of(own->phone, other->phone)),
		.method = str(first_of(own->method, first_of(other->method, "email"))),
		.language = str(first_of(own->language, other->language)),
		.country = str(country ? country_alpha3(country, d->arena) : NULL),
		.time_zone = str(first_of(own->time_zone, other->time_zone)) };
}

static const char *file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool dossier_has_files(const struct work *w, struct failure *why)
{
	struct stat info;

	for (size_t i = 0; i < w->request.n_files; i++)
		if (stat(w->request.files[i].path, &info) != 0)
			return failure_set(why, FAILURE_NO_INPUT, "%s: the file to attach is gone",
			    w->request.files[i].path);
	return true;
}

/* One that has gone since has no end: what is still to be sent of it fails, and no part of it is
 * taken for the whole. What the portal has done already is not lost for that. */
static void fill_files(struct work *w, struct dossier *d)
{
	size_t n = w->request.n_files;
	struct portal_file *files = arena_take(d->arena, (n + 1) * sizeof *files);
	const struct portal_file **list = arena_take(d->arena, (n + 1) * sizeof *list);

	for (size_t i = 0; i < n; i++) {
		const struct request_file *file = &w->request.files[i];
		struct stat info;
		bool is_there = stat(file->path, &info) == 0;

		files[i] = (struct portal_file){ .size = sizeof files[i],
			.name = str(file_name(file->path)),
			.media_type = str(file->media_type),
			.length = (uint64_t)(is_there ? info.st_size : INT64_MAX) };
		list[i] = &files[i];
	}
	d->request.files = list;
	d->request.n_files = (uint32_t)n;
}

/* The stored decision does not carry the product's name: it is told again from the same
 * words. */
static void tell_product(struct work *w)
{
	const struct request *r = &w->request;
	struct clue clue = { text_of(r->product), text_of(r->release), text_of(r->title),
		text_of(r->description), r->environment };
	struct reading reading;

	if (w->product)
		return;
	catalogue_tell(policy_catalogue(w->engine->generation->policy), &clue, w->arena, &reading);
	w->product = reading.product ? reading.product->name : r->product;
	w->release = reading.release ? reading.release->name : NULL;
}

static void fill_request(struct work *w, struct dossier *d)
{
	static const char *const kinds[] = { "incident", "advisory", "billing", "partner-center",
		"probe" };
	const struct request *r = &w->request;
	const struct partner_customer *customer =
	    partner_customer(w->engine->generation->partner, r->customer);
	enum plan_id plan = w->row.plan ? plan_read(text_of(w->row.plan)) : PLAN_NONE;
	uint32_t n_names = 0;
	const portal_str *names = plan_names(w, plan, d, &n_names);

	tell_product(w);
	d->request = (struct portal_request){ .size = sizeof d->request,
		.severity = (uint32_t)r->severity,
		.id = str(w->row.id),
		.reference = str(r->reference),
		.kind = str(kinds[r->kind]),
		.title = str(r->title),
		.text = str(r->description),
		.product = str(w->product),
		.release = str(first_of(r->release, w->release)),
		.environment = str(w->environment),
		.workload = str(w->workload),
		.subscription =
		    str(first_of(r->subscription, customer ? customer->subscription : NULL)),
		.resource = str(r->resource),
		.plan = str(w->row.plan),
		.plan_names = names,
		.n_plan_names = n_names,
		.problem_started = seconds(r->problem_started),
		.contact = &d->contact };
}

/* ---- contract, account, customer ---------------------------------------------------- */

static bool fill_contract(
    struct work *w, const char *account, struct dossier *d, struct failure *why)
{
	const struct partner_contract *configured =
	    partner_contract(w->engine->generation->partner, w->row.contract);
	struct contract_row row = { .start = INSTANT_UNKNOWN, .end = INSTANT_UNKNOWN };
	struct balance balance = { .remaining = INT64_MIN };
	struct link_row link = { .mark = LINK_MARK_NONE };
	uint32_t flags = 0, n_names = 0;

	if (!w->row.contract)
		return true;
	ledger_contract(w->engine->ledger, w->row.contract, d->arena, &row, why);
	ledger_balance(w->engine->ledger, w->row.contract, d->arena, &balance, why);
	if (account)
		ledger_link(w->engine->ledger, w->row.contract, account, d->arena, &link, why);
	if (why->kind != FAILURE_NONE)
		return false;
	flags |=
	    row.has_access_id || (configured && configured->access_id) ? PORTAL_HAS_ACCESS_ID : 0;
	flags |= row.has_contract_id || (configured && configured->contract_id)
	    ? PORTAL_HAS_CONTRACT_ID
	    : 0;
	flags |= link.mark == LINK_MARK_LINKED ? PORTAL_IS_LINKED : 0;
	d->has_contract = true;
	d->contract = (struct portal_contract){ .size = sizeof d->contract,
		.flags = flags,
		.id = str(w->row.contract),
		.plan = str(row.plan ? row.plan : w->row.plan),
		.start = seconds(row.start),
		.end = seconds(row.end),
		.remaining = balance.remaining,
		.unit = PORTAL_INCIDENTS };
	d->contract.plan_names =
	    plan_names(w, plan_read(text_of(row.plan ? row.plan : w->row.plan)), d, &n_names);
	d->contract.n_plan_names = n_names;
	return true;
}

static void fill_account(struct work *w, const char *account, struct dossier *d)
{
	const struct partner *p = w->engine->generation->partner;
	const struct partner_account *a = partner_account(p, account);

	d->account = (struct portal_account){
		.size = sizeof d->account, .name = str(account), .visible = str(NULL)
	};
	if (!a)
		return;
	d->account.type = (uint32_t)a->type;
	d->account.csp_kind = (uint32_t)(a->csp_kind ? a->csp_kind : p->csp_kind);
	if (a->programs >= 0) {
		d->account.flags |= PORTAL_KNOWS_PROGRAMS;
		d->account.programs = (uint32_t)a->programs;
	}
	if (a->roles >= 0) {
		d->account.flags |= PORTAL_KNOWS_ROLES;
		d->account.roles = (uint32_t)a->roles;
	}
}

static const struct partner_customer *customer_of(const struct work *w)
{
	return partner_customer(w->engine->generation->partner, w->request.customer);
}

const char *dossier_tenant(const struct work *w)
{
	const struct partner_customer *c = w->request.customer ? customer_of(w) : NULL;

	return c ? c->tenant : NULL;
}

static void fill_customer(struct work *w, struct dossier *d)
{
	const struct partner_customer *c = customer_of(w);

	if (!w->request.customer)
		return;
	d->has_customer = true;
	d->customer = (struct portal_customer){ .size = sizeof d->customer,
		.id = str(w->request.customer),
		.tenant = str(c ? c->tenant : NULL),
		.domain = str(c ? c->domain : NULL),
		.name = str(c ? c->name : NULL) };
}

bool dossier_fill(struct work *w, const char *account, struct arena *arena, struct dossier *d,
    struct failure *why)
{
	memset(d, 0, sizeof *d);
	d->arena = arena;
	fill_contact(w, account, d);
	fill_request(w, d);
	fill_account(w, account, d);
	fill_customer(w, d);
	fill_files(w, d);
	return fill_contract(w, account, d, why);
}
