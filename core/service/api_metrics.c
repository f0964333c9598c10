/* What the service counts, as Prometheus reads it (text format 0.0.4). */
#include "service/api_inside.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Labels are words of this program only: nothing that a request holds makes a series. */
static void head(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void counter(struct buffer *out, const char *name, const char *help, uint64_t value)
{
	head(out, name, "counter", help);
	buffer_format(out, "%s %llu\n", name, (unsigned long long)value);
}

static void gauge(struct buffer *out, const char *name, const char *help, uint64_t value)
{
	head(out, name, "gauge", help);
	buffer_format(out, "%s %llu\n", name, (unsigned long long)value);
}

static void info(
    struct buffer *out, const char *name, const char *help, const char *label, const char *value)
{
	head(out, name, "gauge", help);
	buffer_format(out, "%s{%s=\"%s\"} 1\n", name, label, value);
}

static void write_configuration(struct buffer *out, struct api *api)
{
	struct generation *g = loop_generation(api->loop);
	char refused[200];

	info(out, "caseroute_build_info", "The version that runs.", "version", CASEROUTE_VERSION);
	info(out, "caseroute_config_info", "The configuration in force, by its digest.",
	    "generation", g->digest);
	gauge(out, "caseroute_config_reload_refused",
	    "Is 1 while the last reload was refused and the older configuration is in force.",
	    reload_refused(api->reload, refused));
	generation_free(g);
}

static void write_work(struct buffer *out, struct api *api)
{
	const struct loop_counts *c = loop_counts(api->loop);

	counter(out, "caseroute_requests_accepted_total", "Requests that were recorded.",
	    atomic_load(&api->counts.accepted));
	counter(out, "caseroute_requests_repeated_total",
	    "Submissions of a request that was on record already, by key or reference.",
	    atomic_load(&api->counts.repeated));
	counter(out, "caseroute_requests_driven_total",
	    "Times that a request was carried on until it came to rest or had to wait.",
	    atomic_load(&c->driven));
	gauge(out, "caseroute_requests_driving", "Requests that are being carried on now.",
	    atomic_load(&c->driving));
	gauge(out, "caseroute_work_queued", "Pieces of work that have not begun.",
	    atomic_load(&c->queued));
	counter(out, "caseroute_ledger_commits_total", "Durable commits.",
	    atomic_load(&c->written.commits));
	counter(out, "caseroute_ledger_changes_total", "Changes in those commits.",
	    atomic_load(&c->written.changes));
}

static void write_answers(struct buffer *out, struct api *api)
{
	static const char name[] = "caseroute_api_answers_total";

	head(out, name, "counter", "Answers of the API, by class of status.");
	for (unsigned class = 2; class <= 5; class ++)
		if (class != 3)
			buffer_format(out, "%s{class=\"%uxx\"} %llu\n", name, class,
			    (unsigned long long)atomic_load(&api->counts.answers[class]));
	counter(out, "caseroute_api_unauthorized_total", "Requests without a good key or token.",
	    atomic_load(&api->counts.unauthorized));
	counter(out, "caseroute_api_held_off_total",
	    "Requests with a wrong key or token from where there had been too many.",
	    atomic_load(&api->counts.held_off));
}

static void write_server(struct buffer *out, const struct server *server)
{
	struct server_counts c = { 0 };

	if (server)
		c = server_counts(server);
	counter(out, "caseroute_http_connections_total", "Connections accepted.", c.connections);
	counter(out, "caseroute_http_requests_total", "Whole requests received.", c.requests);
	counter(out, "caseroute_http_refusals_total",
	    "Requests refused before the API saw them, malformed or too large.", c.refusals);
	counter(
	    out, "caseroute_http_timeouts_total", "Connections ended for slowness.", c.timeouts);
	counter(
	    out, "caseroute_http_turned_away_total", "Connections beyond a limit.", c.turned_away);
	gauge(out, "caseroute_http_connections", "Connections open now.", c.open);
	gauge(out, "caseroute_http_requests_waiting", "Requests that wait for their answer now.",
	    c.waiting);
}

void api_metrics(struct call *call, struct engine *e)
{
	struct api *api = call->api;
	struct buffer out = { 0 };

	(void)e;
	write_configuration(&out, api);
	write_work(&out, api);
	write_answers(&out, api);
	write_server(&out, atomic_load(&api->server));
	metrics_webhooks(&out, api->outbox);
	api_answer_text(call, METRICS_TYPE, buffer_as_text(&out));
	buffer_free(&out);
}
