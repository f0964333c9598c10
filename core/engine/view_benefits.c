/* What the membership gives: offers, who may activate, contracts with their IDs masked. */
#include "engine/view.h"

struct view {
	const struct generation *generation;
	struct ledger *ledger;
	struct arena *arena;
	struct failure *why;
};

static const char *activation(struct view *v, const struct partner_offer *offer)
{
	bool is_activated = offer->activated == TRI_YES;
	char date[INSTANT_TEXT];
	instant at;

	if (ledger_benefit(v->ledger, offer->name, &is_activated, &at, v->why))
		return is_activated
		    ? arena_format(v->arena, "activated %s", instant_write_date(at, date))
		    : "not activated";
	return offer->activated == TRI_UNKNOWN ? "activation unknown"
	    : is_activated                     ? "activated"
					       : "not activated";
}

static struct json *offers_json(struct view *v)
{
	const struct partner *p = v->generation->partner;
	struct json *offers = json_new_array();

	for (size_t i = 0; i < p->n_offers; i++) {
		struct json *one = json_new_object();

		json_set(one, "name", json_new_string(p->offers[i].name));
		json_set(one, "offer", json_new_string(p->offers[i].held.offer));
		json_set(one, "competency", json_new_string(p->offers[i].held.competency));
		json_set(one, "activation", json_new_string(activation(v, &p->offers[i])));
		json_append(offers, one);
	}
	return offers;
}

/* R11 */
static struct json *admins_json(struct view *v)
{
	const struct partner *p = v->generation->partner;
	struct json *admins = json_new_array();

	for (size_t i = 0; i < p->n_accounts; i++)
		if (p->accounts[i].roles >= 0 &&
		    (p->accounts[i].roles & (ROLE_GLOBAL_ADMIN | ROLE_MPN_PARTNER_ADMIN)))
			json_append(admins, json_new_string(p->accounts[i].name));
	return admins;
}

static struct json *contracts_json(const struct contract_row *rows, size_t n)
{
	struct json *contracts = json_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json *one = json_new_object();

		json_set(one, "contract", json_new_string(rows[i].id));
		json_set(one, "access_id", json_new_string(rows[i].masked_access_id));
		json_set(one, "has_contract_id", json_new_boolean(rows[i].has_contract_id));
		json_append(contracts, one);
	}
	return contracts;
}

struct json *view_benefits(
    const struct generation *g, struct ledger *ledger, struct arena *arena, struct failure *why)
{
	struct view v = { g, ledger, arena, why };
	struct contract_row *rows;
	struct json *o;
	size_t n;

	if (!ledger_contracts(ledger, arena, &rows, &n, why))
		return NULL;
	o = json_new_object();
	json_set(o, "schema", json_new_string("caseroute.benefits/1"));
	json_set(o, "offers", offers_json(&v));
	json_set(o, "may_activate", admins_json(&v));
	json_set(o, "contracts", contracts_json(rows, n));
	if (why->kind == FAILURE_NONE)
		return o;
	json_free(o);
	return NULL;
}
