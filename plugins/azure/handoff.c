/* What a person does in the Azure portal: linking always, the rest where there is
 * no credential or the plan does not admit the API. */
#include "azure.h"

static void where(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str address = op->request ? host->get_input(op, "/go/address") : PORTAL_STR("");

	host->guide_sign_in(op, op->account->name);
	host->guide_link(op, address.n ? address : op->options[PORTAL_LINK].text);
	host->guide_due(op, op->options[DUE].number);
	if (op->customer)
		host->guide_step(op, "Work in the directory of the customer %.*s, not in your own.",
		    PORTAL_ARG(op->customer->domain.n ? op->customer->domain : op->customer->id));
}

static void head(struct portal_op *op, const char *title)
{
	op->host->guide_title(op, "%s", title);
	where(op);
}

static portal_str plan_name(const struct portal_op *op)
{
	return op->request->n_plan_names ? op->request->plan_names[0] : op->request->plan;
}

/* ---- link: only the portal can (Link support benefits) ------------------------------- */

/* The plan does not show after linking: expired or used up, or never seen. */
static uint32_t plan_hidden(struct portal_op *op)
{
	op->host->need(op, "end");
	return op->host->need(op, "remaining");
}

uint32_t azure_link(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (op->answer && portal_is(op->answer->code, "linked"))
		return PORTAL_DONE;
	if (op->answer && portal_is(op->answer->code, "already_associated"))
		return host->fail(
		    op, PORTAL_E_CONTRACT, "M3", "the contract is linked to this account already");
	if (op->answer && portal_is(op->answer->code, "plan_hidden"))
		return plan_hidden(op);
	if (op->answer)
		return host->fail(op, PORTAL_E_DENIED, 0,
		    "the Azure portal does not admit this account to the subscription");
	head(op, "Link the contract");
	host->guide_step(
	    op, "Help + support > Support Plans > Link support benefits: enter the two IDs.");
	host->guide_secret(op, PORTAL_ACCESS_ID);
	host->guide_secret(op, PORTAL_CONTRACT_ID);
	host->guide_step(op,
	    "\"This Access ID is already associated to an account ...\" is wrong: report "
	    "already_associated, ask nobody for a new ID.");
	host->guide_answer(op, "linked", "the plan is displayed", "");
	host->guide_answer(
	    op, "already_associated", "the portal says the Access ID is already associated", "");
	host->guide_answer(op, "plan_hidden", "linked, but the plan is not displayed", "");
	host->guide_answer(op, "no_access", "the portal does not admit the account", "");
	return PORTAL_ASK;
}

/* ---- open -------------------------------------------------------------------------------- */

static void fields(struct portal_op *op)
{
	const struct portal_request *r = op->request;
	const struct portal_contact *c = r->contact;
	const struct portal_host *host = op->host;
	uint32_t i;

	host->guide_field(op, "Issue type", PORTAL_STR("Technical"));
	host->guide_field(op, "Subscription", r->subscription);
	host->guide_field(op, "Service", r->product);
	host->guide_field(op, "Resource", r->resource);
	host->guide_field(op, "Summary", r->title);
	host->guide_field(op, "Support plan", plan_name(op));
	host->guide_field(op, "Description", r->text);
	host->guide_field(op, "Started",
	    r->problem_started ? host->write_time(op, r->problem_started) : PORTAL_STR(""));
	host->guide_field(op, "Severity",
	    r->severity == 1       ? PORTAL_STR("A - Critical impact")
		: r->severity == 2 ? PORTAL_STR("B - Moderate impact")
				   : PORTAL_STR("C - Minimal impact"));
	host->guide_field(op, "First name", c->first_name);
	host->guide_field(op, "Last name", c->last_name);
	host->guide_field(op, "E-mail", c->email);
	host->guide_field(op, "Phone", c->phone);
	host->guide_field(op, "Language", c->language);
	host->guide_field(op, "Country", c->country);
	host->guide_field(op, "Time zone", c->time_zone);
	host->guide_field(op, "Our reference", r->reference.n ? r->reference : r->id);
	for (i = 0; i < r->n_files; i++)
		host->guide_field(op, "Attach", r->files[i]->name);
}

static uint32_t opened_by_hand(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str code = op->answer->code, text = host->get_answer(op, "text");

	if (portal_is(code, "ticket")) {
		op->out->ticket = host->get_answer(op, "number");
		op->out->state = PORTAL_OPEN;
		return PORTAL_DONE;
	}
	if (portal_is(code, "already_associated"))
		return host->fail(
		    op, PORTAL_E_CONTRACT, "M3", "the contract is linked to this account already");
	if (portal_is(code, "plan_absent"))
		return op->contract
		    ? plan_hidden(op)
		    : host->fail(op, PORTAL_E_DENIED, 0, "the plan is not offered to this account");
	if (portal_is(code, "no_access"))
		return host->fail(op, PORTAL_E_DENIED, 0,
		    "the account has no role that may open requests on the subscription");
	return host->fail(op, PORTAL_E_REQUEST, 0, "the portal refused: %.*s", PORTAL_ARG(text));
}

uint32_t azure_guide_create(struct portal_op *op, const char *title)
{
	const struct portal_host *host = op->host;
	portal_str plan = plan_name(op);

	if (op->answer)
		return opened_by_hand(op);
	head(op, title);
	host->guide_step(op, "Help + support > New support request (Create a support request).");
	if (plan.n)
		host->guide_step(op, "Choose \"%.*s\" as support plan, paste the fields, submit.",
		    PORTAL_ARG(plan));
	else
		host->guide_step(op, "Choose the support plan, paste the fields, submit.");
	fields(op);
	host->guide_answer(op, "ticket", "it is open", "number");
	host->guide_answer(op, "plan_absent", "the plan is not displayed", "");
	host->guide_answer(
	    op, "already_associated", "the portal says the Access ID is already associated", "");
	host->guide_answer(op, "no_access", "the portal does not admit the account", "");
	host->guide_answer(op, "refused", "the portal refuses the request", "text");
	return PORTAL_ASK;
}

/* ---- on a ticket ---------------------------------------------------------------------------- */

uint32_t azure_by_hand(struct portal_op *op)
{
	where(op);
	op->host->guide_step(
	    op, "Help + support > All support requests: open %.*s.", PORTAL_ARG(op->ticket));
	return PORTAL_BY_HAND;
}
