/* What is counted of events that go out. Labels are names of the configuration. */
#include "service/api_inside.h"
#include "service/outbox.h"

enum gauge { DUE, DEAD, OLDEST };

static long long value_of(const struct outbox_counts *c, enum gauge gauge)
{
	long long oldest;

	if (gauge == DUE)
		return atomic_load(&c->due);
	if (gauge == DEAD)
		return atomic_load(&c->dead);
	oldest = atomic_load(&c->oldest);
	return oldest && oldest < instant_now() ? (instant_now() - oldest) / INSTANT_SECOND : 0;
}

static void write_gauge(
    struct buffer *out, struct outbox *outbox, enum gauge gauge, const char *name, const char *help)
{
	const struct outbox_counts *c;
	const char *webhook;

	buffer_format(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
	for (size_t i = 0; (c = outbox_counts(outbox, i, &webhook)); i++)
		buffer_format(out, "%s{webhook=\"%s\"} %lld\n", name, webhook, value_of(c, gauge));
}

static void write_tries(struct buffer *out, struct outbox *outbox)
{
	static const char name[] = "caseroute_webhook_deliveries_total";
	const struct outbox_counts *c;
	const char *webhook;

	buffer_format(out, "# HELP %s Tries to deliver an event, by outcome.\n# TYPE %s counter\n",
	    name, name);
	for (size_t i = 0; (c = outbox_counts(outbox, i, &webhook)); i++) {
		const struct {
			const char *outcome;
			unsigned long long n;
		} all[] = { { "delivered", atomic_load(&c->delivered) },
			{ "failed", atomic_load(&c->failed) },
			{ "dead", atomic_load(&c->dead_letters) } };

		for (size_t k = 0; k < sizeof all / sizeof all[0]; k++)
			buffer_format(out, "%s{webhook=\"%s\",outcome=\"%s\"} %llu\n", name,
			    webhook, all[k].outcome, all[k].n);
	}
}

void metrics_webhooks(struct buffer *out, struct outbox *outbox)
{
	const char *ignored;

	if (!outbox_counts(outbox, 0, &ignored))
		return;
	write_tries(out, outbox);
	write_gauge(out, outbox, DUE, "caseroute_webhook_deliveries_due",
	    "Events that were not taken and are tried again.");
	write_gauge(out, outbox, DEAD, "caseroute_webhook_dead_letters",
	    "Events that are not tried any more until they are resent.");
	write_gauge(out, outbox, OLDEST, "caseroute_webhook_oldest_seconds",
	    "Age of the oldest event that is not delivered yet; dead letters do not count.");
}
