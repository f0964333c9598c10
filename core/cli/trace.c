/* requests trace: the steps of a request, as far as they are on record. */
#include "cli/desk.h"
#include "check/transcript_write.h"
#include "engine/view.h"

#include <stdio.h>
#include <string.h>

static void print_member(const char *before, const struct json *value)
{
	struct buffer text = { 0 };

	json_write(value, JSON_LINE, &text);
	fputs(before, stdout);
	cli_text(buffer_as_text(&text));
	putchar('\n');
	buffer_free(&text);
}

static void print_event(const struct json *e)
{
	const char *from = json_get_chars(e, "from"), *to = json_get_chars(e, "to"),
		   *who = json_get_chars(e, "who"), *why = json_get_chars(e, "why");

	printf("# %s %s %s", json_get_chars(e, "at"), who ? who : "-", json_get_chars(e, "what"));
	if (!text_same(from, to))
		printf("  %s > %s", from ? from : "", to ? to : "");
	if (why && *why) {
		fputs("  ", stdout);
		cli_text(text_of(why));
	}
	putchar('\n');
}

static void print_guide(const struct json *g)
{
	printf("# %s guide %lld\n@ operation %s\n? guide\n", json_get_chars(g, "at"),
	    (long long)json_number(json_get(g, "number"), 0), json_get_chars(g, "operation"));
	print_member("", json_get(g, "guide"));
	if (json_kind(json_get(g, "answer")) == JSON_IS_OBJECT)
		print_member("! ", json_get(g, "answer"));
}

static void print_operation(const struct json *op)
{
	printf("# %s now, at portal %s\n@ operation %s\n@ key %s\n", json_get_chars(op, "started"),
	    json_get_chars(op, "portal"), json_get_chars(op, "operation"),
	    json_get_chars(op, "key"));
	printf("# stage %lld after %lld steps", (long long)json_number(json_get(op, "stage"), 0),
	    (long long)json_number(json_get(op, "steps"), 0));
	print_member(", cursor ", json_get(op, "cursor"));
	if (json_kind(json_get(op, "exchange")) != JSON_IS_OBJECT)
		return;
	transcript_exchange(stdout, json_get(op, "exchange"));
	printf("# %s, tries put off: %lld\n",
	    json_truth(json_get(op, "sent")) ? "sent, and no reply is on record" : "not sent yet",
	    (long long)json_number(json_get(op, "tries"), 0));
}

/* Events and guides by their time, then where the operation is. */
static void print_trace(const struct json *trace)
{
	const struct json *events = json_get(trace, "events"), *guides = json_get(trace, "guides");
	size_t e = 0, g = 0;

	puts("# Replies are not kept: --trace FILE of the commands that carry a request on writes "
	     "them as they come.");
	while (e < json_length(events) || g < json_length(guides)) {
		const char *at = json_get_chars(json_at(events, e), "at"),
			   *guide_at = json_get_chars(json_at(guides, g), "at");

		if (!guide_at || (at && strcmp(at, guide_at) <= 0))
			print_event(json_at(events, e++));
		else
			print_guide(json_at(guides, g++));
	}
	if (json_kind(json_get(trace, "operation")) == JSON_IS_OBJECT)
		print_operation(json_get(trace, "operation"));
}

int requests_trace(struct cli *cli, int argc, char **argv)
{
	struct json *trace = NULL;
	struct request_row row;
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_READ, &status))
		return status;
	if (ledger_request(desk.engine.ledger, argv[0], desk.arena, &row, &desk.why))
		trace = view_trace(desk.engine.ledger, &row, desk.arena, &desk.why);
	else
		failure_set(&desk.why, FAILURE_NO_INPUT, "there is no request %s", argv[0]);
	if (trace && !cli->json)
		print_trace(trace);
	if (trace && cli->json)
		cli_json(trace);
	else
		json_free(trace);
	return desk_close(&desk, 0);
}
