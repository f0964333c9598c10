/*
 * harbour: an invented portal with lists in pages and work that takes its time
 *
 * Tickets are made under a key of our own, so a second try is the first one.
 * Whatever is a list comes in pages: {"cases": [...], "next": "/v2/cases?page=2"}.
 */
#include <caseroute/portal.h>

enum { ORIGIN, TOKEN, POLL };
enum { START, SENT, POLLING };
#define POLLS 100

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "the API" },
	[TOKEN] = { .name = "token",
	    .type = PORTAL_SECRET,
	    .flags = PORTAL_REQUIRED,
	    .help = "the API's token" },
	[POLL] = { .name = "poll",
	    .type = PORTAL_DURATION,
	    .fallback = "5s",
	    .min = 1000,
	    .max = 600000,
	    .help = "pause between two looks at work under way" },
};

static const struct portal_error errors[] = {
	{ .status = 409,
	    .code = "allowance_spent",
	    .failure = PORTAL_E_SPENT,
	    .meaning = "the plan has no case left" },
	{ .status = 409,
	    .code = "plan_over",
	    .failure = PORTAL_E_CONTRACT,
	    .meaning = "the plan has ended" },
};

static void sign(struct portal_op *op)
{
	op->host->header_secret(op, "Authorization", "Bearer ", TOKEN);
}

static uint32_t get(struct portal_op *op, const char *path)
{
	op->host->request(op, "GET", op->options[ORIGIN].text, path, NULL, 0, PORTAL_REPEAT_SAFE);
	sign(op);
	op->stage = SENT;
	return PORTAL_FETCH;
}

/* ---- create: PUT under our key, then looks until the work is done ------------------ */

static uint32_t send_case(struct portal_op *op)
{
	static const char *const weights[] = { "", "urgent", "normal", "low" };
	const struct portal_request *r = op->request;
	const char *weight = r->severity <= 3 ? weights[r->severity] : "";
	size_t n = 0;

	while (weight[n])
		n++;
	op->host->request(op, "PUT", op->options[ORIGIN].text, "/v2/cases/by-key/{}", &op->key, 1,
	    PORTAL_REPEAT_SAFE);
	sign(op);
	op->host->put(op, "/title", r->title);
	op->host->put(op, "/text", r->text);
	op->host->put(op, "/weight", (portal_str){ weight, n });
	op->host->put(op, "/reply_to", r->contact->email);
	op->host->put_json(op, "/labels", PORTAL_STR("[]"));
	if (r->reference.n)
		op->host->put(op, "/labels/-", r->reference);
	op->stage = SENT;
	return PORTAL_FETCH;
}

static uint32_t look_again(struct portal_op *op)
{
	portal_str where = op->host->get_header(op, "Location");

	if (where.n)
		op->note = where;
	if (op->cursor[0]++ == POLLS)
		return op->host->fail(op, PORTAL_E_UNSURE, NULL,
		    "the portal still works on it after %d looks", POLLS);
	op->host->follow(op, op->options[ORIGIN].text, op->note);
	sign(op);
	op->host->wait(op, (uint32_t)op->options[POLL].number);
	op->stage = POLLING;
	return PORTAL_FETCH;
}

static uint32_t create(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str progress;

	if (!op->reply)
		return send_case(op);
	progress = host->get(op, "/progress");
	if (op->reply->status == 202 ||
	    (op->reply->status == 200 && portal_same(progress, "running")))
		return look_again(op);
	if (portal_same(progress, "failed"))
		return host->reject_as(
		    op, host->get(op, "/problem/code"), host->get(op, "/problem/text"));
	if (op->reply->status != 200 && op->reply->status != 201)
		return host->reject(op);
	op->out->ticket = host->get(op, "/case/number");
	op->out->address = host->get(op, "/case/page");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

/* ---- lists in pages ------------------------------------------------------------------ */

/* More pages: PORTAL_FETCH; the last one: PORTAL_DONE. */
static uint32_t next_page(struct portal_op *op)
{
	portal_str next = op->host->get(op, "/next");

	if (!next.n)
		return PORTAL_DONE;
	op->host->follow(op, op->options[ORIGIN].text, next);
	sign(op);
	return PORTAL_FETCH;
}

static uint32_t state_of(portal_str word)
{
	if (portal_same(word, "done"))
		return PORTAL_CLOSED;
	if (portal_same(word, "answered"))
		return PORTAL_WAITING;
	return portal_same(word, "working") ? PORTAL_OPEN : 0;
}

static uint32_t status(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t at;

	if (!op->reply)
		return get(op, "/v2/cases");
	if (op->reply->status != 200)
		return host->reject(op);
	at = host->find(op, "/cases", "/number", op->ticket);
	if (at == UINT32_MAX) {
		if (next_page(op) == PORTAL_FETCH)
			return PORTAL_FETCH;
		return host->fail(op, PORTAL_E_REQUEST, NULL, "the portal lists no case %.*s",
		    PORTAL_ARG(op->ticket));
	}
	op->out->state = state_of(host->get(op, host->format(op, "/cases/%u/state", at).p));
	op->out->detail = host->get(op, host->format(op, "/cases/%u/state", at).p);
	return PORTAL_DONE;
}

/* What is left in all allowances of the plan: the sum is in cursor[0], the first end that
 * is seen in the note. */
static uint32_t remaining(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t i;

	if (!op->reply)
		return get(op, "/v2/allowances");
	if (op->reply->status != 200)
		return host->reject(op);
	for (i = 0; i < host->get_length(op, "/allowances"); i++) {
		int64_t left =
		    host->get_number(op, host->format(op, "/allowances/%u/left", i).p, 0);

		if (left > 0 && left < 100000)
			op->cursor[0] += (uint32_t)left;
		if (!op->note.n)
			op->note = host->get(op, host->format(op, "/allowances/%u/last_day", i).p);
	}
	if (next_page(op) == PORTAL_FETCH)
		return PORTAL_FETCH;
	op->out->remaining = op->cursor[0];
	op->out->until = host->read_end(op, op->note);
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .name = "harbour", .title = "Harbour", .version = "1", .memory = 1,
    PORTAL_ERRORS(errors), .error_code = "/problem/code", .error_text = "/problem/text",
    .create = create, .status = status, .remaining = remaining);
