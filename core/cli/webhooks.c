/* Webhooks: what they did not take, a test, once more, on again. */
#include "cli/desk.h"
#include "engine/deliveries.h"
#include "service/parcel.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- list ------------------------------------------------------------------------ */

static void print_delivery(const struct json *d)
{
	const char *reason = json_get_chars(d, "reason"), *next = json_get_chars(d, "next");

	printf("  event %-8" PRId64 " %-5s %" PRId64 " tries%s%s",
	    json_number(json_get(d, "event"), 0), json_get_chars(d, "state"),
	    json_number(json_get(d, "tries"), 0), next ? ", next " : "", next ? next : "");
	if (reason)
		printf("  ");
	cli_text(text_of(reason));
	putchar('\n');
}

static void print_webhook(const struct cli *cli, const struct json *w)
{
	const struct json *deliveries = json_get(w, "deliveries");
	bool is_disabled = json_get_chars(w, "disabled") != NULL;

	cli_paint(cli, PAINT_BOLD, "%-20s", json_get_chars(w, "name"));
	cli_paint(cli, is_disabled ? PAINT_BAD : PAINT_GOOD, " %-9s", json_get_chars(w, "state"));
	printf(" %s  %s  %" PRId64 " behind, %" PRId64 " due, %" PRId64 " dead\n",
	    json_get_chars(w, "origin"), json_get_chars(w, "events"),
	    json_number(json_get(w, "behind"), 0), json_number(json_get(w, "due"), 0),
	    json_number(json_get(w, "dead"), 0));
	if (is_disabled)
		printf("  disabled since %s: %s; `caseroute webhooks enable %s`\n",
		    json_get_chars(w, "disabled"), json_get_chars(w, "reason"),
		    json_get_chars(w, "name"));
	for (size_t i = 0; i < json_length(deliveries); i++)
		print_delivery(json_at(deliveries, i));
}

int webhooks_list(struct cli *cli, int argc, char **argv)
{
	struct desk desk;
	struct json *all;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 0, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	all = view_webhooks(&desk.engine, desk.arena, &desk.why);
	if (cli->json) {
		cli_json(all);
		return desk_close(&desk, 0);
	}
	for (size_t i = 0; i < json_length(all); i++)
		print_webhook(cli, json_at(all, i));
	json_free(all);
	return desk_close(&desk, 0);
}

/* ---- test ------------------------------------------------------------------------- */

static int tell_test(struct desk *desk, const struct webhook *w)
{
	struct json *o = parcel_test(&desk->engine, w, &desk->why);
	bool is_taken = json_truth(json_get(o, "delivered"));

	if (!o)
		return 0;
	if (desk->cli->json) {
		cli_json(o);
		return is_taken ? 0 : FAILURE_UNAVAILABLE;
	}
	if (is_taken)
		printf("%s took the event %s\n", w->name, json_get_chars(o, "id"));
	else
		failure_set(&desk->why, FAILURE_UNAVAILABLE, "%s did not take the event: %s",
		    w->name, json_get_chars(o, "reason"));
	json_free(o);
	return 0;
}

int webhooks_test(struct cli *cli, int argc, char **argv)
{
	const struct webhook *w;
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	w = deliveries_of(&desk.engine, argv[0], &desk.why);
	status = w ? tell_test(&desk, w) : 0;
	return desk_close(&desk, status);
}

/* ---- resend, enable ------------------------------------------------------------------ */

static void resend(struct desk *desk, const char *name, int64_t event)
{
	const struct webhook *w = deliveries_of(&desk->engine, name, &desk->why);
	int64_t n = 0;

	if (!w || !deliveries_resend(&desk->engine, w, event, &n, &desk->why))
		return;
	if (desk->cli->json) {
		struct json *o = json_new_object();

		json_set(o, "resent", json_new_number(n));
		cli_json(o);
	} else if (!desk->cli->quiet) {
		printf("%" PRId64 " due again; the service sends %s\n", n, n == 1 ? "it" : "them");
	}
}

int webhooks_resend(struct cli *cli, int argc, char **argv)
{
	bool is_all_dead = false;
	const struct cli_option options[] = { { "dead", NULL, NULL, &is_all_dead,
	    "all dead letters of the webhook" } };
	int64_t event = 0;
	struct desk desk;
	int status, n = cli_options(cli, argc, argv, options, 1, 1, 2, &status);

	if (n < 0)
		return status;
	if (is_all_dead == (n == 2))
		return cli_usage(cli, "give the number of an event, or --dead");
	if (n == 2 && (!text_integer(text_of(argv[1]), &event) || event < 1))
		return cli_usage(cli, "%s is not the number of an event", argv[1]);
	if (!desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	resend(&desk, argv[0], event);
	return desk_close(&desk, 0);
}

int webhooks_enable(struct cli *cli, int argc, char **argv)
{
	const struct webhook *w;
	struct desk desk;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1, &status) < 0 ||
	    !desk_open(&desk, cli, LEDGER_CREATE, &status))
		return status;
	w = deliveries_of(&desk.engine, argv[0], &desk.why);
	if (w && deliveries_enable(&desk.engine, w, &desk.why)) {
		struct json *o = view_webhook(&desk.engine, w, desk.arena, &desk.why);

		if (cli->json)
			cli_json(json_hold(o));
		else if (!cli->quiet)
			print_webhook(cli, o);
		json_free(o);
	}
	return desk_close(&desk, 0);
}
