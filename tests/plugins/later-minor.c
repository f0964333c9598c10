/* is built for 1.1: its table and its rows are longer than those of 1.0 */
#include <caseroute/portal.h>

#undef PORTAL_ABI_MINOR
#define PORTAL_ABI_MINOR 1

struct later_option {
	struct portal_option option;
	const char *since; /* 1.1 */
	uint64_t more;
};

struct later_error {
	struct portal_error error;
	uint64_t more;
};

struct later_plugin {
	struct portal_plugin plugin;
	portal_step_function *reopen; /* since 1.1 */
	uint64_t more[2];
};

struct later_outcome {
	struct portal_outcome outcome;
	uint64_t promised; /* since 1.1 */
};

static uint32_t create(struct portal_op *op)
{
	op->out->ticket = op->options[1].text;
	if (op->out->size >= sizeof(struct later_outcome))
		((struct later_outcome *)op->out)->promised = 1;
	return PORTAL_DONE;
}

static const struct later_option options[] = {
	{ { "first", PORTAL_TEXT, 0, "1", "h", NULL, 0, 0 }, "1.1", 7 },
	{ { "second", PORTAL_TEXT, 0, "2", "h", NULL, 0, 0 }, "1.1", 7 },
};

static const struct later_error errors[] = {
	{ { 409, PORTAL_E_SPENT, NULL, NULL, NULL, "m" }, 7 },
};

PORTAL_EXPORT extern const struct later_plugin caseroute_portal_1;
const struct later_plugin caseroute_portal_1 = {
	.plugin = { .size = sizeof(struct later_plugin),
	    .abi_major = 1,
	    .abi_minor = PORTAL_ABI_MINOR,
	    .option_size = sizeof options[0],
	    .n_options = 2,
	    .options = &options[0].option,
	    .error_size = sizeof errors[0],
	    .n_errors = 1,
	    .errors = &errors[0].error,
	    .name = "later-minor",
	    .title = "Test",
	    .version = "1",
	    .create = create },
	.reopen = create,
	.more = { 7, 7 },
};
