/*
 * example1: signs in; a contract is linked, a ticket made, its state asked, one exchange each
 *
 * Quarry, its portal, does not exist: README.md says how it speaks. Forms go there, JSON comes
 * back.
 */
#include <caseroute/portal.h>

enum { ORIGIN, USER, PASSWORD, DESK };

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "where Quarry is" },
	[USER] = { .name = "user",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_REQUIRED,
	    .help = "who signs in" },
	[PASSWORD] = { .name = "password",
	    .type = PORTAL_SECRET,
	    .flags = PORTAL_REQUIRED,
	    .help = "the user's password" },
	[DESK] = { .name = "desk",
	    .type = PORTAL_INTEGER,
	    .fallback = "1",
	    .min = 1,
	    .max = 99,
	    .help = "number of the desk that takes the tickets" },
};

static const struct portal_error errors[] = {
	{ .code = "taken",
	    .failure = PORTAL_E_CONTRACT,
	    .message = "M3",
	    .meaning = "the account has this contract already" },
	{ .code = "worked_out",
	    .failure = PORTAL_E_SPENT,
	    .meaning = "the contract has no ticket left" },
	{ .code = "password_old",
	    .failure = PORTAL_E_DENIED,
	    .meaning = "the password is too old; change it at Quarry's page" },
	{ .status = 400, .failure = PORTAL_E_REQUEST, .meaning = "Quarry refuses the form" },
};

/* {} of the path: the ticket's number, where there is one in it. */
static void begin(struct portal_op *op, const char *method, const char *path)
{
	/* Each exchange of this plugin may be sent again: it reads, or carries op->key, or makes
	 * what is the same when it is made twice. */
	op->host->request(
	    op, method, op->options[ORIGIN].text, path, &op->ticket, 1, PORTAL_REPEAT_SAFE);
	op->host->header_secret(op, "X-Quarry-Session", "", PORTAL_SESSION);
}

/* ---- login ---------------------------------------------------------------------------
 *
 * Run by the host before the first exchange that places PORTAL_SESSION, after the session's end,
 * and after a 401. The reply reads "********" at /session: the token is the host's. */

static uint32_t login(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->reply) {
		host->request(
		    op, "POST", op->options[ORIGIN].text, "/sessions", NULL, 0, PORTAL_REPEAT_SAFE);
		host->form(op, "user", op->options[USER].text);
		host->form_secret(op, "password", PASSWORD);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 201)
		return host->reject(op);
	host->keep_secret(op, "/session", op->now + host->get_number(op, "/seconds", 600));
	return PORTAL_DONE;
}

/* ---- link ---------------------------------------------------------------------------- */

static uint32_t link_contract(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->contract)
		return host->fail(op, PORTAL_E_CONTRACT, NULL, "there is no contract to link");
	if (!op->reply) {
		begin(op, "POST", "/contracts");
		host->form(op, "mail", op->account->name);
		host->form_secret(op, "access_id", PORTAL_ACCESS_ID);
		host->form_secret(op, "contract_id", PORTAL_CONTRACT_ID);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 201)
		return host->reject(op);
	/* What was seen on the way is kept: the books are no better than what they see. */
	host->observe(op, op->contract->plan, host->read_end(op, host->get(op, "/last_day")),
	    host->get_number(op, "/left", PORTAL_UNKNOWN), PORTAL_INCIDENTS);
	return PORTAL_DONE;
}

/* ---- create -------------------------------------------------------------------------- */

static uint32_t send_ticket(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	begin(op, "POST", "/tickets");
	host->form(op, "ref", op->key);
	host->form(op, "desk", host->format(op, "%lld", (long long)op->options[DESK].number));
	host->form(op, "subject", op->request->title);
	host->form(op, "words", op->request->text);
	if (op->request->severity)
		host->form(op, "urgency", host->format(op, "%u", op->request->severity));
	return PORTAL_FETCH;
}

static uint32_t create(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->reply)
		return send_ticket(op);
	/* Quarry knows the ref: a try before this one had arrived, and its answer was lost. */
	if (op->reply->status != 201 && !portal_is(host->get(op, "/code"), "ref_known"))
		return host->reject(op);
	op->out->ticket = host->get(op, "/number");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

/* ---- status -------------------------------------------------------------------------- */

static uint32_t state_of(portal_str word)
{
	static const struct {
		const char *word;
		uint32_t state;
	} states[] = { { "in work", PORTAL_OPEN }, { "your turn", PORTAL_WAITING },
		{ "done", PORTAL_SOLVED }, { "filed", PORTAL_CLOSED } };

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (portal_same(word, states[i].word))
			return states[i].state;
	return 0; /* a word that we do not know: then the state is unknown, not open */
}

static uint32_t status(struct portal_op *op)
{
	if (!op->reply) {
		begin(op, "GET", "/tickets/{}");
		return PORTAL_FETCH;
	}
	if (op->reply->status != 200)
		return op->host->reject(op);
	op->out->state = state_of(op->host->get(op, "/state"));
	op->out->detail = op->host->get(op, "/words");
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .memory = 1, PORTAL_ERRORS(errors), .error_code = "/code",
    .error_text = "/words", .session_secrets = "/session", .name = "example1", .title = "Quarry",
    .version = "1.0.0", .manual = "An example: Quarry does not exist.", .login = login,
    .link = link_contract, .create = create, .status = status);
