/* needs a feature that no host has */
#include <caseroute/portal.h>

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "needs-more", .title = "Test", .version = "1", .needs = 4,
    .create = create);
