/* acme: the portal of a vendor that does not exist, with every kind of exchange */
#include <caseroute/portal.h>

enum { ORIGIN, KEY };
enum { START, SENT, POLLED, UPLOADED };

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "the API" },
	[KEY] = { .name = "api_key", .type = PORTAL_SECRET, .help = "the API's key" },
};

static void begin(struct portal_op *op, const char *method, const char *path, uint32_t repeat)
{
	op->host->request(op, method, op->options[ORIGIN].text, path, &op->key, 1, repeat);
}

static uint32_t send_ticket(struct portal_op *op)
{
	begin(op, "PUT", "/tickets/{}", PORTAL_REPEAT_NEVER);
	op->host->query(op, "version", PORTAL_STR("1"));
	op->host->header(op, "X-Trace", op->key);
	op->host->header_secret(op, "X-Key", "Key ", KEY);
	op->host->authorize(
	    op, PORTAL_DEFAULT_CREDENTIAL, PORTAL_STR("all"), PORTAL_TENANT_CUSTOMER);
	op->host->put(op, "/title", op->request->title);
	op->host->put_secret(op, "/contract", PORTAL_ACCESS_ID);
	if (op->request->n_files)
		op->host->put_file(op, "/file", 0, 0, 10);
	op->stage = SENT;
	return PORTAL_FETCH;
}

static uint32_t poll(struct portal_op *op)
{
	portal_str where = op->host->get_header(op, "Location");

	if (where.n)
		op->note = where;
	op->host->follow(op, op->options[ORIGIN].text, op->note);
	op->host->wait(op, 2000);
	op->stage = POLLED;
	return PORTAL_FETCH;
}

static uint32_t create(struct portal_op *op)
{
	if (!op->reply)
		return send_ticket(op);
	if (op->reply->status == 202)
		return poll(op);
	if (op->reply->status != 200)
		return op->host->reject(op);
	op->out->ticket = op->host->get(op, "/number");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

static uint32_t attach(struct portal_op *op)
{
	if (op->stage == UPLOADED)
		return op->reply->status == 204 ? PORTAL_DONE : op->host->reject(op);
	if (op->stage == SENT) {
		begin(op, "POST", "/files/{}", PORTAL_REPEAT_SAFE);
		op->host->send_file(op, 0);
		op->stage = UPLOADED;
		return PORTAL_FETCH;
	}
	begin(op, "POST", "/sign-in", PORTAL_REPEAT_SAFE);
	op->host->form(op, "user", PORTAL_STR("a b"));
	op->host->form_secret(op, "key", KEY);
	op->stage = SENT;
	return PORTAL_FETCH;
}

static uint32_t open_first(struct portal_op *op)
{
	if (!op->request || !op->request->subscription.n)
		return op->host->need(op, "subscription");
	return op->host->go(op, PORTAL_STR("azure"), PORTAL_STR("https://portal.example/x"),
	    op->customer ? op->customer->tenant : PORTAL_STR(""));
}

PORTAL_PLUGIN(options, .name = "acme", .title = "Acme", .version = "1", .open = open_first,
    .create = create, .attach = attach);
