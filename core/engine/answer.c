/* What people report and tell, and the other changes that agents make. */
#include "engine/inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- answers to guides ------------------------------------------------------------ */

static const struct json *declared(const struct json *guide, const char *code)
{
	const struct json *answers = json_get(guide, "answers");

	for (size_t i = 0; i < json_length(answers); i++)
		if (text_same(json_get_chars(json_at(answers, i), "code"), code))
			return json_at(answers, i);
	return NULL;
}

static void list_codes(const struct json *guide, struct buffer *out)
{
	const struct json *answers = json_get(guide, "answers");

	for (size_t i = 0; i < json_length(answers); i++)
		buffer_format(
		    out, "%s%s", i ? ", " : "", json_get_chars(json_at(answers, i), "code"));
	buffer_text(out, ", taken_over");
}

static bool unknown_code(const struct json *guide, const char *code, struct failure *why)
{
	struct buffer codes = { 0 };

	list_codes(guide, &codes);
	failure_set(why, FAILURE_DATA, "\"%.60s\" is no answer to this guide; answers are: %s",
	    code, codes.p);
	buffer_free(&codes);
	return false;
}

static bool has_word(const struct json *list, const char *word)
{
	for (size_t i = 0; i < json_length(list); i++)
		if (text_same(json_chars(json_at(list, i)), word))
			return true;
	return false;
}

/* Every required value is there, every given one is declared. */
static bool check_values(const struct json *answer, const struct json *values, struct failure *why)
{
	const struct json *required = json_get(answer, "values"),
			  *optional = json_get(answer, "optional");
	void *cursor = NULL;
	struct json *value;
	const char *name;

	for (size_t i = 0; i < json_length(required); i++)
		if (!json_get_chars(values, json_chars(json_at(required, i))))
			return failure_set(why, FAILURE_DATA, "the answer %s needs %s=...",
			    json_get_chars(answer, "code"), json_chars(json_at(required, i)));
	while (json_next(values, &cursor, &name, &value))
		if (!has_word(required, name) && !has_word(optional, name))
			return failure_set(why, FAILURE_DATA, "the answer %s has no value %.60s",
			    json_get_chars(answer, "code"), name);
	return true;
}

/* "id=2" of a guide with numbered choices stands for the second one's value. */
static struct json *with_choices(const struct json *guide, const struct json *values)
{
	const struct json *choices = json_get(guide, "choices");
	struct json *full = values ? json_clone(values) : json_new_object(), *value;
	void *cursor = NULL;
	const char *name;
	int64_t number;

	while (json_length(choices) && json_next(values, &cursor, &name, &value))
		if (text_integer(json_text(value), &number) && number >= 1 &&
		    (size_t)number <= json_length(choices))
			json_set(full, name,
			    json_new_string(
				json_get_chars(json_at(choices, (size_t)number - 1), "value")));
	return full;
}

/* Ticket numbers as seen: digits; other tokens are taken with care (support-for-business 4.4). */
static bool check_ticket(const struct json *values, struct failure *why)
{
	struct text number = json_text(json_get(values, "number"));

	for (size_t i = 0; i < number.n; i++)
		if ((unsigned char)number.p[i] <= ' ' || (unsigned char)number.p[i] > '~')
			return failure_set(
			    why, FAILURE_DATA, "a ticket number is one word without blanks");
	return (number.n && number.n <= 64) ||
	    failure_set(why, FAILURE_DATA, "a ticket number has 1 to 64 characters");
}

static struct json *answer_json(const char *code, const struct json *values, const char *account)
{
	struct json *answer = json_new_object();

	json_set(answer, "code", json_new_string(code));
	json_set(answer, "values", values ? json_clone(values) : json_new_object());
	if (account)
		json_set(answer, "account", json_new_string(account));
	return answer;
}

/* A colleague goes on with another sign-in: the decision is made again for it. */
static bool take_over(struct work *w, const struct guide_row *guide, const char *account,
    const struct json *answer, struct failure *why)
{
	struct buffer text = { 0 };
	struct ledger_row row = { .kind = ROW_GUIDE };
	bool is_ok;

	if (w->row.state != STATE_HANDED_OFF)
		return failure_set(why, FAILURE_DATA,
		    "request %s is %s: only what is handed off can be taken over",
		    id_short(w->row.id), state_name(w->row.state));
	if (!account)
		return failure_set(
		    why, FAILURE_DATA, "taken_over needs account=...: the sign-in that goes on");
	json_write(answer, JSON_LINE, &text);
	row.guide = (struct guide_row){ .number = guide->number,
		.is_open = false,
		.due = INSTANT_UNKNOWN,
		.answer = buffer_as_text(&text) };
	is_ok = work_decide_again(
	    w, NULL, account, NULL, "taken over with another account", &row, 1, why);
	buffer_free(&text);
	return is_ok;
}

/* The hand-off's deadline is over: the work goes on now. */
static struct ledger_row no_longer_due(void)
{
	return (struct ledger_row){ .kind = ROW_REQUEST, .request = { .due = LEDGER_NO_DUE } };
}

/* unsure: the ticket exists, or may be created. */
static bool settle_unsure(struct work *w, const char *code, const struct json *values,
    struct ledger_row *guide, struct failure *why)
{
	struct ledger_row rows[4] = { *guide };
	size_t n = 1;

	if (strcmp(code, "not-created") == 0) {
		rows[n++] = (struct ledger_row){ .kind = ROW_OPERATION,
			.operation = fresh_operation(w, "create",
			    w->operation.portal ? w->operation.portal : w->row.portal,
			    w->operation.input, w->operation.hops) };
		rows[n++] = no_longer_due();
		return work_commit(w, STATE_CREATING, true, "answered",
		    "not created: it is created again", NULL, rows, n, why);
	}
	rows[n++] = (struct ledger_row){ .kind = ROW_REQUEST,
		.request = { .due = LEDGER_NO_DUE,
		    .ticket = json_get_chars(values, "number"),
		    .reason = "open" } };
	rows[n++] = (struct ledger_row){ .kind = ROW_OPERATION };
	if (w->row.contract)
		rows[n++] = (struct ledger_row){ .kind = ROW_SPEND, .contract = w->row.contract };
	return work_commit(
	    w, STATE_OPEN, true, "opened", "a person found the ticket", NULL, rows, n, why);
}

static bool record_answer(struct work *w, const struct guide_row *guide, const struct json *asked,
    const char *code, const struct json *values, const struct json *answer, struct failure *why)
{
	struct buffer text = { 0 };
	struct ledger_row rows[2] = { { .kind = ROW_GUIDE }, no_longer_due() };
	enum request_state to = state_of_operation(guide->operation, false);
	bool is_ok;

	json_write(answer, JSON_LINE, &text);
	rows[0].guide = (struct guide_row){ .number = guide->number,
		.is_open = false,
		.due = INSTANT_UNKNOWN,
		.answer = buffer_as_text(&text) };
	if (w->row.state == STATE_UNSURE)
		is_ok = settle_unsure(w, code, values, &rows[0], why);
	else if (!w->operation.kind)
		is_ok = by_hand_answered(w, asked, code, values, &rows[0], why);
	else
		is_ok = work_commit(w, to, true, "answered", code, answer, rows, 2, why);
	buffer_free(&text);
	return is_ok;
}

static bool find_guide(struct work *w, int64_t number, struct guide_row *guide, struct failure *why)
{
	if (!ledger_guide(w->engine->ledger, w->row.id, number, w->arena, guide, why))
		return why->kind == FAILURE_NONE &&
		    failure_set(why, FAILURE_DATA, "request %s has no guide%s", id_short(w->row.id),
			number ? " of that number" : "");
	if (guide->is_open)
		return true;
	return failure_set(why, FAILURE_DATA, "guide %s.%lld is answered already%s",
	    id_short(w->row.id), (long long)guide->number,
	    number ? "; `caseroute requests show` prints the one that is open" : "");
}

static bool take_answer(struct work *w, const struct guide_row *guide, const struct json *asked,
    const char *code, const struct json *values, const char *account, struct failure *why)
{
	const struct json *one = declared(asked, code);
	struct json *given = answer_json(code, values, account);
	bool is_ok;

	if (strcmp(code, "taken_over") == 0)
		is_ok = take_over(w, guide, account, given, why);
	else if (!one)
		is_ok = unknown_code(asked, code, why);
	else
		is_ok = check_values(one, values, why) &&
		    (!json_get_chars(values, "number") || check_ticket(values, why)) &&
		    record_answer(w, guide, asked, code, values, given, why);
	json_free(given);
	return is_ok;
}

static bool answer(struct work *w, int64_t number, const char *code, const struct json *values,
    const char *account, struct failure *why)
{
	struct guide_row guide;
	struct json *asked, *full;
	bool is_ok;

	if (!find_guide(w, number, &guide, why))
		return false;
	asked = json_read(guide.guide, "stored guide", 0, why);
	if (!asked)
		return false;
	full = with_choices(asked, values);
	is_ok = take_answer(w, &guide, asked, code, full, account, why);
	json_free(asked);
	json_free(full);
	return is_ok;
}

bool engine_answer(struct engine *e, const char *id, int64_t guide, const char *code,
    const struct json *values, const char *account, struct failure *why)
{
	struct arena *arena = arena_new();
	struct work w;
	bool is_ok =
	    work_load(&w, e, id, arena, why) && answer(&w, guide, code, values, account, why);

	work_free(&w);
	arena_free(arena);
	return is_ok;
}

/* ---- telling what was asked --------------------------------------------------------------- */

struct telling_state {
	struct work *w;
	struct json *request; /* with what was told */
	struct json *facts;   /* members of FACTS that were told */
	struct ledger_row rows[8];
	size_t n;
};

static bool tell_request(struct telling_state *t, const char *name, const char *value)
{
	static const char *const members[] = { "product", "release", "environment", "account",
		"customer", "plan", "subscription", "resource", "severity", "title", "description",
		"problem_started", "kind" };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strcmp(members[i], name) == 0) {
			json_set(t->request, name, json_new_string(value));
			return true;
		}
	return false;
}

static bool tell_contact(
    struct telling_state *t, const char *name, const char *value, struct failure *why)
{
	struct json *contact = json_get(t->request, "contact");
	const char *member = strncmp(name, "contact.", 8) == 0 ? name + 8 : name;
	static const char *const members[] = { "first_name", "last_name", "email", "phone",
		"method", "language", "country", "time_zone", "around_the_clock" };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strcmp(members[i], member) == 0) {
			if (i == 8 && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
				return failure_set(why, FAILURE_DATA, "%s is yes or no", name);
			json_set(contact, member,
			    i == 8 ? json_new_boolean(strcmp(value, "yes") == 0)
				   : json_new_string(value));
			return true;
		}
	return false;
}

/* "gold:Cloud Platform, silver" or "none". */
static struct json *offers_of(const char *value)
{
	struct json *list = json_new_array();
	struct text rest = text_of(value), item;

	while (strcmp(value, "none") != 0 && text_split(&rest, ',', &item)) {
		const char *colon = memchr(item.p, ':', item.n);
		struct json *one = json_new_object();
		size_t n = colon ? (size_t)(colon - item.p) : item.n;

		json_set(one, "offer", json_new_text(text_trim((struct text){ item.p, n })));
		json_set(one, "competency",
		    colon ? json_new_text(text_trim((struct text){ colon + 1, item.n - n - 1 }))
			  : json_new_null());
		json_append(list, one);
	}
	return list;
}

static bool tell_fact(
    struct telling_state *t, const char *name, const char *value, struct failure *why)
{
	if (strcmp(name, "offers") == 0 || strcmp(name, "company_offers") == 0) {
		json_set(t->facts, name, offers_of(value));
		return true;
	}
	if (strcmp(name, "csp_kind") == 0) {
		json_put(t->facts, "/account/csp_kind", json_new_string(value));
		return true;
	}
	if (strcmp(name, "benefit") == 0) {
		if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
			return failure_set(why, FAILURE_DATA, "benefit is yes (activated) or no");
		json_put(
		    t->facts, "/benefit/activated", json_new_boolean(strcmp(value, "yes") == 0));
		return true;
	}
	return false;
}

/* What was seen of the contract goes to the ledger, for everybody. */
static bool tell_observation(
    struct telling_state *t, const char *name, const char *value, struct failure *why)
{
	struct observation_row seen = { .contract = t->w->row.contract,
		.remaining = INT64_MIN,
		.start = INSTANT_UNKNOWN,
		.end = INSTANT_UNKNOWN,
		.at = instant_now(),
		.account = t->w->row.account,
		.source = "told" };

	if (strcmp(name, "end") != 0 && strcmp(name, "remaining") != 0)
		return false;
	if (!seen.contract)
		return failure_set(why, FAILURE_DATA, "%s: this request uses no contract", name);
	if (strcmp(name, "end") == 0 && !instant_read_end(text_of(value), &seen.end))
		return failure_set(why, FAILURE_DATA, "end is a date, such as 2026-11-24");
	if (strcmp(name, "remaining") == 0 && strcmp(value, "unlimited") == 0)
		seen.remaining = INT64_MAX;
	else if (strcmp(name, "remaining") == 0 &&
	    (!text_integer(text_of(value), &seen.remaining) || seen.remaining < 0))
		return failure_set(why, FAILURE_DATA, "remaining is a number from 0, or unlimited");
	if (t->n < 8)
		t->rows[t->n++] =
		    (struct ledger_row){ .kind = ROW_OBSERVATION, .observation = seen };
	return true;
}

static bool tell_one(
    struct telling_state *t, const char *name, const char *value, struct failure *why)
{
	if (strcmp(name, "access_id") == 0 || strcmp(name, "contract_id") == 0)
		return failure_set(why, FAILURE_DATA,
		    "IDs are secrets and not given here: `caseroute contracts add` reads them from "
		    "a file or the prompt; then "
		    "`caseroute requests resume %s`",
		    id_short(t->w->row.id));
	if (tell_request(t, name, value) || tell_contact(t, name, value, why) ||
	    tell_fact(t, name, value, why) || tell_observation(t, name, value, why))
		return true;
	return failure_set(
	    why, FAILURE_DATA, "\"%.60s\" is nothing that a request could be told", name);
}

static bool note_facts(struct telling_state *t, struct failure *why)
{
	struct json *detail;
	bool is_ok;

	if (!json_length(t->facts))
		return true;
	detail = json_new_object();
	json_set(detail, "facts", json_clone(t->facts));
	is_ok = work_commit(t->w, STATE_NONE, false, "told", NULL, detail, NULL, 0, why);
	json_free(detail);
	return is_ok;
}

static bool tell(struct telling_state *t, const struct json *members, struct failure *why)
{
	void *cursor = NULL;
	struct json *value;
	const char *name;

	if (t->w->row.state != STATE_ASKING && t->w->row.state != STATE_PARKED)
		return failure_set(why, FAILURE_DATA, "request %s is %s and asks nothing",
		    id_short(t->w->row.id), state_name(t->w->row.state));
	while (json_next(members, &cursor, &name, &value))
		if (!tell_one(t, name, json_chars(value) ? json_chars(value) : "", why))
			return false;
	return note_facts(t, why) &&
	    work_decide_again(t->w, t->request, json_get_chars(t->request, "account"), NULL,
		"told what was asked", t->rows, t->n, why);
}

bool engine_tell(struct engine *e, const char *id, const struct json *members, struct failure *why)
{
	struct arena *arena = arena_new();
	struct telling_state t = { 0 };
	struct buffer text = { 0 };
	struct work w;
	bool is_ok = work_load(&w, e, id, arena, why);

	if (is_ok) {
		t.w = &w;
		request_write(&w.request, &text);
		t.request = json_from(&text);
		t.facts = json_new_object();
		is_ok = tell(&t, members, why);
	}
	json_free(t.request);
	json_free(t.facts);
	work_free(&w);
	arena_free(arena);
	return is_ok;
}

/* ---- cancel, replay, on a ticket ------------------------------------------------------------- */

static bool cancel(struct work *w, const char *reason, struct failure *why)
{
	struct ledger_row rows[4] = { { .kind = ROW_OPERATION },
		{ .kind = ROW_REQUEST,
		    .request = {
			.due = LEDGER_NO_DUE, .reason = reason ? reason : "cancelled" } } };
	struct guide_row guide;
	size_t n = 2;

	if (w->row.ticket || w->row.state == STATE_OPEN || w->row.state == STATE_CLOSED)
		return failure_set(why, FAILURE_DATA,
		    "request %s has ticket %s: close it with `caseroute requests change %s "
		    "--close`",
		    id_short(w->row.id), w->row.ticket ? w->row.ticket : "?", id_short(w->row.id));
	if (state_is_final(w->row.state))
		return failure_set(why, FAILURE_DATA, "request %s is %s already",
		    id_short(w->row.id), state_name(w->row.state));
	if (w->operation.kind && w->operation.never_sent_once)
		return failure_set(why, FAILURE_DATA,
		    "request %s may have a ticket: look in the portal and answer ticket or "
		    "not-created first",
		    id_short(w->row.id));
	if (w->row.contract)
		rows[n++] = (struct ledger_row){ .kind = ROW_RELEASE, .contract = w->row.contract };
	if (ledger_guide(w->engine->ledger, w->row.id, 0, w->arena, &guide, why) && guide.is_open)
		rows[n++] = (struct ledger_row){ .kind = ROW_GUIDE,
			.guide = { .number = guide.number,
			    .is_open = false,
			    .due = INSTANT_UNKNOWN,
			    .answer = TEXT("{\"code\":\"cancelled\",\"values\":{}}") } };
	if (why->kind != FAILURE_NONE)
		return false;
	return work_commit(w, STATE_CANCELLED, true, "cancelled", reason, NULL, rows, n, why);
}

bool engine_cancel(struct engine *e, const char *id, const char *reason, struct failure *why)
{
	struct arena *arena = arena_new();
	struct work w;
	bool is_ok = work_load(&w, e, id, arena, why) && cancel(&w, reason, why);

	work_free(&w);
	arena_free(arena);
	return is_ok;
}

static bool replay(struct work *w, bool reroute, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_OPERATION };

	if (w->row.state != STATE_PARKED && w->row.state != STATE_ASKING)
		return failure_set(why, FAILURE_DATA, "request %s is %s, not parked",
		    id_short(w->row.id), state_name(w->row.state));
	if (reroute || w->row.state == STATE_ASKING)
		return work_decide_again(
		    w, NULL, NULL, NULL, "replayed with a new decision", NULL, 0, why);
	if (w->operation.kind) {
		/* The journal goes on where it stopped; its exchange is sent again if it may be. */
		row.operation = w->operation;
		row.operation.tries = 0;
	}
	return work_commit(w,
	    w->operation.kind ? state_of_operation(w->operation.kind, false) : STATE_READY, true,
	    "replayed", "as decided", NULL, &row, 1, why);
}

bool engine_replay(struct engine *e, const char *id, bool reroute, struct failure *why)
{
	struct arena *arena = arena_new();
	struct work w;
	bool is_ok = work_load(&w, e, id, arena, why) && replay(&w, reroute, why);

	work_free(&w);
	arena_free(arena);
	return is_ok && engine_drive(e, id, why);
}
