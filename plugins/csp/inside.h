/*
 * inside.h - what the files of this plugin share
 *
 * Partner Center API for a CSP's customers. It has no call that opens a ticket in
 * a customer's tenant: a person opens it in the workload's portal, by a deep link.
 */
#ifndef CSP_INSIDE_H
#define CSP_INSIDE_H

#include <caseroute/portal.h>

enum csp_option {
	MODE,
	API,
	SCOPE,
	USES_GRAPH,
	GRAPH,
	GRAPH_SCOPE,
	AZURE,
	WORKLOAD_LINK,
	CUSTOMERS_LINK,
	LOCALE,
	DUE
};

enum csp_mode { MODE_GUIDE, MODE_API };

static inline int csp_is_api(const struct portal_op *op)
{
	return op->options[MODE].number == MODE_API;
}

static inline int csp_is_good(const struct portal_op *op)
{
	return op->reply->status >= 200 && op->reply->status < 300;
}

static inline int csp_has_tenant(const struct portal_op *op)
{
	return op->customer && op->customer->tenant.n;
}

/* exchange.c */
void csp_call(struct portal_op *op, const char *method, const char *path, const portal_str *args,
    size_t n, uint32_t repeat);
void csp_graph(struct portal_op *op, const char *path, const portal_str *args, size_t n);

/* discovery.c: the deep link to the workload's portal, found once a day for a customer.
 * PORTAL_DONE: *link is set; PORTAL_FETCH: an exchange is under way in stages [first, first + 2).
 */
uint32_t csp_find_link(struct portal_op *op, uint32_t first, portal_str *link);

/* handoff.c */
uint32_t csp_guide_link(struct portal_op *op, portal_str address);
uint32_t csp_guide_create(struct portal_op *op, portal_str address);
uint32_t csp_link_answered(struct portal_op *op);
uint32_t csp_create_answered(struct portal_op *op);
portal_step_function csp_by_hand; /* on a ticket: the host asks a person */

/* open.c, ticket.c */
portal_step_function csp_open, csp_status, csp_message, csp_change;

#endif
