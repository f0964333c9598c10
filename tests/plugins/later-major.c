/* is built for ABI 2, which has another symbol */
#define caseroute_portal_1 caseroute_portal_2
#include <caseroute/portal.h>

#undef PORTAL_ABI_MAJOR
#define PORTAL_ABI_MAJOR 2

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "later-major", .title = "Test", .version = "1", .create = create);
