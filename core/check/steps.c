/* Tests of steps: verdicts, memory, statuses, and what may not be sent twice. */
#include "check/inside.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WALKS 200

/* ---- verdicts ------------------------------------------------------------------------ */

static bool is_own_fault(const struct visit *v)
{
	return v->step->fault == FAULT_VERDICT ||
	    (v->step->fault == FAULT_MEMORY && v->from->steps + 1 < STEPS_WITHOUT_WAIT);
}

static bool visit_verdict(struct check *c, const struct visit *v)
{
	if (is_own_fault(v))
		return check_tell(c, CHECK_FAIL,
		    "a verdict with what belongs to it: PORTAL_FETCH after request() or follow(), "
		    "PORTAL_ASK after guide_answer(), PORTAL_GO from go(), PORTAL_FAILED from "
		    "fail(), reject() or need()",
		    "return what those calls return", "%s", v->step->failure_text);
	return true;
}

void check_verdicts(struct check *c)
{
	if (check_world(c))
		check_walks(c, WALKS, visit_verdict);
}

/* ---- deterministic ------------------------------------------------------------------- */

static int track; /* which of the two runs this process is */

static bool visit_track(struct check *c, const struct visit *v)
{
	struct check_shared *s = c->shared;

	if (s->n_tracks[track] == CHECK_TRACKS)
		return false;
	s->tracks[track][s->n_tracks[track]++] = (struct track){ check_sum(v->step, v->to),
		(uint32_t)v->scene->input.kind, v->from->stage };
	return true;
}

static void run_track(struct check *c, int which)
{
	track = which;
	c->shared->n_tracks[which] = 0;
	c->shared->steps = 0;
	if (check_world(c))
		check_walks(c, WALKS, visit_track);
}

/* In a process where everything lies elsewhere: what hangs on addresses comes out otherwise. */
static bool run_elsewhere(struct check *c)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		char volatile deeper[3 << 12];

		deeper[0] = 0;
		mmap(NULL, 5 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (int i = 0; i < 37; i++)
			arena_take(c->arena, 1001);
		run_track(c, 1);
		_exit(deeper[0]);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

void check_deterministic(struct check *c)
{
	struct check_shared *s = c->shared;
	bool is_over = run_elsewhere(c);

	run_track(c, 0);
	for (size_t i = 0; is_over && i < s->n_tracks[0]; i++) {
		const struct track *t = &s->tracks[0][i];

		if (t->sum == s->tracks[1][i].sum)
			continue;
		snprintf(s->at.operation, sizeof s->at.operation, "%s",
		    operation_name((enum operation_kind)t->operation));
		s->at.stage = t->stage;
		check_tell(c, CHECK_FAIL, "the same as in the first process",
		    "a step may depend on nothing but struct portal_op: no clock, no address, no "
		    "counter of the machine, no variable that was not set",
		    "the same step came out otherwise in a second process");
		return;
	}
}

/* ---- stateless ----------------------------------------------------------------------- */

/* Once more with a copy of the memory it had. */
static bool visit_again(struct check *c, const struct visit *v)
{
	struct step_memory memory = check_remember(v->from);
	struct step step;
	bool is_same;

	check_step(c, v->scene, &v->input, &memory, v->arena, &step);
	is_same = check_sum(&step, &memory) == check_sum(v->step, v->to);
	step_free(&step);
	buffer_free(&memory.note);
	return is_same ||
	    check_tell(c, CHECK_FAIL, "the same a second time",
		"what is to be remembered goes to op->stage, op->cursor and op->note; inputs and "
		"options are not the plugin's to write",
		"the same step came out otherwise when it ran again (it was %s)",
		check_verdict(v->step));
}

void check_stateless(struct check *c)
{
	if (check_world(c))
		check_walks(c, WALKS, visit_again);
}

/* ---- status-matrix ------------------------------------------------------------------- */

static bool changes_something(enum operation_kind kind)
{
	return kind == OPERATION_LINK || kind == OPERATION_CREATE || kind == OPERATION_MESSAGE ||
	    kind == OPERATION_ATTACH || kind == OPERATION_CHANGE;
}

/* What would have been right, where the verdict does not fit the status; NULL: it does. To read
 * back what was done may fail without harm. */
static const char *unfit(const struct visit *v, unsigned status, const struct step *step)
{
	bool is_change = changes_something(v->scene->input.kind) &&
	    !text_same(json_get_chars(v->step->exchange, "method"), "GET");
	bool is_failed = step->verdict == PORTAL_FAILED && !step->fault,
	     is_busy = status == 429 || status >= 500;
	uint32_t class = step->failure_class;

	if (is_change && step->verdict == PORTAL_DONE &&
	    (status == 0 || status == 301 || status == 400 || status == 401 || status == 403 ||
		status == 422 || is_busy))
		return "no success, as the portal did not do it";
	if (is_failed && is_busy &&
	    (class == PORTAL_E_REQUEST || class == PORTAL_E_CONTRACT || class == PORTAL_E_SPENT))
		return "PORTAL_E_BUSY, PORTAL_E_UNSURE or PORTAL_E_PORTAL: the request is not to "
		       "blame";
	if (is_failed && class == PORTAL_E_BUSY &&
	    (status == 400 || status == 401 || status == 403 || status == 422))
		return "a failure that is not tried again: the portal has refused it";
	return NULL;
}

static bool meet_status(struct check *c, const struct visit *v, unsigned status)
{
	struct http_reply reply;
	struct probe probe;
	const char *right;

	check_reply(&reply, status, status == 202 || status == 301 ? "Location: /elsewhere\n" : "",
	    status && status != 204 ? TEXT("{}") : TEXT(""));
	check_probe(c, v, &reply, NULL, &probe);
	right = unfit(v, status, &probe.step);
	if (right)
		check_tell(c, CHECK_FAIL, right,
		    "look at op->reply->status first, and let reject() tell the class",
		    "%s after status %u%s%s", check_verdict(&probe.step), status,
		    probe.step.failure_text ? ": " : "",
		    probe.step.failure_text ? probe.step.failure_text : "");
	check_probe_free(&probe);
	http_reply_free(&reply);
	return !right;
}

static bool visit_statuses(struct check *c, const struct visit *v)
{
	static const unsigned statuses[] = { 200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 412,
		422, 429, 500, 502, 503, 504 };

	if (v->step->verdict != PORTAL_FETCH)
		return true;
	for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
		if (!meet_status(c, v, statuses[i]))
			return false;
	return v->step->is_repeat_safe || meet_status(c, v, 0);
}

void check_status_matrix(struct check *c)
{
	if (check_world(c))
		check_walks(c, 0, visit_statuses);
}

/* ---- lost-create --------------------------------------------------------------------- */

#define SEARCHES 24

static bool tell_twice(struct check *c)
{
	return check_tell(c, CHECK_FAIL, "a look for what may be there, or PORTAL_E_UNSURE",
	    "after status 0 look for the ticket with an exchange that may be repeated; if it "
	    "cannot "
	    "be told, end with reject() or PORTAL_E_UNSURE",
	    "it sends an exchange of PORTAL_REPEAT_NEVER again after the first was lost");
}

/* From the lost reply on, whatever the portal answers to the search. */
static bool search_on(struct check *c, const struct visit *v, struct probe *lost)
{
	struct visit at = *v;
	struct step_memory memory = check_remember(&lost->memory);
	struct step step = lost->step;
	bool is_ok = true;

	for (unsigned depth = 0; is_ok && step.verdict == PORTAL_FETCH && depth < 8; depth++) {
		struct http_reply reply;
		struct probe probe;

		at.to = &memory;
		at.step = &step;
		is_ok = step.is_repeat_safe || tell_twice(c);
		check_reply_by_chance(c, &at, &reply);
		check_probe(c, &at, &reply, NULL, &probe);
		buffer_free(&memory.note);
		memory = check_remember(&probe.memory);
		step = (struct step){ .verdict = probe.step.verdict,
			.is_repeat_safe = probe.step.is_repeat_safe };
		check_probe_free(&probe);
		http_reply_free(&reply);
	}
	buffer_free(&memory.note);
	return is_ok;
}

static bool visit_lost(struct check *c, const struct visit *v)
{
	struct http_reply reply;
	struct probe lost;
	bool is_ok = true;

	if (v->step->verdict != PORTAL_FETCH || v->step->is_repeat_safe)
		return true;
	check_reply(&reply, 0, "", TEXT(""));
	check_probe(c, v, &reply, NULL, &lost);
	if (lost.step.verdict == PORTAL_FAILED && lost.step.failure_class != PORTAL_E_UNSURE)
		is_ok = check_tell(c, CHECK_FAIL, "PORTAL_E_UNSURE, as it may have happened",
		    "status 0 is no refusal: look for it, or end with reject()", "%s: %s",
		    check_verdict(&lost.step), lost.step.failure_text);
	for (unsigned i = 0; is_ok && i < SEARCHES; i++)
		is_ok = search_on(c, v, &lost);
	check_probe_free(&lost);
	http_reply_free(&reply);
	return is_ok;
}

void check_lost_create(struct check *c)
{
	if (check_world(c))
		check_walks(c, WALKS, visit_lost);
}

/* ---- key-used ------------------------------------------------------------------------ */

static bool carries(const struct json *exchange, struct text key)
{
	struct buffer text = { 0 };
	bool is_there;

	json_write(exchange, JSON_LINE, &text);
	is_there = memmem(text.p, text.n, key.p, key.n) != NULL; /* it need not end in a NUL */
	buffer_free(&text);
	return is_there;
}

/* Of the walk that is made: has it sent something that changes, with the key or never again? */
static struct {
	bool has_sent, has_key, has_asked;
} sent;

/* A PUT or PATCH on a ticket that is there says the same again. */
static bool doubles(enum operation_kind kind, const struct json *exchange)
{
	const char *method = exchange ? json_get_chars(exchange, "method") : "GET";

	return kind == OPERATION_CREATE ? strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0
					: strcmp(method, "POST") == 0;
}

static void tell_doubled(struct check *c, enum operation_kind kind)
{
	const char *expected =
	    "op->key in the address, a header or the body, or PORTAL_REPEAT_NEVER";

	if (kind == OPERATION_CREATE)
		check_tell(c, CHECK_FAIL, expected,
		    "a repeat without a key makes a second ticket: send op->key where the portal "
		    "knows it again, or declare the exchange PORTAL_REPEAT_NEVER",
		    "a ticket was made by exchanges of PORTAL_REPEAT_SAFE, none of which carries "
		    "the key");
	else
		check_tell(c, CHECK_WARN, expected,
		    "what is sent again stands on the ticket twice: send op->key where the portal "
		    "knows it again, or declare the exchange PORTAL_REPEAT_NEVER",
		    "%s was done by a POST of PORTAL_REPEAT_SAFE, and nothing carries the key",
		    operation_name(kind));
}

static bool visit_key(struct check *c, const struct visit *v)
{
	enum operation_kind kind = v->scene->input.kind;
	const struct json *exchange = v->step->exchange;

	if (kind != OPERATION_CREATE && kind != OPERATION_MESSAGE && kind != OPERATION_CHANGE)
		return false;
	if (v->depth == 0)
		memset(&sent, 0, sizeof sent);
	sent.has_sent |= doubles(kind, exchange);
	if (exchange && (!v->step->is_repeat_safe || carries(exchange, v->scene->input.key)))
		sent.has_key = true;
	sent.has_asked |= v->step->verdict == PORTAL_ASK;
	if (v->step->verdict == PORTAL_DONE && sent.has_sent && !sent.has_key && !sent.has_asked)
		tell_doubled(c, kind);
	return true;
}

void check_key_used(struct check *c)
{
	if (!check_world(c))
		return;
	for (size_t i = 0; i < c->n_scenes * 8 && c->shared->result != CHECK_FAIL; i++)
		check_walk(c, &c->scenes[i % c->n_scenes], c->wish->seed + i, 14, visit_key);
}
