/* falls over the largest value that its option may have */
#include <caseroute/portal.h>

static const struct portal_option options[] = {
	{ .name = "size", .type = PORTAL_INTEGER, .min = 1, .max = 100, .help = "how large" },
};

static uint32_t options_ok(struct portal_op *op)
{
	if (op->options[0].number == 100)
		__builtin_trap();
	return PORTAL_DONE;
}

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

PORTAL_PLUGIN(options, .name = "bad-options-wrong", .title = "Bad", .version = "1",
    .options_ok = options_ok, .link = nothing, .create = create);
