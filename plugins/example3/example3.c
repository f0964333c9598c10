/*
 * example3: a person opens the ticket, and every answer that may come back is declared
 *
 * Mint, its portal, does not exist: README.md says how it speaks. A server tells which forms there
 * are and which tickets; the forms themselves are for people. So create() asks the server, then
 * a person, then the server whether the ticket is there.
 *
 * note: the form that was chosen, then a blank and the number that was reported.
 */
#include <caseroute/portal.h>

enum { ORIGIN, FORM_PAGE, HINT, DUE };
enum { START, FORMS, GUIDE, VERIFYING };

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "where Mint is" },
	[FORM_PAGE] = { .name = "form_page",
	    .type = PORTAL_TEXT,
	    .fallback = "https://mint.example/forms/{form}?tenant={tenant}",
	    .help = "page of a form; {form} and {tenant} are filled in" },
	[HINT] = { .name = "hint",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_LIST,
	    .help = "what people should know before they begin, in order" },
	[DUE] = { .name = "due",
	    .type = PORTAL_DURATION,
	    .fallback = "4h",
	    .min = 60000,
	    .max = 604800000,
	    .help = "how long the person has" },
};

/* ---- what all guides have in common ----------------------------------------------------- */

static void begin_guide(struct portal_op *op, const char *title, portal_str form)
{
	const struct portal_host *host = op->host;
	portal_str names[] = { PORTAL_STR("form"), form, PORTAL_STR("tenant"),
		op->customer ? op->customer->tenant : PORTAL_STR("") };
	uint32_t n = host->list_length(op, HINT);

	host->guide_title(op, "%s", title);
	host->guide_sign_in(op, op->account->name);
	host->guide_link(op, host->fill(op, op->options[FORM_PAGE].text, names, 2));
	host->guide_due(op, op->options[DUE].number);
	for (uint32_t i = 0; i < n; i++) {
		portal_str hint = host->list_get(op, HINT, i).text;

		host->guide_step(op, "%.*s", PORTAL_ARG(hint));
	}
}

/* What a person may meet everywhere at Mint. */
static void declare_refusals(struct portal_op *op)
{
	op->host->guide_answer(op, "not_admitted", "the account may not do this", "");
	op->host->guide_answer(op, "plan_over", "it says that the plan is over", "end?");
	op->host->guide_answer(op, "refused", "it refuses for another reason", "reason");
}

/* The last of every list of answers, so that each code that was declared leads somewhere. */
static uint32_t refuse(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str code = op->answer->code, reason = host->get_answer(op, "reason");

	if (portal_is(code, "not_admitted"))
		return host->fail(op, PORTAL_E_DENIED, NULL, "Mint does not admit %.*s",
		    PORTAL_ARG(op->answer->account.n ? op->answer->account : op->account->name));
	if (portal_is(code, "plan_over")) {
		if (op->contract)
			host->observe(op, op->contract->plan,
			    host->read_end(op, host->get_answer(op, "end")), PORTAL_UNKNOWN,
			    op->contract->unit);
		return host->fail(op, PORTAL_E_CONTRACT, NULL, "Mint says that the plan is over");
	}
	if (portal_is(code, "refused"))
		return host->fail(
		    op, PORTAL_E_REQUEST, NULL, "Mint refuses: %.*s", PORTAL_ARG(reason));
	return host->fail(op, PORTAL_E_PORTAL, NULL, "'%.*s' was not asked for", PORTAL_ARG(code));
}

/* ---- create ----------------------------------------------------------------------------- */

static uint32_t get(struct portal_op *op, const char *path, portal_str argument, uint32_t stage)
{
	op->host->request(
	    op, "GET", op->options[ORIGIN].text, path, &argument, 1, PORTAL_REPEAT_SAFE);
	op->stage = stage;
	return PORTAL_FETCH;
}

/* Several calls of need() add up: the agent is asked for all at once. */
static uint32_t get_forms(struct portal_op *op)
{
	const struct portal_request *r = op->request;
	uint32_t verdict = PORTAL_FETCH;

	if (!r->contact->phone.n)
		verdict = op->host->need(op, "contact.phone");
	if (!r->contact->country.n)
		verdict = op->host->need(op, "contact.country");
	if (verdict == PORTAL_FETCH)
		get(op, "/forms/for/{}", r->workload.n ? r->workload : PORTAL_STR("any"), FORMS);
	return verdict;
}

static void add_choices(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	uint32_t n = host->get_length(op, "/forms");

	for (uint32_t i = 0; i < n && i < 100; i++)
		host->guide_choice(op, host->get(op, host->format(op, "/forms/%u/id", i).p),
		    host->get(op, host->format(op, "/forms/%u/title", i).p));
}

static uint32_t ask_person(struct portal_op *op, portal_str form)
{
	const struct portal_host *host = op->host;
	const struct portal_request *r = op->request;

	begin_guide(op, "Fill in the form", form);
	host->guide_step(
	    op, "Paste the fields, pass the riddle, submit. The number is on the next page.");
	host->guide_field(op, "Title", r->title);
	host->guide_field(op, "What happens", r->text);
	host->guide_field(op, "Phone", r->contact->phone);
	host->guide_field(op, "Country", r->contact->country);
	host->guide_answer(op, "ticket", "it is open", "number");
	host->guide_answer(op, "other_form", "the page sends one to another form", "form");
	declare_refusals(op);
	op->note = form;
	op->stage = GUIDE;
	return PORTAL_ASK;
}

/* The forms are in the reply: the one that was named before, else the first. */
static uint32_t choose_form(struct portal_op *op)
{
	if (op->reply->status != 200)
		return op->host->reject(op);
	if (op->host->get_length(op, "/forms") == 0)
		return op->host->fail(
		    op, PORTAL_E_REQUEST, NULL, "Mint has no form for this; route it elsewhere");
	add_choices(op);
	return ask_person(op, op->note.n ? op->note : op->host->get(op, "/forms/0/id"));
}

static uint32_t answered(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str number = host->get_answer(op, "number");

	if (portal_is(op->answer->code, "other_form")) {
		op->note = host->get_answer(op, "form");
		return get_forms(op);
	}
	if (!portal_is(op->answer->code, "ticket"))
		return refuse(op);
	op->note = host->format(op, "%.*s %.*s", PORTAL_ARG(op->note), PORTAL_ARG(number));
	return get(op, "/tickets/{}", number, VERIFYING);
}

static portal_str part_of_note(const struct portal_op *op, int second)
{
	size_t at = 0;

	while (at < op->note.n && op->note.p[at] != ' ')
		at++;
	if (!second)
		return (portal_str){ op->note.p, at };
	at += at < op->note.n;
	return (portal_str){ op->note.p + at, op->note.n - at };
}

/* People mistype numbers. One that Mint does not know is asked for again. */
static uint32_t verified(struct portal_op *op)
{
	portal_str number = part_of_note(op, 1);

	if (op->reply->status == 404) {
		op->host->guide_step(op,
		    "Mint knows no ticket %.*s: look at its number again, or open it.",
		    PORTAL_ARG(number));
		return ask_person(op, part_of_note(op, 0));
	}
	if (op->reply->status != 200)
		return op->host->reject(op);
	op->out->ticket = number;
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

static uint32_t create(struct portal_op *op)
{
	switch (op->stage) {
	case START: return get_forms(op);
	case FORMS: return choose_form(op);
	case GUIDE: return answered(op);
	default: return verified(op);
	}
}

/* ---- link, remaining, status ---------------------------------------------------------------- */

static uint32_t link_contract(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->contract)
		return host->fail(op, PORTAL_E_CONTRACT, NULL, "there is no contract to link");
	if (!op->answer) {
		begin_guide(op, "Link the contract", PORTAL_STR("contract"));
		/* Shown where the agent reveals them, and to nobody else: not in lists, logs, here.
		 */
		host->guide_secret(op, PORTAL_ACCESS_ID);
		host->guide_secret(op, PORTAL_CONTRACT_ID);
		host->guide_answer(op, "linked", "the plan is listed now", "");
		host->guide_answer(op, "already", "it says that the account has it already", "");
		declare_refusals(op);
		return PORTAL_ASK;
	}
	if (portal_is(op->answer->code, "linked"))
		return PORTAL_DONE;
	if (portal_is(op->answer->code, "already"))
		return host->fail(op, PORTAL_E_CONTRACT, "M3", "the account has it already");
	return refuse(op);
}

static uint32_t remaining(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (!op->answer) {
		begin_guide(op, "Look what is left", PORTAL_STR("plans"));
		host->guide_step(op, "Read the line of the plan. Submit nothing.");
		host->guide_answer(op, "seen", "the plan is listed", "remaining end?");
		declare_refusals(op);
		return PORTAL_ASK;
	}
	if (!portal_is(op->answer->code, "seen"))
		return refuse(op);
	op->out->remaining =
	    host->read_number(op, host->get_answer(op, "remaining"), PORTAL_UNKNOWN);
	op->out->until = host->read_end(op, host->get_answer(op, "end"));
	return PORTAL_DONE;
}

/* Where to look is all that Mint gives: the host asks the person and reads the answer. */
static uint32_t status(struct portal_op *op)
{
	op->host->guide_link(
	    op, op->host->format(op, "https://mint.example/tickets/%.*s", PORTAL_ARG(op->ticket)));
	return PORTAL_BY_HAND;
}

static uint32_t options_ok(struct portal_op *op)
{
	begin_guide(op, "", PORTAL_STR("x")); /* an address that is none fails here, not at work */
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .memory = 1, .error_code = "/code", .error_text = "/text",
    .name = "example3", .title = "Mint", .version = "1.0.0",
    .manual = "An example: Mint does not exist.", .options_ok = options_ok, .link = link_contract,
    .create = create, .status = status, .remaining = remaining);
