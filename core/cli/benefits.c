#include "cli/desk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- list ----------------------------------------------------------------------- */

static void print_who(const struct desk *desk)
{
	const struct partner *p = desk->generation->partner;
	bool found = false;

	printf("  May activate (R11):");
	for (size_t i = 0; i < p->n_accounts; i++)
		if (p->accounts[i].roles >= 0 &&
		    (p->accounts[i].roles & (ROLE_GLOBAL_ADMIN | ROLE_MPN_PARTNER_ADMIN))) {
			printf(" %s", p->accounts[i].name);
			found = true;
		}
	puts(found ? "" : " nobody configured; a Global Admin or MPN Partner Admin is needed");
}

static const char *activation(struct desk *desk, const struct partner_offer *offer)
{
	bool is_activated = offer->activated == TRI_YES;
	char date[INSTANT_TEXT];
	instant at;

	if (ledger_benefit(desk->engine.ledger, offer->name, &is_activated, &at, &desk->why))
		return is_activated
		    ? arena_format(desk->arena, "activated %s", instant_write_date(at, date))
		    : "not activated";
	return offer->activated == TRI_UNKNOWN ? "activation unknown"
	    : is_activated                     ? "activated"
					       : "not activated";
}

static bool reveal_event(struct desk *desk, const char *contract)
{
	struct ledger_change change = {
		.event = { .who = desk->engine.actor,
		    .what = "revealed",
		    .why = arena_format(desk->arena, "the IDs of contract %s", contract) }
	};

	return ledger_commit(desk->engine.ledger, instant_now(), &change, 1, &desk->why);
}

static void print_ids(struct desk *desk, const struct contract_row *c, bool show_ids)
{
	struct secret access_id = { 0 }, contract_id = { 0 };

	if (!show_ids || !c->has_access_id) {
		printf("  %-14s Access ID %-14s Contract ID %s\n", c->id,
		    c->masked_access_id ? c->masked_access_id : "-",
		    c->has_contract_id ? "********" : "-");
		return;
	}
	if (reveal_event(desk, c->id) &&
	    ledger_contract_ids(desk->engine.ledger, c->id, &access_id, &contract_id, &desk->why))
		printf("  %-14s Access ID %-14s Contract ID %s\n", c->id, access_id.bytes.p,
		    contract_id.bytes.p);
	secret_free(&access_id);
	secret_free(&contract_id);
}

static void list_json(struct desk *desk, const struct contract_row *rows, size_t n)
{
	const struct partner *p = desk->generation->partner;
	struct json *o = json_new_object(), *offers = json_new_array(),
		    *contracts = json_new_array();

	for (size_t i = 0; i < p->n_offers; i++) {
		struct json *one = json_new_object();

		json_set(one, "name", json_new_string(p->offers[i].name));
		json_set(one, "offer", json_new_string(p->offers[i].held.offer));
		json_set(one, "competency", json_new_string(p->offers[i].held.competency));
		json_set(one, "activation", json_new_string(activation(desk, &p->offers[i])));
		json_append(offers, one);
	}
	for (size_t i = 0; i < n; i++) {
		struct json *one = json_new_object();

		json_set(one, "contract", json_new_string(rows[i].id));
		json_set(one, "access_id", json_new_string(rows[i].masked_access_id));
		json_set(one, "has_contract_id", json_new_boolean(rows[i].has_contract_id));
		json_append(contracts, one);
	}
	json_set(o, "schema", json_new_string("caseroute.benefits/1"));
	json_set(o, "offers", offers);
	json_set(o, "contracts", contracts);
	cli_json(o);
}

static void list(struct desk *desk, bool show_ids)
{
	const struct partner *p = desk->generation->partner;
	struct contract_row *rows;
	size_t n;

	if (!ledger_contracts(desk->engine.ledger, desk->arena, &rows, &n, &desk->why))
		return;
	if (desk->cli->json) {
		list_json(desk, rows, n);
		return;
	}
	for (size_t i = 0; i < p->n_offers; i++) {
		cli_paint(desk->cli, PAINT_BOLD, "%-24s", p->offers[i].name);
		printf(" %s%s%s  %s\n", p->offers[i].held.offer,
		    p->offers[i].held.competency ? ", " : "",
		    p->offers[i].held.competency ? p->offers[i].held.competency : "",
		    activation(desk, &p->offers[i]));
	}
	if (!p->n_offers)
		puts("No offers are configured: write [offer NAME] sections.");
	print_who(desk);
	for (size_t i = 0; i < n; i++)
		print_ids(desk, &rows[i], show_ids);
}

int benefits_list(struct cli *cli, int argc, char **argv)
{
	bool show_ids = false;
	const struct cli_option options[] = { { "show-ids", NULL, NULL, &show_ids,
	    "the IDs in full; on a terminal only; recorded" } };
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 0, 0, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	if (show_ids && (!isatty(STDOUT_FILENO) || cli->json))
		failure_set(
		    &desk.why, FAILURE_NO_PERMISSION, "--show-ids shows IDs on a terminal only");
	else
		list(&desk, show_ids);
	return desk_close(&desk, 0);
}

/* ---- activate ----------------------------------------------------------------------- */

static void activate(struct desk *desk, const char *name, bool done)
{
	const struct partner *p = desk->generation->partner;
	struct ledger_row row = { .kind = ROW_BENEFIT };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };
	const struct partner_offer *offer = NULL;

	for (size_t i = 0; i < p->n_offers; i++)
		if (strcasecmp(p->offers[i].name, name) == 0)
			offer = &p->offers[i];
	if (!offer) {
		failure_set(&desk->why, FAILURE_NO_INPUT,
		    "there is no [offer %s]; `caseroute benefits list` names them", name);
		return;
	}
	if (!done) {
		puts(p->membership_centre == CENTRE_PMC
			? "The membership is in Partner Membership Center: activation goes through "
			  "the regional contact (R46)."
			: "Partner Center > Benefits > Technical benefits > Activate, signed in "
			  "with an account that may (R5, R10).");
		print_who(desk);
		printf("  Then        caseroute benefits activate %s --done\n"
		       "              caseroute contracts add ID --plan ...   (the two IDs are "
		       "shown to everybody then, R12)\n",
		    offer->name);
		return;
	}
	row.benefit.offer = offer->name;
	row.benefit.is_activated = true;
	row.benefit.account = desk->engine.actor;
	change.event = (struct event_row){
		.who = desk->engine.actor, .what = "benefit activated", .why = offer->name
	};
	if (ledger_commit(desk->engine.ledger, instant_now(), &change, 1, &desk->why))
		list(desk, false);
}

int benefits_activate(struct cli *cli, int argc, char **argv)
{
	bool done = false;
	const struct cli_option options[] = { { "done", NULL, NULL, &done,
	    "it is activated now: record it" } };
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	activate(&desk, argv[0], done);
	return desk_close(&desk, 0);
}
