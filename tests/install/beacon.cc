/* beacon: a plugin in C++ for a portal that does not exist, built by tests/install.sh */
#include <caseroute/portal.h>

namespace
{

enum { ORIGIN, LAMPS };

constexpr portal_option options[] = {
	{ .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "where it is" },
	{ .name = "lamps",
	    .type = PORTAL_CHOICE,
	    .fallback = "all",
	    .help = "which lamps are lit for a ticket",
	    .choices = "none all" },
};

constexpr portal_error errors[] = {
	{ .status = 409,
	    .failure = PORTAL_E_REQUEST,
	    .code = "fog",
	    .meaning = "nobody would see it" },
};

/* What a class may do here: nothing is left to be done before or after it. */
class ticket
{
	struct portal_op *op;
	const struct portal_host *host;

      public:
	explicit ticket(struct portal_op *of) : op(of), host(of->host)
	{
	}

	uint32_t send() const
	{
		host->request(op, "PUT", op->options[ORIGIN].text, "/signals/{}", &op->key, 1,
		    PORTAL_REPEAT_SAFE);
		host->put(op, "/words", op->request->title);
		if (op->options[LAMPS].number)
			host->put(op, "/lamps", PORTAL_STR("all"));
		return PORTAL_FETCH;
	}
	uint32_t read() const
	{
		if (op->reply->status != 201)
			return host->reject(op);
		op->out->ticket = host->get(op, "/number");
		op->out->state = PORTAL_OPEN;
		return PORTAL_DONE;
	}
};

uint32_t create(struct portal_op *op)
{
	return op->reply ? ticket(op).read() : ticket(op).send();
}

} // namespace

PORTAL_PLUGIN(options, .memory = 1, PORTAL_ERRORS(errors), .error_code = "/code", .name = "beacon",
    .title = "Beacon", .version = "1.0.0", .create = create);
