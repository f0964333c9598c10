/*
 * guided: a portal without an API, from INI alone
 */
#include <caseroute/portal.h>

enum { LINK };

static const struct portal_option options[] = {
	[LINK] = { .name = "link", .type = PORTAL_TEXT, .help = "address to open; {tenant}, {domain}, {customer}" },
};

static uint32_t guided_create(struct portal_op *op)
{
	if (op->answer) {
		op->out->ticket = op->host->get_answer(op, "number");
		return PORTAL_DONE;
	}
	op->host->guide_link(op, op->options[LINK].text);
	op->host->guide_answer(op, "ticket", "the request is open", "number");
	return PORTAL_ASK;
}

PORTAL_PLUGIN(options, .name = "guided", .title = "Guided hand-off", .version = "0.9.0", .create = guided_create);
