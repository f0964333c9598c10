/* What leaves the ledger: a person's data when they ask for it, old things by age. */
#include "cli/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- whom it concerns -------------------------------------------------------------- */

struct wanted {
	const char *reference, *customer, *mentions, *because;
	bool is_trial, is_sure, leaves_file;
	struct request_row *rows;
	size_t n, capacity;
};

static void add(struct wanted *w, const struct request_row *row)
{
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->rows[i].id, row->id) == 0)
			return;
	w->rows = memory_grow(w->rows, w->n, &w->capacity, sizeof *w->rows);
	w->rows[w->n++] = *row;
}

static bool add_id(struct desk *desk, struct wanted *w, const char *id)
{
	struct request_row row;

	if (!ledger_request(desk->engine.ledger, id, desk->arena, &row, &desk->why))
		return failure_set(&desk->why, FAILURE_NO_INPUT, "there is no request %s", id);
	add(w, &row);
	return true;
}

static bool add_reference(struct desk *desk, struct wanted *w)
{
	struct request_row row;

	if (!ledger_by_reference(desk->engine.ledger, w->reference, desk->arena, &row, &desk->why))
		return failure_set(&desk->why, FAILURE_NO_INPUT,
		    "no request has the reference %s (a cancelled one gave it back: name its id)",
		    w->reference);
	add(w, &row);
	return true;
}

static bool add_mentions(struct desk *desk, struct wanted *w)
{
	const char *const *ids;
	size_t n;

	if (!ledger_mentions(desk->engine.ledger, w->mentions, desk->arena, &ids, &n, &desk->why))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!add_id(desk, w, ids[i]))
			return false;
	return n > 0 ||
	    failure_set(&desk->why, FAILURE_NO_INPUT, "no request holds '%s'", w->mentions);
}

static bool add_customer(struct desk *desk, struct wanted *w)
{
	const char *const *ids;
	size_t n;

	if (!ledger_of_customer(
		desk->engine.ledger, w->customer, desk->arena, &ids, &n, &desk->why))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!add_id(desk, w, ids[i]))
			return false;
	return n > 0 ||
	    failure_set(
		&desk->why, FAILURE_NO_INPUT, "no request is for the customer %s", w->customer);
}

static bool find(struct desk *desk, struct wanted *w, char **ids)
{
	for (; *ids; ids++)
		if (!add_id(desk, w, *ids))
			return false;
	return (!w->reference || add_reference(desk, w)) &&
	    (!w->customer || add_customer(desk, w)) && (!w->mentions || add_mentions(desk, w));
}

/* All or none: who asked to be forgotten must not be told so while half of it is left. */
static bool all_final(struct desk *desk, const struct wanted *w)
{
	struct buffer list = { 0 };

	for (size_t i = 0; i < w->n; i++)
		if (!state_is_final(w->rows[i].state))
			buffer_format(&list, "%s%s (%s)", list.n ? ", " : "",
			    id_short(w->rows[i].id), state_name(w->rows[i].state));
	if (list.n)
		failure_set(&desk->why, FAILURE_DATA,
		    "nothing was erased, because work is not finished: %s; close or cancel it "
		    "first",
		    list.p);
	buffer_free(&list);
	return desk->why.kind == FAILURE_NONE;
}

/* ---- forget --------------------------------------------------------------------------- */

static void print_wanted(const struct desk *desk, const struct wanted *w)
{
	if (desk->cli->json || desk->cli->quiet)
		return;
	for (size_t i = 0; i < w->n; i++) {
		printf("%-9s %-10s %-17s ", id_short(w->rows[i].id), state_name(w->rows[i].state),
		    w->rows[i].ticket ? w->rows[i].ticket : "-");
		cli_text(text_of(w->rows[i].title));
		putchar('\n');
	}
}

static bool confirmed(struct desk *desk, const struct wanted *w)
{
	char line[16];

	if (w->is_sure)
		return true;
	if (!isatty(STDIN_FILENO))
		return failure_set(&desk->why, FAILURE_USAGE,
		    "nothing was erased: give --yes, or --dry-run to see what would be");
	fprintf(stderr,
	    "Texts, contacts, decisions, guides, references and what events say of %zu %s go for "
	    "good. Go on? [y/N] ",
	    w->n, w->n == 1 ? "request" : "requests");
	return (fgets(line, sizeof line, stdin) && (*line == 'y' || *line == 'Y')) ||
	    failure_set(&desk->why, FAILURE_NEGATIVE, "nothing was erased");
}

static bool forget_one(struct desk *desk, const struct wanted *w, const struct request_row *row)
{
	struct ledger_row forget = { .kind = ROW_FORGET };
	struct ledger_change change = { .request = row->id,
		.expect = row->state,
		.rows = &forget,
		.n_rows = 1,
		.event = { .who = desk->engine.actor,
		    .what = "forgotten",
		    .why = w->because ? w->because : "asked for" } };

	if (!ledger_commit(desk->engine.ledger, instant_now(), &change, 1, &desk->why))
		return false;
	return change.result == LEDGER_DONE ||
	    failure_set(&desk->why, FAILURE_TRY_LATER,
		"request %s changed meanwhile and was not erased; try again", id_short(row->id));
}

static void print_forgotten(const struct desk *desk, const struct wanted *w)
{
	struct json *o, *ids;

	if (desk->why.kind != FAILURE_NONE)
		return;
	if (!desk->cli->json) {
		if (!desk->cli->quiet)
			printf("%s of %zu %s%s\n",
			    w->is_trial ? "would erase what people said"
					: "erased what people said",
			    w->n, w->n == 1 ? "request" : "requests",
			    w->leaves_file && !w->is_trial
				? "; run `caseroute ledger compact` to clear the file's free room"
				: "");
		return;
	}
	o = json_new_object();
	ids = json_new_array();
	for (size_t i = 0; i < w->n; i++)
		json_append(ids, json_new_string(w->rows[i].id));
	json_set(o, "schema", json_new_string("caseroute.forgotten/1"));
	json_set(o, "dry_run", json_new_boolean(w->is_trial));
	json_set(o, "requests", ids);
	cli_json(o);
}

static void forget(struct desk *desk, struct wanted *w, char **ids)
{
	if (!find(desk, w, ids) || !all_final(desk, w))
		return;
	print_wanted(desk, w);
	if (!w->is_trial && !confirmed(desk, w))
		return;
	for (size_t i = 0; !w->is_trial && i < w->n; i++)
		if (!forget_one(desk, w, &w->rows[i]))
			return;
	if (!w->is_trial && !w->leaves_file)
		ledger_compact(desk->engine.ledger, &desk->why);
	print_forgotten(desk, w);
}

int requests_forget(struct cli *cli, int argc, char **argv)
{
	struct wanted w = { 0 };
	const struct cli_option options[] = {
		{ "reference", "REFERENCE", &w.reference, NULL, "the request that has it" },
		{ "customer", "CUSTOMER", &w.customer, NULL, "all requests for a customer" },
		{ "mentions", "TEXT", &w.mentions, NULL,
		    "all that hold it anywhere, such as an e-mail address or a name" },
		{ "reason", "TEXT", &w.because, NULL,
		    "for the event that stays, such as a case number; nothing personal" },
		{ "dry-run", NULL, NULL, &w.is_trial, "only tells which" },
		{ "yes", NULL, NULL, &w.is_sure, "does not ask" },
		{ "no-compact", NULL, NULL, &w.leaves_file,
		    "leaves the free room of the file for a later `ledger compact`" },
	};
	struct desk desk;
	int status, words = cli_options(cli, argc, argv, options, 7, 0, -1, &status);

	if (words < 0)
		return status;
	if (!words && !w.reference && !w.customer && !w.mentions)
		return cli_usage(cli, "name requests, or whom it is about");
	if (!desk_open(&desk, cli, w.is_trial ? LEDGER_READ : LEDGER_WRITE, &status))
		return status;
	forget(&desk, &w, argv);
	free(w.rows);
	return desk_close(&desk, 0);
}

/* ---- prune ---------------------------------------------------------------------------------- */

#define AT_ONCE 200 /* in one commit, so that the service beside need not wait */

struct ages {
	const char *older_than, *class;
	bool is_trial;
};

/* The configured ages, of one class or all; another age stands for a class only. */
static bool read_ages(
    struct cli *cli, const struct ages *ages, struct ledger_retention *keep, int *status)
{
	const struct {
		const char *name;
		int64_t *ms;
	} classes[] = { { "texts", &keep->texts_ms }, { "requests", &keep->requests_ms },
		{ "events", &keep->events_ms } };
	int64_t ms = 0;
	bool is_known = !ages->class;

	if (ages->older_than &&
	    (!ages->class || !duration_read(text_of(ages->older_than), &ms) || ms <= 0)) {
		*status = cli_usage(cli, "--older-than is a duration such as 180d, with --class");
		return false;
	}
	for (size_t i = 0; i < 3; i++) {
		if (!ages->class)
			continue;
		if (strcmp(classes[i].name, ages->class) != 0)
			*classes[i].ms = 0;
		else if (ms)
			*classes[i].ms = ms;
		is_known = is_known || strcmp(classes[i].name, ages->class) == 0;
	}
	if (!is_known)
		*status = cli_usage(cli, "--class is texts, requests or events");
	return is_known;
}

static void print_pruned(const struct cli *cli, const struct ledger_pruned *all, bool is_trial)
{
	struct json *o;

	if (!cli->json) {
		if (!cli->quiet)
			printf("%s: texts of %zu requests, %zu whole requests, %zu events\n",
			    is_trial ? "would go" : "gone", all->texts, all->requests, all->events);
		return;
	}
	o = json_new_object();
	json_set(o, "schema", json_new_string("caseroute.pruned/1"));
	json_set(o, "dry_run", json_new_boolean(is_trial));
	json_set(o, "texts", json_new_number((int64_t)all->texts));
	json_set(o, "requests", json_new_number((int64_t)all->requests));
	json_set(o, "events", json_new_number((int64_t)all->events));
	cli_json(o);
}

static void prune(struct desk *desk, const struct ledger_retention *keep, bool is_trial)
{
	struct ledger_pruned all = { 0 }, done = { 0 };
	bool is_ok = true;

	if (is_trial)
		is_ok = ledger_prunable(desk->engine.ledger, keep, instant_now(), &all, &desk->why);
	while (is_ok && !is_trial) {
		is_ok = ledger_prune(desk->engine.ledger, keep, desk->engine.actor, instant_now(),
		    AT_ONCE, &done, &desk->why);
		all.texts += done.texts;
		all.requests += done.requests;
		all.events += done.events;
		if (done.texts + done.requests + done.events + done.keys + done.cached == 0)
			break;
	}
	if (is_ok)
		print_pruned(desk->cli, &all, is_trial);
}

int requests_prune(struct cli *cli, int argc, char **argv)
{
	struct ages ages = { 0 };
	const struct cli_option options[] = {
		{ "class", "CLASS", &ages.class, NULL,
		    "texts, requests or events only; else all that [retention] names" },
		{ "older-than", "DURATION", &ages.older_than, NULL,
		    "instead of the age that [retention] says; with --class" },
		{ "dry-run", NULL, NULL, &ages.is_trial, "only tells how many, at most" },
	};
	struct ledger_retention keep;
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 3, 0, 0, &status) < 0 ||
	    !desk_open(&desk, cli, ages.is_trial ? LEDGER_READ : LEDGER_WRITE, &status))
		return status;
	keep = desk.generation->upkeep.keep;
	status = 0;
	if (read_ages(cli, &ages, &keep, &status)) {
		if (keep.texts_ms || keep.requests_ms || keep.events_ms)
			prune(&desk, &keep, ages.is_trial);
		else
			failure_set(&desk.why, FAILURE_CONFIG,
			    "nothing says for how long things are kept: write a section "
			    "[retention], or give --class and --older-than");
	}
	return desk_close(&desk, status);
}
