/* A ticket that is there: its state, messages, severity, closing, files. */
#include "azure.h"

/* Tickets made in the portal are named by their number. */
static portal_str name_of(const struct portal_op *op)
{
	return op->ticket_name.n ? op->ticket_name : op->ticket;
}

static uint32_t state_of(portal_str status)
{
	if (portal_same(status, "closed"))
		return PORTAL_CLOSED;
	return status.n ? PORTAL_OPEN : 0; /* Open, Updating, and whatever may come */
}

static void read_ticket(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str engineer = host->get(op, "/properties/supportEngineer/emailAddress");

	op->out->state = state_of(host->get(op, "/properties/status"));
	op->out->ticket = host->get(op, "/properties/supportTicketId");
	op->out->detail = engineer.n
	    ? host->format(op, "%.*s, engineer %.*s",
		  PORTAL_ARG(host->get(op, "/properties/status")), PORTAL_ARG(engineer))
	    : host->get(op, "/properties/status");
}

uint32_t azure_status(struct portal_op *op)
{
	portal_str name = name_of(op);

	if (!azure_is_api(op) || !op->request->subscription.n)
		return azure_by_hand(op);
	if (!op->reply) {
		azure_call(op, "GET", "supportTickets/{}", &name, 1, PORTAL_REPEAT_SAFE);
		return PORTAL_FETCH;
	}
	if (!azure_is_good(op))
		return op->host->reject(op);
	read_ticket(op);
	return PORTAL_DONE;
}

/* ---- message ------------------------------------------------------------------------ */

enum { MESSAGE_START, MESSAGE_SENT, MESSAGE_POLLING };

/* The name derives from the key, so that a repeat is the same message. */
static uint32_t send_message(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str args[2] = { name_of(op), op->key }, sender = op->options[SENDER].text;
	portal_str subject = host->get_input(op, "/subject");

	azure_call(op, "PUT", "supportTickets/{}/communications/{}", args, 2, PORTAL_REPEAT_SAFE);
	host->put(op, "/properties/subject", subject.n ? subject : op->request->title);
	host->put(op, "/properties/body", host->get_input(op, "/body"));
	/* Required of a service principal, allowed of everybody. */
	if (!sender.n)
		sender = op->request->contact->email;
	if (sender.n)
		host->put(op, "/properties/sender", sender);
	op->stage = MESSAGE_SENT;
	return PORTAL_FETCH;
}

static uint32_t message_failed(struct portal_op *op)
{
	if (azure_is_plan_refusal(op))
		return azure_by_hand(op);
	return op->host->reject_as(
	    op, op->host->get(op, "/error/code"), op->host->get(op, "/error/message"));
}

uint32_t azure_message(struct portal_op *op)
{
	if (!azure_is_api(op) || !op->request->subscription.n)
		return azure_by_hand(op);
	if (op->stage == MESSAGE_START)
		return send_message(op);
	if (op->stage == MESSAGE_SENT) {
		if (op->reply->status == 202)
			return azure_begin_polling(op, MESSAGE_POLLING);
		return azure_is_good(op)        ? PORTAL_DONE
		    : azure_is_plan_refusal(op) ? message_failed(op)
						: op->host->reject(op);
	}
	switch (azure_progress(op)) {
	case AZURE_RUNNING: return azure_poll_again(op);
	case AZURE_FAILED: return message_failed(op);
	case AZURE_SUCCEEDED: break;
	}
	return PORTAL_DONE;
}

/* ---- severity, closing ------------------------------------------------------------------ */

/* The body is flat, not under "properties"; setting the same again changes nothing. */
uint32_t azure_change(struct portal_op *op)
{
	static const portal_str severities[] = { { "", 0 }, { "critical", 8 }, { "moderate", 8 },
		{ "minimal", 7 } };
	const struct portal_host *host = op->host;
	portal_str name = name_of(op), severity = host->get_input(op, "/severity"),
		   state = host->get_input(op, "/state");

	if (!azure_is_api(op) || !op->request->subscription.n)
		return azure_by_hand(op);
	if (!op->reply) {
		azure_call(op, "PATCH", "supportTickets/{}", &name, 1, PORTAL_REPEAT_SAFE);
		if (severity.n == 1 && severity.p[0] >= '1' && severity.p[0] <= '3')
			host->put(op, "/severity", severities[severity.p[0] - '0']);
		if (state.n)
			host->put(op, "/status", state);
		return PORTAL_FETCH;
	}
	if (!azure_is_good(op))
		return host->reject(op);
	read_ticket(op);
	return PORTAL_DONE;
}

/* ---- files ----------------------------------------------------------------------------------- */

enum { ATTACH_START, ATTACH_LOOKED, ATTACH_FILES = 10 };

/* The workspace of a ticket is named in it. */
uint32_t azure_attach(struct portal_op *op)
{
	portal_str name = name_of(op), problem, workspace;

	if (!azure_is_api(op) || !op->request->subscription.n)
		return azure_by_hand(op);
	if (op->stage == ATTACH_START) {
		problem = azure_file_problem(op);
		if (problem.n)
			return op->host->fail(op, PORTAL_E_REQUEST, 0, "%.*s", PORTAL_ARG(problem));
		azure_call(op, "GET", "supportTickets/{}", &name, 1, PORTAL_REPEAT_SAFE);
		op->stage = ATTACH_LOOKED;
		return PORTAL_FETCH;
	}
	if (op->stage == ATTACH_LOOKED) {
		if (!azure_is_good(op))
			return op->host->reject(op);
		workspace = op->host->get(op, "/properties/fileWorkspaceName");
		if (!workspace.n)
			return op->host->fail(op, PORTAL_E_REQUEST, 0,
			    "Azure names no workspace of the ticket: attach the files in the "
			    "portal");
		azure_set_line(op, LINE_WORKSPACE, workspace);
	}
	return azure_send_files(op, ATTACH_FILES, azure_line(op, LINE_WORKSPACE), 0);
}
