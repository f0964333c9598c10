/* is linked with the C library */
#include <caseroute/portal.h>

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "linked", .title = "Test", .version = "1", .create = create);
