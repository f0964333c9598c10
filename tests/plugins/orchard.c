/*
 * orchard: an invented portal that people use, with many things that may come of it
 *
 * Nothing is sent. Each operation is a guide; some answers ask once more.
 */
#include <caseroute/portal.h>

enum { PAGE, DUE };
enum { ASKED, IN_REVIEW, QUEUED }; /* stage: what the last answer was */

static const struct portal_option options[] = {
	[PAGE] = { .name = "page",
	    .type = PORTAL_TEXT,
	    .fallback = "https://orchard.example/help",
	    .help = "where people begin" },
	[DUE] = { .name = "due",
	    .type = PORTAL_DURATION,
	    .fallback = "8h",
	    .min = 60000,
	    .max = 604800000,
	    .help = "how long the person has" },
};

static void begin(struct portal_op *op, const char *title)
{
	op->host->guide_title(op, "%s", title);
	op->host->guide_sign_in(op, op->account->name);
	op->host->guide_link(op, op->options[PAGE].text);
	op->host->guide_due(op, op->options[DUE].number);
}

/* What may come of everything here. */
static void declare_refusals(struct portal_op *op)
{
	op->host->guide_answer(op, "no_access", "the account is not admitted", "");
	op->host->guide_answer(op, "plan_over", "it says that the plan has ended", "end");
	op->host->guide_answer(op, "plan_spent", "it says that nothing is left", "");
	op->host->guide_answer(op, "refused", "it refuses for another reason", "reason");
}

static uint32_t refuse(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str code = op->answer->code, reason = host->get_answer(op, "reason");

	if (portal_is(code, "no_access"))
		return host->fail(op, PORTAL_E_DENIED, NULL, "Orchard does not admit %.*s",
		    PORTAL_ARG(op->account->name));
	if (portal_is(code, "plan_over")) {
		if (op->contract)
			host->observe(op, op->contract->plan,
			    host->read_end(op, host->get_answer(op, "end")), PORTAL_UNKNOWN,
			    op->contract->unit);
		return host->fail(op, PORTAL_E_CONTRACT, NULL, "the plan has ended");
	}
	if (portal_is(code, "plan_spent"))
		return host->fail(op, PORTAL_E_SPENT, NULL, "nothing is left of the plan");
	return host->fail(op, PORTAL_E_REQUEST, NULL, "Orchard refuses: %.*s", PORTAL_ARG(reason));
}

/* ---- link ------------------------------------------------------------------------------ */

static uint32_t ask_link(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (op->stage == IN_REVIEW) {
		begin(op, "Look whether the plan has been accepted");
		host->guide_step(op, "My plans: is it listed without \"in review\"?");
	} else {
		begin(op, "Add the plan");
		host->guide_step(op, "My plans > Add: enter the two numbers.");
		host->guide_secret(op, PORTAL_ACCESS_ID);
		host->guide_secret(op, PORTAL_CONTRACT_ID);
	}
	host->guide_answer(op, "linked", "the plan is listed", "end? left?");
	host->guide_answer(op, "in_review", "it is listed as \"in review\"", "");
	host->guide_answer(op, "already_associated", "it says the number is in use", "");
	declare_refusals(op);
	return PORTAL_ASK;
}

static void note_plan(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str end = host->get_answer(op, "end"), left = host->get_answer(op, "left");

	if (op->contract && (end.n || left.n))
		host->observe(op, op->contract->plan, host->read_end(op, end),
		    host->read_number(op, left, PORTAL_UNKNOWN), op->contract->unit);
}

static uint32_t link_step(struct portal_op *op)
{
	if (!op->answer)
		return ask_link(op);
	if (portal_is(op->answer->code, "already_associated"))
		return op->host->fail(op, PORTAL_E_CONTRACT, "M3", "it says the number is in use");
	if (portal_is(op->answer->code, "in_review")) {
		op->stage = IN_REVIEW;
		return ask_link(op);
	}
	if (!portal_is(op->answer->code, "linked"))
		return refuse(op);
	note_plan(op);
	return PORTAL_DONE;
}

/* ---- create ---------------------------------------------------------------------------- */

static uint32_t ask_create(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	const struct portal_request *r = op->request;
	uint32_t i;

	if (op->stage == QUEUED) {
		begin(op, "Look for the number of the request");
		host->guide_step(op, "My requests: the one with this title has a number now.");
		host->guide_field(op, "Title", r->title);
	} else {
		begin(op, "Open the request");
		host->guide_step(op, "Ask for help: copy the fields and send.");
		host->guide_field(op, "Title", r->title);
		host->guide_field(op, "What happens", r->text);
		host->guide_field(op, "Plan", r->n_plan_names ? r->plan_names[0] : r->plan);
		for (i = 0; i < r->n_files; i++)
			host->guide_field(op, "Attach", r->files[i]->name);
	}
	host->guide_answer(op, "ticket", "it has a number", "number page?");
	host->guide_answer(op, "queued", "it is sent and has no number yet", "");
	host->guide_answer(op, "not_listed", "the plan is not offered", "");
	declare_refusals(op);
	return PORTAL_ASK;
}

static uint32_t create(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->answer)
		return ask_create(op);
	if (portal_is(op->answer->code, "queued")) {
		op->stage = QUEUED;
		return ask_create(op);
	}
	if (portal_is(op->answer->code, "not_listed")) {
		host->need(op, "end");
		return host->need(op, "remaining");
	}
	if (!portal_is(op->answer->code, "ticket"))
		return refuse(op);
	op->out->ticket = host->get_answer(op, "number");
	op->out->address = host->get_answer(op, "page");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

/* ---- status, remaining ----------------------------------------------------------------- */

static uint32_t status(struct portal_op *op)
{
	static const struct {
		const char *code, *meaning;
		uint32_t state;
	} all[] = {
		{ "growing", "Orchard works on it", PORTAL_OPEN },
		{ "ripe", "Orchard waits for us", PORTAL_WAITING },
		{ "picked", "Orchard says it is solved", PORTAL_SOLVED },
		{ "fallen", "it is closed", PORTAL_CLOSED },
	};
	size_t i, n = sizeof all / sizeof all[0];

	for (i = 0; op->answer && i < n; i++)
		if (portal_is(op->answer->code, all[i].code))
			op->out->state = all[i].state;
	if (op->answer && !op->out->state)
		return refuse(op);
	if (op->answer) {
		op->out->detail = op->host->get_answer(op, "text");
		return PORTAL_DONE;
	}
	begin(op, "Look how the request is doing");
	op->host->guide_step(op, "My requests: open %.*s.", PORTAL_ARG(op->ticket));
	for (i = 0; i < n; i++)
		op->host->guide_answer(op, all[i].code, all[i].meaning, "text?");
	return PORTAL_ASK;
}

static uint32_t remaining(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (op->answer && !portal_is(op->answer->code, "seen"))
		return refuse(op);
	if (op->answer) {
		op->out->remaining =
		    host->read_number(op, host->get_answer(op, "left"), PORTAL_UNKNOWN);
		op->out->until = host->read_end(op, host->get_answer(op, "end"));
		return PORTAL_DONE;
	}
	begin(op, "Look what is left of the plan");
	host->guide_step(op, "My plans: open it, change nothing.");
	host->guide_answer(op, "seen", "it is listed", "left end?");
	declare_refusals(op);
	return PORTAL_ASK;
}

PORTAL_PLUGIN(options, .name = "orchard", .title = "Orchard", .version = "1", .memory = 1,
    .link = link_step, .create = create, .status = status, .remaining = remaining);
