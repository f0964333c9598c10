/*
 * azure.h - what the files of this plugin share
 *
 * Microsoft.Support 2024-04-01 of Azure Resource Manager. A ticket's name is the
 * operation's key, so the same request has the same name over every try.
 */
#ifndef AZURE_H
#define AZURE_H

#include <caseroute/portal.h>

enum azure_option {
	MODE,
	ARM,
	API_VERSION,
	PORTAL_LINK,
	CLASSIFICATION,
	SUPPORT_PLAN_ID,
	SENDER,
	DIAGNOSTICS,
	SECONDARY_CONSENT,
	LANGUAGE,
	POLL,
	POLLS,
	DUE
};

enum azure_mode { MODE_GUIDE, MODE_API };

static inline int azure_is_api(const struct portal_op *op)
{
	return op->options[MODE].number == MODE_API;
}

static inline int azure_is_good(const struct portal_op *op)
{
	return op->reply->status >= 200 && op->reply->status < 300;
}

/* ---- exchanges (exchange.c) ------------------------------------------------------ */

/* Begins METHOD {scope}/providers/Microsoft.Support/PATH?api-version=...; scope is
 * the request's subscription. With a customer the second token goes along. */
void azure_call(struct portal_op *op, const char *method, const char *path, const portal_str *args,
    size_t n, uint32_t repeat);
/* The same without a subscription: services and classifications. */
void azure_list(struct portal_op *op, const char *path, const portal_str *args, size_t n);
/* After a PUT that was accepted: looks at the operation by and by. */
enum azure_progress { AZURE_RUNNING, AZURE_SUCCEEDED, AZURE_FAILED };
portal_str azure_operation_address(struct portal_op *op); /* "": it does not say */
uint32_t azure_begin_polling(struct portal_op *op, uint32_t stage);
enum azure_progress azure_progress(struct portal_op *op);
uint32_t azure_poll_again(struct portal_op *op);
/* The reason inside a failed operation: error table, then a hand-off where the plan forbids the
 * API. */
int azure_is_plan_refusal(struct portal_op *op);

/* ---- the note: lines that the operation remembers ----------------------------------- */

enum azure_line { LINE_CLASSIFICATION, LINE_CONSENTS, LINE_WORKSPACE, LINE_ADDRESS, LINES };
portal_str azure_line(const struct portal_op *op, uint32_t line);
void azure_set_line(struct portal_op *op, uint32_t line, portal_str value);

/* ---- classification (classify.c) ------------------------------------------------------- */

/* Finds the problem classification: configured, by resource type, or asked. Call
 * it in stages [first, first + 10); PORTAL_DONE when LINE_CLASSIFICATION is set. */
uint32_t azure_classify(struct portal_op *op, uint32_t first);

/* ---- files (files.c) -------------------------------------------------------------------- */

/* A sentence why a file cannot be sent, or "". */
portal_str azure_file_problem(struct portal_op *op);
/* Sends workspace, files and chunks; stages [first, first + 4). PORTAL_DONE when all are there. */
uint32_t azure_send_files(
    struct portal_op *op, uint32_t first, portal_str workspace, int makes_workspace);

/* ---- hand-off (handoff.c) ----------------------------------------------------------------- */

uint32_t azure_guide_create(struct portal_op *op, const char *title);
portal_step_function azure_link;
portal_step_function azure_by_hand; /* on a ticket: the host asks a person */

portal_step_function azure_create, azure_status, azure_message, azure_change, azure_attach;

#endif
