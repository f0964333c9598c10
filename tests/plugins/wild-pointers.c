/* the help of its option is nowhere: to read it would end the process */
#include <caseroute/portal.h>

static const struct portal_option options[] = {
	{ .name = "key", .type = PORTAL_TEXT, .help = (const char *)8 },
};

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .name = "wild-pointers", .title = "Test", .version = "1", .create = create);
