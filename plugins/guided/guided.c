/*
 * guided: a portal without an API, from its INI section alone
 *
 * Every operation is one exchange with a person: the guide says where to go and
 * what to enter, the answer says what came of it.
 */
#include <caseroute/portal.h>

enum {
	LINK,
	SIGN_IN,
	STEP,
	LINK_STEP,
	PROBE_STEP,
	FIELD,
	ACCEPTS_CONTRACT,
	SHOWS_REMAINING,
	TICKET_LINK,
	DUE
};

#define FIELDS                                                                                     \
	"title description product release environment severity workload plan customer tenant "    \
	"domain "                                                                                  \
	"subscription resource problem_started contact email phone method language country "       \
	"time_zone "                                                                               \
	"around_the_clock reference"
#define N_FIELDS 23

static const struct portal_option options[] = {
	[LINK] = { .name = "link",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_REQUIRED,
	    .help = "address to open; {tenant}, {domain} and {customer} stand for the customer's" },
	[SIGN_IN] = { .name = "sign_in",
	    .type = PORTAL_TEXT,
	    .help = "who must sign in, if not the request's account" },
	[STEP] = { .name = "step",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_LIST,
	    .help = "what to do to open a request, in order" },
	[LINK_STEP] = { .name = "link_step",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_LIST,
	    .help = "what to do to add a contract, in order" },
	[PROBE_STEP] = { .name = "probe_step",
	    .type = PORTAL_TEXT,
	    .flags = PORTAL_LIST,
	    .help = "what to do to see the incidents left, without opening a request" },
	[FIELD] = { .name = "field",
	    .type = PORTAL_CHOICE,
	    .flags = PORTAL_LIST,
	    .choices = FIELDS,
	    .help = "values to copy, in order; without any: all that are known" },
	[ACCEPTS_CONTRACT] = { .name = "accepts_contract",
	    .type = PORTAL_BOOLEAN,
	    .fallback = "no",
	    .help = "does the portal take Access ID and Contract ID" },
	[SHOWS_REMAINING] = { .name = "shows_remaining",
	    .type = PORTAL_BOOLEAN,
	    .fallback = "no",
	    .help = "does the portal show a plan's end and incidents" },
	[TICKET_LINK] = { .name = "ticket_link",
	    .type = PORTAL_TEXT,
	    .help = "a ticket's page; {ticket} is its number" },
	[DUE] = { .name = "due",
	    .type = PORTAL_DURATION,
	    .fallback = "1d",
	    .min = 60000,
	    .max = INT64_C(7776000000),
	    .help = "how long the person has" },
};

/* ---- the dossier -------------------------------------------------------------------- */

static portal_str severity(const struct portal_op *op)
{
	switch (op->request->severity) {
	case 1: return PORTAL_STR("A (critical)");
	case 2: return PORTAL_STR("B (moderate)");
	case 3: return PORTAL_STR("C (minimal)");
	default: return PORTAL_STR("");
	}
}

static portal_str plan(const struct portal_op *op)
{
	return op->request->n_plan_names ? op->request->plan_names[0] : op->request->plan;
}

static portal_str contact_name(struct portal_op *op)
{
	const struct portal_contact *c = op->request->contact;

	if (!c->first_name.n || !c->last_name.n)
		return c->first_name.n ? c->first_name : c->last_name;
	return op->host->format(
	    op, "%.*s %.*s", PORTAL_ARG(c->first_name), PORTAL_ARG(c->last_name));
}

static portal_str around_the_clock(const struct portal_op *op)
{
	uint32_t hours = op->request->contact->around_the_clock;

	return hours == 2 ? PORTAL_STR("yes") : hours == 1 ? PORTAL_STR("no") : PORTAL_STR("");
}

static portal_str of_customer(const struct portal_op *op, const char *word)
{
	const struct portal_customer *c = op->customer;

	if (!c)
		return PORTAL_STR("");
	if (portal_is(PORTAL_STR("tenant"), word))
		return c->tenant;
	return portal_is(PORTAL_STR("domain"), word) ? c->domain : c->name.n ? c->name : c->id;
}

/* Fields in the order of the choices of option `field`. */
static void add_field(struct portal_op *op, int64_t which)
{
	const struct portal_request *r = op->request;
	const struct portal_contact *c = r->contact;
	const struct {
		const char *label;
		portal_str value;
	} fields[] = {
		{ "Title", r->title },
		{ "Description", r->text },
		{ "Product", r->product },
		{ "Version", r->release },
		{ "Environment", r->environment },
		{ "Severity", severity(op) },
		{ "Workload", r->workload },
		{ "Support plan", plan(op) },
		{ "Customer", of_customer(op, "customer") },
		{ "Customer's tenant", of_customer(op, "tenant") },
		{ "Customer's domain", of_customer(op, "domain") },
		{ "Subscription", r->subscription },
		{ "Resource", r->resource },
		{ "Problem started", op->host->write_time(op, r->problem_started) },
		{ "Contact", contact_name(op) },
		{ "E-mail", c->email },
		{ "Phone", c->phone },
		{ "Contact by", c->method },
		{ "Language", c->language },
		{ "Country", c->country },
		{ "Time zone", c->time_zone },
		{ "Around the clock", around_the_clock(op) },
		{ "Our reference", r->reference },
	};

	_Static_assert(
	    sizeof fields / sizeof fields[0] == N_FIELDS, "a label and value for each choice");
	if (which >= 0 && which < N_FIELDS)
		op->host->guide_field(op, fields[which].label, fields[which].value);
}

static void add_fields(struct portal_op *op)
{
	uint32_t n = op->host->list_length(op, FIELD);

	for (uint32_t i = 0; i < n; i++)
		add_field(op, op->host->list_get(op, FIELD, i).number);
	for (int64_t i = 0; n == 0 && i < N_FIELDS; i++)
		add_field(op, i);
}

/* ---- guides --------------------------------------------------------------------------- */

static void add_link(struct portal_op *op)
{
	portal_str none = PORTAL_STR("");
	portal_str pairs[] = {
		PORTAL_STR("tenant"),
		op->customer ? op->customer->tenant : none,
		PORTAL_STR("domain"),
		op->customer ? op->customer->domain : none,
		PORTAL_STR("customer"),
		op->customer ? op->customer->id : none,
	};

	op->host->guide_link(op, op->host->fill(op, op->options[LINK].text, pairs, 3));
}

static void begin_guide(struct portal_op *op)
{
	portal_str who = op->options[SIGN_IN].text;

	op->host->guide_sign_in(op, who.n ? who : op->account->name);
	add_link(op);
	op->host->guide_due(op, op->options[DUE].number);
}

/* The section's steps, or one sentence where it has none. */
static void add_steps(struct portal_op *op, uint32_t option, const char *otherwise)
{
	uint32_t n = op->host->list_length(op, option);

	for (uint32_t i = 0; i < n; i++) {
		portal_str step = op->host->list_get(op, option, i).text;

		op->host->guide_step(op, "%.*s", PORTAL_ARG(step));
	}
	if (n == 0)
		op->host->guide_step(op, "%s", otherwise);
}

static portal_str said(struct portal_op *op, const char *name)
{
	portal_str text = op->host->get_answer(op, name);

	return text.n ? text : PORTAL_STR("no reason was given");
}

/* What every guide may be answered, beside success. */
static void declare_refusals(struct portal_op *op)
{
	op->host->guide_answer(op, "refused", "the portal refuses it", "reason");
	op->host->guide_answer(op, "no_access", "the account may not do this here", "");
	if (op->options[ACCEPTS_CONTRACT].number)
		op->host->guide_answer(op, "already_associated",
		    "the portal says that the Access ID is already associated: ignore it", "");
}

static uint32_t refuse(struct portal_op *op, uint32_t failure)
{
	portal_str code = op->answer->code;

	if (portal_is(code, "already_associated"))
		return op->host->fail(op, PORTAL_E_CONTRACT, "M3",
		    "the portal says that the Access ID is already associated");
	if (portal_is(code, "no_access"))
		return op->host->fail(op, PORTAL_E_DENIED, NULL,
		    "%.*s may not do this at the portal",
		    PORTAL_ARG(op->answer->account.n ? op->answer->account : op->account->name));
	if (portal_is(code, "refused")) {
		portal_str reason = said(op, "reason");

		return op->host->fail(
		    op, failure, NULL, "the portal refuses it: %.*s", PORTAL_ARG(reason));
	}
	return op->host->fail(
	    op, PORTAL_E_PORTAL, NULL, "the answer '%.*s' was not offered", PORTAL_ARG(code));
}

/* ---- the steps -------------------------------------------------------------------------- */

static uint32_t ask_link(struct portal_op *op)
{
	if (!op->options[ACCEPTS_CONTRACT].number)
		return op->host->fail(op, PORTAL_E_CONTRACT, NULL, "this portal takes no contract");
	if (!op->contract)
		return op->host->fail(op, PORTAL_E_CONTRACT, NULL, "there is no contract to link");
	op->host->guide_title(op, "Link the contract");
	begin_guide(op);
	add_steps(op, LINK_STEP, "Where the portal offers to add a support plan, add a contract");
	op->host->guide_secret(op, PORTAL_ACCESS_ID);
	op->host->guide_secret(op, PORTAL_CONTRACT_ID);
	op->host->guide_answer(op, "linked", "the plan is listed now", "");
	declare_refusals(op);
	return PORTAL_ASK;
}

static uint32_t guided_link(struct portal_op *op)
{
	if (!op->answer)
		return ask_link(op);
	return portal_is(op->answer->code, "linked") ? PORTAL_DONE : refuse(op, PORTAL_E_CONTRACT);
}

static uint32_t ask_create(struct portal_op *op)
{
	portal_str name = plan(op);

	op->host->guide_title(op, "Open the request");
	begin_guide(op);
	add_steps(op, STEP, "Open a new support request and copy the fields below");
	if (op->contract && name.n)
		op->host->guide_step(op, "Choose the support plan \"%.*s\"", PORTAL_ARG(name));
	add_fields(op);
	op->host->guide_answer(op, "ticket", "the request is open", "number");
	op->host->guide_answer(
	    op, "redirected", "the portal sends such requests elsewhere", "portal");
	op->host->guide_answer(op, "plan_absent", "no list shows the support plan", "");
	declare_refusals(op);
	return PORTAL_ASK;
}

static uint32_t opened(struct portal_op *op)
{
	portal_str number = op->host->get_answer(op, "number");
	portal_str pairs[] = { PORTAL_STR("ticket"), number };

	if (!number.n)
		return ask_create(op); /* without a number it is not open */
	op->out->ticket = number;
	op->out->state = PORTAL_OPEN;
	if (op->options[TICKET_LINK].text.n)
		op->out->address = op->host->fill(op, op->options[TICKET_LINK].text, pairs, 1);
	return PORTAL_DONE;
}

static uint32_t guided_create(struct portal_op *op)
{
	if (!op->answer)
		return ask_create(op);
	if (portal_is(op->answer->code, "ticket"))
		return opened(op);
	if (portal_is(op->answer->code, "redirected")) {
		portal_str where = op->host->get_answer(op, "portal");

		return op->host->fail(op, PORTAL_E_REQUEST, NULL,
		    "the portal sends such requests to %.*s", PORTAL_ARG(where));
	}
	if (portal_is(op->answer->code, "plan_absent"))
		return op->host->fail(
		    op, PORTAL_E_CONTRACT, NULL, "no list of the portal shows the support plan");
	return refuse(op, PORTAL_E_REQUEST);
}

static uint32_t ask_remaining(struct portal_op *op)
{
	if (!op->options[SHOWS_REMAINING].number)
		return op->host->fail(
		    op, PORTAL_E_REQUEST, NULL, "this portal does not show what is left of a plan");
	op->host->guide_title(op, "Look up the incidents left");
	begin_guide(op);
	add_steps(op, PROBE_STEP, "Go on to the choice of support plans");
	op->host->guide_step(op, "Stop there: do not submit anything");
	op->host->guide_answer(op, "seen", "the plan is listed", "remaining end?");
	op->host->guide_answer(op, "plan_absent", "no list shows the support plan", "");
	declare_refusals(op);
	return PORTAL_ASK;
}

/* The number as a person wrote it; PORTAL_UNKNOWN if it is none. */
static int64_t count_of(struct portal_op *op, portal_str text)
{
	int64_t number = op->host->read_number(op, text, -1);

	if (portal_same(text, "unlimited"))
		return PORTAL_UNLIMITED;
	return number < 0 || number > 999999 ? PORTAL_UNKNOWN : number;
}

static uint32_t guided_remaining(struct portal_op *op)
{
	if (!op->answer)
		return ask_remaining(op);
	if (portal_is(op->answer->code, "plan_absent"))
		return op->host->fail(
		    op, PORTAL_E_CONTRACT, NULL, "no list of the portal shows the support plan");
	if (!portal_is(op->answer->code, "seen"))
		return refuse(op, PORTAL_E_CONTRACT);
	op->out->remaining = count_of(op, op->host->get_answer(op, "remaining"));
	if (op->out->remaining == PORTAL_UNKNOWN)
		return ask_remaining(op);
	op->out->until = op->host->read_end(op, op->host->get_answer(op, "end"));
	if (op->contract)
		op->host->observe(
		    op, op->contract->plan, op->out->until, op->out->remaining, PORTAL_INCIDENTS);
	return PORTAL_DONE;
}

static uint32_t guided_options_ok(struct portal_op *op)
{
	add_link(op); /* fails here and not at the first request if it is no address */
	if (!op->options[ACCEPTS_CONTRACT].number && op->host->list_length(op, LINK_STEP))
		return op->host->fail(op, PORTAL_E_REQUEST, NULL,
		    "link_step is there, but accepts_contract is no; write accepts_contract = yes "
		    "or leave the steps out");
	if (!op->options[SHOWS_REMAINING].number && op->host->list_length(op, PROBE_STEP))
		return op->host->fail(op, PORTAL_E_REQUEST, NULL,
		    "probe_step is there, but shows_remaining is no; write shows_remaining = yes "
		    "or leave the steps out");
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .name = "guided", .title = "Guided hand-off", .version = "0.9.0",
    .memory = 1,
    .manual = "Serves any portal that people use in a browser. Nothing is sent: a request is "
	      "handed off with a "
	      "guide, and is open once somebody reports its number.",
    .options_ok = guided_options_ok, .link = guided_link, .create = guided_create,
    .remaining = guided_remaining);
