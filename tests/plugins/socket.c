/* wants to talk to the network itself */
#include <caseroute/portal.h>

extern int socket(int, int, int);

static uint32_t create(struct portal_op *op)
{
	op->cursor[0] = (uint32_t)socket(2, 1, 0);
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "socket", .title = "Test", .version = "1", .create = create);
