/* Commands that carry requests on: submit, answer, resume, refresh, message,
 * attach, change, cancel, replay. Where a service runs beside the ledger it does them; what is
 * printed then is read from the ledger either way. */
#include "cli/client.h"
#include "base/file.h"
#include "http/http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_BYTES ((size_t)1 << 20)

/* Was something asked of an open ticket that is not done yet, and for no person to do? */
static bool is_under_way(struct desk *desk, const struct request_row *row)
{
	struct ledger *ledger = desk->engine.ledger;
	struct operation_row operation;
	struct guide_row guide;

	return row->state == STATE_OPEN &&
	    ledger_operation(ledger, row->id, desk->arena, &operation, &desk->why) &&
	    !(ledger_guide(ledger, row->id, 0, desk->arena, &guide, &desk->why) && guide.is_open);
}

/* Prints the request and gives the exit status that its state stands for. */
static int finish(struct desk *desk, const char *id)
{
	struct request_row row;
	int status = 0;

	if (desk->why.kind == FAILURE_NONE &&
	    ledger_request(desk->engine.ledger, id, desk->arena, &row, &desk->why)) {
		status = is_under_way(desk, &row) ? FAILURE_TRY_LATER : desk_status_of(row.state);
		if (status == FAILURE_TRY_LATER)
			desk_trace_remark(desk, row.reason);
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

/* Of the commands that carry a request on. */
struct carrying {
	const char *wait, *trace;
};

static void carrying_options(struct carrying *c, struct cli_option out[2])
{
	*c = (struct carrying){ NULL, NULL };
	out[0] = (struct cli_option){ "wait", "DURATION", &c->wait, NULL,
		"how long to wait for the portal; default 2m" };
	out[1] = (struct cli_option){ "trace", "FILE", &c->trace, NULL,
		"writes the plugin's steps into a new file, as a transcript" };
}

static bool set_carrying(struct desk *desk, const struct carrying *c)
{
	return set_patience(desk, c->wait) && desk_trace(desk, c->trace);
}

/* A change of a request, by the service; takes the body over. False: there is none. */
static bool by_service(struct desk *desk, const char *id, const char *verb, struct json *body)
{
	struct buffer path = { 0 };
	char changed[ID_TEXT];
	bool is_there = true;

	if (desk->trace) {
		is_there = false;
	} else if (desk->why.kind == FAILURE_NONE) {
		buffer_text(&path, "/v1/requests/");
		http_encode(&path, text_of(id));
		buffer_format(&path, "/%s", verb);
		is_there = client_change(desk, path.p, body, changed);
	}
	buffer_free(&path);
	json_free(body);
	return is_there;
}

/* ---- submit ----------------------------------------------------------------------- */

/* The service may stand in another folder. */
static void make_paths_whole(struct json *request)
{
	const struct json *files = json_get(request, "files");

	for (size_t i = 0; json_kind(files) == JSON_IS_ARRAY && i < json_length(files); i++) {
		struct json *file = json_at(files, i);
		const char *path = json_get_chars(file, "path");
		char *whole = path ? realpath(path, NULL) : NULL;

		if (whole)
			json_set(file, "path", json_new_string(whole));
		free(whole);
	}
}

static bool record(
    struct desk *desk, struct json *request, char id[ID_TEXT], bool *is_new, bool *is_by_service)
{
	instant begun = instant_now();
	struct request_row row;

	make_paths_whole(request);
	*is_by_service = !desk->trace && client_change(desk, "/v1/requests", request, id);
	if (!*is_by_service) {
		if (!engine_submit(&desk->engine, request, id, is_new, &desk->why))
			*id = 0;
		return *id != 0;
	}
	*is_new = !*id || !ledger_request(desk->engine.ledger, id, desk->arena, &row, &desk->why) ||
	    row.created >= begun;
	return desk->why.kind == FAILURE_NONE;
}

static bool submit(struct desk *desk, const char *path, char id[ID_TEXT])
{
	struct buffer bytes = { 0 };
	struct json *request = NULL;
	bool is_new = false, is_by_service = false, is_ok;

	if (file_read(path, INPUT_BYTES, &bytes, &desk->why))
		request = json_read(buffer_as_text(&bytes),
		    text_same(path, "-") ? "standard input" : path, INPUT_BYTES, &desk->why);
	is_ok = request && record(desk, request, id, &is_new, &is_by_service);
	if (is_ok && !is_new)
		fprintf(stderr, "caseroute: this request is on record already\n");
	json_free(request);
	buffer_free(&bytes);
	return is_ok && (is_by_service || engine_drive(&desk->engine, id, &desk->why));
}

int submit_run(struct cli *cli, int argc, char **argv)
{
	struct carrying c;
	struct cli_option options[2];
	struct desk desk;
	char id[ID_TEXT] = "";
	int status;

	carrying_options(&c, options);
	if (cli_options(cli, argc, argv, options, 2, 0, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	if (set_carrying(&desk, &c))
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

static struct json *answer_body(
    int64_t guide, const char *code, const struct json *values, const char *account)
{
	struct json *body = json_new_object();

	if (code) {
		json_set(body, "guide", json_new_number(guide));
		json_set(body, "code", json_new_string(code));
		json_set(body, "account", json_new_string(account));
	}
	json_set(body, "values", json_clone(values));
	return body;
}

static bool answer(struct desk *desk, char **words)
{
	int64_t guide = split_guide(desk, words[0]);
	const char *code = words[1] && !strchr(words[1], '=') ? words[1] : NULL, *account = NULL;
	struct json *values = read_values(desk, words + (code ? 2 : 1), code ? &account : NULL);
	bool is_ok = desk->why.kind == FAILURE_NONE, is_done = false;

	if (is_ok)
		is_done = by_service(
		    desk, words[0], "answers", answer_body(guide, code, values, account));
	if (is_ok && !is_done && code)
		is_ok = engine_answer(
		    &desk->engine, words[0], guide, code, values, account, &desk->why);
	else if (is_ok && !is_done)
		is_ok = engine_tell(&desk->engine, words[0], values, &desk->why);
	json_free(values);
	return is_ok && (is_done || engine_drive(&desk->engine, words[0], &desk->why));
}

int requests_answer(struct cli *cli, int argc, char **argv)
{
	struct carrying c;
	struct cli_option options[2];
	struct desk desk;
	int status;

	carrying_options(&c, options);
	if (cli_options(cli, argc, argv, options, 2, 2, -1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	if (set_carrying(&desk, &c))
		answer(&desk, argv);
	return finish(&desk, argv[0]);
}

/* ---- resume ------------------------------------------------------------------------------ */

int requests_resume(struct cli *cli, int argc, char **argv)
{
	struct carrying c;
	struct cli_option options[2];
	struct desk desk;
	size_t n = 0;
	int status;

	carrying_options(&c, options);
	if (cli_options(cli, argc, argv, options, 2, 0, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	if (!set_carrying(&desk, &c))
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
	struct carrying c;
	struct cli_option options[2];
	struct desk desk;
	int status;

	carrying_options(&c, options);
	if (cli_options(cli, argc, argv, options, 2, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	return on_ticket(&desk, argv[0],
	    set_carrying(&desk, &c) && !by_service(&desk, argv[0], "refresh", json_new_object()) &&
		engine_refresh(&desk.engine, argv[0], &desk.why));
}

/* By the service, else here; true: to be driven here. */
static bool message(struct desk *desk, const char *id, const char *subject, struct text text)
{
	struct json *body = json_new_object();

	json_set(body, "subject", json_new_string(subject));
	json_set(body, "body", json_new_text(text));
	return !by_service(desk, id, "messages", body) &&
	    engine_message(&desk->engine, id, subject, text, &desk->why);
}

int requests_message(struct cli *cli, int argc, char **argv)
{
	const char *subject = NULL;
	struct carrying c;
	struct cli_option options[3] = { [2] = { "subject", "TEXT", &subject, NULL,
					     "default: the request's title" } };
	struct buffer body = { 0 };
	struct desk desk;
	bool is_taken;
	int status;

	carrying_options(&c, options);
	if (cli_options(cli, argc, argv, options, 3, 1, 2, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	is_taken = set_carrying(&desk, &c) &&
	    file_read(argv[1] ? argv[1] : "-", INPUT_BYTES, &body, &desk.why) &&
	    message(&desk, argv[0], subject, buffer_as_text(&body));
	buffer_free(&body);
	return on_ticket(&desk, argv[0], is_taken);
}

static bool attach(struct desk *desk, const char *id, char **paths)
{
	struct json *body = json_new_object(), *files = json_new_array();
	size_t n = 0;

	for (; paths[n]; n++) {
		struct json *one = json_new_object();

		if (access(paths[n], F_OK) != 0)
			failure_set(
			    &desk->why, FAILURE_NO_INPUT, "%s: there is no such file", paths[n]);
		json_set(one, "path", json_new_string(paths[n]));
		json_append(files, one);
	}
	json_set(body, "files", files);
	make_paths_whole(body);
	return !by_service(desk, id, "attachments", body) &&
	    engine_attach(&desk->engine, id, (const char *const *)paths, n, &desk->why);
}

int requests_attach(struct cli *cli, int argc, char **argv)
{
	struct carrying c;
	struct cli_option options[2];
	struct desk desk;
	int status;

	carrying_options(&c, options);
	if (cli_options(cli, argc, argv, options, 2, 2, -1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	return on_ticket(
	    &desk, argv[0], set_carrying(&desk, &c) && attach(&desk, argv[0], argv + 1));
}

static bool change(struct desk *desk, const char *id, const char *severity, bool close)
{
	struct json *body = json_new_object();

	json_set(body, "severity", json_new_string(severity));
	json_set(body, "close", json_new_boolean(close));
	return !by_service(desk, id, "changes", body) &&
	    engine_change(
		&desk->engine, id, severity ? severity[0] - 'A' + 1 : 0, close, &desk->why);
}

int requests_change(struct cli *cli, int argc, char **argv)
{
	const char *severity = NULL;
	bool close = false;
	struct carrying c;
	struct cli_option options[4] = {
		[2] = { "severity", "A|B|C", &severity, NULL, "critical, moderate or minimal" },
		[3] = { "close", NULL, NULL, &close, "the problem is solved: close the ticket" },
	};
	struct desk desk;
	int status;

	carrying_options(&c, options);
	if (cli_options(cli, argc, argv, options, 4, 1, 1, &status) < 0)
		return status;
	if ((severity && (strlen(severity) != 1 || !strchr("ABC", severity[0]))) ||
	    (!severity && !close))
		return cli_usage(cli, "say --severity A, B or C, or --close");
	if (!desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	return on_ticket(
	    &desk, argv[0], set_carrying(&desk, &c) && change(&desk, argv[0], severity, close));
}

/* ---- cancel, replay ---------------------------------------------------------------------------
 */

int requests_cancel(struct cli *cli, int argc, char **argv)
{
	const char *reason = NULL;
	const struct cli_option options[] = { { "reason", "TEXT", &reason, NULL,
	    "why, for the record" } };
	struct json *body;
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	body = json_new_object();
	json_set(body, "reason", json_new_string(reason));
	if (!by_service(&desk, argv[0], "cancel", body))
		engine_cancel(&desk.engine, argv[0], reason, &desk.why);
	return finish(&desk, argv[0]);
}

int requests_replay(struct cli *cli, int argc, char **argv)
{
	bool same = false, reroute = false;
	struct carrying c;
	struct cli_option options[4] = {
		[2] = { "same-route", NULL, NULL, &same, "go on as it was decided" },
		[3] = { "reroute", NULL, NULL, &reroute, "decide anew with what is known now" },
	};
	struct json *body;
	struct desk desk;
	int status;

	carrying_options(&c, options);
	if (cli_options(cli, argc, argv, options, 4, 1, 1, &status) < 0)
		return status;
	if (same == reroute)
		return cli_usage(cli, "say either --same-route or --reroute");
	if (!desk_open(&desk, cli, LEDGER_WRITE, &status))
		return status;
	if (!set_carrying(&desk, &c))
		return desk_close(&desk, 0);
	body = json_new_object();
	json_set(body, "reroute", json_new_boolean(reroute));
	if (!by_service(&desk, argv[0], "replay", body))
		engine_replay(&desk.engine, argv[0], reroute, &desk.why);
	return finish(&desk, argv[0]);
}
