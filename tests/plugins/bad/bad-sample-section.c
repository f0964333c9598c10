/* its help has a second line, which is none of an INI file */
#include <caseroute/portal.h>

static const struct portal_option options[] = {
	{ .name = "queue", .type = PORTAL_TEXT, .help = "the queue\nof new requests" },
};

static uint32_t nothing(struct portal_op *op)
{
	(void)op;
	return PORTAL_DONE;
}

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = op->key;
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .name = "bad-sample-section", .title = "Bad", .version = "1",
    .link = nothing, .create = create);
