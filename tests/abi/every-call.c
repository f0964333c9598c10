/*
 * every-call: a plugin that makes every host call and reads every struct of ABI 1.0
 *
 * make.sh has built it with three compilers, in C and in C++; the binaries are kept in
 * 1.0/ and must do for ever what the transcripts there say. Neither this file nor they change.
 */
#include <caseroute/portal.h>

enum { ORIGIN, KEY, OTHER, STEPS, COLOUR, LOOK_EVERY };
enum { START, SENT, POLLED, UPLOADED };

static const struct portal_option options[] = {
	{ "origin", PORTAL_ORIGIN, PORTAL_REQUIRED, NULL, "the API", NULL, 0, 0 },
	{ "api_key", PORTAL_SECRET, 0, NULL, "its key", NULL, 0, 0 },
	{ "other", PORTAL_CREDENTIAL, 0, NULL, "another account", NULL, 0, 0 },
	{ "step", PORTAL_TEXT, PORTAL_LIST, NULL, "what to do", NULL, 0, 0 },
	{ "colour", PORTAL_CHOICE, PORTAL_LIST, NULL, "which colours", "red green blue", 0, 0 },
	{ "look_every", PORTAL_DURATION, 0, "2s", "between two looks", NULL, 1000, 60000 },
};

static const struct portal_error errors[] = {
	{ 409, PORTAL_E_CONTRACT, "Linked", NULL, "M3", "it is linked already" },
	{ 0, PORTAL_E_SPENT, NULL, "Nothing is left", NULL, "the plan is used up" },
};

static uint32_t options_ok(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (host->has_option(op, LOOK_EVERY) && op->options[LOOK_EVERY].number < 1000)
		return host->fail(op, PORTAL_E_REQUEST, NULL, "%s", "look_every is too short");
	return PORTAL_DONE;
}

static uint32_t login(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->reply) {
		host->request(
		    op, "POST", op->options[ORIGIN].text, "/login", NULL, 0, PORTAL_REPEAT_SAFE);
		host->form_secret(op, "key", KEY);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 200)
		return host->reject(op);
	host->keep_secret(op, "X-Token", host->read_time(op, host->get(op, "/until")));
	return PORTAL_DONE;
}

static uint32_t open_step(struct portal_op *op)
{
	if (op->hops)
		return PORTAL_DONE;
	return op->host->go(op, PORTAL_STR("azure"), PORTAL_STR("https://a.example/x"),
	    op->customer ? op->customer->tenant : PORTAL_STR(""));
}

/* ---- guides ---------------------------------------------------------------------------- */

static void ask(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str pairs[] = { PORTAL_STR("plan"), op->contract->plan_names[0] };
	uint32_t i;

	host->guide_title(op, "Link %.*s", PORTAL_ARG(op->contract->plan));
	host->guide_sign_in(op, op->account->name);
	host->guide_link(op, host->fill(op, PORTAL_STR("https://a.example/?p={plan}"), pairs, 1));
	for (i = 0; i < host->list_length(op, STEPS); i++)
		host->guide_step(op, "%u of %u: %s", i + 1, host->list_length(op, STEPS),
		    host->list_get(op, STEPS, i).text.p);
	host->guide_field(op, "Colour",
	    host->format(op, "%lld %%", (long long)host->list_get(op, COLOUR, 0).number));
	host->guide_field(op, "End", host->write_time(op, op->contract->end));
	host->guide_field(op, "Left", host->format(op, "%lld", (long long)op->contract->remaining));
	if (op->contract->flags & PORTAL_HAS_ACCESS_ID)
		host->guide_secret(op, PORTAL_ACCESS_ID);
	host->guide_choice(op, PORTAL_STR("g"), PORTAL_STR("Gold"));
	host->guide_answer(op, "linked", "it is listed", "end left?");
	host->guide_answer(op, "hidden", "it is not", "");
	host->guide_due(op, 3600000);
}

static uint32_t link_step(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->answer) {
		ask(op);
		return PORTAL_ASK;
	}
	if (!portal_is(op->answer->code, "linked"))
		return host->fail(op, PORTAL_E_CONTRACT, "M3", "%.*s saw nothing",
		    PORTAL_ARG(op->answer->account));
	host->observe(op, op->contract->plan, host->read_end(op, host->get_answer(op, "end")),
	    host->read_number(op, host->get_answer(op, "left"), PORTAL_UNLIMITED), PORTAL_HOURS);
	return PORTAL_DONE;
}

/* ---- exchanges ------------------------------------------------------------------------- */

static uint32_t send_ticket(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	const struct portal_request *r = op->request;
	portal_str args[] = { op->key, op->customer->id };

	host->request(
	    op, "PUT", op->options[ORIGIN].text, "/t/{}/of/{}?v=1", args, 2, PORTAL_REPEAT_NEVER);
	host->query(op, "$filter", PORTAL_STR("a eq 'b'"));
	host->header(op, "X-Id", r->id);
	host->header_secret(op, "X-Key", "Key ", KEY);
	host->authorize(op, OTHER, PORTAL_STR("all"), PORTAL_TENANT_CUSTOMER);
	host->authorize_auxiliary(
	    op, PORTAL_DEFAULT_CREDENTIAL, PORTAL_STR(""), PORTAL_TENANT_PARTNER);
	host->put(op, "/title", r->title);
	host->put_number(op, "/severity", r->severity);
	host->put_number(op, "/started", r->problem_started);
	host->put_boolean(op, "/night", r->contact->around_the_clock == 2);
	host->put(op, "/contact/zone", r->contact->time_zone);
	host->put_json(op, "/tags", PORTAL_STR("[1]"));
	host->put(op, "/tags/-", r->plan_names[0]);
	host->put_secret(op, "/id", PORTAL_CONTRACT_ID);
	host->put_file(op, "/file", 0, 1, r->files[0]->length);
	op->stage = SENT;
	op->cursor[2] = 7;
	return PORTAL_FETCH;
}

static uint32_t look(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (op->reply->status == 0)
		return host->fail(op, PORTAL_E_UNSURE, NULL, "lost, arrived: %d",
		    (int)(op->reply->flags & PORTAL_MAY_HAVE_ARRIVED));
	if (op->reply->status != 202)
		return host->reject_as(op, host->get(op, "/c"), host->get(op, "/t"));
	op->note = host->get_header(op, "location");
	host->follow(op, op->options[ORIGIN].text, op->note);
	host->wait(op, (uint32_t)op->options[LOOK_EVERY].number);
	op->stage = POLLED;
	return PORTAL_FETCH;
}

static uint32_t read_ticket(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t at = host->find(op, "/all", "/key", op->key);

	if (at == UINT32_MAX)
		return host->reject(op);
	host->cache_put(op, "names", host->get_name(op, "/all/0", 1), op->now + 60);
	host->log(op, "%u of %u, note %zu bytes", at, host->get_length(op, "/all"), op->note.n);
	op->out->ticket =
	    host->format(op, "%.*s-%lld-%x-%c", PORTAL_ARG(host->cache_get(op, "names")),
		(long long)host->get_number(op, "/all/1/n", -1), op->cursor[2] + 8, 'z');
	op->out->ticket_name = host->get(op, "/all/1/key");
	op->out->address = PORTAL_STR("https://a.example/t");
	op->out->detail = op->reply->body;
	op->out->state = host->extension("none/1") ? PORTAL_CLOSED : PORTAL_WAITING;
	return PORTAL_DONE;
}

static uint32_t create(struct portal_op *op)
{
	if (!op->reply)
		return send_ticket(op);
	return op->stage == SENT ? look(op) : read_ticket(op);
}

static uint32_t attach(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (op->stage == UPLOADED)
		return op->reply->status == 204 ? (uint32_t)PORTAL_DONE : host->reject(op);
	if (!op->reply) {
		host->request(
		    op, "POST", op->options[ORIGIN].text, "/begin", NULL, 0, PORTAL_REPEAT_SAFE);
		host->form(op, "name", op->request->files[0]->name);
		host->form(op, "ticket", op->ticket);
		return PORTAL_FETCH;
	}
	host->request(op, "PUT", op->options[ORIGIN].text, "/file", NULL, 0, PORTAL_REPEAT_SAFE);
	host->header_secret(op, "X-Session", "", PORTAL_SESSION);
	host->authorize(op, PORTAL_NO_CREDENTIAL, PORTAL_STR(""), PORTAL_TENANT_OWN);
	host->send_file(op, 0);
	op->stage = UPLOADED;
	return PORTAL_FETCH;
}

static uint32_t message(struct portal_op *op)
{
	op->host->guide_step(op, "Write: %s", op->host->get_input(op, "/subject").p);
	return PORTAL_BY_HAND;
}

static uint32_t change(struct portal_op *op)
{
	op->host->need(op, "subscription");
	return op->host->need(op, "contact.phone");
}

static uint32_t status(struct portal_op *op)
{
	if (op->ticket_name.n) {
		op->out->state = PORTAL_SOLVED;
		return PORTAL_DONE;
	}
	return 99;
}

static uint32_t remaining(struct portal_op *op)
{
	op->out->remaining = PORTAL_UNLIMITED;
	op->out->until = op->contract->end;
	op->out->start = op->contract->start;
	op->out->unit = op->contract->unit;
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .memory = 1, PORTAL_ERRORS(errors), .error_code = "/code /error/code",
    .error_text = "/text", .session_secrets = "/token X-Token", .name = PLUGIN_NAME,
    .title = "Every call", .version = "1.0", .manual = "Makes every call of ABI 1.0.",
    .options_ok = options_ok, .login = login, .open = open_step, .link = link_step,
    .create = create, .attach = attach, .message = message, .change = change, .status = status,
    .remaining = remaining);
