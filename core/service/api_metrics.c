/* What the service counts, as Prometheus reads it. */
#include "service/api_inside.h"
#include "portal/timing.h"
#include "service/metric.h"

#include <stdio.h>

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
	metric_counter(out, "caseroute_api_unauthorized_total", "Requests without a good key or token.",
	    atomic_load(&api->counts.unauthorized));
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

/* ---- portals -----------------------------------------------------------------------------------
 */

static void write_exchanges(struct buffer *out)
{
	static const char name[] = "caseroute_portal_exchanges_total";
	static const char *const classes[] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx" };
	struct timing t;

	metric_head(out, name, "counter",
	    "Exchanges with portals, by class of status; none: there was no whole reply.");
	for (size_t n = 0; timing_at(n, &t); n++)
		for (size_t class = 0; class < 6; class ++)
			if (t.by_class[class]) {
				buffer_format(out, "%s{portal=\"", name);
				metric_label(out, t.portal);
				buffer_format(out, "\",class=\"%s\"} %llu\n", classes[class],
				    (unsigned long long)t.by_class[class]);
			}
}

static void write_bucket(
    struct buffer *out, const struct timing *t, const char *bound, uint64_t count)
{
	buffer_text(out, "caseroute_portal_exchange_duration_seconds_bucket{portal=\"");
	metric_label(out, t->portal);
	buffer_format(out, "\",le=\"%s\"} %llu\n", bound, (unsigned long long)count);
}

static void write_durations(struct buffer *out)
{
	static const char name[] = "caseroute_portal_exchange_duration_seconds";
	struct timing t;
	char bound[16];

	metric_head(out, name, "histogram", "How long exchanges with portals take.");
	for (size_t n = 0; timing_at(n, &t); n++) {
		for (size_t i = 0; i < TIMING_BUCKETS; i++) {
			snprintf(bound, sizeof bound, "%g", timing_bounds_ms[i] / 1000.0);
			write_bucket(out, &t, bound, t.within[i]);
		}
		write_bucket(out, &t, "+Inf", t.count);
		buffer_format(out, "%s_sum{portal=\"", name);
		metric_label(out, t.portal);
		buffer_format(out, "\"} %llu.%03llu\n%s_count{portal=\"",
		    (unsigned long long)t.sum_ms / 1000, (unsigned long long)t.sum_ms % 1000, name);
		metric_label(out, t.portal);
		buffer_format(out, "\"} %llu\n", (unsigned long long)t.count);
	}
}

struct gate_metric {
	const char *name, *type, *help;
	uint64_t (*value)(const struct gate_counts *);
};

static uint64_t in_flight(const struct gate_counts *c)
{
	return atomic_load(&c->in_flight);
}

static uint64_t waiting(const struct gate_counts *c)
{
	return atomic_load(&c->waiting);
}

static uint64_t is_left_alone(const struct gate_counts *c)
{
	return atomic_load(&c->state) != GATE_CLOSED;
}

static uint64_t times_opened(const struct gate_counts *c)
{
	return atomic_load(&c->opened);
}

static uint64_t retries_refused(const struct gate_counts *c)
{
	return atomic_load(&c->retries_refused);
}

static const struct gate_metric gate_metrics[] = {
	{ "caseroute_portal_exchanges_under_way", "gauge", "Exchanges with portals under way now.",
	    in_flight },
	{ "caseroute_portal_exchanges_waiting", "gauge", "Exchanges that wait for their turn now.",
	    waiting },
	{ "caseroute_portal_paused", "gauge",
	    "Is 1 while a portal that failed is left alone, or tried with one exchange.",
	    is_left_alone },
	{ "caseroute_portal_pauses_total", "counter",
	    "Times that a portal was left alone because it failed.", times_opened },
	{ "caseroute_portal_retries_refused_total", "counter",
	    "Further tries beyond the portal's retry_percent, which were put off.",
	    retries_refused },
};

static void write_gates(struct buffer *out, const struct gates *gates)
{
	for (size_t i = 0; i < sizeof gate_metrics / sizeof gate_metrics[0]; i++) {
		const struct gate_metric *m = &gate_metrics[i];

		metric_head(out, m->name, m->type, m->help);
		for (const struct gate *g = gates_next(gates, NULL); g; g = gates_next(gates, g))
			metric_of(
			    out, m->name, "portal", gate_portal(g), (int64_t)m->value(gate_counts(g)));
	}
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
	struct buffer out = { 0 };

	(void)e;
	write_configuration(&out, api);
	write_work(&out, api);
	write_answers(&out, api);
	write_server(&out, atomic_load(&api->server));
	write_exchanges(&out);
	write_durations(&out);
	write_gates(&out, loop_gates(api->loop));
	write_requests(&out, &sample);
	write_handoffs(&out, &sample);
	write_incidents(&out, &sample);
	write_ledger(&out, &sample, atomic_load(&loop_counts(api->loop)->written.failed));
	metric_process(&out);
	metrics_webhooks(&out, api->outbox);
	api_answer_text(call, METRICS_TYPE, buffer_as_text(&out));
	buffer_free(&out);
}
