/* Looking at requests: list, show, explain. */
#include "cli/desk.h"
#include "decide/decide.h"
#include "engine/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- show ----------------------------------------------------------------------- */

struct ids {
	struct secret access_id, contract_id;
};

/* On a terminal only: what is redirected is kept. */
static bool reveal(struct desk *desk, const struct request_row *row, struct ids *ids)
{
	if (!isatty(STDOUT_FILENO))
		return failure_set(
		    &desk->why, FAILURE_NO_PERMISSION, "--show-ids shows IDs on a terminal only");
	if (!row->contract)
		return failure_set(
		    &desk->why, FAILURE_DATA, "request %s uses no contract", id_short(row->id));
	return engine_reveal(
	    &desk->engine, row->contract, row, &ids->access_id, &ids->contract_id, &desk->why);
}

static const char *state_words(const struct request_row *row)
{
	static const char *const words[] = { [STATE_ASKING] = "needs an answer",
		[STATE_REFUSED] = "not opened",
		[STATE_READY] = "ready",
		[STATE_LINKING] = "linking",
		[STATE_CREATING] = "opening",
		[STATE_HANDED_OFF] = "handed off to you",
		[STATE_WAITING] = "waiting for the portal",
		[STATE_UNSURE] = "unsure: look first",
		[STATE_PARKED] = "parked",
		[STATE_OPEN] = "open",
		[STATE_CLOSED] = "closed",
		[STATE_CANCELLED] = "cancelled" };

	return words[row->state];
}

static void print_head(struct desk *desk, const struct request_row *row)
{
	enum paint paint = row->state == STATE_OPEN ? PAINT_GOOD
	    : row->state == STATE_REFUSED || row->state == STATE_PARKED ||
		row->state == STATE_UNSURE
	    ? PAINT_BAD
	    : PAINT_WARN;
	char due[INSTANT_TEXT];

	cli_paint(desk->cli, PAINT_BOLD, "%s", id_short(row->id));
	printf("  ");
	/* "open: the portal waits for us" says the state itself. */
	if (row->reason && text_starts(text_of(row->reason), state_words(row))) {
		cli_paint(desk->cli, paint, "%s", row->reason);
	} else {
		cli_paint(desk->cli, paint, "%s", state_words(row));
		if (row->reason && *row->reason) {
			printf(": ");
			cli_text(text_of(row->reason));
		}
	}
	if (view_is_overdue(row))
		cli_paint(
		    desk->cli, PAINT_BAD, "   (overdue since %s)", instant_write(row->due, due));
	else if (row->state == STATE_HANDED_OFF && row->due != INSTANT_UNKNOWN)
		printf("   (due %s)", instant_write(row->due, due));
	putchar('\n');
}

static void print_line(const char *label, const char *value)
{
	if (!value || !*value)
		return;
	printf("  %-10s", label);
	cli_text(text_of(value));
	putchar('\n');
}

static void print_facts(const struct request_row *row)
{
	print_line("Title", row->title);
	print_line("Reference", row->reference);
	print_line("Portal", row->portal);
	print_line("Sign in", row->account);
	print_line("Customer", row->customer);
	print_line("Plan", row->plan);
	print_line("Contract", row->contract);
	print_line("Ticket", row->ticket);
	print_line("Page", row->address);
}

static void print_asks(struct desk *desk, const struct request_row *row)
{
	struct json *asks = view_asks(desk->engine.ledger, row, desk->arena, &desk->why);
	size_t n = json_length(asks);

	if (n)
		printf("  Report with\n      caseroute requests answer %s", id_short(row->id));
	for (size_t i = 0; i < n; i++)
		printf(" %s=...%s", json_chars(json_at(asks, i)), i + 1 == n ? "\n" : "");
	json_free(asks);
}

/* The last decision once more, as `plan` shows it. */
static void print_decision(struct desk *desk, const struct request_row *row)
{
	struct decision_row stored;
	struct json *request, *facts;
	struct request r;
	struct facts f;
	struct decision d;

	if (!ledger_decision(desk->engine.ledger, row->id, 0, desk->arena, &stored, &desk->why))
		return;
	request = json_read(text_of(stored.request), "stored request", 0, &desk->why);
	facts = json_read(text_of(stored.facts), "stored facts", 0, &desk->why);
	if (request && facts && request_read(request, desk->arena, &r, &desk->why) &&
	    facts_read(facts, desk->arena, &f, &desk->why) &&
	    decide(desk->generation->policy, &f, &r, desk->arena, &d, &desk->why)) {
		putchar('\n');
		cli_decision(desk->cli, desk->generation, &d, f.now, NULL);
	}
	json_free(request);
	json_free(facts);
}

static void show_text(struct desk *desk, const struct request_row *row,
    const struct guide_row *guide, const struct ids *ids)
{
	print_head(desk, row);
	print_facts(row);
	if (row->state == STATE_ASKING || row->state == STATE_REFUSED)
		print_decision(desk, row);
	if (row->state == STATE_ASKING)
		print_asks(desk, row);
	if (guide->is_open)
		guide_print(desk, row, guide, ids->access_id.bytes.p, ids->contract_id.bytes.p);
	if (row->state == STATE_PARKED)
		printf("  Then      caseroute requests replay %s --same-route   (or --reroute, or "
		       "cancel)\n",
		    id_short(row->id));
}

bool desk_show(struct desk *desk, const char *id, bool show_ids)
{
	struct guide_row guide = { 0 };
	struct ids ids = { 0 };
	struct request_row row;

	if (!ledger_request(desk->engine.ledger, id, desk->arena, &row, &desk->why))
		return failure_set(&desk->why, FAILURE_NO_INPUT, "there is no request %s", id);
	if (!ledger_guide(desk->engine.ledger, row.id, 0, desk->arena, &guide, &desk->why))
		guide.is_open = false;
	if (desk->why.kind != FAILURE_NONE || (show_ids && !reveal(desk, &row, &ids)))
		return false;
	if (desk->cli->json)
		cli_json(view_request(desk->engine.ledger, row.id, desk->arena, &desk->why));
	else
		show_text(desk, &row, &guide, &ids);
	secret_free(&ids.access_id);
	secret_free(&ids.contract_id);
	return desk->why.kind == FAILURE_NONE;
}

int requests_show(struct cli *cli, int argc, char **argv)
{
	bool show_ids = false;
	const struct cli_option options[] = {
		{ "show-ids", NULL, NULL, &show_ids,
		    "Access ID and Contract ID in full; on a terminal only; recorded" },
	};
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, show_ids ? LEDGER_WRITE : LEDGER_READ, &status))
		return status;
	desk_show(&desk, argv[0], show_ids);
	return desk_close(&desk, 0);
}

/* ---- list ------------------------------------------------------------------------- */

static void print_row(struct desk *desk, const struct request_row *row)
{
	char changed[INSTANT_TEXT];

	cli_paint(desk->cli, PAINT_BOLD, "%-9s", id_short(row->id));
	printf(" %-10s %-22s %-17s ", state_name(row->state), row->portal ? row->portal : "-",
	    row->ticket ? row->ticket : "-");
	cli_paint(desk->cli, PAINT_DIM, "%.16s ", instant_write(row->changed, changed));
	if (view_is_overdue(row))
		cli_paint(desk->cli, PAINT_BAD, "overdue: ");
	cli_text((struct text){
	    row->title ? row->title : "", row->title ? strnlen(row->title, 60) : 0 });
	putchar('\n');
}

static int list(struct desk *desk, const struct request_filter *filter)
{
	struct request_row *rows;
	struct json *all;
	size_t n;

	if (!ledger_requests(desk->engine.ledger, filter, desk->arena, &rows, &n, &desk->why))
		return 0;
	if (!desk->cli->json) {
		for (size_t i = 0; i < n; i++)
			print_row(desk, &rows[i]);
		return 0;
	}
	all = json_new_array();
	for (size_t i = 0; i < n; i++)
		json_append(all, view_request_row(&rows[i]));
	cli_json(all);
	return 0;
}

int requests_list(struct cli *cli, int argc, char **argv)
{
	struct request_filter filter = { .due_before = INSTANT_UNKNOWN, .limit = 100 };
	const char *state = NULL, *limit = NULL;
	bool overdue = false;
	const struct cli_option options[] = {
		{ "state", "STATE", &state, NULL,
		    "only these; `unfinished` for all that is not final" },
		{ "overdue", NULL, NULL, &overdue,
		    "only hand-offs that should have been answered, the longest waiting first" },
		{ "account", "ACCOUNT", &filter.account, NULL, "only this sign-in's" },
		{ "portal", "PORTAL", &filter.portal, NULL, "only this portal's" },
		{ "contract", "CONTRACT", &filter.contract, NULL, "only what uses this contract" },
		{ "after", "ID", &filter.after, NULL, "the page that follows this request" },
		{ "limit", "N", &limit, NULL, "at most this many; default 100" },
	};
	struct desk desk;
	int64_t number = 100;
	int status;

	if (cli_options(cli, argc, argv, options, 7, 0, 0, &status) < 0)
		return status;
	filter.state = !state                  ? STATE_NONE
	    : strcmp(state, "unfinished") == 0 ? STATE_ANY
					       : state_read(text_of(state));
	if (state && filter.state == STATE_NONE)
		return cli_usage(cli, "there is no state %s", state);
	if (overdue) {
		filter.state = STATE_HANDED_OFF;
		filter.due_before = instant_now();
	}
	if (limit && (!text_integer(text_of(limit), &number) || number < 1 || number > 10000))
		return cli_usage(cli, "--limit is 1 to 10000");
	filter.limit = (size_t)number;
	if (!desk_open(&desk, cli, LEDGER_READ, &status))
		return status;
	status = list(&desk, &filter);
	return desk_close(&desk, status);
}

/* ---- explain --------------------------------------------------------------------------- */

static void print_event(const struct event_row *e)
{
	char at[INSTANT_TEXT];

	printf("  %.19s  %-12s %-14s %s%s%s%s", instant_write(e->at, at), e->who ? e->who : "-",
	    e->what, e->from != e->to && e->from ? state_name(e->from) : "",
	    e->from != e->to ? " > " : "", e->from != e->to && e->to ? state_name(e->to) : "",
	    e->why ? "  " : "");
	cli_text(text_of(e->why));
	putchar('\n');
}

static void print_reasons(struct desk *desk, const char *id)
{
	struct decision_row stored;
	struct json *decision;
	const struct json *reasons;

	if (!ledger_decision(desk->engine.ledger, id, 0, desk->arena, &stored, &desk->why))
		return;
	decision = json_read(text_of(stored.decision), "stored decision", 0, &desk->why);
	reasons = json_get(decision, "reasons");
	printf(
	    "\nDecision %lld: %s\n", (long long)stored.number, json_get_chars(decision, "outcome"));
	for (size_t i = 0; i < json_length(reasons); i++) {
		struct json *saw = json_get(json_at(reasons, i), "saw"), *value;
		void *cursor = NULL;
		const char *name;

		printf("  %-6s %s", json_get_chars(json_at(reasons, i), "rule"),
		    json_get_chars(json_at(reasons, i), "text"));
		while (json_next(saw, &cursor, &name, &value))
			cli_paint(desk->cli, PAINT_DIM, "  %s: %s", name,
			    json_chars(value) ? json_chars(value) : "");
		putchar('\n');
	}
	json_free(decision);
}

static int explain(struct desk *desk, const char *id)
{
	struct event_row *events;
	struct request_row row;
	size_t n;

	if (!ledger_request(desk->engine.ledger, id, desk->arena, &row, &desk->why)) {
		failure_set(&desk->why, FAILURE_NO_INPUT, "there is no request %s", id);
		return 0;
	}
	if (!ledger_events(
		desk->engine.ledger, row.id, 0, 10000, desk->arena, &events, &n, &desk->why))
		return 0;
	if (desk->cli->json) {
		cli_json(view_explain(desk->engine.ledger, row.id, desk->arena, &desk->why));
		return 0;
	}
	print_head(desk, &row);
	print_facts(&row);
	print_reasons(desk, row.id);
	puts("\nEvents");
	for (size_t i = 0; i < n; i++)
		print_event(&events[i]);
	return 0;
}

int requests_explain(struct cli *cli, int argc, char **argv)
{
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_READ, &status))
		return status;
	status = explain(&desk, argv[0]);
	return desk_close(&desk, status);
}
