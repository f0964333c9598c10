/* One step, with any reply or answer, and what came of it. */
#include "check/inside.h"
#include "portal/session.h"

#include <string.h>
#include <sys/time.h>

#define STEP_SECONDS 1

/* splitmix64 */
static uint64_t next_random(struct check *c)
{
	uint64_t z = c->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t check_random(struct check *c, uint32_t below)
{
	return below ? (uint32_t)(next_random(c) % below) : 0;
}

/* SIGPROF ends the process if the step does not return. */
static void arm(long seconds)
{
	const struct itimerval timer = { { 0, 0 }, { seconds, 0 } };

	setitimer(ITIMER_PROF, &timer, NULL);
}

void check_reply(struct http_reply *reply, unsigned status, const char *headers, struct text body)
{
	*reply =
	    (struct http_reply){ .status = status, .may_have_arrived = true, .retry_after_ms = -1 };
	buffer_text(&reply->headers, headers);
	buffer_append(&reply->body, body.p, body.n);
}

void check_step(struct check *c, const struct scene *scene, const struct step_input *input,
    struct step_memory *memory, struct arena *arena, struct step *out)
{
	struct check_shared *s = c->shared;
	struct step_input seen = *input;
	struct session_secrets secrets = { 0 };
	struct http_reply blanked = { 0 };

	if (input->kind == OPERATION_LOGIN && input->reply) { /* as portal_login() does */
		check_reply(&blanked, input->reply->status, input->reply->headers.p,
		    buffer_as_text(&input->reply->body));
		session_take(scene->portal, &blanked, &secrets);
		seen.reply = &blanked;
	}
	snprintf(s->at.operation, sizeof s->at.operation, "%s", operation_name(input->kind));
	snprintf(s->at.scene, sizeof s->at.scene, "%s", scene->name);
	s->at.stage = memory->stage;
	s->steps++;
	arm(STEP_SECONDS);
	portal_step(scene->portal, &seen, memory, arena, out);
	arm(0);
	session_secrets_free(&secrets);
	http_reply_free(&blanked);
}

struct step_memory check_remember(const struct step_memory *m)
{
	struct step_memory copy = *m;

	copy.note = (struct buffer){ 0 };
	buffer_append(&copy.note, m->note.p ? m->note.p : "", m->note.n);
	return copy;
}

void check_probe(struct check *c, const struct visit *v, const struct http_reply *reply,
    const char *answer, struct probe *out)
{
	struct step_input input = v->scene->input;

	input.reply = reply;
	input.answer = answer ? text_of(answer) : TEXT("");
	out->memory = check_remember(v->to);
	check_step(c, v->scene, &input, &out->memory, v->arena, &out->step);
}

void check_probe_free(struct probe *p)
{
	step_free(&p->step);
	buffer_free(&p->memory.note);
}

/* ---- what came of a step ------------------------------------------------------------- */

static void add(uint64_t *sum, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < n; i++)
		*sum = (*sum ^ at[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
}

static void add_text(uint64_t *sum, const char *text)
{
	add(sum, text ? text : "", text ? strlen(text) + 1 : 0);
}

static void add_json(uint64_t *sum, const struct json *value)
{
	struct buffer text = { 0 };

	if (value)
		json_write(value, JSON_LINE, &text);
	add_text(sum, text.p);
	buffer_free(&text);
}

uint64_t check_sum(const struct step *step, const struct step_memory *m)
{
	const struct portal_outcome *o = &step->outcome;
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	add(&sum, &step->verdict, sizeof step->verdict);
	add(&sum, &m->stage, sizeof m->stage);
	add(&sum, m->cursor, sizeof m->cursor);
	add(&sum, m->note.p ? m->note.p : "", m->note.n);
	add_json(&sum, step->exchange);
	add_json(&sum, step->guide);
	add_json(&sum, step->extra);
	add_json(&sum, step->missing);
	add_json(&sum, step->log);
	add_text(&sum, step->failure_text);
	add_text(&sum, step->go_portal);
	add_text(&sum, step->go_address);
	if (step->verdict != PORTAL_DONE)
		return sum;
	add_text(&sum, o->ticket.p);
	add_text(&sum, o->ticket_name.p);
	add_text(&sum, o->address.p);
	add_text(&sum, o->detail.p);
	add(&sum, &o->state, sizeof o->state);
	add(&sum, &o->remaining, sizeof o->remaining);
	add(&sum, &o->until, sizeof o->until);
	return sum;
}

const char *check_verdict(const struct step *step)
{
	static const char *const verdicts[] = { "failed", "fetch", "done", "ask", "go", "by hand" };
	static const char *const failures[] = { "failed", "failed (request)", "failed (contract)",
		"failed (spent)", "failed (denied)", "failed (busy)", "failed (unsure)",
		"failed (portal)" };

	return step->verdict == PORTAL_FAILED ? failures[step->failure_class]
					      : verdicts[step->verdict];
}
