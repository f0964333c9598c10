/* Bridge: the operator's own endpoint does what it is entitled to do; we speak a
 * small protocol to it (bridge.openapi.yaml). Anything but its documented answers
 * is unknown, never success. */
#include "sfb.h"

enum { START, SENT, POLLED };

#define MOST_PLANS 50

static void call(struct portal_op *op, const char *method, const char *path, portal_str argument,
    uint32_t repeat)
{
	const struct portal_host *host = op->host;
	portal_str full =
	    host->format(op, "%.*s%s", PORTAL_ARG(op->options[BRIDGE_PATH].text), path);

	host->request(op, method, op->options[BRIDGE].text, full.p, &argument, 1, repeat);
	host->header(op, "Accept", PORTAL_STR("application/json"));
	host->header(op, "Idempotency-Key", op->key);
	if (host->has_option(op, BRIDGE_TOKEN))
		host->header_secret(op, "Authorization", "Bearer ", BRIDGE_TOKEN);
}

static int is_good(const struct portal_reply *reply)
{
	return reply->status >= 200 && reply->status < 300;
}

static uint32_t nonsense(struct portal_op *op)
{
	return op->host->fail(op, PORTAL_E_PORTAL, 0,
	    "the bridge answered %u without a result that is documented",
	    (unsigned)op->reply->status);
}

/* {"result": "refused", "reason": "...", "code": "already_associated"} */
static uint32_t refused(struct portal_op *op)
{
	portal_str code = op->host->get(op, "/code"), reason = op->host->get(op, "/reason");

	if (op->contract && portal_is(code, "unavailable_expired"))
		sfb_observe_ended(op, op->host->get(op, "/end"));
	if (op->contract && portal_is(code, "unavailable_depleted"))
		op->host->observe(op, op->contract->plan, 0, 0, PORTAL_INCIDENTS);
	return op->host->reject_as(op, code, reason);
}

/* ---- link ------------------------------------------------------------------------ */

static void observe_contract(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str end = host->get(op, "/end"), remaining = host->get(op, "/remaining");

	if (end.n || remaining.n)
		host->observe(op, op->contract->plan, sfb_end(op, end), sfb_count(remaining),
		    op->contract->unit);
}

uint32_t sfb_bridge_link(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str result;

	if (!op->reply) {
		call(op, "POST", "/links", PORTAL_STR(""), PORTAL_REPEAT_SAFE);
		host->put(op, "/account", op->account->name);
		host->put(op, "/contract", op->contract->id);
		host->put_secret(op, "/access_id", PORTAL_ACCESS_ID);
		host->put_secret(op, "/contract_id", PORTAL_CONTRACT_ID);
		return PORTAL_FETCH;
	}
	if (!is_good(op->reply))
		return host->reject(op);
	result = host->get(op, "/result");
	if (portal_is(result, "refused"))
		return refused(op);
	if (portal_is(result, "linked") || portal_is(result, "already_associated"))
		observe_contract(op);
	if (portal_is(result, "already_associated"))
		return host->fail(
		    op, PORTAL_E_CONTRACT, "M3", "the contract is linked to this account already");
	return portal_is(result, "linked") ? PORTAL_DONE : nonsense(op);
}

/* ---- create ------------------------------------------------------------------------- */

static void put_contact(struct portal_op *op)
{
	const struct portal_contact *c = op->request->contact;
	const struct portal_host *host = op->host;

	host->put(op, "/contact/first_name", c->first_name);
	host->put(op, "/contact/last_name", c->last_name);
	host->put(op, "/contact/email", c->email);
	host->put(op, "/contact/phone", c->phone);
	host->put(op, "/contact/method", c->method);
	host->put(op, "/contact/language", c->language);
	host->put(op, "/contact/country", c->country);
	host->put(op, "/contact/time_zone", c->time_zone);
	host->put_boolean(op, "/contact/around_the_clock", c->around_the_clock == 2);
}

/* The key is the identity: a repeat cannot create twice. */
static uint32_t send_request(struct portal_op *op)
{
	const struct portal_request *r = op->request;
	const struct portal_host *host = op->host;
	static const portal_str severities[] = { { "B", 1 }, { "A", 1 }, { "B", 1 }, { "C", 1 } };

	call(op, "PUT", "/requests/{}", op->key, PORTAL_REPEAT_SAFE);
	host->put(op, "/account", op->account->name);
	host->put(op, "/title", r->title);
	host->put(op, "/description", r->text);
	host->put(op, "/product", r->product);
	host->put(op, "/release", r->release);
	host->put(op, "/severity", severities[r->severity < 4 ? r->severity : 0]);
	host->put(op, "/plan", sfb_plan_name(op));
	if (op->contract)
		host->put(op, "/contract", op->contract->id);
	host->put(op, "/reference", r->reference);
	put_contact(op);
	op->stage = SENT;
	return PORTAL_FETCH;
}

static uint32_t poll(struct portal_op *op)
{
	call(op, "GET", "/requests/{}", op->key, PORTAL_REPEAT_SAFE);
	op->host->wait(op, (uint32_t)op->options[BRIDGE_POLL].number);
	op->stage = POLLED;
	return PORTAL_FETCH;
}

uint32_t sfb_bridge_create(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str result;

	if (!op->reply)
		return sfb_check_severity(op) == PORTAL_FAILED ? PORTAL_FAILED : send_request(op);
	if (!is_good(op->reply))
		return host->reject(op);
	result = host->get(op, "/result");
	if (portal_is(result, "queued"))
		return poll(op);
	if (portal_is(result, "refused"))
		return refused(op);
	if (!portal_is(result, "opened") || !host->get(op, "/ticket").n)
		return nonsense(op);
	op->out->ticket = host->get(op, "/ticket");
	op->out->address = host->get(op, "/address");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

/* ---- probe, status ---------------------------------------------------------------------- */

static void observe_plan(struct portal_op *op, uint32_t i)
{
	const struct portal_host *host = op->host;
	unsigned n = (unsigned)i;

	host->observe(op, host->get(op, host->format(op, "/plans/%u/plan", n).p),
	    sfb_end(op, host->get(op, host->format(op, "/plans/%u/end", n).p)),
	    sfb_count(host->get(op, host->format(op, "/plans/%u/remaining", n).p)),
	    PORTAL_INCIDENTS);
}

uint32_t sfb_bridge_remaining(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t i;

	if (!op->contract)
		return host->need(op, "contract");
	if (!op->reply) {
		call(op, "GET", "/contracts/{}/remaining", op->contract->id, PORTAL_REPEAT_SAFE);
		host->query(op, "account", op->account->name);
		return PORTAL_FETCH;
	}
	if (!is_good(op->reply))
		return host->reject(op);
	/* A probe that created something is a fault of the bridge and is said so. */
	if (portal_is(host->get(op, "/created"), "true") || host->get(op, "/ticket").n)
		return host->fail(op, PORTAL_E_PORTAL, 0,
		    "the bridge created a request during a probe: switch it off and look for "
		    "ticket %.*s",
		    PORTAL_ARG(host->get(op, "/ticket")));
	for (i = 0; i < host->get_length(op, "/plans") && i < MOST_PLANS; i++)
		observe_plan(op, i);
	return PORTAL_DONE;
}

uint32_t sfb_bridge_status(struct portal_op *op)
{
	static const struct {
		const char *word;
		uint32_t state;
	} states[] = { { "open", PORTAL_OPEN }, { "waiting", PORTAL_WAITING },
		{ "solved", PORTAL_SOLVED }, { "closed", PORTAL_CLOSED } };
	const struct portal_host *host = op->host;
	size_t i;

	if (!op->reply) {
		call(op, "GET", "/tickets/{}", op->ticket, PORTAL_REPEAT_SAFE);
		return PORTAL_FETCH;
	}
	if (!is_good(op->reply))
		return host->reject(op);
	for (i = 0; i < sizeof states / sizeof states[0]; i++)
		if (portal_same(host->get(op, "/state"), states[i].word))
			op->out->state = states[i].state;
	if (!op->out->state)
		return nonsense(op);
	op->out->detail = host->get(op, "/detail");
	return PORTAL_DONE;
}
