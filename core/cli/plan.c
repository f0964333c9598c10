#include "cli/cli.h"
#include "base/file.h"
#include "engine/known.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_BYTES ((size_t)1 << 20)

struct plan {
	struct cli *cli;
	struct generation *g;
	struct arena *arena;
	const char *facts_path, *request_path;
	struct request request;
	struct facts facts;
	struct decision decision;
	struct failure why;
};

static struct json *read_json(const char *path, struct failure *why)
{
	struct buffer bytes = { 0 };
	struct json *value = NULL;

	if (file_read(path, INPUT_BYTES, &bytes, why))
		value = json_read(buffer_as_text(&bytes),
		    text_same(path, "-") ? "standard input" : path, INPUT_BYTES, why);
	buffer_free(&bytes);
	return value;
}

static bool read_request_file(struct plan *p)
{
	struct json *object = read_json(p->request_path, &p->why);
	bool is_ok = object &&
	    (request_read(object, p->arena, &p->request, &p->why) ||
		failure_context(&p->why, "%s", p->request_path));

	json_free(object);
	return is_ok;
}

/* The facts come from the file alone: what-if, tests, other programs. */
static bool decide_by_file(struct plan *p)
{
	struct json *object = read_json(p->facts_path, &p->why);
	bool is_ok = object &&
	    (facts_read(object, p->arena, &p->facts, &p->why) ||
		failure_context(&p->why, "%s", p->facts_path));

	json_free(object);
	if (!is_ok)
		return false;
	if (p->facts.now == INSTANT_UNKNOWN)
		p->facts.now = instant_now();
	return decide(p->g->policy, &p->facts, &p->request, p->arena, &p->decision, &p->why);
}

/* A ledger that is not there yet knows nothing; planning does not make one. */
static bool decide_by_ledger(struct plan *p)
{
	struct known known = { .generation = p->g, .now = instant_now() };
	bool is_ok;

	if (access(p->g->partner->ledger_path, F_OK) == 0) {
		known.ledger = ledger_open(p->g->partner->ledger_path, LEDGER_READ, NULL, &p->why);
		if (!known.ledger)
			return false;
	}
	is_ok = known_decide(&known, &p->request, p->arena, &p->facts, &p->decision, &p->why);
	ledger_close(known.ledger);
	return is_ok;
}

static int show(struct plan *p)
{
	const char *next = p->decision.outcome == OUTCOME_ALLOW
	    ? arena_format(p->arena, "caseroute submit %s", p->request_path)
	    : NULL;

	if (p->cli->json)
		cli_json(decision_json(&p->decision));
	else
		cli_decision(p->cli, p->g, &p->decision, p->facts.now, p->facts_path ? NULL : next);
	return p->decision.outcome == OUTCOME_ALLOW ? 0 : FAILURE_NEGATIVE;
}

static int plan(struct plan *p)
{
	if (!read_request_file(p) || !(p->facts_path ? decide_by_file(p) : decide_by_ledger(p)))
		return cli_fail(&p->why);
	return show(p);
}

int plan_run(struct cli *cli, int argc, char **argv)
{
	struct plan p = { .cli = cli };
	const struct cli_option options[] = {
		{ "facts", "FACTS.json", &p.facts_path, NULL,
		    "facts from this file alone (what-if); - for standard input" },
	};
	int status;

	if (cli_options(cli, argc, argv, options, 1, 0, 1, &status) < 0)
		return status;
	p.request_path = argv[0] ? argv[0] : "-";
	p.g = cli_load(cli, &status);
	if (!p.g)
		return status;
	p.arena = arena_new();
	status = plan(&p);
	arena_free(p.arena);
	generation_free(p.g);
	return status;
}
