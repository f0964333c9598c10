/* stubborn: opens tickets, and then refuses all as if the request were still to be decided. */
#include <caseroute/portal.h>

static uint32_t link_it(struct portal_op *op)
{
	(void)op;
	return PORTAL_DONE;
}

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = op->request->reference;
	return PORTAL_DONE;
}

static uint32_t status(struct portal_op *op)
{
	return op->host->fail(op, PORTAL_E_CONTRACT, "M3", "it is linked already");
}

static uint32_t message(struct portal_op *op)
{
	return op->host->need(op, "contact.phone");
}

PORTAL_PLUGIN_PLAIN(.name = "stubborn", .title = "A portal that refuses", .version = "1",
    .link = link_it, .create = create, .message = message, .status = status);
