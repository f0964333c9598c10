#include "cli/cli.h"
#include "config/secret.h"
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct doctor {
	struct cli *cli;
	struct generation *g;
	struct json *findings; /* NULL: as text */
	unsigned bad;
};

enum finding { GOOD, DOUBTFUL, BAD };

static void say(
    struct doctor *d, enum finding finding, const char *what, const char *text, const char *next)
{
	static const char *const words[] = { "good", "look", "bad" };
	static const enum paint paints[] = { PAINT_GOOD, PAINT_WARN, PAINT_BAD };
	struct json *one;

	d->bad += finding == BAD;
	if (!d->findings) {
		printf("  ");
		cli_paint(d->cli, paints[finding], "%-5s", words[finding]);
		printf(" %-34s %s\n", what, text);
		if (next)
			printf("        %-34s -> %s\n", "", next);
		return;
	}
	one = json_new_object();
	json_set(one, "finding", json_new_string(words[finding]));
	json_set(one, "about", json_new_string(what));
	json_set(one, "text", json_new_string(text));
	json_set(one, "next", json_new_string(next));
	json_append(d->findings, one);
}

/* ---- ledger ---------------------------------------------------------------------- */

static void check_ledger(struct doctor *d)
{
	const char *path = d->g->partner->ledger_path;
	struct failure why = { 0 };
	struct engine engine;

	if (access(path, F_OK) != 0) {
		say(d, DOUBTFUL, "ledger", "not there yet",
		    "the first `caseroute submit` or `contracts add` makes it");
		return;
	}
	if (!engine_open(&engine, d->g, LEDGER_READ, &why)) {
		say(d, BAD, "ledger", why.text, NULL);
		return;
	}
	if (!engine.key.bytes.n)
		say(d, BAD, "ledger key", "missing: what is sealed cannot be read",
		    "put the key file back; a new one cannot open it");
	if (ledger_verify(engine.ledger, NULL, NULL, &why))
		say(d, GOOD, "ledger", path, NULL);
	else
		say(d, BAD, "ledger", why.text, "restore it from a backup");
	engine_close(&engine);
}

/* ---- accounts ---------------------------------------------------------------------- */

static const char *account_text(const struct partner_account *a, struct arena *arena)
{
	return arena_format(arena, "%s%s%s%s",
	    a->type == ACCOUNT_MSA       ? "personal account"
		: a->type == ACCOUNT_AAD ? "work account"
					 : "type not said",
	    a->programs < 0                 ? ", programmes not said"
		: a->programs & PROGRAM_MPN ? ", mpn"
					    : "",
	    a->programs > 0 && (a->programs & PROGRAM_CSP) ? ", csp" : "",
	    a->roles < 0                      ? ", roles not said"
		: a->roles & ROLE_ADMIN_AGENT ? ", admin agent"
					      : "");
}

static void check_accounts(struct doctor *d, struct arena *arena)
{
	const struct partner *p = d->g->partner;
	bool can_activate = false;

	if (!p->n_accounts)
		say(d, BAD, "accounts", "none is configured",
		    "write [account NAME] sections or run `caseroute init`");
	for (size_t i = 0; i < p->n_accounts; i++) {
		const struct partner_account *a = &p->accounts[i];
		bool is_said = a->type != ACCOUNT_TYPE_UNKNOWN && a->programs >= 0 && a->roles >= 0;

		can_activate = can_activate ||
		    (a->roles > 0 && (a->roles & (ROLE_GLOBAL_ADMIN | ROLE_MPN_PARTNER_ADMIN)));
		say(d, is_said ? GOOD : DOUBTFUL, a->name, account_text(a, arena),
		    is_said ? NULL : "say type, programs and roles, or decisions will ask");
	}
	if (p->n_accounts && !can_activate)
		say(d, DOUBTFUL, "activation", "no configured account may activate benefits (R11)",
		    "find a Global Admin or MPN Partner Admin before a benefit must be activated");
}

static void check_offers(struct doctor *d)
{
	const struct partner *p = d->g->partner;

	if (!p->n_offers && !p->has_no_offers)
		say(d, DOUBTFUL, "offers", "none is configured",
		    "write [offer NAME] sections, or offers = none in [partner]");
	for (size_t i = 0; i < p->n_offers; i++) {
		bool is_elsewhere;
		const struct profile *profile = policy_profile(d->g->policy, NULL);
		bool is_known = profile &&
		    profile_offer_find(
			d->g->policy, profile, p->offers[i].held.offer, &is_elsewhere);

		say(d, is_known ? GOOD : BAD, p->offers[i].name,
		    is_known ? "offer of the profile" : "the profile has no such offer",
		    is_known ? NULL : "correct `offer` or `[partner] profile`");
	}
}

/* ---- secrets and portals -------------------------------------------------------------- */

/* next: what to know of it if it cannot be read and need not be; NULL: it must be. */
static void check_secret(
    struct doctor *d, const char *what, const char *reference, const char *file, const char *next)
{
	struct secret secret;
	struct failure why = { 0 };

	if (!reference)
		return;
	if (secret_read(reference, file, &secret, &why)) {
		say(d, GOOD, what, "can be read", NULL);
		secret_free(&secret);
	} else {
		say(d, next ? DOUBTFUL : BAD, what, why.text, next);
	}
}

static void check_contracts(struct doctor *d, struct arena *arena)
{
	const struct partner *p = d->g->partner;

	for (size_t i = 0; i < p->n_contracts; i++) {
		check_secret(d, arena_format(arena, "contract %s, access_id", p->contracts[i].id),
		    p->contracts[i].access_id, p->contracts[i].file, NULL);
		check_secret(d, arena_format(arena, "contract %s, contract_id", p->contracts[i].id),
		    p->contracts[i].contract_id, p->contracts[i].file, NULL);
	}
}

static void check_portals(struct doctor *d)
{
	for (size_t i = 0; i < portals_count(d->g->portals); i++) {
		struct portal *portal = portals_at(d->g->portals, i);

		say(d, GOOD, portal_name(portal),
		    portal_can(portal, OPERATION_STATUS)
			? "plugin loaded"
			: "plugin loaded; cannot read tickets back",
		    NULL);
	}
}

static void check_told(void *context, const struct secret_told *told)
{
	struct doctor *d = context;
	struct buffer what = { 0 };

	buffer_format(&what, "%s %s, %s", told->kind, told->name, told->key);
	check_secret(d, what.p, told->reference, told->file,
	    told->is_spare ? "only needed while the ledger keeps no newer one" : NULL);
	buffer_free(&what);
}

int doctor_run(struct cli *cli, int argc, char **argv)
{
	struct doctor d = { .cli = cli };
	struct arena *arena;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 0, &status) < 0)
		return status;
	d.g = cli_load(cli, &status);
	if (!d.g)
		return status;
	arena = arena_new();
	d.findings = cli->json ? json_new_array() : NULL;
	say(&d, GOOD, "configuration", "no errors", NULL);
	check_ledger(&d);
	check_accounts(&d, arena);
	check_offers(&d);
	check_contracts(&d, arena);
	check_portals(&d);
	portals_tell_secrets(d.g->portals, &d, check_told);
	if (d.findings)
		cli_json(d.findings);
	arena_free(arena);
	generation_free(d.g);
	return d.bad ? FAILURE_NEGATIVE : 0;
}
