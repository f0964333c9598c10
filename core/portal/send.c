/* What the rest of the program sends with: a login runs when an exchange asks for the session. */
#include "portal/portals.h"
#include "portal/sending.h"
#include "portal/session.h"

static bool log_in(struct sending *s)
{
	if (!s->is_renewal && session_is_good(s->portal, s->now / INSTANT_SECOND))
		return true;
	session_drop(s->portal);
	return portal_login(s->portal, s->http, s->source, s->now, s->why);
}

bool portal_send(struct portal *portal, struct http *http, const struct json *exchange,
    const char *customer_tenant, const struct secret_source *source, instant now,
    struct http_reply *reply, struct failure *why)
{
	struct sending sending = { .portal = portal,
		.http = http,
		.exchange = exchange,
		.customer_tenant = customer_tenant,
		.source = source,
		.now = now,
		.why = why,
		.log_in = portal_can(portal, OPERATION_LOGIN) ? log_in : NULL };

	return sending_run(&sending, reply) || failure_context(why, "portal %s", portal->name);
}

bool portal_reaches(const struct portal *portal, const struct json *exchange)
{
	const char *address = json_get_chars(exchange, "address"),
		   *origin = json_get_chars(exchange, "origin"), *to = address ? address : origin;

	return !to || portal_allows(portal, to);
}
