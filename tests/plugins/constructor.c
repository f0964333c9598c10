/* runs code when it is loaded */
#include <caseroute/portal.h>

__attribute__((constructor)) static void run(void)
{
	__asm__ volatile(""); /* an empty one would be left out */
}

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "constructor", .title = "Test", .version = "1", .create = create);
