/* is built for 1.1 and cannot do without a feature of it */
#include <caseroute/portal.h>

#undef PORTAL_ABI_MINOR
#define PORTAL_ABI_MINOR 1

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.needs = 4, .name = "needs-more", .title = "Test", .version = "1",
    .create = create);
