/* What a person does: Customers, the customer, Service Management, New request -
 * or straight into the workload's portal by the deep link. */
#include "inside.h"

static portal_str customer_name(const struct portal_op *op)
{
	const struct portal_customer *c = op->customer;

	if (!c)
		return PORTAL_STR("the customer");
	return c->name.n ? c->name : c->id;
}

static void where(struct portal_op *op, portal_str address)
{
	const struct portal_host *host = op->host;

	host->guide_sign_in(op, op->account->name);
	host->guide_link(op, address.n ? address : op->options[CUSTOMERS_LINK].text);
	host->guide_due(op, op->options[DUE].number);
	host->guide_step(op,
	    "If the address does not lead into the customer's tenant: Partner Center > Customers > "
	    "%.*s > "
	    "Service Management > New request, and choose the workload.",
	    PORTAL_ARG(customer_name(op)));
}

static void head(struct portal_op *op, const char *title, portal_str address)
{
	op->host->guide_title(op, "%s", title);
	where(op, address);
}

/* ---- link ------------------------------------------------------------------------- */

uint32_t csp_guide_link(struct portal_op *op, portal_str address)
{
	const struct portal_host *host = op->host;

	head(op, "Link the contract in the workload's portal", address);
	host->guide_step(op,
	    "Support plans > add a support contract: enter the two IDs. It may take up to an hour "
	    "to appear.");
	host->guide_secret(op, PORTAL_ACCESS_ID);
	host->guide_secret(op, PORTAL_CONTRACT_ID);
	host->guide_answer(op, "linked", "the plan is displayed", "end? remaining?");
	host->guide_answer(
	    op, "already_associated", "the portal says the Access ID is already associated", "");
	host->guide_answer(op, "plan_absent", "the plan is not displayed", "");
	host->guide_answer(op, "no_access", "the portal does not admit the account", "");
	return PORTAL_ASK;
}

static uint32_t refused(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str code = op->answer->code, text = host->get_answer(op, "text");

	if (portal_is(code, "already_associated"))
		return host->fail(
		    op, PORTAL_E_CONTRACT, "M3", "the contract is linked to this account already");
	if (portal_is(code, "plan_absent") && op->contract) {
		host->need(op, "end");
		return host->need(op, "remaining");
	}
	if (portal_is(code, "plan_absent"))
		return host->fail(
		    op, PORTAL_E_DENIED, 0, "the plan is not offered to this account");
	if (portal_is(code, "no_access"))
		return host->fail(op, PORTAL_E_DENIED, 0,
		    "the portal does not admit the account: it needs Service Support Administrator "
		    "in the customer's tenant");
	return host->fail(
	    op, PORTAL_E_REQUEST, 0, "the portal refused: %.*s", PORTAL_ARG(text.n ? text : code));
}

static int64_t count(struct portal_op *op, portal_str text)
{
	int64_t n = op->host->read_number(op, text, -1);

	if (portal_is(text, "unlimited"))
		return PORTAL_UNLIMITED;
	return n < 0 || n > 1000000 ? PORTAL_UNKNOWN : n;
}

uint32_t csp_link_answered(struct portal_op *op)
{
	portal_str end = op->host->get_answer(op, "end"),
		   remaining = op->host->get_answer(op, "remaining");

	if (!portal_is(op->answer->code, "linked"))
		return refused(op);
	if (op->contract && (end.n || remaining.n))
		op->host->observe(op, op->contract->plan, op->host->read_end(op, end),
		    count(op, remaining), op->contract->unit);
	return PORTAL_DONE;
}

/* ---- open ---------------------------------------------------------------------------- */

static void fields(struct portal_op *op)
{
	const struct portal_request *r = op->request;
	const struct portal_contact *c = r->contact;
	const struct portal_host *host = op->host;
	uint32_t i;

	host->guide_field(op, "Customer", customer_name(op));
	host->guide_field(op, "Customer's tenant", op->customer->tenant);
	host->guide_field(op, "Product", r->product);
	host->guide_field(op, "Title", r->title);
	host->guide_field(op, "Description", r->text);
	host->guide_field(op, "Started",
	    r->problem_started ? host->write_time(op, r->problem_started) : PORTAL_STR(""));
	host->guide_field(op, "Severity",
	    r->severity == 1       ? PORTAL_STR("critical (A)")
		: r->severity == 2 ? PORTAL_STR("moderate (B)")
		: r->severity == 3 ? PORTAL_STR("minimal (C)")
				   : PORTAL_STR(""));
	host->guide_field(op, "Support plan", r->n_plan_names ? r->plan_names[0] : r->plan);
	/* The partner's own contact, never the customer's. */
	host->guide_field(op, "First name", c->first_name);
	host->guide_field(op, "Last name", c->last_name);
	host->guide_field(op, "E-mail", c->email);
	host->guide_field(op, "Phone", c->phone);
	host->guide_field(op, "Language", c->language);
	host->guide_field(op, "Our reference", r->reference.n ? r->reference : r->id);
	for (i = 0; i < r->n_files; i++)
		host->guide_field(op, "Attach", r->files[i]->name);
}

uint32_t csp_guide_create(struct portal_op *op, portal_str address)
{
	const struct portal_host *host = op->host;

	head(op, "Open the request for the customer", address);
	host->guide_step(op,
	    "New service request: paste the fields (the contact is yours, not the customer's), "
	    "submit.");
	fields(op);
	host->guide_answer(op, "ticket", "it is open", "number");
	host->guide_answer(
	    op, "already_associated", "the portal says the Access ID is already associated", "");
	host->guide_answer(op, "plan_absent", "the plan is not displayed", "");
	host->guide_answer(op, "no_access", "the portal does not admit the account", "");
	host->guide_answer(op, "refused", "the portal refuses the request", "text");
	return PORTAL_ASK;
}

uint32_t csp_create_answered(struct portal_op *op)
{
	if (!portal_is(op->answer->code, "ticket"))
		return refused(op);
	op->out->ticket = op->host->get_answer(op, "number");
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

/* ---- on a ticket that the API does not show -------------------------------------------- */

uint32_t csp_by_hand(struct portal_op *op)
{
	where(op, PORTAL_STR(""));
	op->host->guide_step(op,
	    "Open ticket %.*s in the workload's portal: Partner Center does not show it.",
	    PORTAL_ARG(op->ticket));
	return PORTAL_BY_HAND;
}
