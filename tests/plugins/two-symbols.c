/* exports more than its table */
#include <caseroute/portal.h>

PORTAL_EXPORT uint32_t create(struct portal_op *op);

uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "two-symbols", .title = "Test", .version = "1", .create = create);
