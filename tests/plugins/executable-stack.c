/* asks for an executable stack */
#include <caseroute/portal.h>

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "executable-stack", .title = "Test", .version = "1", .create = create);
