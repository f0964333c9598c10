/* is built for an ABI that does not exist */
#include <caseroute/portal.h>

#undef PORTAL_ABI_MAJOR
#define PORTAL_ABI_MAJOR 9

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "wrong-major", .title = "Test", .version = "1", .create = create);
