/* What is counted of exchanges with portals, and how the gates to them stand. */
#include "portal/timing.h"
#include "service/api_inside.h"
#include "service/metric.h"

#include <stdio.h>

/* ---- exchanges ----------------------------------------------------------------------- */

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

/* ---- gates ------------------------------------------------------------------------------ */

enum figure { IN_FLIGHT, WAITING, STATE, OPENED, REFUSED };

static int64_t figure_of(const struct gate_counts *c, enum figure figure)
{
	switch (figure) {
	case IN_FLIGHT: return atomic_load(&c->in_flight);
	case WAITING: return atomic_load(&c->waiting);
	case STATE: return atomic_load(&c->state);
	case OPENED: return (int64_t)atomic_load(&c->opened);
	case REFUSED: break;
	}
	return (int64_t)atomic_load(&c->retries_refused);
}

static void write_gates(struct buffer *out, const struct gates *gates)
{
	static const struct {
		enum figure figure;
		const char *name, *type, *help;
	} all[] = {
		{ IN_FLIGHT, "caseroute_portal_in_flight", "gauge", "Exchanges under way." },
		{ WAITING, "caseroute_portal_waiting", "gauge",
		    "Exchanges that wait for their turn at a busy portal." },
		{ STATE, "caseroute_portal_breaker_state", "gauge",
		    "0 closed, 1 half-open (one exchange tries), 2 open (the portal is left "
		    "alone)." },
		{ OPENED, "caseroute_portal_breaker_opened_total", "counter",
		    "Times that a portal failed too often in a row." },
		{ REFUSED, "caseroute_portal_retries_refused_total", "counter",
		    "Further tries that were put off because there had been too many." },
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		metric_head(out, all[i].name, all[i].type, all[i].help);
		for (const struct gate *g = NULL; (g = gates_next(gates, g));)
			metric_of(out, all[i].name, "portal", gate_portal(g),
			    figure_of(gate_counts(g), all[i].figure));
	}
}

/* ---- confined children -------------------------------------------------------------------- */

enum child_figure { STARTS, DEATHS, CLOSED };

static int64_t child_figure_of(const struct portal_home *home, enum child_figure figure)
{
	switch (figure) {
	case STARTS: return (int64_t)home->starts;
	case DEATHS: return (int64_t)home->deaths;
	case CLOSED: break;
	}
	return home->closed_ms > 0;
}

/* Of the configuration in force: counters begin anew with it. */
static void write_children(struct buffer *out, const struct portals *portals)
{
	static const struct {
		enum child_figure figure;
		const char *name, *type, *help;
	} all[] = {
		{ STARTS, "caseroute_portal_child_starts_total", "counter",
		    "Confined children that were started for the portal's plugin." },
		{ DEATHS, "caseroute_portal_child_deaths_total", "counter",
		    "Those that died, or were ended because they did not keep the rules." },
		{ CLOSED, "caseroute_portal_closed", "gauge",
		    "1: its plugin died too often, and its requests wait." },
	};
	struct portal_home home;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		metric_head(out, all[i].name, all[i].type, all[i].help);
		for (size_t p = 0; p < portals_count(portals); p++) {
			portal_home(portals_at(portals, p), &home);
			if (home.is_process)
				metric_of(out, all[i].name, "portal",
				    portal_name(portals_at(portals, p)),
				    child_figure_of(&home, all[i].figure));
		}
	}
}

void metrics_portals(struct buffer *out, const struct gates *gates, const struct portals *portals)
{
	write_children(out, portals);
	write_exchanges(out);
	write_durations(out);
	write_gates(out, gates);
}
