/* Hand-off: what a person does at Support for Business, and what each report means. */
#include "sfb.h"

enum { ASKED = 1 };
/* cursor[0]: rounds after a silent failure; cursor[1]: rounds after a missing plan */

/* ---- the steps on the page, by version ------------------------------------------- */

static void steps_to_plans(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	switch (op->options[VERSION].number) {
	case VERSION_2021_03:
		host->guide_step(op,
		    "Choose the product and its version, enter the details, go on to the support "
		    "type.");
		break;
	case VERSION_2023:
		host->guide_step(op,
		    "Product and Support Type: choose family, version, category and problem; go on "
		    "to \"Types of support\".");
		break;
	default:
		host->guide_step(op,
		    "Support requests > new request: choose product and version, go on to the "
		    "support plan.");
		break;
	}
}

/* A contract that is linked already needs no IDs on record, until the link turns out to be gone. */
static void show_ids(struct portal_op *op)
{
	const uint32_t both = PORTAL_HAS_ACCESS_ID | PORTAL_HAS_CONTRACT_ID;
	const struct portal_host *host = op->host;

	if (!op->contract || (op->contract->flags & both) != both) {
		host->guide_step(
		    op, "The two IDs are not on record here: Partner Center > Benefits has them.");
		return;
	}
	host->guide_secret(op, PORTAL_ACCESS_ID);
	host->guide_secret(op, PORTAL_CONTRACT_ID);
}

static void steps_to_link(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	switch (op->options[VERSION].number) {
	case VERSION_2021_03:
		host->guide_step(op,
		    "Expand \"Do you need to purchase or add more support plans\", press add "
		    "Contract, enter the two IDs.");
		break;
	case VERSION_2023:
		host->guide_step(op,
		    "\"Add or purchase a support plan\" > Add contract: enter the two IDs, press "
		    "Add.");
		break;
	default:
		host->guide_step(op,
		    "Add/Purchase plan > Add Contract ID: enter the two IDs (the second may be "
		    "labelled Contract ID/Password).");
		break;
	}
	show_ids(op);
	host->guide_step(op,
	    "If the portal says that the Access ID is already associated: that message is wrong, "
	    "report already_associated.");
}

static void step_to_submit(struct portal_op *op)
{
	portal_str plan = sfb_plan_name(op);

	op->host->guide_step(
	    op, "Choose \"%.*s\", paste the fields below, submit.", PORTAL_ARG(plan));
}

static void head(struct portal_op *op, const char *title)
{
	const struct portal_host *host = op->host;

	host->guide_title(op, "%s", title);
	host->guide_sign_in(op, op->account->name);
	host->guide_link(op, sfb_link(op));
	if (op->options[DUE].number)
		host->guide_due(op, op->options[DUE].number);
}

/* ---- what may come back ------------------------------------------------------------ */

static void answers(struct portal_op *op, int links)
{
	const struct portal_host *host = op->host;

	host->guide_answer(op, "ticket", "it is open", "number");
	if (links) {
		host->guide_answer(op, "plan_listed",
		    "the plan is there now; the request is not opened yet", "end? remaining?");
		host->guide_answer(op, "already_associated",
		    "the portal says the Access ID is already associated", "");
		host->guide_answer(op, "add_silent", "adding did nothing and no plan appeared", "");
		host->guide_answer(op, "add_error", "adding gave another error", "text");
	}
	host->guide_answer(op, "plan_absent", "neither list shows the plan", "");
	host->guide_answer(op, "unavailable_expired", "the plan is listed as expired", "end?");
	host->guide_answer(op, "unavailable_depleted", "the plan is listed as used up", "");
	host->guide_answer(
	    op, "unavailable_product", "the plan cannot be used for this product", "");
	host->guide_answer(op, "redirected", "the portal sends the product elsewhere", "portal");
	host->guide_answer(op, "no_access", "the portal does not admit the account", "");
	host->guide_answer(op, "buy_only", "only buying is offered", "");
}

static portal_str plan_word(const struct portal_op *op)
{
	return op->contract ? op->contract->plan : PORTAL_STR("partner-support");
}

int64_t sfb_end(struct portal_op *op, portal_str text)
{
	int64_t end = op->host->read_time(op, text);

	return end && text.n == sizeof "2027-01-31" - 1 ? end + 86399 : end;
}

int64_t sfb_count(portal_str text)
{
	int64_t n = 0;
	size_t i;

	if (portal_is(text, "unlimited"))
		return PORTAL_UNLIMITED;
	for (i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || n > 100000)
			return PORTAL_UNKNOWN;
		n = n * 10 + (text.p[i] - '0');
	}
	return text.n ? n : PORTAL_UNKNOWN;
}

void sfb_observe_ended(struct portal_op *op, portal_str text)
{
	int64_t end = sfb_end(op, text), yesterday = op->now - 86400;

	op->host->observe(op, plan_word(op), end && end < op->now ? end : yesterday, PORTAL_UNKNOWN,
	    PORTAL_INCIDENTS);
}

/* What a person has read of a plan; nothing is recorded where nothing was read. */
static void observe_answer(
    struct portal_op *op, portal_str plan, const char *end_name, const char *count_name)
{
	portal_str end = op->host->get_answer(op, end_name),
		   remaining = op->host->get_answer(op, count_name);

	if (end.n || remaining.n)
		op->host->observe(
		    op, plan, sfb_end(op, end), sfb_count(remaining), PORTAL_INCIDENTS);
}

static int starts(portal_str text, const char *prefix)
{
	size_t i, k = 0;

	while (k < text.n && (text.p[k] == '"' || text.p[k] == ' ' || text.p[k] == '\''))
		k++;
	for (i = 0; prefix[i]; i++)
		if (k + i >= text.n || portal_lower(text.p[k + i]) != portal_lower(prefix[i]))
			return 0;
	return 1;
}

/* Error texts of the add form that are known (M3 in both lengths, D3). */
static uint32_t known_error(struct portal_op *op, portal_str text)
{
	if (starts(text, "This Access ID is already associated") ||
	    starts(text, "Access ID is already associated"))
		return op->host->fail(
		    op, PORTAL_E_CONTRACT, "M3", "the contract is linked to this account already");
	if (starts(text, "Support plan cannot be used for"))
		return op->host->need(op, "release");
	return op->host->fail(
	    op, PORTAL_E_CONTRACT, 0, "adding the contract failed: %.*s", PORTAL_ARG(text));
}

/* Reports that end the operation the same way whether it links or creates. */
static uint32_t common(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str code = op->answer->code, where;

	if (portal_is(code, "already_associated"))
		return host->fail(
		    op, PORTAL_E_CONTRACT, "M3", "the contract is linked to this account already");
	if (portal_is(code, "add_error"))
		return known_error(op, host->get_answer(op, "text"));
	if (portal_is(code, "unavailable_expired")) {
		sfb_observe_ended(op, host->get_answer(op, "end"));
		return host->fail(
		    op, PORTAL_E_CONTRACT, 0, "the portal lists the plan as expired (R31)");
	}
	if (portal_is(code, "unavailable_depleted")) {
		host->observe(op, plan_word(op), 0, 0, PORTAL_INCIDENTS);
		return host->fail(
		    op, PORTAL_E_SPENT, 0, "the portal lists the plan as used up (R31)");
	}
	if (portal_is(code, "unavailable_product"))
		return host->need(op, "release"); /* R31 c: is it the right version? */
	if (portal_is(code, "no_access"))
		return host->fail(op, PORTAL_E_DENIED, 0,
		    "the portal does not admit this account: try a private window, then the other "
		    "kind of account (taken_over)");
	where = host->get_answer(op, "portal");
	return host->fail(op, PORTAL_E_REQUEST, 0,
	    "the portal sends this product to %.*s: name that portal in a route and replay with "
	    "--reroute",
	    PORTAL_ARG(where));
}

static uint32_t opened(struct portal_op *op)
{
	op->out->ticket = op->host->get_answer(op, "number");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

/* ---- link, then open ------------------------------------------------------------------ */

static uint32_t ask_to_link(struct portal_op *op, const char *title)
{
	head(op, title);
	steps_to_plans(op);
	if (op->cursor[0] == 1)
		op->host->guide_step(op,
		    "Go one page back and forward again, or reload and start over: the plan may "
		    "only be hidden.");
	if (op->cursor[0] >= 2)
		op->host->guide_step(op,
		    "Check both IDs character by character in Partner Center; nothing is corrected "
		    "for you.");
	if (op->cursor[1])
		op->host->guide_step(op,
		    "Check the account at the top right: another account does not see the "
		    "contract.");
	steps_to_link(op);
	step_to_submit(op);
	sfb_dossier(op);
	answers(op, 1);
	op->stage = ASKED;
	return PORTAL_ASK;
}

/* Adding fails silently now and then: enter everything again, then check the IDs,
 * then it is a case for Partner Center support. */
static uint32_t again_after_silence(struct portal_op *op)
{
	if (++op->cursor[0] > 2)
		return op->host->fail(op, PORTAL_E_PORTAL, 0,
		    "adding the contract failed three times without a word: ask Partner Center "
		    "support (uses no incident)");
	return ask_to_link(op, "Link the contract once more, then open the request");
}

static uint32_t again_without_plan(struct portal_op *op)
{
	if (++op->cursor[1] > 1)
		return op->host->fail(op, PORTAL_E_DENIED, 0,
		    "the plan does not appear for this account after linking: it is the wrong "
		    "account (R9)");
	return ask_to_link(op, "Link the contract again, then open the request");
}

uint32_t sfb_guide_link(struct portal_op *op)
{
	portal_str code;

	if (!op->answer)
		return ask_to_link(op, "Link the contract, then open the request");
	code = op->answer->code;
	if (portal_is(code, "ticket"))
		return opened(op);
	if (portal_is(code, "add_silent"))
		return again_after_silence(op);
	if (portal_is(code, "plan_absent") || portal_is(code, "buy_only"))
		return again_without_plan(op);
	if (!portal_is(code, "plan_listed"))
		return common(op);
	observe_answer(op, plan_word(op), "end", "remaining");
	return PORTAL_DONE;
}

/* ---- open ---------------------------------------------------------------------------------- */

uint32_t sfb_check_severity(struct portal_op *op)
{
	const struct portal_contact *c = op->request->contact;
	uint32_t verdict = PORTAL_DONE;

	if (op->request->severity != 1)
		return verdict;
	if (c->around_the_clock != 2)
		verdict = op->host->need(op, "contact.around_the_clock");
	if (!c->phone.n)
		verdict = op->host->need(op, "contact.phone");
	return verdict;
}

static uint32_t ask_to_open(struct portal_op *op)
{
	head(op, "Open the request");
	steps_to_plans(op);
	step_to_submit(op);
	sfb_dossier(op);
	answers(op, 0);
	op->stage = ASKED;
	return PORTAL_ASK;
}

uint32_t sfb_guide_create(struct portal_op *op)
{
	portal_str code;

	if (!op->answer)
		return sfb_check_severity(op) == PORTAL_FAILED ? PORTAL_FAILED : ask_to_open(op);
	code = op->answer->code;
	if (portal_is(code, "ticket"))
		return opened(op);
	if (portal_is(code, "add_silent"))
		return again_after_silence(op);
	/* The link on record is doubtful then: it is made again on the way (R31, R9). */
	if (op->contract && (portal_is(code, "plan_absent") || portal_is(code, "buy_only")))
		return again_without_plan(op);
	if (portal_is(code, "plan_listed"))
		return ask_to_open(op);
	if (portal_is(code, "plan_absent") || portal_is(code, "buy_only"))
		return op->host->fail(
		    op, PORTAL_E_DENIED, 0, "the plan is not offered to this account");
	return common(op);
}

/* ---- the probe (R27): never submits --------------------------------------------------------- */

uint32_t sfb_guide_remaining(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str product = sfb_probe_product(op);

	if (op->answer && !portal_is(op->answer->code, "seen") &&
	    !portal_is(op->answer->code, "plan_absent"))
		return host->fail(op, PORTAL_E_PORTAL, 0, "the answer is none of those asked for");
	if (op->answer) {
		observe_answer(op, PORTAL_STR("partner-support"), "end", "remaining");
		observe_answer(op, PORTAL_STR("signature-cloud"), "cloud_end", "cloud_remaining");
		return PORTAL_DONE;
	}
	head(op, "Read what remains, without creating a request");
	if (op->options[VERSION].number == VERSION_2026)
		host->guide_step(op,
		    "Partner Center > Benefits > Technical support shows the same numbers: look "
		    "there first.");
	host->guide_step(op,
	    "Start a request for %.*s with placeholder text; go on to the support type.",
	    PORTAL_ARG(product));
	host->guide_step(op,
	    "Read end date and incidents remaining of the on-premises plan, and of the cloud plan "
	    "under the unavailable ones.");
	host->guide_step(op, "Stop there and leave the page. Do not submit.");
	host->guide_answer(
	    op, "seen", "what was shown", "end? remaining? cloud_end? cloud_remaining?");
	host->guide_answer(op, "plan_absent", "neither list shows the plan", "");
	return PORTAL_ASK;
}

/* ---- on a ticket: the portal has no way to do it but by hand --------------------------------- */

uint32_t sfb_guide_status(struct portal_op *op)
{
	static const struct {
		const char *code;
		uint32_t state;
	} states[] = { { "still_open", PORTAL_OPEN }, { "waiting_for_us", PORTAL_WAITING },
		{ "solved", PORTAL_SOLVED }, { "closed", PORTAL_CLOSED } };
	const struct portal_host *host = op->host;
	size_t i;

	for (i = 0; op->answer && i < sizeof states / sizeof states[0]; i++)
		if (portal_is(op->answer->code, states[i].code)) {
			op->out->state = states[i].state;
			op->out->detail = host->get_answer(op, "text");
			return PORTAL_DONE;
		}
	head(op, "Look how the ticket is doing");
	host->guide_step(op,
	    "Open ticket %.*s in the list of your requests; only the account that made it sees it.",
	    PORTAL_ARG(op->ticket));
	host->guide_answer(op, "still_open", "the portal works on it", "text?");
	host->guide_answer(op, "waiting_for_us", "the portal waits for us", "text?");
	host->guide_answer(op, "solved", "it is solved", "text?");
	host->guide_answer(op, "closed", "it is closed", "text?");
	return PORTAL_ASK;
}

static uint32_t ask_on_ticket(struct portal_op *op, const char *title)
{
	head(op, title);
	op->host->guide_step(op,
	    "Open ticket %.*s; files and messages go to its communication page.",
	    PORTAL_ARG(op->ticket));
	op->host->guide_answer(op, "done", "it is done", "");
	op->host->guide_answer(op, "refused", "the portal does not let me", "text");
	return PORTAL_ASK;
}

static uint32_t after_ticket(struct portal_op *op)
{
	portal_str text = op->host->get_answer(op, "text");

	if (portal_is(op->answer->code, "done"))
		return PORTAL_DONE;
	return op->host->fail(
	    op, PORTAL_E_REQUEST, 0, "the portal refused: %.*s", PORTAL_ARG(text));
}

uint32_t sfb_guide_message(struct portal_op *op)
{
	if (op->answer)
		return after_ticket(op);
	op->host->guide_field(op, "Subject", op->host->get_input(op, "/subject"));
	op->host->guide_field(op, "Message", op->host->get_input(op, "/body"));
	return ask_on_ticket(op, "Send the message");
}

uint32_t sfb_guide_attach(struct portal_op *op)
{
	uint32_t i;

	if (op->answer)
		return after_ticket(op);
	for (i = 0; i < op->request->n_files; i++)
		op->host->guide_field(op, "Attach", op->request->files[i]->name);
	return ask_on_ticket(op, "Attach the files");
}

uint32_t sfb_guide_change(struct portal_op *op)
{
	uint32_t verdict;

	if (op->answer) {
		verdict = after_ticket(op);
		if (verdict == PORTAL_DONE &&
		    portal_is(op->host->get_input(op, "/state"), "closed"))
			op->out->state = PORTAL_CLOSED;
		return verdict;
	}
	op->host->guide_field(op, "New severity", op->host->get_input(op, "/severity"));
	op->host->guide_field(op, "New state", op->host->get_input(op, "/state"));
	return ask_on_ticket(op, "Change the ticket");
}
