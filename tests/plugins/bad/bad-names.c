/* has an option that nobody explains */
#include <caseroute/portal.h>

static const struct portal_option options[] = { { .name = "queue", .type = PORTAL_TEXT } };

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = op->key;
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .name = "bad-names", .title = "Bad", .version = "1", .create = create);
