#include "portal/host.h"
#include "portal/home.h"

#include <string.h>

static const struct portal_account no_account = {
	.size = sizeof no_account, .name = { "", 0 }, .visible = { "", 0 }
};

/* Operations, their names, their numbers in the ABI, and where a plugin has them. */
static const struct {
	const char *name;
	uint32_t number;
	size_t offset;
} operations[] = {
#define STEP(member) offsetof(struct portal_plugin, member)
	[OPERATION_OPEN] = { "open", PORTAL_OP_OPEN, STEP(open) },
	[OPERATION_ACTIVATE] = { "activate", PORTAL_OP_ACTIVATE, STEP(activate) },
	[OPERATION_LINK] = { "link", PORTAL_OP_LINK, STEP(link) },
	[OPERATION_CREATE] = { "create", PORTAL_OP_CREATE, STEP(create) },
	[OPERATION_ATTACH] = { "attach", PORTAL_OP_ATTACH, STEP(attach) },
	[OPERATION_MESSAGE] = { "message", PORTAL_OP_MESSAGE, STEP(message) },
	[OPERATION_CHANGE] = { "change", PORTAL_OP_CHANGE, STEP(change) },
	[OPERATION_STATUS] = { "status", PORTAL_OP_STATUS, STEP(status) },
	[OPERATION_REMAINING] = { "remaining", PORTAL_OP_REMAINING, STEP(remaining) },
	[OPERATION_LOGIN] = { "login", PORTAL_OP_LOGIN, STEP(login) },
	[OPERATION_OPTIONS_OK] = { "options_ok", PORTAL_OP_OPTIONS_OK, STEP(options_ok) },
#undef STEP
};

const char *operation_name(enum operation_kind kind)
{
	return operations[kind].name;
}

bool operation_read(struct text name, enum operation_kind *kind)
{
	for (unsigned i = OPERATION_OPEN; i <= OPERATION_REMAINING; i++)
		if (text_is(name, operations[i].name)) {
			*kind = (enum operation_kind)i;
			return true;
		}
	return false;
}

static portal_step_function *step_of(const struct portal *portal, enum operation_kind kind)
{
	portal_step_function *step;

	memcpy(&step, (const char *)&portal->plugin->table + operations[kind].offset, sizeof step);
	return step;
}

bool portal_can(const struct portal *portal, enum operation_kind kind)
{
	return step_of(portal, kind) != NULL;
}

/* ---- before the step ------------------------------------------------------------------ */

static struct json *read_some(struct running *r, struct text text, const char *what)
{
	struct failure why = { 0 };
	struct json *value = json_read(text, what, 0, &why);

	if (!value)
		stick(r, "%s", why.text);
	return value;
}

static struct json *read_json(struct running *r, struct text text, const char *what)
{
	return text.n ? read_some(r, text, what) : NULL;
}

static const struct portal_reply *show_reply(struct running *r, const struct http_reply *reply)
{
	struct portal_reply *shown = arena_take(r->arena, sizeof *shown);
	struct text raw = buffer_as_text(&reply->body), body = body_of(reply);

	*shown = (struct portal_reply){ .size = sizeof *shown,
		.status = reply->status,
		.flags = !reply->status && reply->may_have_arrived ? PORTAL_MAY_HAVE_ARRIVED : 0,
		.body = { raw.p, raw.n } };
	if (body.n)
		r->reply = json_read(body, "reply", body.n, NULL); /* NULL: it has no members */
	return shown;
}

static const struct portal_answer *show_answer(struct running *r, struct text answer)
{
	struct portal_answer *shown = arena_take(r->arena, sizeof *shown);

	r->answer = read_json(r, answer, "answer");
	*shown = (struct portal_answer){ .size = sizeof *shown,
		.code = str_of(r, json_text(json_get(r->answer, "code"))),
		.account = str_of(r, json_text(json_get(r->answer, "account"))) };
	return shown;
}

static void prepare(struct running *r)
{
	const struct step_input *in = r->in;
	struct portal_op *op = &r->op;

	op->size = sizeof *op;
	op->operation = operations[in->kind].number;
	op->hops = in->hops;
	op->host = &host_table;
	op->options = r->portal->values;
	op->account = in->account ? in->account : &no_account;
	op->contract = in->contract;
	op->customer = in->customer;
	op->request = in->request;
	op->ticket = str_of(r, in->ticket);
	op->ticket_name = str_of(r, in->ticket_name);
	op->key = str_of(r, in->key);
	op->now = in->now / INSTANT_SECOND;
	op->stage = r->memory->stage;
	memcpy(op->cursor, r->memory->cursor, sizeof op->cursor);
	op->note = str_of(r, buffer_as_text(&r->memory->note));
	if (in->reply)
		op->reply = show_reply(r, in->reply);
	if (in->answer.n)
		op->answer = show_answer(r, in->answer);
	r->input = read_json(r, in->input_json, "input");
	op->out = arena_take(r->arena, sizeof *op->out); /* all zero */
	op->out->size = sizeof *op->out;
	op->out->ticket = op->out->ticket_name = PORTAL_STR("");
	op->out->address = op->out->detail = PORTAL_STR("");
	op->out->remaining = PORTAL_UNKNOWN;
}

/* ---- after the step: what it left behind ----------------------------------------------- */

static portal_str keep_str(struct running *r, portal_str str)
{
	return str_of(r, text_from(r, str));
}

static const struct portal_outcome *take_outcome(struct running *r)
{
	struct portal_outcome *out = r->op.out;

	out->ticket = keep_str(r, out->ticket);
	out->ticket_name = keep_str(r, out->ticket_name);
	out->address = keep_str(r, out->address);
	out->detail = keep_str(r, out->detail);
	return out;
}

static void finish(struct running *r, uint32_t verdict, struct step_result *out)
{
	*out = (struct step_result){ .verdict = verdict,
		.stage = r->op.stage,
		.note = text_from(r, r->op.note),
		.repeat = r->repeat,
		.wait_ms = r->wait_ms,
		.exchange = r->exchange,
		.guide = r->guide,
		.extra = r->extra,
		.missing = r->missing,
		.log = r->log,
		.go_portal = r->go_portal,
		.go_address = r->go_address,
		.go_tenant = r->go_tenant,
		.is_ended = r->is_ended,
		.failure_class = r->failure_class,
		.failure_text = r->failure_text,
		.failure_message = r->failure_message,
		.kept = r->kept,
		.kept_until = r->kept_until };
	memcpy(out->cursor, r->op.cursor, sizeof out->cursor);
	if (verdict == PORTAL_DONE)
		out->outcome = take_outcome(r);
	out->fault = r->stuck;
	json_free(r->reply);
	json_free(r->answer);
	json_free(r->input);
}

void step_run(struct portal *portal, const struct step_input *input,
    const struct step_memory *memory, struct arena *arena, struct step_result *out)
{
	struct running r = { .portal = portal, .in = input, .memory = memory, .arena = arena };
	portal_step_function *step = step_of(portal, input->kind);
	uint32_t verdict = PORTAL_FAILED;

	prepare(&r);
	if (!step)
		stick(&r, "it cannot do that");
	if (!input->request && (input->kind == OPERATION_CREATE || input->kind == OPERATION_ATTACH))
		stick(&r, "there is no request");
	if (!r.stuck)
		verdict = step(&r.op);
	finish(&r, verdict, out);
}

void portal_step(struct portal *portal, const struct step_input *input, struct step_memory *memory,
    struct arena *arena, struct step *out)
{
	struct step_result result;

	if (portal->home)
		home_step(portal, input, memory, arena, &result);
	else
		step_run(portal, input, memory, arena, &result);
	result_judge(portal, input, &result, memory, arena, out);
}

void step_free(struct step *step)
{
	json_free(step->exchange);
	json_free(step->guide);
	json_free(step->extra);
	json_free(step->missing);
	json_free(step->log);
	step->exchange = step->guide = step->extra = step->missing = step->log = NULL;
}
