#include "cli/desk.h"
#include "base/file.h"
#include "decide/decide.h"
#include "engine/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* ---- list --------------------------------------------------------------------- */

static const struct contract_fact *fact_of(const struct facts *f, const char *id)
{
	for (size_t i = 0; i < f->n_contracts; i++)
		if (strcasecmp(f->contracts[i].id, id) == 0)
			return &f->contracts[i];
	return NULL;
}

static const char *count_words(struct arena *arena, int64_t n)
{
	return n == REMAINING_UNKNOWN  ? "?"
	    : n == REMAINING_UNLIMITED ? "unlimited"
				       : arena_format(arena, "%lld", (long long)n);
}

static void print_links(struct desk *desk, const char *contract)
{
	static const char *const marks[] = { "not linked", "linked", "doubtful" };
	struct link_row *links;
	size_t n;

	if (!ledger_links(desk->engine.ledger, contract, desk->arena, &links, &n, &desk->why))
		return;
	for (size_t i = 0; i < n; i++) {
		char at[INSTANT_TEXT];

		printf("      %-36s %-10s ", links[i].account, marks[links[i].mark]);
		cli_paint(desk->cli, PAINT_DIM, "%s, %s", instant_write_date(links[i].at, at),
		    links[i].source ? links[i].source : "");
		putchar('\n');
	}
}

static void print_contract(struct desk *desk, const struct contract_fact *c, instant now)
{
	struct balance b = { 0 };
	char end[INSTANT_TEXT], age[INSTANT_TEXT];
	const char *state = view_condition(c, now);

	cli_paint(desk->cli, PAINT_BOLD, "%-14s", c->id);
	printf(" %-16s ", plan_name(c->plan));
	cli_paint(desk->cli, strcmp(state, "usable") == 0 ? PAINT_GOOD : PAINT_BAD, "%-12s", state);
	printf(" remaining %-9s ends %-10s", count_words(desk->arena, c->remaining),
	    c->end == INSTANT_UNKNOWN ? "?" : instant_write_date(c->end, end));
	if (c->observed_at != INSTANT_UNKNOWN)
		cli_paint(desk->cli, PAINT_DIM, "  seen %s ago%s%s",
		    duration_words(now - c->observed_at, age), c->observed_portal ? " at " : "",
		    c->observed_portal ? c->observed_portal : "");
	if (ledger_balance(desk->engine.ledger, c->id, desk->arena, &b, &desk->why) &&
	    (b.reserved || b.spent_ever))
		cli_paint(desk->cli, PAINT_DIM, "  %lld reserved, %lld spent",
		    (long long)b.reserved, (long long)b.spent_ever);
	putchar('\n');
	print_links(desk, c->id);
}

static void list(struct desk *desk, const char *only)
{
	struct known known = { .generation = desk->generation,
		.ledger = desk->engine.ledger,
		.now = instant_now(),
		.wants_all = true };
	struct facts f;

	if (desk->cli->json) {
		cli_json(view_contracts(
		    desk->generation, desk->engine.ledger, only, desk->arena, &desk->why));
		return;
	}
	if (!known_facts(&known, desk->arena, &f, &desk->why))
		return;
	if (only && !fact_of(&f, only))
		failure_set(&desk->why, FAILURE_NO_INPUT, "there is no contract %s", only);
	for (size_t i = 0; i < f.n_contracts && desk->why.kind == FAILURE_NONE; i++)
		if (!only || strcasecmp(only, f.contracts[i].id) == 0)
			print_contract(desk, &f.contracts[i], f.now);
	if (!f.n_contracts)
		puts("There are no contracts on record. `caseroute contracts add` records one.");
}

int contracts_list(struct cli *cli, int argc, char **argv)
{
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 0, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	list(&desk, NULL);
	return desk_close(&desk, 0);
}

/* ---- add --------------------------------------------------------------------------- */

/* A line without echo: the IDs are secrets. */
static bool prompt(const char *what, struct buffer *out, struct failure *why)
{
	struct termios old, quiet;
	char line[512];
	bool is_ok;

	fprintf(stderr, "%s: ", what);
	tcgetattr(STDIN_FILENO, &old);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	is_ok = fgets(line, sizeof line, stdin) != NULL;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	fputc('\n', stderr);
	if (is_ok)
		buffer_text(out, line);
	explicit_bzero(line, sizeof line);
	return is_ok || failure_set(why, FAILURE_NO_INPUT, "%s: nothing was entered", what);
}

/* Two lines: Access ID, Contract ID; or "access_id = ..." and "contract_id = ...". */
static struct text id_of(struct text bytes, unsigned number, const char *name)
{
	struct text line;

	for (unsigned i = 0; text_split(&bytes, '\n', &line); i++) {
		size_t n = strlen(name);

		if (line.n > n && strncasecmp(line.p, name, n) == 0 &&
		    memchr(line.p, '=', line.n)) {
			const char *equals = memchr(line.p, '=', line.n);

			return text_trim(
			    (struct text){ equals + 1, line.n - (size_t)(equals + 1 - line.p) });
		}
		if (i == number && !memchr(line.p, '=', line.n))
			return line;
	}
	return TEXT("");
}

struct new_contract {
	const char *plan, *kind, *start, *end, *remaining, *ids_file;
	bool no_ids;
	struct engine_contract c;
	struct buffer access_id, contract_id;
};

static bool read_ids(struct new_contract *c, struct failure *why)
{
	struct buffer bytes = { 0 };

	if (c->no_ids)
		return true;
	if (!c->ids_file && isatty(STDIN_FILENO))
		return prompt("Access ID", &c->access_id, why) &&
		    prompt("Contract ID", &c->contract_id, why);
	if (!file_read(c->ids_file ? c->ids_file : "-", 4096, &bytes, why))
		return false;
	buffer_append(&c->access_id, id_of(buffer_as_text(&bytes), 0, "access_id").p,
	    id_of(buffer_as_text(&bytes), 0, "access_id").n);
	buffer_append(&c->contract_id, id_of(buffer_as_text(&bytes), 1, "contract_id").p,
	    id_of(buffer_as_text(&bytes), 1, "contract_id").n);
	buffer_wipe(&bytes);
	if (c->access_id.n && c->contract_id.n)
		return true;
	return failure_set(why, FAILURE_DATA,
	    "both IDs are needed: Access ID in the first line, Contract ID in the second (R13)");
}

static bool read_count(const char *text, int64_t *count, struct failure *why)
{
	*count = INT64_MIN;
	if (!text)
		return true;
	if (strcmp(text, "unlimited") == 0) {
		*count = INT64_MAX;
		return true;
	}
	return (text_integer(text_of(text), count) && *count >= 0) ||
	    failure_set(why, FAILURE_USAGE, "--remaining is a number from 0, or unlimited");
}

static bool read_date(
    const char *name, const char *text, bool is_end, instant *at, struct failure *why)
{
	*at = INSTANT_UNKNOWN;
	if (!text)
		return true;
	return (is_end ? instant_read_end(text_of(text), at)
		       : instant_read_date(text_of(text), at)) ||
	    failure_set(why, FAILURE_USAGE, "--%s is a date such as 2026-11-24", name);
}

static bool check_new(struct new_contract *c, const char *id, struct failure *why)
{
	enum plan_id plan = c->plan ? plan_read(text_of(c->plan)) : PLAN_NONE;

	if (plan != PLAN_PARTNER_SUPPORT && plan != PLAN_SIGNATURE_CLOUD)
		return failure_set(why, FAILURE_USAGE,
		    "--plan is partner-support (on-premises) or signature-cloud");
	if (c->kind && strcmp(c->kind, "shared") != 0 && strcmp(c->kind, "personal") != 0)
		return failure_set(why, FAILURE_USAGE, "--kind is shared or personal");
	c->c = (struct engine_contract){ .id = id,
		.plan = c->plan,
		.is_personal = text_same(c->kind, "personal"),
		.source = "contracts add" };
	return read_date("start", c->start, false, &c->c.start, why) &&
	    read_date("end", c->end, true, &c->c.end, why) &&
	    read_count(c->remaining, &c->c.remaining, why);
}

static bool add(struct desk *desk, struct new_contract *c)
{
	bool is_new;

	c->c.access_id = text_trim(buffer_as_text(&c->access_id));
	c->c.contract_id = text_trim(buffer_as_text(&c->contract_id));
	return engine_add_contract(&desk->engine, &c->c, &is_new, &desk->why);
}

int contracts_add(struct cli *cli, int argc, char **argv)
{
	struct new_contract c = { 0 };
	const struct cli_option options[] = {
		{ "plan", "PLAN", &c.plan, NULL,
		    "partner-support (on-premises) or signature-cloud" },
		{ "kind", "KIND", &c.kind, NULL, "shared (default) or personal" },
		{ "start", "DATE", &c.start, NULL, "first day" },
		{ "end", "DATE", &c.end, NULL, "last day" },
		{ "remaining", "N", &c.remaining, NULL,
		    "incidents left as seen now, or unlimited" },
		{ "ids-file", "FILE", &c.ids_file, NULL,
		    "Access ID and Contract ID in two lines; else the prompt or standard input" },
		{ "no-ids", NULL, NULL, &c.no_ids, "the IDs are not at hand yet" },
	};
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 7, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	if (check_new(&c, argv[0], &desk.why) && read_ids(&c, &desk.why) && add(&desk, &c))
		list(&desk, argv[0]);
	buffer_wipe(&c.access_id);
	buffer_wipe(&c.contract_id);
	return desk_close(&desk, 0);
}

/* ---- observe, remaining ---------------------------------------------------------------- */

int contracts_observe(struct cli *cli, int argc, char **argv)
{
	const char *remaining = NULL, *start = NULL, *end = NULL;
	struct engine_seen seen = { .portal = "support-for-business",
		.source = "contracts observe" };
	const struct cli_option options[] = {
		{ "remaining", "N", &remaining, NULL, "incidents left, or unlimited" },
		{ "start", "DATE", &start, NULL, "first day" },
		{ "end", "DATE", &end, NULL, "last day" },
		{ "portal", "PORTAL", &seen.portal, NULL, "where it was seen" },
		{ "account", "ACCOUNT", &seen.account, NULL, "as whom it was seen" },
		{ "linked", "ACCOUNT", &seen.linked, NULL, "this account has the contract linked" },
		{ "doubtful", "ACCOUNT", &seen.doubtful, NULL,
		    "this account's link is doubtful (plan in neither list)" },
	};
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 7, 1, 1, &status) < 0)
		return status;
	if (!remaining && !end && !start && !seen.linked && !seen.doubtful)
		return cli_usage(
		    cli, "say what was seen: --remaining, --end, --start, --linked or --doubtful");
	if (!desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	if (read_date("start", start, false, &seen.start, &desk.why) &&
	    read_date("end", end, true, &seen.end, &desk.why) &&
	    read_count(remaining, &seen.remaining, &desk.why) &&
	    engine_observe(&desk.engine, argv[0], &seen, &desk.why))
		list(&desk, argv[0]);
	return desk_close(&desk, 0);
}

/* What is left, and how to see it anew: the probe creates nothing (R27). */
static void show_probe(struct desk *desk)
{
	struct known known = {
		.generation = desk->generation, .ledger = desk->engine.ledger, .now = instant_now()
	};
	struct request request = { .kind = KIND_PROBE,
		.problem_started = INSTANT_UNKNOWN,
		.title = "Remaining incidents" };
	struct decision d;
	struct facts f;

	if (!known_decide(&known, &request, desk->arena, &f, &d, &desk->why))
		return;
	if (desk->cli->json)
		cli_json(decision_json(&d));
	else
		cli_decision(desk->cli, desk->generation, &d, f.now, NULL);
}

int contracts_remaining(struct cli *cli, int argc, char **argv)
{
	struct json *guide = NULL;
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	if (argv[0] && engine_remaining(&desk.engine, argv[0], &guide, &desk.why)) {
		if (guide) {
			struct request_row row = { .contract = argv[0] };
			struct guide_row shown = { 0 };
			struct buffer text = { 0 };

			json_write(guide, JSON_LINE, &text);
			shown.guide = buffer_as_text(&text);
			if (cli->json)
				cli_json(json_clone(guide));
			else
				guide_print(&desk, &row, &shown, NULL, NULL);
			buffer_free(&text);
			json_free(guide);
		}
		if (!cli->json)
			list(&desk, argv[0]);
	} else if (!argv[0]) {
		show_probe(&desk);
	}
	return desk_close(&desk, 0);
}
