/* The ticket: looked for, classified, files first, put under its name, awaited, read.
 *
 * What a second PUT under a used name does is not documented. So a PUT whose answer
 * is lost is not repeated before the name was looked for; the name derives from the
 * request, and no second name is ever made up. */
#include "azure.h"

enum {
	START,
	LOOKED,
	CLASSIFY = 10,
	FILES = 20,
	PUT_SENT = 30,
	POLLING,
	TICKET_READ,
	LOST,
	HANDED_OFF
};

static uint32_t need_all(struct portal_op *op)
{
	const struct portal_request *r = op->request;
	const struct portal_contact *c = r->contact;
	const struct portal_host *host = op->host;
	uint32_t verdict = PORTAL_DONE;
	const struct {
		int missing;
		const char *member;
	} all[] = {
		{ !r->subscription.n, "subscription" },
		{ !r->title.n, "title" },
		{ !r->text.n, "description" },
		{ !r->severity, "severity" },
		{ !c->first_name.n, "contact.first_name" },
		{ !c->last_name.n, "contact.last_name" },
		{ !c->email.n, "contact.email" },
		{ !c->country.n, "contact.country" },
		{ !c->time_zone.n, "contact.time_zone" },
		{ !c->phone.n && (portal_is(c->method, "phone") || r->severity == 1),
		    "contact.phone" },
		{ r->severity == 1 && !c->around_the_clock, "contact.around_the_clock" },
	};
	size_t i;

	for (i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].missing)
			verdict = host->need(op, all[i].member);
	return verdict;
}

/* ---- looking for the name ---------------------------------------------------------- */

static uint32_t look(struct portal_op *op, uint32_t stage, uint32_t wait_ms)
{
	azure_call(op, "GET", "supportTickets/{}", &op->key, 1, PORTAL_REPEAT_SAFE);
	if (wait_ms)
		op->host->wait(op, wait_ms);
	op->stage = stage;
	return PORTAL_FETCH;
}

/* ---- the body ------------------------------------------------------------------------ */

static portal_str severity(const struct portal_request *r)
{
	return r->severity == 1 ? PORTAL_STR("critical")
	    : r->severity == 2  ? PORTAL_STR("moderate")
				: PORTAL_STR("minimal");
}

static void put_contact(struct portal_op *op)
{
	const struct portal_contact *c = op->request->contact;
	const struct portal_host *host = op->host;

	host->put(op, "/properties/contactDetails/firstName", c->first_name);
	host->put(op, "/properties/contactDetails/lastName", c->last_name);
	host->put(op, "/properties/contactDetails/preferredContactMethod",
	    c->method.n ? c->method : PORTAL_STR("email"));
	host->put(op, "/properties/contactDetails/primaryEmailAddress", c->email);
	host->put(op, "/properties/contactDetails/preferredTimeZone", c->time_zone);
	host->put(op, "/properties/contactDetails/country", c->country);
	host->put(op, "/properties/contactDetails/preferredSupportLanguage",
	    c->language.n ? c->language : op->options[LANGUAGE].text);
	if (c->phone.n)
		host->put(op, "/properties/contactDetails/phoneNumber", c->phone);
}

static void put_consents(struct portal_op *op)
{
	portal_str types = azure_line(op, LINE_CONSENTS);
	const struct portal_host *host = op->host;
	uint32_t n = 0;
	size_t from = 0, to;

	for (; from < types.n; from = to + 1, n++) {
		to = from;
		while (to < types.n && types.p[to] != ',')
			to++;
		host->put(op,
		    host->format(op, "/properties/secondaryConsent/%u/type", (unsigned)n).p,
		    (portal_str){ types.p + from, to - from });
		host->put(op,
		    host->format(op, "/properties/secondaryConsent/%u/userConsent", (unsigned)n).p,
		    op->options[SECONDARY_CONSENT].text);
	}
}

/* The service's id is the beginning of the classification's. */
static portal_str service_of(portal_str classification)
{
	static const char mark[] = "/problemclassifications/";
	size_t i, k;

	for (i = 0; i < classification.n; i++) {
		for (k = 0; mark[k] && i + k < classification.n &&
		     portal_lower(classification.p[i + k]) == mark[k];
		     k++)
			;
		if (!mark[k])
			return (portal_str){ classification.p, i };
	}
	return classification;
}

static uint32_t put_ticket(struct portal_op *op)
{
	const struct portal_request *r = op->request;
	const struct portal_host *host = op->host;
	portal_str classification = azure_line(op, LINE_CLASSIFICATION);

	azure_call(op, "PUT", "supportTickets/{}", &op->key, 1, PORTAL_REPEAT_NEVER);
	host->put(op, "/properties/serviceId", service_of(classification));
	host->put(op, "/properties/problemClassificationId", classification);
	host->put(op, "/properties/title", r->title);
	host->put(op, "/properties/description", r->text);
	host->put(op, "/properties/severity", severity(r));
	host->put(op, "/properties/advancedDiagnosticConsent", op->options[DIAGNOSTICS].text);
	host->put_boolean(op, "/properties/require24X7Response", r->contact->around_the_clock == 2);
	if (r->problem_started)
		host->put(
		    op, "/properties/problemStartTime", host->write_time(op, r->problem_started));
	if (op->options[SUPPORT_PLAN_ID].text.n)
		host->put(op, "/properties/supportPlanId", op->options[SUPPORT_PLAN_ID].text);
	if (r->n_files)
		host->put(op, "/properties/fileWorkspaceName", op->key);
	if (r->resource.n)
		host->put(op, "/properties/technicalTicketDetails/resourceId", r->resource);
	put_contact(op);
	put_consents(op);
	op->stage = PUT_SENT;
	return PORTAL_FETCH;
}

/* ---- what came back -------------------------------------------------------------------- */

static uint32_t ticket_read(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str number = host->get(op, "/properties/supportTicketId");

	if (!number.n)
		return host->fail(op, PORTAL_E_UNSURE, 0,
		    "Azure shows the ticket %.*s without a number", PORTAL_ARG(op->key));
	op->out->ticket = number;
	op->out->ticket_name = op->key;
	op->out->detail = host->get(op, "/properties/supportPlanDisplayName");
	op->out->state = portal_same(host->get(op, "/properties/status"), "closed") ? PORTAL_CLOSED
										    : PORTAL_OPEN;
	op->out->address = op->options[PORTAL_LINK].text;
	return PORTAL_DONE;
}

static uint32_t operation_failed(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (azure_is_plan_refusal(op)) {
		op->stage = HANDED_OFF;
		return azure_guide_create(
		    op, "Open the request by hand: this support plan does not admit the API");
	}
	return host->reject_as(op, host->get(op, "/error/code"), host->get(op, "/error/message"));
}

/* 5xx and a time-out at the gateway say nothing about the outcome. */
static int is_outcome_unknown(const struct portal_op *op)
{
	return op->reply->status == 0 || op->reply->status == 408 || op->reply->status >= 500;
}

/* Taken, but not where to look: a gateway's answer, or one cut off in its headers. */
static int is_address_lost(struct portal_op *op)
{
	return op->reply->status == 202 && !azure_operation_address(op).n;
}

/* A ticket was seen to exist 3 seconds after its PUT and to settle after 14: with the
 * usual poll of 30 seconds the looks come 2, 10, 17 and 25 seconds after it. */
static uint32_t put_answered(struct portal_op *op)
{
	if (is_outcome_unknown(op) || is_address_lost(op)) {
		op->cursor[2] = 0;
		return look(op, LOST, (uint32_t)op->options[POLL].number / 15);
	}
	if (op->reply->status == 202)
		return azure_begin_polling(op, POLLING);
	if (!azure_is_good(op))
		return azure_is_plan_refusal(op) ? operation_failed(op) : op->host->reject(op);
	return op->host->get(op, "/properties/supportTicketId").n ? ticket_read(op)
								  : look(op, TICKET_READ, 0);
}

/* Creation goes on behind the scenes: the name is looked for a few times before the
 * same PUT is sent again. */
static uint32_t looked_for_lost(struct portal_op *op)
{
	if (op->reply->status == 200)
		return ticket_read(op);
	if (op->reply->status != 404)
		return op->host->reject(op);
	if (op->cursor[2]++ < 3)
		return look(op, LOST, (uint32_t)op->options[POLL].number / 4 + 100);
	return put_ticket(op);
}

/* It should be there; a gateway's 200 in place of Azure's has made nothing. */
static uint32_t looked_for_taken(struct portal_op *op)
{
	if (op->reply->status != 404)
		return azure_is_good(op) ? ticket_read(op) : op->host->reject(op);
	op->cursor[2] = 0;
	return looked_for_lost(op);
}

static uint32_t polled(struct portal_op *op)
{
	switch (azure_progress(op)) {
	case AZURE_RUNNING: return azure_poll_again(op);
	case AZURE_FAILED: return operation_failed(op);
	case AZURE_SUCCEEDED: break;
	}
	return look(op, TICKET_READ, 0);
}

/* ---- the way there --------------------------------------------------------------------- */

static uint32_t send_files_then_put(struct portal_op *op)
{
	uint32_t verdict = azure_send_files(op, FILES, op->key, 1);

	return verdict == PORTAL_DONE ? put_ticket(op) : verdict;
}

static uint32_t classify_then_files(struct portal_op *op)
{
	uint32_t verdict = azure_classify(op, CLASSIFY);

	return verdict == PORTAL_DONE ? send_files_then_put(op) : verdict;
}

static uint32_t looked(struct portal_op *op)
{
	if (op->reply->status == 200)
		return ticket_read(op); /* made by an earlier try */
	if (op->reply->status != 404 ||
	    portal_same(op->host->get(op, "/error/code"), "SubscriptionNotFound"))
		return op->host->reject(op);
	return classify_then_files(op);
}

static uint32_t start(struct portal_op *op)
{
	portal_str problem = azure_file_problem(op);

	if (need_all(op) == PORTAL_FAILED)
		return PORTAL_FAILED;
	if (problem.n)
		return op->host->fail(op, PORTAL_E_REQUEST, 0, "%.*s", PORTAL_ARG(problem));
	return look(op, LOOKED, 0);
}

uint32_t azure_create(struct portal_op *op)
{
	if (!azure_is_api(op) || op->stage == HANDED_OFF)
		return azure_guide_create(op, "Open the request");
	if (op->stage >= CLASSIFY && op->stage < FILES)
		return classify_then_files(op);
	if (op->stage >= FILES && op->stage < PUT_SENT)
		return send_files_then_put(op);
	switch (op->stage) {
	case LOOKED: return looked(op);
	case PUT_SENT: return put_answered(op);
	case POLLING: return polled(op);
	case LOST: return looked_for_lost(op);
	case TICKET_READ: return looked_for_taken(op);
	default: return start(op);
	}
}
