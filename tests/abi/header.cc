// portal.h must be clean C++20 too: a plugin in C++, compiled and not run.
#include <caseroute/portal.h>

namespace {

const portal_option options[] = {
	{ .name = "origin", .type = PORTAL_ORIGIN, .flags = PORTAL_REQUIRED, .fallback = nullptr, .help = "the API",
	    .choices = nullptr, .min = 0, .max = 0 },
};

const portal_error errors[] = {
	{ 409, PORTAL_E_CONTRACT, "Linked", nullptr, "M3", "it is linked already" },
};

uint32_t create(portal_op *op)
{
	portal_str args[] = { op->key };

	if (op->reply)
		return op->host->reject(op);
	op->host->request(op, "PUT", op->options[0].text, "/tickets/{}", args, 1, PORTAL_REPEAT_SAFE);
	op->host->put(op, "/title", op->request->title);
	op->host->put(op, "/kind", PORTAL_STR("incident"));
	op->host->log(op, "%.*s", PORTAL_ARG(op->key));
	return PORTAL_FETCH;
}

} // namespace

PORTAL_PLUGIN(options, .needs = 0, .memory = 1, PORTAL_ERRORS(errors), .error_code = "/error/code",
	.error_text = "/error/message", .session_secrets = nullptr, .name = "plus", .title = "A plugin in C++", .version = "1", .manual = nullptr,
	.options_ok = nullptr, .login = nullptr, .open = nullptr, .activate = nullptr, .link = nullptr, .create = create,
	.attach = nullptr, .message = nullptr, .change = nullptr, .status = nullptr, .remaining = nullptr,
	.extension = nullptr);
