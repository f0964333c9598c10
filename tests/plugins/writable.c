/* keeps a variable */
#include <caseroute/portal.h>

static uint32_t calls;

static uint32_t create(struct portal_op *op)
{
	op->cursor[0] = ++calls;
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "writable", .title = "Test", .version = "1", .create = create);
