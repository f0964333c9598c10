#include "portal/host.h"

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

static struct json *read_json(struct running *r, struct text text, const char *what)
{
	struct failure why = { 0 };
	struct json *value;

	if (!text.n)
		return NULL;
	value = json_read(text, what, 0, &why);
	if (!value)
		stick(r, "%s", why.text);
	return value;
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
	op->out = arena_take(r->arena, sizeof *op->out);
	*op->out = (struct portal_outcome){ .size = sizeof *op->out,
		.ticket = PORTAL_STR(""),
		.ticket_name = PORTAL_STR(""),
		.address = PORTAL_STR(""),
		.detail = PORTAL_STR(""),
		.remaining = PORTAL_UNKNOWN };
}

/* ---- after the step: is it what its verdict says? ------------------------------------------ */

static void check_fetch(struct running *r, struct step *out)
{
	if (!r->exchange) {
		stick(r, "it wants an exchange and built none");
		return;
	}
	json_set(r->exchange, "repeat",
	    json_new_string(r->repeat == PORTAL_REPEAT_SAFE ? "safe" : "never"));
	if (r->wait_ms)
		json_set(r->exchange, "wait_ms", json_new_number(r->wait_ms));
	out->exchange = json_hold(r->exchange);
	out->is_repeat_safe = r->repeat == PORTAL_REPEAT_SAFE;
	out->wait_ms = r->wait_ms;
}

static void check_ask(struct running *r, struct step *out)
{
	if (!r->guide || !json_length(json_get(r->guide, "answers")))
		stick(r, "it wants a guide and declared no answer");
	else
		out->guide = json_hold(r->guide);
}

/* What to do, and what may come of it, is asked as for every portal. */
static void check_by_hand(struct running *r, struct step *out)
{
	static const char *const hosts[] = { "title", "fields", "secrets", "choices", "answers" };

	if (r->in->kind < OPERATION_ATTACH || r->in->kind > OPERATION_STATUS)
		stick(r, "BY_HAND is for attach, message, change and status");
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		if (json_get(r->guide, hosts[i]))
			stick(r, "with BY_HAND a guide's %s are the host's", hosts[i]);
	out->guide = r->guide ? json_hold(r->guide) : NULL;
}

static bool is_shown_whole(struct text text, size_t most)
{
	if (text.n > most || text_bad_utf8(text) >= 0)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ')
			return false;
	return true;
}

static portal_str copy_outcome_text(
    struct running *r, portal_str str, size_t most, bool is_line, const char *what)
{
	struct text text = text_from(r, str);

	if (is_line && !is_shown_whole(text, most))
		stick(r, "the %s is not one line of at most %zu bytes", what, most);
	if (text.n > most)
		text.n = most;
	return str_of(r, text);
}

static void check_done(struct running *r, struct step *out)
{
	struct portal_outcome *o = &out->outcome;
	struct buffer origin = { 0 };

	*o = *r->op.out;
	o->ticket = copy_outcome_text(r, o->ticket, 200, true, "ticket number");
	o->ticket_name = copy_outcome_text(r, o->ticket_name, 500, true, "ticket name");
	o->address = copy_outcome_text(r, o->address, 4000, true, "address");
	o->detail = copy_outcome_text(r, o->detail, 4000, false, "detail");
	if (o->state > PORTAL_CLOSED)
		stick(r, "%u is no state of a ticket", o->state);
	if (o->unit > PORTAL_HOURS)
		stick(r, "%u is no unit", o->unit);
	if (o->remaining < 0)
		o->remaining = PORTAL_UNKNOWN;
	if (o->address.n && !http_origin(o->address.p, &origin))
		stick(r, "the address of the ticket is no https address");
	buffer_free(&origin);
	/* Some portals answer 200 with a page that says "please sign in". */
	if (r->in->kind == OPERATION_CREATE && !o->ticket.n)
		stick(r, "create ended without a ticket number");
}

static void check_go(struct running *r, struct step *out)
{
	if (!r->go_portal)
		stick(r, "it wants to go on elsewhere and did not say where");
	out->go_portal = r->go_portal;
	out->go_address = r->go_address;
	out->go_tenant = r->go_tenant;
}

static void check_verdict(struct running *r, uint32_t verdict, struct step *out)
{
	switch (verdict) {
	case PORTAL_FETCH: check_fetch(r, out); break;
	case PORTAL_ASK: check_ask(r, out); break;
	case PORTAL_DONE: check_done(r, out); break;
	case PORTAL_GO: check_go(r, out); break;
	case PORTAL_BY_HAND: check_by_hand(r, out); break;
	case PORTAL_FAILED:
		if (!r->is_ended)
			stick(r, "it failed and did not say why");
		break;
	default: stick(r, "it returned %u, which is no verdict", verdict); break;
	}
	if (verdict != PORTAL_FETCH && verdict != PORTAL_DONE && r->in->kind == OPERATION_LOGIN)
		if (verdict != PORTAL_FAILED)
			stick(r, "a login is made of exchanges with servers alone");
}

static void check_memory(struct running *r, uint32_t verdict)
{
	struct text note = text_from(r, r->op.note);

	if (note.n > PORTAL_NOTE_BYTES || text_bad_utf8(note) >= 0)
		stick(r, "its note is longer than %u bytes or not UTF-8", PORTAL_NOTE_BYTES);
	if (verdict == PORTAL_FETCH && !r->wait_ms && r->memory->steps + 1 >= STEPS_WITHOUT_WAIT)
		stick(r, "it took %d steps and is not done", STEPS_WITHOUT_WAIT);
}

static void write_memory(struct running *r, uint32_t verdict, struct step_memory *memory)
{
	portal_str note = r->op.note;

	memory->stage = r->op.stage;
	memcpy(memory->cursor, r->op.cursor, sizeof memory->cursor);
	memory->steps += !r->wait_ms;
	memory->sent &= ~MEMORY_LAST_ONCE;
	if (verdict == PORTAL_FETCH && r->repeat == PORTAL_REPEAT_NEVER)
		memory->sent |= MEMORY_SENT_ONCE | MEMORY_LAST_ONCE;
	memory->note.n = 0; /* the step saw a copy */
	buffer_append(&memory->note, note.p ? note.p : "", note.n);
}

/* A fault of the plugin. Where something may have happened nobody can tell. */
static void set_fault(struct running *r, uint32_t stage, struct step *out)
{
	bool is_unsure = r->memory->sent & MEMORY_SENT_ONCE;

	json_free(out->exchange);
	json_free(out->guide);
	out->exchange = out->guide = NULL;
	out->verdict = PORTAL_FAILED;
	out->failure_class = is_unsure ? PORTAL_E_UNSURE : PORTAL_E_PORTAL;
	out->failure_message = NULL;
	if (r->in->kind == OPERATION_OPTIONS_OK)
		out->failure_text = r->stuck;
	else
		out->failure_text = arena_format(r->arena, "plugin %s in %s, stage %u: %s",
		    r->portal->plugin->table.name, operations[r->in->kind].name, stage, r->stuck);
}

static void finish(struct running *r, uint32_t verdict, uint32_t stage, struct step_memory *memory,
    struct step *out)
{
	out->fault = FAULT_CALL;
	if (!r->stuck) {
		out->fault = verdict == PORTAL_DONE ? FAULT_OUTCOME : FAULT_VERDICT;
		check_verdict(r, verdict, out);
	}
	if (!r->stuck) {
		out->fault = FAULT_MEMORY;
		check_memory(r, verdict);
	}
	if (!r->stuck)
		out->fault = FAULT_NONE;
	out->log = r->log;
	/* What was seen counts in a failure too: "expired" is why it failed. */
	if (!r->stuck)
		out->extra = r->extra ? json_hold(r->extra) : NULL;
	if (r->stuck) {
		set_fault(r, stage, out);
	} else if (verdict == PORTAL_FAILED) {
		out->failure_class = r->failure_class;
		out->failure_text = r->failure_text;
		out->failure_message = r->failure_message;
		out->missing = r->missing ? json_hold(r->missing) : NULL;
	} else {
		out->verdict = (enum portal_verdict)verdict;
		out->kept = r->kept;
		out->kept_until = r->kept_until;
		write_memory(r, verdict, memory);
	}
	json_free(r->exchange);
	json_free(r->guide);
	json_free(r->extra);
	json_free(r->missing);
	json_free(r->reply);
	json_free(r->answer);
	json_free(r->input);
}

void portal_step(struct portal *portal, const struct step_input *input, struct step_memory *memory,
    struct arena *arena, struct step *out)
{
	struct running r = { .portal = portal, .in = input, .memory = memory, .arena = arena };
	portal_step_function *step = step_of(portal, input->kind);
	uint32_t verdict = PORTAL_FAILED;

	*out = (struct step){
		.verdict = PORTAL_FAILED, .go_portal = "", .go_address = "", .go_tenant = ""
	};
	prepare(&r);
	if (!step)
		stick(&r, "it cannot do that");
	if (!input->request && (input->kind == OPERATION_CREATE || input->kind == OPERATION_ATTACH))
		stick(&r, "there is no request");
	if (!r.stuck)
		verdict = step(&r.op);
	finish(&r, verdict, memory->stage, memory, out);
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
