#include "engine/upkeep.h"
#include "engine/engine.h"
#include "base/log.h"

#include <stdio.h>

/* ---- configuration ------------------------------------------------------------------- */

#define LEAST 1000                                   /* ms */
#define MOST ((int64_t)100 * 366 * 24 * 3600 * 1000) /* a hundred years */

enum { S_DUE, S_REMIND, S_SOCKET };

static const struct option service_options[] = {
	[S_DUE] = { .name = "handoff_due",
	    .type = OPTION_DURATION,
	    .fallback = "1d",
	    .min = LEAST,
	    .max = MOST,
	    .help = "how long a person may take, where the portal has no due of its own" },
	[S_REMIND] = { .name = "handoff_remind",
	    .type = OPTION_DURATION,
	    .fallback = "1d",
	    .min = LEAST,
	    .max = MOST,
	    .help = "from one reminder of an overdue hand-off to the next" },
	[S_SOCKET] = { .name = "socket",
	    .type = OPTION_PATH,
	    .help = "Unix socket where the service is met; else caseroute.sock beside the ledger" },
};

enum { R_TEXTS, R_REQUESTS, R_EVENTS };

static const struct option retention_options[] = {
	[R_TEXTS] = { .name = "texts",
	    .type = OPTION_DURATION,
	    .min = LEAST,
	    .max = MOST,
	    .help = "what finished requests hold of people, from their end on; such as 180d" },
	[R_REQUESTS] = { .name = "requests",
	    .type = OPTION_DURATION,
	    .min = LEDGER_LEAST_MS,
	    .max = MOST,
	    .help = "finished requests as a whole; such as 730d; 3d at least" },
	[R_EVENTS] = { .name = "events",
	    .type = OPTION_DURATION,
	    .min = LEAST,
	    .max = MOST,
	    .help = "events, but for those of unfinished work and what follows them; such as "
		    "1095d" },
};

/* A section that is not there gives the fallbacks. */
static void read_section(struct config *config, const char *name, const struct option *options,
    size_t n, struct value *v, struct problems *problems)
{
	struct config_section *section = config_find_section(config, name, "");

	if (section) {
		option_read(config, section, options, n, v, problems);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		v[i] = (struct value){ 0 };
		if (options[i].fallback)
			duration_read(text_of(options[i].fallback), &v[i].number);
	}
}

struct upkeep upkeep_read(struct config *config, struct problems *problems)
{
	struct value service[3], keep[3];

	read_section(config, "service", service_options, 3, service, problems);
	read_section(config, "retention", retention_options, 3, keep, problems);
	return (struct upkeep){ .handoff_due_ms = service[S_DUE].number,
		.handoff_remind_ms = service[S_REMIND].number,
		.socket = service[S_SOCKET].given ? service[S_SOCKET].text.p : NULL,
		.keep = { .texts_ms = keep[R_TEXTS].number,
		    .requests_ms = keep[R_REQUESTS].number,
		    .events_ms = keep[R_EVENTS].number } };
}

/* ---- reminders --------------------------------------------------------------------------- */

static void tell(const struct overdue_row *row)
{
	char due[INSTANT_TEXT], guide[24];
	const struct log_field fields[] = { { "portal", row->portal }, { "guide", guide },
		{ "due", instant_write(row->due, due) } };

	snprintf(guide, sizeof guide, "%lld", (long long)row->guide);
	log_request(LOG_WARNING, row->request, fields, 3, "nobody has answered the hand-off");
}

/* One that is answered at this moment is STALE, and no matter. */
static bool remind(struct engine *e, const struct overdue_row *row, struct failure *why)
{
	struct ledger_row next = { .kind = ROW_REMIND,
		.remind = { .guide = row->guide,
		    .next = instant_now() + e->generation->upkeep.handoff_remind_ms } };
	char due[INSTANT_TEXT], text[100], detail[200];
	struct ledger_change change = { .request = row->request,
		.expect = STATE_ANY,
		.rows = &next,
		.n_rows = 1,
		.event = { .who = e->actor,
		    .what = row->reminded ? "reminded" : "overdue",
		    .why = text } };

	instant_write(row->due, due);
	snprintf(text, sizeof text, "hand-off %lld was due %s", (long long)row->guide, due);
	snprintf(detail, sizeof detail, "{\"guide\":%lld,\"due\":\"%s\",\"reminders\":%lld}",
	    (long long)row->guide, due, (long long)row->reminded);
	change.event.detail = text_of(detail);
	if (!engine_commit(e, &change, 1, why))
		return false;
	if (change.result == LEDGER_DONE)
		tell(row);
	return true;
}

bool upkeep_remind(struct engine *e, size_t most, size_t *n, struct failure *why)
{
	struct arena *arena = arena_new();
	struct overdue_row *rows;
	bool is_ok = ledger_overdue(e->ledger, instant_now(), most, arena, &rows, n, why);

	for (size_t i = 0; is_ok && i < *n; i++)
		is_ok = remind(e, &rows[i], why);
	arena_free(arena);
	return is_ok;
}
