/* Is what a step left behind what its verdict says, and what a plugin may say? */
#include "portal/exchange.h"
#include "portal/result.h"

#include <string.h>

#define MISSING_NAMES 100
#define MESSAGE_BYTES 40
#define SENTENCE_BYTES ((size_t)128 * 1024)
#define OBSERVATIONS 50

struct judging {
	struct portal *portal;
	const struct step_input *in;
	const struct step_memory *memory;
	struct step_result *result;
	struct arena *arena;
	const char *fault; /* the first; NULL: none */
};

static void blame(struct judging *j, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void blame(struct judging *j, const char *format, ...)
{
	struct buffer text = { 0 };
	va_list args;

	if (j->fault)
		return;
	va_start(args, format);
	buffer_vformat(&text, format, args);
	va_end(args);
	j->fault = arena_copy(j->arena, text.p ? text.p : "", text.n);
	buffer_free(&text);
}

/* ---- each verdict ------------------------------------------------------------------------ */

static void judge_fetch(struct judging *j, struct step *out)
{
	struct step_result *r = j->result;

	if (!r->exchange) {
		blame(j, "it wants an exchange and built none");
		return;
	}
	if (r->repeat != PORTAL_REPEAT_SAFE && r->repeat != PORTAL_REPEAT_NEVER)
		blame(j, "%u is no repeat class", r->repeat);
	if (r->repeat == PORTAL_REPEAT_NEVER && j->in->kind == OPERATION_LOGIN)
		blame(j, "a login is made of exchanges that may be repeated");
	if (r->wait_ms < 0 || r->wait_ms > INSTANT_DAY)
		blame(j, "it cannot wait for %lld ms", (long long)r->wait_ms);
	if (!j->fault)
		j->fault = exchange_judge(j->portal, j->in, r->exchange, j->arena);
	if (j->fault)
		return;
	json_set(r->exchange, "repeat",
	    json_new_string(r->repeat == PORTAL_REPEAT_SAFE ? "safe" : "never"));
	if (r->wait_ms)
		json_set(r->exchange, "wait_ms", json_new_number(r->wait_ms));
	out->exchange = json_hold(r->exchange);
	out->is_repeat_safe = r->repeat == PORTAL_REPEAT_SAFE;
	out->wait_ms = r->wait_ms;
}

static void judge_ask(struct judging *j, struct step *out)
{
	if (j->in->kind == OPERATION_LOGIN)
		blame(j, "a login is made of exchanges with servers alone");
	else if (!j->result->guide || !json_length(json_get(j->result->guide, "answers")))
		blame(j, "it wants a guide and declared no answer");
	if (!j->fault)
		j->fault = guide_judge(j->in, j->result->guide, j->arena);
	if (!j->fault)
		out->guide = json_hold(j->result->guide);
}

/* What to do, and what may come of it, is asked as for every portal. */
static void judge_by_hand(struct judging *j, struct step *out)
{
	if (j->in->kind < OPERATION_ATTACH || j->in->kind > OPERATION_STATUS)
		blame(j, "BY_HAND is for attach, message, change and status");
	else
		j->fault = guide_judge_by_hand(j->in, j->result->guide, j->arena);
	if (!j->fault && j->result->guide)
		out->guide = json_hold(j->result->guide);
}

static bool is_one_line(portal_str text, size_t most)
{
	if (!text.n)
		return true;
	if (text.n > most || text_bad_utf8((struct text){ text.p, text.n }) >= 0)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ')
			return false;
	return true;
}

static void judge_line(struct judging *j, portal_str text, size_t most, const char *what)
{
	if (!is_one_line(text, most))
		blame(j, "the %s is not one line of at most %zu bytes", what, most);
}

/* What is no number of its kind is unknown, as in observe(). */
static void settle_numbers(struct portal_outcome *o)
{
	const int64_t last = INT64_C(253402300799); /* of the year 9999 */

	if (o->until < 0 || o->until > last)
		o->until = 0;
	if (o->start < 0 || o->start > last)
		o->start = 0;
	if (o->remaining < 0)
		o->remaining = PORTAL_UNKNOWN;
}

static void judge_done(struct judging *j, struct step *out)
{
	struct portal_outcome *o = &out->outcome;
	struct buffer origin = { 0 };

	if (!j->result->outcome) {
		blame(j, "it is done and has no outcome");
		return;
	}
	*o = *j->result->outcome;
	o->size = sizeof *o;
	settle_numbers(o);
	judge_line(j, o->ticket, 200, "ticket number");
	judge_line(j, o->ticket_name, 500, "ticket name");
	judge_line(j, o->address, 4000, "address");
	if (o->detail.n > 4000)
		o->detail = (portal_str){ arena_copy(j->arena, o->detail.p, 4000), 4000 };
	if (o->state > PORTAL_CLOSED)
		blame(j, "%u is no state of a ticket", o->state);
	if (o->unit > PORTAL_HOURS)
		blame(j, "%u is no unit", o->unit);
	if (!j->fault && o->address.n && !http_origin(o->address.p, &origin))
		blame(j, "the address of the ticket is no https address");
	buffer_free(&origin);
	/* Some portals answer 200 with a page that says "please sign in". */
	if (j->in->kind == OPERATION_CREATE && !o->ticket.n)
		blame(j, "create ended without a ticket number");
}

static void judge_go(struct judging *j, struct step *out)
{
	struct step_result *r = j->result;
	struct buffer origin = { 0 };

	if (!r->go_portal || !*r->go_portal)
		blame(j, "it wants to go on elsewhere and did not say where");
	else if (j->in->kind != OPERATION_OPEN)
		blame(j, "go() is for the step open");
	else if (r->go_address && *r->go_address && !http_origin(r->go_address, &origin))
		blame(j, "'%.200s' is no https address", r->go_address);
	buffer_free(&origin);
	if (j->fault)
		return;
	out->go_portal = r->go_portal;
	out->go_address = r->go_address ? r->go_address : "";
	out->go_tenant = r->go_tenant ? r->go_tenant : "";
}

static bool are_texts(const struct json *list, size_t most, size_t bytes)
{
	if (list && (json_kind(list) != JSON_IS_ARRAY || json_length(list) > most))
		return false;
	for (size_t i = 0; i < json_length(list); i++)
		if (!json_chars(json_at(list, i)) || json_text(json_at(list, i)).n > bytes)
			return false;
	return true;
}

static void judge_failed(struct judging *j)
{
	struct step_result *r = j->result;

	if (!r->is_ended || !r->failure_text)
		blame(j, "it failed and did not say why");
	else if (r->failure_class < PORTAL_E_REQUEST || r->failure_class > PORTAL_E_PORTAL)
		blame(j, "%u is no class of failures", r->failure_class);
	else if (strlen(r->failure_text) > SENTENCE_BYTES ||
	    (r->failure_message && strlen(r->failure_message) > MESSAGE_BYTES))
		blame(j, "it says too much of its failure");
	else if (!are_texts(r->missing, MISSING_NAMES, 200))
		blame(j, "it needs what are not up to %d names", MISSING_NAMES);
}

static void judge_verdict(struct judging *j, struct step *out)
{
	switch (j->result->verdict) {
	case PORTAL_FETCH: judge_fetch(j, out); break;
	case PORTAL_ASK: judge_ask(j, out); break;
	case PORTAL_DONE: judge_done(j, out); break;
	case PORTAL_GO: judge_go(j, out); break;
	case PORTAL_BY_HAND: judge_by_hand(j, out); break;
	case PORTAL_FAILED: judge_failed(j); break;
	default: blame(j, "it returned %u, which is no verdict", j->result->verdict); break;
	}
}

/* ---- what comes with any verdict ------------------------------------------------------------ */

static void judge_memory(struct judging *j, struct step *out)
{
	const struct step_result *r = j->result;

	(void)out;
	if (r->note.n && (r->note.n > PORTAL_NOTE_BYTES || text_bad_utf8(r->note) >= 0))
		blame(j, "its note is longer than %u bytes or not UTF-8", PORTAL_NOTE_BYTES);
	if (r->verdict == PORTAL_FETCH && !r->wait_ms && j->memory->steps + 1 >= STEPS_WITHOUT_WAIT)
		blame(j, "it took %d steps and is not done", STEPS_WITHOUT_WAIT);
}

static void judge_kept(struct judging *j, struct step *out)
{
	const char *kept = j->result->kept;

	(void)out;
	if (!kept)
		return;
	if (j->in->kind != OPERATION_LOGIN)
		blame(j, "keep_secret() is for the step login");
	else if (session_place(j->portal->plugin, text_of(kept)) == SESSION_PLACES)
		blame(j, "'%.200s' is none of its session_secrets", kept);
}

static bool is_observation(const struct json *seen)
{
	const struct json *until = json_get(seen, "until"),
			  *remaining = json_get(seen, "remaining");
	const char *unit = json_get_chars(seen, "unit");
	instant at;

	return json_length(seen) == 4 && json_get_chars(seen, "plan") &&
	    (text_same(unit, "hours") || text_same(unit, "incidents")) &&
	    (json_kind(until) == JSON_IS_NULL || instant_read(json_text(until), &at)) &&
	    (json_kind(remaining) == JSON_IS_NULL || text_is(json_text(remaining), "unlimited") ||
		json_number(remaining, -1) >= 0);
}

static void judge_extra(struct judging *j, struct step *out)
{
	const struct json *extra = j->result->extra, *seen = json_get(extra, "observations");

	(void)out;
	if (!extra)
		return;
	if (json_length(extra) != 1 || json_kind(seen) != JSON_IS_ARRAY ||
	    json_length(seen) > OBSERVATIONS)
		blame(j, "a step observes at most %d plans", OBSERVATIONS);
	for (size_t i = 0; i < json_length(seen) && !j->fault; i++)
		if (!is_observation(json_at(seen, i)))
			blame(j, "observation %zu is malformed", i + 1);
}

/* ---- the whole --------------------------------------------------------------------------------
 */

static void write_memory(const struct step_result *r, struct step_memory *memory)
{
	memory->stage = r->stage;
	memcpy(memory->cursor, r->cursor, sizeof memory->cursor);
	memory->steps += !r->wait_ms;
	memory->sent &= ~MEMORY_LAST_ONCE;
	if (r->verdict == PORTAL_FETCH && r->repeat == PORTAL_REPEAT_NEVER)
		memory->sent |= MEMORY_SENT_ONCE | MEMORY_LAST_ONCE;
	memory->note.n = 0; /* the step saw a copy */
	if (r->note.n)
		buffer_append(&memory->note, r->note.p, r->note.n);
}

/* A fault of the plugin. Where something may have happened nobody can tell. */
static void set_fault(struct judging *j, struct step *out)
{
	bool is_unsure = j->memory->sent & MEMORY_SENT_ONCE;

	json_free(out->exchange);
	json_free(out->guide);
	out->exchange = out->guide = NULL;
	out->failure_class = is_unsure ? PORTAL_E_UNSURE : PORTAL_E_PORTAL;
	if (j->in->kind == OPERATION_OPTIONS_OK)
		out->failure_text = j->fault;
	else
		out->failure_text = arena_format(j->arena, "plugin %s in %s, stage %u: %s",
		    j->portal->plugin->table.name, operation_name(j->in->kind), j->memory->stage,
		    j->fault);
}

static void set_failure(const struct step_result *r, struct step *out)
{
	out->failure_class = r->failure_class;
	out->failure_text = r->failure_text;
	out->failure_message = r->failure_message;
	out->missing = r->missing ? json_hold(r->missing) : NULL;
}

static const struct {
	void (*look)(struct judging *, struct step *out);
	enum step_fault fault;
} judges[] = {
	{ judge_verdict, FAULT_VERDICT },
	{ judge_memory, FAULT_MEMORY },
	{ judge_kept, FAULT_CALL },
	{ judge_extra, FAULT_CALL },
};

void result_judge(struct portal *portal, const struct step_input *in, struct step_result *result,
    struct step_memory *memory, struct arena *arena, struct step *out)
{
	struct judging j = { portal, in, memory, result, arena, result->fault };
	enum step_fault kind = FAULT_CALL;

	*out = (struct step){
		.verdict = PORTAL_FAILED, .go_portal = "", .go_address = "", .go_tenant = ""
	};
	for (size_t i = 0; i < sizeof judges / sizeof judges[0] && !j.fault; i++) {
		judges[i].look(&j, out);
		kind = judges[i].fault;
	}
	if (result->log &&
	    are_texts(result->log, LOG_LINES, LOG_BYTES * 3)) /* U+FFFD for what was no UTF-8 */
		out->log = json_hold(result->log);
	/* What was seen counts in a failure too: "expired" is why it failed. */
	if (!j.fault && result->extra)
		out->extra = json_hold(result->extra);
	if (j.fault) {
		out->fault =
		    kind == FAULT_VERDICT && result->verdict == PORTAL_DONE ? FAULT_OUTCOME : kind;
		set_fault(&j, out);
	} else if (result->verdict == PORTAL_FAILED) {
		set_failure(result, out);
	} else {
		out->verdict = (enum portal_verdict)result->verdict;
		out->kept = result->kept;
		out->kept_until = result->kept_until;
		write_memory(result, memory);
	}
	result_free(result);
}

void result_free(struct step_result *result)
{
	json_free(result->exchange);
	json_free(result->guide);
	json_free(result->extra);
	json_free(result->missing);
	json_free(result->log);
	result->exchange = result->guide = result->extra = result->missing = result->log = NULL;
}
