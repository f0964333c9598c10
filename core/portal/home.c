#include "portal/home.h"
#include "base/log.h"
#include "portal/child.h"
#include "portal/confine.h"
#include "portal/result.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DEATHS 3
#define WITHIN_MS 60000
#define FIRST_REST_MS 100 /* before a child is started again; doubles */
#define CLOSED_MS 60000   /* doubles as long as the first child after it dies */
#define LONGEST_CLOSED_MS 900000

struct home {
	int64_t limit_ms;
	struct http_door sending, answers; /* of the child: for those with a step */
	struct child child;
	unsigned life;               /* of the child */
	instant deaths[MOST_DEATHS]; /* monotonic, the newest first; 0: none */
	unsigned closings;           /* since a step went well */
	atomic_llong closed_until;   /* monotonic; 0: it is open */
	atomic_ullong starts, died;
	char unconfined[200]; /* once is_unconfined */
	atomic_bool is_unconfined;
};

struct home *home_new(int64_t limit_ms)
{
	struct home *home = memory_new(sizeof *home);

	home->limit_ms = limit_ms;
	return home;
}

void home_free(struct home *home)
{
	if (!home)
		return;
	child_end(&home->child);
	free(home);
}

void home_rest(struct home *home)
{
	child_end(&home->child);
}

/* ---- deaths ------------------------------------------------------------------------------------
 */

static unsigned recent_deaths(const struct home *home)
{
	instant since = instant_monotonic() - WITHIN_MS;
	unsigned n = 0;

	while (n < MOST_DEATHS && home->deaths[n] && home->deaths[n] > since)
		n++;
	return n;
}

static void close_portal(struct home *home, const struct portal *portal)
{
	int64_t ms = CLOSED_MS;

	for (unsigned i = 0; i < home->closings && ms < LONGEST_CLOSED_MS; i++)
		ms *= 2;
	ms = ms < LONGEST_CLOSED_MS ? ms : LONGEST_CLOSED_MS;
	home->closings++;
	memset(home->deaths, 0, sizeof home->deaths);
	atomic_store(&home->closed_until, instant_monotonic() + ms);
	log_line(LOG_ERROR, "portal %s is closed for %lld s: its plugin %s died too often",
	    portal->name, (long long)ms / 1000, portal->plugin->table.name);
}

static void note_death(struct home *home, const struct portal *portal, const struct failure *how)
{
	memmove(home->deaths + 1, home->deaths, sizeof home->deaths - sizeof home->deaths[0]);
	home->deaths[0] = instant_monotonic();
	atomic_fetch_add(&home->died, 1);
	log_line(LOG_WARNING, "portal %s, plugin %s: %s", portal->name, portal->plugin->table.name,
	    how->text);
	if (home->closings || recent_deaths(home) == MOST_DEATHS)
		close_portal(home, portal);
}

/* The pause is over: the next child is on trial. */
static bool is_closed(struct home *home)
{
	instant until = atomic_load(&home->closed_until);

	if (until && instant_monotonic() >= until)
		atomic_store(&home->closed_until, 0);
	return atomic_load(&home->closed_until) != 0;
}

/* ---- a child that is well ----------------------------------------------------------------------
 */

static void note_unconfined(struct home *home, const struct portal *portal, const char *reason)
{
	if (!reason || atomic_load(&home->is_unconfined))
		return;
	snprintf(home->unconfined, sizeof home->unconfined, "%s", reason);
	atomic_store(&home->is_unconfined, true);
	log_line(LOG_WARNING,
	    "portal %s: plugin %s runs in a child that is NOT confined by a filter: %s",
	    portal->name, portal->plugin->table.name, reason);
}

static bool start(
    struct home *home, const struct portal *portal, struct http *http, struct failure *why)
{
	unsigned n = recent_deaths(home);
	struct arena *arena = arena_new();
	const char *unconfined = NULL;
	bool is_ok;

	if (n)
		http_await(http, -1, false, FIRST_REST_MS << (n - 1));
	home->life++;
	atomic_fetch_add(&home->starts, 1);
	is_ok = child_start(&home->child, portal, http, arena, &unconfined, why);
	if (is_ok)
		note_unconfined(home, portal, unconfined);
	arena_free(arena);
	return is_ok;
}

/* One that died while it had nothing to do has failed no step. */
static bool have_child(
    struct home *home, const struct portal *portal, struct http *http, struct failure *why)
{
	struct failure how = { 0 };

	if (home->child.pid && !home->answers.first && !child_is_well(&home->child, &how))
		note_death(home, portal, &how);
	if (is_closed(home))
		return failure_set(why, FAILURE_UNAVAILABLE,
		    "the portal is closed, because its plugin died too often");
	if (home->child.pid || start(home, portal, http, why))
		return true;
	note_death(home, portal, why);
	return false;
}

/* ---- a step
 * -------------------------------------------------------------------------------------- */

enum trial { TRIAL_DONE, TRIAL_FAILED, TRIAL_AGAIN };

struct turn {
	struct home *home;
	struct portal *portal;
	const struct step_input *in;
	struct http_place sender, reader;
	unsigned life;   /* of the child that has the step */
	uint32_t number; /* of the step there */
};

static bool is_alive(const struct turn *t)
{
	return t->home->child.pid && t->home->life == t->life;
}

/* Waits until all that were sent before have their answers. What cannot be sent without waiting
 * is sent then, so that one task at a time waits for the child. */
static bool hand_over(struct turn *t, const struct step_memory *memory, struct failure *why)
{
	struct child *child = &t->home->child;
	bool is_sent, is_ok = true;

	t->life = t->home->life;
	http_door_queue(t->in->http, &t->home->answers, &t->reader);
	is_sent = child_send(child, t->in, memory, &t->number);
	if (is_sent)
		http_door_leave(t->in->http, &t->home->sending);
	http_door_await(t->in->http, &t->reader);
	if (is_sent)
		return true;
	if (is_alive(t))
		is_ok = child_send_rest(child, t->in->http, t->home->limit_ms, why);
	http_door_leave(t->in->http, &t->home->sending);
	return is_ok;
}

/* Only the step that a child was at when it died has failed; those sent after it begin anew. */
static enum trial try_step(struct turn *t, const struct step_memory *memory, struct arena *arena,
    struct step_result *out, struct failure *why)
{
	struct http *http = t->in->http;
	struct home *home = t->home;
	enum trial trial = TRIAL_AGAIN;

	http_door_enter(http, &home->sending, &t->sender);
	if (!have_child(home, t->portal, http, why)) {
		http_door_leave(http, &home->sending);
		return TRIAL_FAILED;
	}
	if (!hand_over(t, memory, why))
		trial = TRIAL_FAILED;
	else if (is_alive(t))
		trial = child_take(&home->child, t->number, http, home->limit_ms, arena, out, why)
		    ? TRIAL_DONE
		    : TRIAL_FAILED;
	if (trial == TRIAL_FAILED)
		note_death(home, t->portal, why);
	else if (trial == TRIAL_DONE)
		home->closings = 0;
	http_door_leave(http, &home->answers);
	return trial;
}

/* What goes wrong there is a fault in the result. */
static void step_in_child(struct portal *portal, const struct step_input *in,
    const struct step_memory *memory, struct arena *arena, struct step_result *out)
{
	struct turn turn = { .home = portal->home, .portal = portal, .in = in };
	struct failure why = { 0 };
	enum trial trial;

	do
		trial = try_step(&turn, memory, arena, out, &why);
	while (trial == TRIAL_AGAIN);
	if (trial == TRIAL_FAILED)
		*out = (struct step_result){ .verdict = PORTAL_FAILED,
			.fault = arena_copy(arena, why.text, strlen(why.text)) };
}

void portal_step(struct portal *portal, const struct step_input *input, struct step_memory *memory,
    struct arena *arena, struct step *out)
{
	struct step_result result;

	if (portal->home)
		step_in_child(portal, input, memory, arena, &result);
	else
		step_run(portal, input, memory, arena, &result);
	result_judge(portal, input, &result, memory, arena, out);
}

/* ---- for people
 * ------------------------------------------------------------------------------------ */

int64_t portal_closed_ms(const struct portal *portal)
{
	instant until = portal->home ? atomic_load(&portal->home->closed_until) : 0;
	int64_t left = until ? until - instant_monotonic() : 0;

	return left > 0 ? left : 0;
}

void portal_home(const struct portal *portal, struct portal_home *out)
{
	struct home *home = portal->home;

	*out = (struct portal_home){ .is_process = home != NULL, .reason = portal->home_reason };
	if (!home)
		return;
	out->closed_ms = portal_closed_ms(portal);
	out->starts = atomic_load(&home->starts);
	out->deaths = atomic_load(&home->died);
	out->unconfined = atomic_load(&home->is_unconfined) ? home->unconfined : confine_missing();
}
