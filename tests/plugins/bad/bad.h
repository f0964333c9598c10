/* What the bad plugins share: one exchange, which makes the ticket. Each breaks one rule beside. */
#ifndef BAD_H
#define BAD_H

#include <caseroute/portal.h>

static const struct portal_option options[] = {
	{ .name = "origin", .type = PORTAL_ORIGIN, .flags = PORTAL_REQUIRED, .help = "the API" },
};

static inline void bad_request(struct portal_op *op, uint32_t repeat)
{
	op->host->request(op, "PUT", op->options[0].text, "/tickets/{}", &op->key, 1, repeat);
	op->host->put(op, "/title", op->request->title);
}

static inline uint32_t bad_send(struct portal_op *op)
{
	bad_request(op, PORTAL_REPEAT_SAFE);
	return PORTAL_FETCH;
}

static inline uint32_t bad_took(struct portal_op *op)
{
	if (op->reply->status != 200 && op->reply->status != 201)
		return op->host->reject(op);
	op->out->ticket = op->host->get(op, "/number");
	return PORTAL_DONE;
}

/* As it should be. */
static inline uint32_t bad_nothing(struct portal_op *op)
{
	return op->reply ? bad_took(op) : bad_send(op);
}

/* There is nothing to link. */
static inline uint32_t bad_link(struct portal_op *op)
{
	(void)op;
	return PORTAL_DONE;
}

#define BAD_PLUGIN(rule, ...)                                                                      \
	PORTAL_PLUGIN(options, .name = "bad-" rule, .title = "Bad", .version = "1",                \
	    .link = bad_link, __VA_ARGS__)

#endif
