/*
 * lantern: an invented portal with a login
 *
 * User and password give a token with an end, which goes along in a header. Forms
 * go there, JSON comes back. It takes a ticket twice, so a lost one is looked for.
 */
#include <caseroute/portal.h>

enum { ORIGIN, USER, PASSWORD };
enum { START, SENT, LOOKED_FOR };

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "the portal" },
	[USER] = { .name = "user",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_REQUIRED,
	    .help = "who signs in" },
	[PASSWORD] = { .name = "password",
	    .type = PORTAL_SECRET,
	    .flags = PORTAL_REQUIRED,
	    .help = "of the user" },
};

static void begin(struct portal_op *op, const char *method, const char *path, uint32_t repeat)
{
	op->host->request(op, method, op->options[ORIGIN].text, path, &op->ticket, 1, repeat);
	op->host->header_secret(op, "X-Lantern-Session", "", PORTAL_SESSION);
	op->stage = SENT;
}

/* The portal renews nothing: after the end, or a 401, the host runs this again. */
static uint32_t login(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->reply) {
		host->request(
		    op, "POST", op->options[ORIGIN].text, "/sessions", NULL, 0, PORTAL_REPEAT_SAFE);
		host->put(op, "/user", op->options[USER].text);
		host->put_secret(op, "/password", PASSWORD);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 201)
		return host->reject(op);
	host->keep_secret(
	    op, "/session/token", host->read_time(op, host->get(op, "/session/ends")));
	return PORTAL_DONE;
}

static uint32_t opened(struct portal_op *op, portal_str number)
{
	op->out->ticket = number;
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

static uint32_t send_ticket(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	begin(op, "POST", "/tickets", PORTAL_REPEAT_NEVER);
	host->form(op, "subject", op->request->title);
	host->form(op, "question", op->request->text);
	host->form(op, "our_key", op->key);
	return PORTAL_FETCH;
}

static uint32_t look_for_it(struct portal_op *op)
{
	begin(op, "GET", "/tickets", PORTAL_REPEAT_SAFE);
	op->host->query(op, "our_key", op->key);
	op->stage = LOOKED_FOR;
	return PORTAL_FETCH;
}

static uint32_t create(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->reply)
		return send_ticket(op);
	if (op->stage == LOOKED_FOR && op->reply->status == 200) {
		if (host->get_length(op, "/tickets"))
			return opened(op, host->get(op, "/tickets/0/number"));
		return host->fail(op, PORTAL_E_UNSURE, NULL,
		    "no answer came back, and the portal shows no ticket (yet)");
	}
	if (op->stage == SENT && op->reply->status == 0)
		return look_for_it(op);
	if (op->reply->status != 201)
		return host->reject(op);
	return opened(op, host->get(op, "/number"));
}

static uint32_t status(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->reply) {
		begin(op, "GET", "/tickets/{}", PORTAL_REPEAT_SAFE);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 200)
		return host->reject(op);
	op->out->state = portal_same(host->get(op, "/lit"), "false") ? PORTAL_CLOSED : PORTAL_OPEN;
	return PORTAL_DONE;
}

/* The portal takes messages from browsers alone. */
static uint32_t message(struct portal_op *op)
{
	op->host->guide_link(op,
	    op->host->format(op, "%.*s/tickets/%.*s", PORTAL_ARG(op->options[ORIGIN].text),
		PORTAL_ARG(op->ticket)));
	op->host->guide_step(op, "Sign in and write below the last answer.");
	return PORTAL_BY_HAND;
}

PORTAL_PLUGIN(options, .name = "lantern", .title = "Lantern", .version = "1", .memory = 1,
    .error_code = "/why", .session_secrets = "/session/token", .login = login, .create = create,
    .message = message, .status = status);
