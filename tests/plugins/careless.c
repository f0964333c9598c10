/* keeps every rule, and has what `portals check` warns of */
#include <caseroute/portal.h>

static const struct portal_option options[] = {
	{ .name = "origin", .type = PORTAL_ORIGIN, .flags = PORTAL_REQUIRED, .help = "the API" },
};

/* Its session is in another place than the table says: no login ever succeeds. */
static uint32_t login(struct portal_op *op)
{
	if (!op->reply) {
		op->host->request(
		    op, "POST", op->options[0].text, "/login", NULL, 0, PORTAL_REPEAT_SAFE);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 200)
		return op->host->reject(op);
	op->host->keep_secret(op, "/session", op->now + 60);
	return PORTAL_DONE;
}

static uint32_t create(struct portal_op *op)
{
	if (!op->reply) {
		op->host->request(
		    op, "PUT", op->options[0].text, "/tickets/{}", &op->key, 1, PORTAL_REPEAT_SAFE);
		op->host->put(op, "/title", op->request->title);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 200 && op->reply->status != 201)
		return op->host->reject(op);
	op->out->ticket = op->host->get(op, "/number");
	return PORTAL_DONE;
}

/* A repeat stands on the ticket twice. */
static uint32_t message(struct portal_op *op)
{
	if (!op->reply) {
		op->host->request(op, "POST", op->options[0].text, "/tickets/{}/messages",
		    &op->ticket, 1, PORTAL_REPEAT_SAFE);
		op->host->put(op, "/text", op->host->get_input(op, "/body"));
		return PORTAL_FETCH;
	}
	return op->reply->status == 200 ? PORTAL_DONE : op->host->reject(op);
}

PORTAL_PLUGIN(options, .name = "careless", .title = "Careless", .version = "1",
    .session_secrets = "/token", .login = login, .create = create, .message = message);
