/* What the service counts, as Prometheus reads it. */
#include "service/api_inside.h"
#include "service/metric.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* ---- configuration and process --------------------------------------------------------- */

static void write_configuration(struct buffer *out, struct api *api)
{
	struct generation *g = loop_generation(api->loop);
	struct reload_counts r = reload_counts(api->reload);
	char refused[200];

	metric_info(
	    out, "caseroute_build_info", "The version that runs.", "version", CASEROUTE_VERSION);
	metric_info(out, "caseroute_config_info", "The configuration in force, by its digest.",
	    "generation", g->digest);
	metric_gauge(out, "caseroute_config_reload_refused",
	    "Is 1 while the last reload was refused and the older configuration is in force.",
	    reload_refused(api->reload, refused));
	metric_head(out, "caseroute_config_reloads_total", "counter", "Reloads, by outcome.");
	metric_of(out, "caseroute_config_reloads_total", "result", "taken", (int64_t)r.taken);
	metric_of(out, "caseroute_config_reloads_total", "result", "refused", (int64_t)r.refused);
	metric_seconds(out, "caseroute_config_last_reload_success_timestamp_seconds", "gauge",
	    "When the configuration in force was loaded.", r.taken_at);
	metric_seconds(
	    out, "process_start_time_seconds", "gauge", "When the service started.", r.started_at);
	generation_free(g);
}

/* ---- work --------------------------------------------------------------------------------- */

static void write_work(struct buffer *out, struct api *api)
{
	const struct loop_counts *c = loop_counts(api->loop);

	metric_counter(out, "caseroute_requests_accepted_total", "Requests that were recorded.",
	    atomic_load(&api->counts.accepted));
	metric_counter(out, "caseroute_requests_repeated_total",
	    "Submissions of a request that was on record already, by key or reference.",
	    atomic_load(&api->counts.repeated));
	metric_counter(out, "caseroute_requests_driven_total",
	    "Times that a request was carried on until it came to rest or had to wait.",
	    atomic_load(&c->driven));
	metric_gauge(out, "caseroute_requests_driving", "Requests that are being carried on now.",
	    (int64_t)atomic_load(&c->driving));
	metric_gauge(out, "caseroute_work_queued", "Pieces of work that have not begun.",
	    (int64_t)atomic_load(&c->queued));
	metric_counter(out, "caseroute_ledger_commits_total", "Durable commits.",
	    atomic_load(&c->written.commits));
	metric_counter(out, "caseroute_ledger_changes_total", "Changes in those commits.",
	    atomic_load(&c->written.changes));
}

static void write_answers(struct buffer *out, struct api *api)
{
	static const char name[] = "caseroute_api_answers_total";
	static const char *const classes[] = { [2] = "2xx", [4] = "4xx", [5] = "5xx" };

	metric_head(out, name, "counter", "Answers of the API, by class of status.");
	for (unsigned class = 2; class <= 5; class ++)
		if (classes[class])
			metric_of(out, name, "class", classes[class],
			    (int64_t)atomic_load(&api->counts.answers[class]));
	metric_counter(out, "caseroute_api_unauthorized_total",
	    "Requests without a good key or token.", atomic_load(&api->counts.unauthorized));
	metric_counter(out, "caseroute_api_held_off_total",
	    "Requests with a wrong key or token from where there had been too many.",
	    atomic_load(&api->counts.held_off));
}

static void write_server(struct buffer *out, const struct server *server)
{
	struct server_counts c = { 0 };

	if (server)
		c = server_counts(server);
	metric_counter(
	    out, "caseroute_http_connections_total", "Connections accepted.", c.connections);
	metric_counter(
	    out, "caseroute_http_requests_total", "Whole requests received.", c.requests);
	metric_counter(out, "caseroute_http_refusals_total",
	    "Requests refused before the API saw them, malformed or too large.", c.refusals);
	metric_counter(
	    out, "caseroute_http_timeouts_total", "Connections ended for slowness.", c.timeouts);
	metric_counter(
	    out, "caseroute_http_turned_away_total", "Connections beyond a limit.", c.turned_away);
	metric_counter(out, "caseroute_http_streams_cut_total",
	    "Streams of events ended because their reader was too slow.", c.streams_cut);
	metric_gauge(out, "caseroute_http_connections", "Connections open now.", c.open);
	metric_gauge(out, "caseroute_http_requests_waiting",
	    "Requests that wait for their answer now.", c.waiting);
}

/* ---- the ledger, as the keeper saw it last -----------------------------------------------------
 */

static void write_requests(struct buffer *out, const struct keeper_sample *s)
{
	static const char name[] = "caseroute_requests";
	const int64_t *n = s->ledger.requests;
	instant oldest = s->ledger.oldest_work;

	metric_head(out, name, "gauge", "Requests on record, by state.");
	for (int state = STATE_ASKING; state <= STATE_CANCELLED; state++)
		metric_of(out, name, "state", state_name((enum request_state)state), n[state]);
	metric_gauge(out, "caseroute_queue_depth",
	    "Requests that wait for a portal, now or at a later time.",
	    n[STATE_READY] + n[STATE_LINKING] + n[STATE_CREATING] + n[STATE_WAITING]);
	metric_seconds(out, "caseroute_queue_oldest_age_seconds", "gauge",
	    "Age of the oldest of them.",
	    oldest == INSTANT_UNKNOWN || oldest > s->at ? 0 : s->at - oldest);
}

static void write_handoffs(struct buffer *out, const struct keeper_sample *s)
{
	metric_gauge(out, "caseroute_handoffs_open", "Guides that wait for a person.",
	    s->ledger.guides_open);
	metric_gauge(out, "caseroute_handoffs_overdue", "Those of them that are overdue.",
	    s->ledger.guides_overdue);
	metric_counter(out, "caseroute_handoff_reminders_total",
	    "Times that an overdue hand-off was told of.", s->reminders);
}

static void write_incidents(struct buffer *out, const struct keeper_sample *s)
{
	static const char left[] = "caseroute_incidents_remaining",
			  held[] = "caseroute_incidents_reserved";

	metric_head(out, left, "gauge",
	    "Incidents left of the contracts that have not ended, by plan, as last seen.");
	for (size_t i = 0; i < s->n_plans; i++)
		metric_of(out, left, "plan", s->plans[i].plan, s->plans[i].remaining);
	metric_head(out, held, "gauge", "Incidents held by requests that have no ticket yet.");
	for (size_t i = 0; i < s->n_plans; i++)
		metric_of(out, held, "plan", s->plans[i].plan, s->plans[i].reserved);
}

static void write_ledger(struct buffer *out, const struct keeper_sample *s, uint64_t failed)
{
	static const char pruned[] = "caseroute_pruned_total", bytes[] = "caseroute_ledger_bytes";

	metric_counter(out, "caseroute_ledger_errors_total",
	    "Commits and looks that the ledger did not make.", failed + s->failures);
	metric_counter(out, "caseroute_ledger_events_total", "Events since the ledger was made.",
	    (uint64_t)s->ledger.last_event);
	metric_head(out, bytes, "gauge", "Size of the ledger's files.");
	metric_of(out, bytes, "file", "ledger", s->ledger_bytes);
	metric_of(out, bytes, "file", "log", s->log_bytes);
	metric_head(out, pruned, "counter", "What went by age, by class of [retention].");
	metric_of(out, pruned, "class", "texts", (int64_t)s->texts);
	metric_of(out, pruned, "class", "requests", (int64_t)s->requests);
	metric_of(out, pruned, "class", "events", (int64_t)s->events);
	metric_seconds(out, "caseroute_work_turned_timestamp_seconds", "gauge",
	    "When work last went round, commits included; stands still while it is stuck.",
	    s->turned_at);
}

void api_metrics(struct call *call, struct engine *e)
{
	struct api *api = call->api;
	struct keeper_sample sample = keeper_look(api->keeper);
	struct generation *g = loop_generation(api->loop);
	struct buffer out = { 0 };

	(void)e;
	write_configuration(&out, api);
	write_work(&out, api);
	write_answers(&out, api);
	write_server(&out, atomic_load(&api->server));
	metrics_portals(&out, loop_gates(api->loop), g->portals);
	write_requests(&out, &sample);
	write_handoffs(&out, &sample);
	write_incidents(&out, &sample);
	write_ledger(&out, &sample, atomic_load(&loop_counts(api->loop)->written.failed));
	metric_process(&out);
	metrics_webhooks(&out, api->outbox);
	api_answer_text(call, METRICS_TYPE, buffer_as_text(&out));
	buffer_free(&out);
	generation_free(g);
}
