/*
 * newportal: what it serves, in a line
 *
 * The portal that this file talks to is made up; README.md says how it speaks. To make yours of
 * it, go from top to bottom: options, error table, create(), link_contract(), status(). Where
 * nothing is to be linked, link_contract() is one line, "return PORTAL_DONE;": without a step
 * link no request with a contract gets through. Left out of the table at the end, status is
 * done by a person by hand.
 *
 * A step asks for one exchange, returns, and is called again with the reply. It keeps no
 * variable: all that it may know is in op, all that it may do is in op->host. No call needs
 * a check: the first that fails ends the operation with its reason.
 */
#include <caseroute/portal.h>

/* ---- 1. The keys of its INI section. caseroute checks them, and explains them by `help`. ---- */

enum { ORIGIN, TOKEN, QUEUE, NOTIFY, SHARE_CONTACT };

static const struct portal_option options[] = {
	/* Exchanges go to origins that stand in the INI file and nowhere else. */
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "where the API is" },
	/* A secret is placed by its index and never seen: see begin(). */
	[TOKEN] = { .name = "token",
	    .type = PORTAL_SECRET,
	    .flags = PORTAL_REQUIRED,
	    .help = "the API's token" },
	[QUEUE] = { .name = "queue",
	    .type = PORTAL_TEXT,
	    .help = "the queue of the portal's desk" },
	[NOTIFY] = { .name = "notify",
	    .type = PORTAL_CHOICE,
	    .choices = "nobody contact everybody",
	    .fallback = "contact",
	    .help = "whom the portal tells of news" },
	[SHARE_CONTACT] = { .name = "share_contact",
	    .type = PORTAL_BOOLEAN,
	    .fallback = "yes",
	    .help = "may the portal have the contact's name and address" },
};

/* ---- 2. What the portal says when it refuses: reject() looks here, then at the status. ------- */

static const struct portal_error errors[] = {
	/* "M3" is caseroute's word for: this account has this contract already. */
	{ .status = 409,
	    .code = "already_linked",
	    .failure = PORTAL_E_CONTRACT,
	    .message = "M3",
	    .meaning = "the account has this contract already" },
	{ .code = "contract_ended",
	    .failure = PORTAL_E_CONTRACT,
	    .meaning = "the contract has ended; renew it or choose another plan" },
	{ .code = "nothing_left",
	    .failure = PORTAL_E_SPENT,
	    .meaning = "the contract has no incident left" },
	{ .status = 422,
	    .failure = PORTAL_E_REQUEST,
	    .meaning = "the portal refuses the request as it is; correct it" },
};

static portal_str text_of(const char *word)
{
	size_t n = 0;

	while (word[n])
		n++;
	return (portal_str){ word, n };
}

/* Each exchange begins so. The {} of a path takes the argument, percent-encoded. */
static void begin(struct portal_op *op, const char *method, const char *path, portal_str argument,
    uint32_t repeat)
{
	op->host->request(op, method, op->options[ORIGIN].text, path, &argument, 1, repeat);
	op->host->header_secret(op, "Authorization", "Bearer ", TOKEN);
}

/* ---- 3. create: the ticket ------------------------------------------------------------------- */

static uint32_t send_ticket(struct portal_op *op)
{
	static const char *const severities[] = { "", "critical", "moderate", "minimal" };
	const struct portal_host *host = op->host;
	const struct portal_request *r = op->request;

	/* op->key is the same over every try, and this portal takes it as the ticket's identity: so
	 * a second PUT is no second ticket, and the exchange is SAFE to repeat. Where yours has
	 * nothing like it, say PORTAL_REPEAT_NEVER, and look for the ticket when op->reply->status
	 * is 0. */
	begin(op, "PUT", "/v1/tickets/{}", op->key, PORTAL_REPEAT_SAFE);
	host->put(op, "/title", r->title);
	host->put(op, "/text", r->text);
	host->put(op, "/product", r->product);
	host->put(op, "/severity", text_of(severities[r->severity <= 3 ? r->severity : 0]));
	host->put(op, "/notify", op->options[NOTIFY].text);
	if (op->options[QUEUE].text.n)
		host->put(op, "/queue", op->options[QUEUE].text);
	if (op->options[SHARE_CONTACT].number) {
		host->put(op, "/contact/name",
		    host->format(op, "%.*s %.*s", PORTAL_ARG(r->contact->first_name),
			PORTAL_ARG(r->contact->last_name)));
		host->put(op, "/contact/email", r->contact->email);
	}
	return PORTAL_FETCH;
}

static uint32_t create(struct portal_op *op)
{
	if (!op->reply)
		return send_ticket(op);
	if (op->reply->status != 200 && op->reply->status != 201)
		return op->host->reject(op);
	op->out->ticket = op->host->get(op, "/number");
	op->out->address = op->host->get(op, "/page");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

/* ---- 4. link: a contract to the account, once, before the first ticket ----------------------- */

static uint32_t link_contract(struct portal_op *op)
{
	if (op->reply)
		return op->reply->status == 201 ? PORTAL_DONE : op->host->reject(op);
	if (!op->contract)
		return op->host->fail(op, PORTAL_E_CONTRACT, NULL, "there is no contract to link");
	begin(op, "PUT", "/v1/accounts/{}/contract", op->account->name, PORTAL_REPEAT_SAFE);
	op->host->put_secret(op, "/access_id", PORTAL_ACCESS_ID);
	op->host->put_secret(op, "/contract_id", PORTAL_CONTRACT_ID);
	return PORTAL_FETCH;
}

/* ---- 5. status: how is the ticket doing ------------------------------------------------------ */

static uint32_t state_of(portal_str word)
{
	return portal_same(word, "open")    ? PORTAL_OPEN
	    : portal_same(word, "answered") ? PORTAL_WAITING
	    : portal_same(word, "solved")   ? PORTAL_SOLVED
	    : portal_same(word, "closed")   ? PORTAL_CLOSED
					    : 0; /* not known */
}

static uint32_t status(struct portal_op *op)
{
	if (!op->reply) {
		begin(op, "GET", "/v1/tickets/{}", op->ticket, PORTAL_REPEAT_SAFE);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 200)
		return op->host->reject(op);
	op->out->state = state_of(op->host->get(op, "/state"));
	op->out->detail = op->host->get(op, "/answer");
	return PORTAL_DONE;
}

/* ---- 6. The table: what is not named here the portal cannot do ------------------------------- */

PORTAL_PLUGIN(options, .memory = 1, PORTAL_ERRORS(errors), .error_code = "/error/code",
    .error_text = "/error/text", .name = "newportal", .title = "newportal", .version = "0.1.0",
    .manual = "What the portal serves, where its API is described, what the plugin cannot do.",
    .link = link_contract, .create = create, .status = status);
