/* One exchange of a request with its portal: kept, waited for, sent until there is a reply. */
#include "engine/inside.h"
#include "base/log.h"
#include "ledger/faultpoint.h"

#include <string.h>
#include <time.h>

#define RETRY_BASE_MS 1000
#define RETRY_CAP_MS 60000
#define LATER_MS 60000
#define MOST_TRIES 8 /* rounds of retries of one exchange, then it is parked */

/* ---- the exchange under way, in memory and on record ----------------------------------- */

bool exchange_is_due(const struct work *w)
{
	return w->exchange || w->operation.exchange.n;
}

/* Before the operation is committed. */
void exchange_write(struct work *w)
{
	struct buffer text = { 0 };

	if (!w->exchange || w->operation.exchange.n)
		return;
	json_write(w->exchange, JSON_LINE, &text);
	w->operation.exchange = (struct text){ arena_copy(w->arena, text.p, text.n), text.n };
	buffer_free(&text);
}

void exchange_end(struct work *w)
{
	json_free(w->exchange);
	w->exchange = NULL;
	w->operation.exchange = TEXT("");
}

bool exchange_read(struct work *w, struct failure *why)
{
	if (!w->exchange)
		w->exchange = json_read(w->operation.exchange, "stored exchange", 0, why);
	return w->exchange != NULL;
}

/* ---- waiting ------------------------------------------------------------------------- */

static void sleep_ms(struct work *w, int64_t ms)
{
	const struct engine_runner *runner = w->engine->runner;
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	if (ms > 0 && runner)
		runner->sleep(runner->context, ms);
	else if (ms > 0)
		nanosleep(&t, NULL);
}

static bool is_stopping(const struct work *w)
{
	return w->engine->is_stopping && atomic_load(w->engine->is_stopping);
}

/* Sleeps if the patience covers it; else the rest of the work is put off until then. */
bool exchange_wait(struct work *w, int64_t ms, bool *left, struct failure *why)
{
	return exchange_wait_for(w, ms, "the portal is not done yet", left, why);
}

bool exchange_wait_for(
    struct work *w, int64_t ms, const char *reason, bool *left, struct failure *why)
{
	struct ledger_row rows[2] = {
		{ .kind = ROW_REQUEST, .request = { .due = instant_now() + ms, .reason = reason } },
		{ .kind = ROW_OPERATION }
	};
	enum request_state to = state_of_operation(w->operation.kind, false);

	*left = instant_monotonic() + ms > w->deadline || is_stopping(w);
	if (!*left) {
		sleep_ms(w, ms);
		*left = is_stopping(w);
	}
	if (!*left)
		return true;
	exchange_write(w);
	rows[1].operation = w->operation;
	return work_commit(w, to == STATE_OPEN ? STATE_OPEN : STATE_WAITING, true, "waiting",
	    reason, NULL, rows, 2, why);
}

/* ---- sending -------------------------------------------------------------------------- */

bool exchange_is_safe(const struct work *w)
{
	return !text_same(json_get_chars(w->exchange, "repeat"), "never");
}

/* Answers that mean "not done, come back": sent again by us, not by the plugin.
 * 429 was refused before anything happened; the rest only where repeating is safe. */
static bool asks_to_come_back(const struct http_reply *reply, bool is_safe)
{
	unsigned status = reply->status;

	return status == 429 ||
	    (is_safe &&
		(status == 408 || status == 500 || status == 502 || status == 503 ||
		    status == 504));
}

/* Written down, then sent: what may not be repeated is known to be under way. */
static bool mark_sent(struct work *w, struct failure *why)
{
	struct ledger_row row = { .kind = ROW_OPERATION };

	w->operation.is_sent = w->operation.never_sent_once = true;
	exchange_write(w);
	row.operation = w->operation;
	return work_commit(w, STATE_NONE, false, NULL, NULL, NULL, &row, 1, why);
}

/* ---- the gate to the portal: where many requests are carried on at once --------------------- */

static struct gate *gate_of(struct work *w)
{
	return w->engine->gates ? gates_of(w->engine->gates, portal_name(w->portal)) : NULL;
}

/* Waits for a turn; the wait may be long, and the claim must outlive it. *shut_ms: as of
 * gate_enter(), 0 means that it is our turn. */
static bool enter_gate(struct work *w, int64_t *shut_ms, struct failure *why)
{
	struct gate *gate = gate_of(w);
	const struct portal_limits *limits = portal_limits(w->portal);

	*shut_ms = !gate ? 0 : gate_enter(gate, limits, w->engine->runner, w->engine->is_stopping);
	if (*shut_ms || w->lease > instant_now() + ENGINE_LEASE_MS / 2 || work_claim(w, why))
		return true;
	if (gate)
		gate_leave(gate, limits, w->engine->runner, GATE_UNUSED);
	if (why->kind == FAILURE_NONE)
		failure_set(why, FAILURE_TRY_LATER,
		    "request %s was taken over by somebody else meanwhile", id_short(w->row.id));
	return false;
}

static void leave_gate(
    struct work *w, bool has_reply, const struct http_reply *reply, enum failure_kind problem)
{
	struct gate *gate = gate_of(w);
	enum gate_result result = has_reply  ? reply->status >= 500 ? GATE_FAILED : GATE_ANSWERED
	    : problem == FAILURE_UNAVAILABLE ? GATE_FAILED
					     : GATE_UNUSED;

	if (gate)
		gate_leave(gate, portal_limits(w->portal), w->engine->runner, result);
}

static bool may_retry(struct work *w)
{
	struct gate *gate = gate_of(w);

	return !gate || gate_may_retry(gate, portal_limits(w->portal));
}

/* Why there is no reply. The work goes on with that: it is no failure of its own. */
struct problem {
	enum failure_kind kind;
	const char *text;
};

static struct problem take_problem(struct work *w, struct failure *why)
{
	struct problem problem = { why->kind,
		why->kind ? arena_copy(w->arena, why->text, strlen(why->text)) : "" };

	why->kind = FAILURE_NONE;
	why->text[0] = 0;
	return problem;
}

static bool send_once(struct work *w, const char *tenant, struct http_reply *reply,
    struct problem *problem, struct failure *why)
{
	struct secret_context context = { w->engine, w->row.contract, w->request.files,
		w->request.n_files };
	struct secret_source source = secrets_of(&context);
	bool is_ok;

	faultpoint("before-exchange");
	is_ok = portal_send(
	    w->portal, w->engine->http, w->exchange, tenant, &source, instant_now(), reply, why);
	faultpoint("after-exchange");
	*problem = take_problem(w, why);
	leave_gate(w, is_ok, reply, problem->kind);
	return is_ok;
}

/* After the budget of one round: put off with a backoff, or parked. */
static bool put_off(
    struct work *w, int64_t retry_after_ms, const char *text, bool *left, struct failure *why)
{
	int64_t ms = http_backoff_ms(w->operation.tries, LATER_MS, 3600000, retry_after_ms);

	if (++w->operation.tries >= MOST_TRIES) {
		*left = true;
		return work_park(w,
		    arena_format(w->arena, "the portal did not answer properly %u times: %s",
			MOST_TRIES, text),
		    why);
	}
	w->operation.is_sent = false;
	return exchange_wait_for(w, ms > 1000 ? ms : 1000, text, left, why);
}

/* The portal is left alone, or the program stops: nothing was sent, and it is no try. */
static bool wait_outside(struct work *w, int64_t shut_ms, bool *left, struct failure *why)
{
	const char *reason = shut_ms < 0
	    ? "not sent yet"
	    : arena_format(w->arena, "portal %s failed too often and is left alone for a while",
		  portal_name(w->portal));

	w->operation.is_sent = false;
	return exchange_wait_for(w, shut_ms < 0 ? 1000 : shut_ms, reason, left, why);
}

/* Whoever sits before a command wants to know why it takes so long; a service has its log. */
static void tell_again(const struct work *w, const char *text)
{
	log_request(w->engine->runner ? LOG_NOTICE : LOG_WARNING, w->row.id, NULL, 0,
	    "%s; trying again", text);
}

/* Before it is sent again: a backoff, and after the budget of one round a longer one, from
 * which *tries begins anew. */
static bool try_later(struct work *w, unsigned *tries, const struct http_reply *reply,
    const struct problem *problem, bool *left, struct failure *why)
{
	bool has_reply = problem->kind == FAILURE_NONE;
	const char *text = has_reply
	    ? arena_format(w->arena, "portal %s answered %u", portal_name(w->portal), reply->status)
	    : problem->text;

	tell_again(w, text);
	if (*tries >= portal_retries(w->portal) || !may_retry(w)) {
		*tries = 0;
		return put_off(w, reply->retry_after_ms, text, left, why);
	}
	return exchange_wait_for(w,
	    http_backoff_ms(
		(*tries)++, RETRY_BASE_MS, RETRY_CAP_MS, has_reply ? reply->retry_after_ms : -1),
	    text, left, why);
}

/* A person must act before it can be sent. */
static bool is_hopeless(const struct problem *problem)
{
	return problem->kind == FAILURE_CONFIG || problem->kind == FAILURE_NO_PERMISSION ||
	    problem->kind == FAILURE_NO_INPUT;
}

/* One try: *is_done where its reply is the plugin's. */
static bool send_and_judge(struct work *w, const char *tenant, unsigned *tries,
    struct http_reply *reply, bool *is_done, bool *left, struct failure *why)
{
	bool is_safe = exchange_is_safe(w), has_reply;
	struct problem problem;

	if (!is_safe && !w->operation.is_sent && !mark_sent(w, why))
		return false;
	memset(reply, 0, sizeof *reply);
	has_reply = send_once(w, tenant, reply, &problem, why);
	*is_done = has_reply
	    ? !asks_to_come_back(reply, is_safe) || *tries >= portal_retries(w->portal)
	    : !is_safe && reply->may_have_arrived; /* the plugin looks before it is sent again */
	if (*is_done)
		return true;
	if (is_hopeless(&problem)) {
		*left = true;
		return work_park(w, problem.text, why);
	}
	return try_later(w, tries, reply, &problem, left, why);
}

bool exchange_send(
    struct work *w, const char *tenant, struct http_reply *reply, bool *left, struct failure *why)
{
	bool is_done = false;
	unsigned tries = 0;
	int64_t shut_ms;

	*left = false;
	while (!is_done && !*left) {
		http_reply_free(reply);
		if (!enter_gate(w, &shut_ms, why))
			return false;
		if (shut_ms && !wait_outside(w, shut_ms, left, why))
			return false;
		if (!shut_ms && !send_and_judge(w, tenant, &tries, reply, &is_done, left, why))
			return false;
	}
	return true;
}
