/* has a function that is chosen, by running code, when it is loaded */
#include <caseroute/portal.h>

static int one(void)
{
	return 1;
}

__attribute__((used)) static int (*choose(void))(void)
{
	return one;
}

static int chosen(void) __attribute__((ifunc("choose")));

static uint32_t create(struct portal_op *op)
{
	op->cursor[0] = (uint32_t)chosen();
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "indirect", .title = "Test", .version = "1", .create = create);
