/* Commands that carry requests on: submit, answer, resume, refresh, message,
 * attach, change, cancel, replay. */
#include "cli/desk.h"
#include "base/file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_BYTES ((size_t)1 << 20)

/* Prints the request and gives the exit status that its state stands for. */
static int finish(struct desk *desk, const char *id)
{
	struct request_row row;
	int status = 0;

	if (desk->why.kind == FAILURE_NONE &&
	    ledger_request(desk->engine.ledger, id, desk->arena, &row, &desk->why)) {
		status = desk_status_of(row.state);
		desk_show(desk, row.id, false);
	}
	return desk_close(desk, status);
}

static bool set_patience(struct desk *desk, const char *wait)
{
	if (!wait)
		return true;
	return duration_read(text_of(wait), &desk->engine.patience_ms) ||
	    failure_set(&desk->why, FAILURE_USAGE, "--wait is a duration such as 30s or 5m");
}

static const struct cli_option *wait_option(const char **wait)
{
	static struct cli_option option;

	option = (struct cli_option){ "wait", "DURATION", wait, NULL,
		"how long to wait for the portal; default 2m" };
	return &option;
}

/* ---- submit ----------------------------------------------------------------------- */

static bool submit(struct desk *desk, const char *path, char id[ID_TEXT])
{
	struct buffer bytes = { 0 };
	struct json *request = NULL;
	bool is_new = false, is_ok;

	if (file_read(path, INPUT_BYTES, &bytes, &desk->why))
		request = json_read(buffer_as_text(&bytes),
		    text_same(path, "-") ? "standard input" : path, INPUT_BYTES, &desk->why);
	is_ok = request && engine_submit(&desk->engine, request, id, &is_new, &desk->why);
	if (is_ok && !is_new)
		fprintf(stderr, "caseroute: this request is on record already\n");
	json_free(request);
	buffer_free(&bytes);
	return is_ok && engine_drive(&desk->engine, id, &desk->why);
}

int submit_run(struct cli *cli, int argc, char **argv)
{
	const char *wait = NULL;
	struct desk desk;
	char id[ID_TEXT] = "";
	int status;

	if (cli_options(cli, argc, argv, wait_option(&wait), 1, 0, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	if (set_patience(&desk, wait))
		submit(&desk, argv[0] ? argv[0] : "-", id);
	/* Recorded, but not carried to an end: say which request it is. */
	if (desk.why.kind != FAILURE_NONE && *id)
		fprintf(stderr,
		    "caseroute: request %s is on record; `caseroute requests resume %s` carries "
		    "on\n",
		    id_short(id), id_short(id));
	return finish(&desk, id);
}

/* ---- answer --------------------------------------------------------------------------- */

/* NAME=VALUE words into an object of strings; `account` of a guide's answer apart. */
static struct json *read_values(struct desk *desk, char **words, const char **account)
{
	struct json *values = json_new_object();

	for (; *words; words++) {
		char *equals = strchr(*words, '=');

		if (!equals || equals == *words) {
			failure_set(
			    &desk->why, FAILURE_USAGE, "\"%.60s\" is not NAME=VALUE", *words);
			break;
		}
		*equals = 0;
		if (account && strcmp(*words, "account") == 0)
			*account = equals + 1;
		else
			json_set(values, *words, json_new_string(equals + 1));
	}
	return values;
}

/* ID or ID.GUIDE */
static int64_t split_guide(struct desk *desk, char *word)
{
	char *dot = strchr(word, '.');
	int64_t number = 0;

	if (!dot)
		return 0;
	*dot = 0;
	if (!text_integer(text_of(dot + 1), &number) || number < 1)
		failure_set(
		    &desk->why, FAILURE_USAGE, "\"%.20s\" is no number of a guide", dot + 1);
	return number;
}

static bool answer(struct desk *desk, char **words)
{
	int64_t guide = split_guide(desk, words[0]);
	bool is_code = words[1] && !strchr(words[1], '=');
	const char *account = NULL;
	struct json *values =
	    read_values(desk, words + (is_code ? 2 : 1), is_code ? &account : NULL);
	bool is_ok = desk->why.kind == FAILURE_NONE;

	if (is_ok && is_code)
		is_ok = engine_answer(
		    &desk->engine, words[0], guide, words[1], values, account, &desk->why);
	else if (is_ok)
		is_ok = engine_tell(&desk->engine, words[0], values, &desk->why);
	json_free(values);
	return is_ok && engine_drive(&desk->engine, words[0], &desk->why);
}

int requests_answer(struct cli *cli, int argc, char **argv)
{
	const char *wait = NULL;
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, wait_option(&wait), 1, 2, -1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	if (set_patience(&desk, wait))
		answer(&desk, argv);
	return finish(&desk, argv[0]);
}

/* ---- resume ------------------------------------------------------------------------------ */

int requests_resume(struct cli *cli, int argc, char **argv)
{
	const char *wait = NULL;
	struct desk desk;
	size_t n = 0;
	int status;

	if (cli_options(cli, argc, argv, wait_option(&wait), 1, 0, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	if (!set_patience(&desk, wait))
		return desk_close(&desk, 0);
	if (argv[0]) {
		struct request_row row;

		if (ledger_request(desk.engine.ledger, argv[0], desk.arena, &row, &desk.why) &&
		    row.state == STATE_ASKING)
			engine_replay(&desk.engine, row.id, true, &desk.why);
		else if (desk.why.kind == FAILURE_NONE)
			engine_drive(&desk.engine, argv[0], &desk.why);
		return finish(&desk, argv[0]);
	}
	if (engine_resume(&desk.engine, &n, &desk.why) && !cli->quiet)
		printf("%zu request%s carried on\n", n, n == 1 ? "" : "s");
	return desk_close(&desk, 0);
}

/* ---- on a ticket --------------------------------------------------------------------------- */

static int on_ticket(struct desk *desk, const char *id, bool is_taken)
{
	if (is_taken)
		engine_drive(&desk->engine, id, &desk->why);
	return finish(desk, id);
}

int requests_refresh(struct cli *cli, int argc, char **argv)
{
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	return on_ticket(&desk, argv[0], engine_refresh(&desk.engine, argv[0], &desk.why));
}

int requests_message(struct cli *cli, int argc, char **argv)
{
	const char *subject = NULL;
	const struct cli_option options[] = { { "subject", "TEXT", &subject, NULL,
	    "default: the request's title" } };
	struct buffer body = { 0 };
	struct desk desk;
	bool is_taken;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 1, 2, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	is_taken = file_read(argv[1] ? argv[1] : "-", INPUT_BYTES, &body, &desk.why) &&
	    engine_message(&desk.engine, argv[0], subject, buffer_as_text(&body), &desk.why);
	buffer_free(&body);
	return on_ticket(&desk, argv[0], is_taken);
}

int requests_attach(struct cli *cli, int argc, char **argv)
{
	struct desk desk;
	int status, words = cli_options(cli, argc, argv, NULL, 0, 2, -1, &status);

	if (words < 0 || !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	return on_ticket(&desk, argv[0],
	    engine_attach(&desk.engine, argv[0], (const char *const *)argv + 1, (size_t)words - 1,
		&desk.why));
}

int requests_change(struct cli *cli, int argc, char **argv)
{
	const char *severity = NULL;
	bool close = false;
	const struct cli_option options[] = {
		{ "severity", "A|B|C", &severity, NULL, "critical, moderate or minimal" },
		{ "close", NULL, NULL, &close, "the problem is solved: close the ticket" },
	};
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 2, 1, 1, &status) < 0)
		return status;
	if ((severity && (strlen(severity) != 1 || !strchr("ABC", severity[0]))) ||
	    (!severity && !close))
		return cli_usage(cli, "say --severity A, B or C, or --close");
	if (!desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	return on_ticket(&desk, argv[0],
	    engine_change(
		&desk.engine, argv[0], severity ? severity[0] - 'A' + 1 : 0, close, &desk.why));
}

/* ---- cancel, replay ---------------------------------------------------------------------------
 */

int requests_cancel(struct cli *cli, int argc, char **argv)
{
	const char *reason = NULL;
	const struct cli_option options[] = { { "reason", "TEXT", &reason, NULL,
	    "why, for the record" } };
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	engine_cancel(&desk.engine, argv[0], reason, &desk.why);
	return finish(&desk, argv[0]);
}

int requests_replay(struct cli *cli, int argc, char **argv)
{
	bool same = false, reroute = false;
	const struct cli_option options[] = {
		{ "same-route", NULL, NULL, &same, "go on as it was decided" },
		{ "reroute", NULL, NULL, &reroute, "decide anew with what is known now" },
	};
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 2, 1, 1, &status) < 0)
		return status;
	if (same == reroute)
		return cli_usage(cli, "say either --same-route or --reroute");
	if (!desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	engine_replay(&desk.engine, argv[0], reroute, &desk.why);
	return finish(&desk, argv[0]);
}
