/* keeps a variable for each thread */
#include <caseroute/portal.h>

static __thread uint32_t calls __attribute__((tls_model("initial-exec")));

static uint32_t create(struct portal_op *op)
{
	op->cursor[0] = ++calls;
	return PORTAL_DONE;
}

PORTAL_PLUGIN_PLAIN(.name = "thread-local", .title = "Test", .version = "1", .create = create);
