#include "cli/desk.h"
#include "engine/view.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- list ----------------------------------------------------------------------- */

static void print_who(const struct json *benefits)
{
	const struct json *admins = json_get(benefits, "may_activate");

	printf("  May activate (R11):");
	for (size_t i = 0; i < json_length(admins); i++)
		printf(" %s", json_chars(json_at(admins, i)));
	puts(json_length(admins)
		? ""
		: " nobody configured; a Global Admin or MPN Partner Admin is needed");
}

static struct json *benefits_of(struct desk *desk)
{
	return view_benefits(desk->generation, desk->engine.ledger, desk->arena, &desk->why);
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
	if (engine_reveal(&desk->engine, c->id, NULL, &access_id, &contract_id, &desk->why))
		printf("  %-14s Access ID %-14s Contract ID %s\n", c->id, access_id.bytes.p,
		    contract_id.bytes.p);
	secret_free(&access_id);
	secret_free(&contract_id);
}

static void print_offers(struct desk *desk, const struct json *offers)
{
	for (size_t i = 0; i < json_length(offers); i++) {
		const struct json *offer = json_at(offers, i);
		const char *competency = json_get_chars(offer, "competency");

		cli_paint(desk->cli, PAINT_BOLD, "%-24s", json_get_chars(offer, "name"));
		printf(" %s%s%s  %s\n", json_get_chars(offer, "offer"), competency ? ", " : "",
		    competency ? competency : "", json_get_chars(offer, "activation"));
	}
	if (!json_length(offers))
		puts("No offers are configured: write [offer NAME] sections.");
}

static void list(struct desk *desk, bool show_ids)
{
	struct json *benefits = benefits_of(desk);
	struct contract_row *rows;
	size_t n;

	if (desk->cli->json) {
		cli_json(benefits);
		return;
	}
	if (benefits && ledger_contracts(desk->engine.ledger, desk->arena, &rows, &n, &desk->why)) {
		print_offers(desk, json_get(benefits, "offers"));
		print_who(benefits);
		for (size_t i = 0; i < n; i++)
			print_ids(desk, &rows[i], show_ids);
	}
	json_free(benefits);
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

static void print_how(struct desk *desk, const char *name)
{
	struct json *benefits = benefits_of(desk);

	puts(desk->generation->partner->membership_centre == CENTRE_PMC
		? "The membership is in Partner Membership Center: activation goes through "
		  "the regional contact (R46)."
		: "Partner Center > Benefits > Technical benefits > Activate, signed in "
		  "with an account that may (R5, R10).");
	print_who(benefits);
	printf("  Then        caseroute benefits activate %s --done\n"
	       "              caseroute contracts add ID --plan ...   (the two IDs are "
	       "shown to everybody then, R12)\n",
	    name);
	json_free(benefits);
}

int benefits_activate(struct cli *cli, int argc, char **argv)
{
	bool done = false;
	const char *account = NULL;
	const struct cli_option options[] = {
		{ "done", NULL, NULL, &done, "it is activated now: record it" },
		{ "account", "ACCOUNT", &account, NULL, "who did so (R11)" },
	};
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 2, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	if (!partner_offer(desk.generation->partner, argv[0]))
		failure_set(&desk.why, FAILURE_NO_INPUT,
		    "there is no [offer %s]; `caseroute benefits list` names them", argv[0]);
	else if (!done)
		print_how(&desk, argv[0]);
	else if (engine_activate(&desk.engine, argv[0], account, &desk.why))
		list(&desk, false);
	return desk_close(&desk, 0);
}
