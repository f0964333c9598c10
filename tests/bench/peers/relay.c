/* relay: the portal of the benchmark; takes a request and answers with its number at once */
#include <caseroute/portal.h>

enum { ORIGIN };

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "where requests are delivered" },
};

/* The portal knows a request by its key: a second delivery does no harm. */
static uint32_t deliver(struct portal_op *op)
{
	const struct portal_request *r = op->request;

	op->host->request(
	    op, "POST", op->options[ORIGIN].text, "/requests", NULL, 0, PORTAL_REPEAT_SAFE);
	op->host->header(op, "Idempotency-Key", op->key);
	op->host->put(op, "/reference", r->reference);
	op->host->put(op, "/customer", op->customer->id);
	op->host->put(op, "/product", r->product);
	op->host->put_number(op, "/severity", r->severity);
	op->host->put(op, "/subscription", r->subscription);
	op->host->put(op, "/contact/email", r->contact->email);
	op->host->put(op, "/title", r->title);
	op->host->put(op, "/description", r->text);
	return PORTAL_FETCH;
}

static uint32_t create(struct portal_op *op)
{
	if (!op->reply)
		return deliver(op);
	if (op->reply->status != 201)
		return op->host->reject(op);
	op->out->ticket = op->host->get(op, "/caseNumber");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .name = "relay", .title = "Relay", .version = "1", .create = create);
