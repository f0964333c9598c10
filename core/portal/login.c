/* A login is made of exchanges that may be repeated, so nothing of it is journaled. */
#include "portal/home.h"
#include "portal/sending.h"
#include "portal/session.h"

#include <stdlib.h>

#define LOGIN_STEPS 16

static enum failure_kind kind_of(uint32_t class)
{
	switch (class) {
	case PORTAL_E_DENIED: return FAILURE_NO_PERMISSION;
	case PORTAL_E_BUSY:
	case PORTAL_E_UNSURE: return FAILURE_UNAVAILABLE;
	default: return FAILURE_CONFIG;
	}
}

struct login {
	struct portal *portal;
	struct http *http;
	const struct secret_source *source;
	instant now;
	struct step_memory memory;
	struct http_reply reply; /* without its secrets */
	struct session_secrets secrets;
	bool has_reply;
};

static bool send_step(
    struct login *l, const struct json *exchange, struct http_reply *reply, struct failure *why)
{
	struct sending sending = { .portal = l->portal,
		.http = l->http,
		.exchange = exchange,
		.source = l->source,
		.now = l->now,
		.why = why };

	return sending_run(&sending, reply);
}

/* True while there is more to do. */
static bool take_step(struct login *l, struct failure *why)
{
	struct step_input input = { .kind = OPERATION_LOGIN,
		.ticket = TEXT(""),
		.ticket_name = TEXT(""),
		.key = TEXT(""),
		.input_json = TEXT(""),
		.answer = TEXT(""),
		.now = l->now,
		.reply = l->has_reply ? &l->reply : NULL,
		.http = l->http };
	struct arena *arena = arena_new();
	struct http_reply next = { 0 };
	struct step step;
	bool goes_on = false;

	portal_step(l->portal, &input, &l->memory, arena, &step);
	session_keep_wished(l->portal, &l->secrets, &step);
	session_secrets_free(&l->secrets);
	if (step.verdict == PORTAL_FETCH && step.wait_ms)
		failure_set(why, FAILURE_CONFIG, "a login cannot wait");
	else if (step.verdict == PORTAL_FETCH)
		goes_on = send_step(l, step.exchange, &next, why);
	else if (step.verdict == PORTAL_FAILED)
		failure_set(why, kind_of(step.failure_class), "%s", step.failure_text);
	if (l->has_reply)
		http_reply_free(&l->reply);
	session_take(l->portal, &next, &l->secrets);
	l->reply = next;
	l->has_reply = true;
	step_free(&step);
	arena_free(arena);
	return goes_on;
}

bool portal_login(struct portal *portal, struct http *http, const struct secret_source *source,
    instant now, struct failure *why)
{
	struct login login = { .portal = portal, .http = http, .source = source, .now = now };
	struct failure mine = { 0 };
	unsigned steps = 0;

	while (steps++ < LOGIN_STEPS && take_step(&login, &mine))
		;
	if (login.has_reply)
		http_reply_free(&login.reply);
	session_secrets_free(&login.secrets);
	buffer_free(&login.memory.note);
	if (!mine.kind && !session_is_good(portal, now / INSTANT_SECOND))
		failure_set(
		    &mine, FAILURE_CONFIG, "it kept no session, or one that ends within a minute");
	return !mine.kind || failure_set(why, mine.kind, "login: %s", mine.text);
}
