/* One exchange with a portal, and once more with a new token after a 401. */
#include "portal/sending.h"
#include "portal/timing.h"

#include <stdlib.h>

/* A portal that repeats what it was sent must not bring it into a plugin's log. */
static void blank_all(struct sending *s, struct http_reply *reply)
{
	for (struct placed *p = s->placed; p; p = p->next) {
		secret_blank(&reply->body, buffer_as_text(&p->value.bytes));
		secret_blank(&reply->headers, buffer_as_text(&p->value.bytes));
	}
}

static bool exchange(struct sending *s, struct http_reply *reply)
{
	struct http_header *headers = memory_array(s->n_lines + 1, sizeof *headers);
	const char *method = json_get_chars(s->exchange, "method");
	struct http_request request = {
		.method = method ? method : "GET",
		.url = s->url.p,
		.origins = s->portal->origins,
		.n_origins = s->portal->n_origins,
		.headers = headers,
		.n_headers = s->n_lines,
		.body = buffer_as_text(&s->body),
		.has_body = s->has_body,
		.must_not_repeat = text_same(json_get_chars(s->exchange, "repeat"), "never"),
		.timeout_ms = s->portal->timeout_ms,
		.max_bytes = s->portal->max_reply,
	};
	int64_t begun;
	bool is_ok;

	for (size_t i = 0; i < s->n_lines; i++)
		headers[i] = (struct http_header){ text_of(s->lines[i].name),
			buffer_as_text(&s->lines[i].value) };
	begun = instant_monotonic();
	is_ok = http_exchange(s->http, &request, s->now, reply, s->why);
	timing_add(s->portal->name, is_ok ? reply->status : 0, instant_monotonic() - begun);
	free(headers);
	return is_ok;
}

static bool send_once(struct sending *s, struct http_reply *reply)
{
	bool is_ok = sending_build(s) && exchange(s, reply);

	if (is_ok)
		blank_all(s, reply);
	sending_clear(s);
	return is_ok;
}

bool sending_run(struct sending *s, struct http_reply *reply)
{
	*reply = (struct http_reply){ .retry_after_ms = -1 };
	if (!send_once(s, reply))
		return false;
	if (reply->status != 401 || !s->has_renewable)
		return true;
	http_reply_free(reply); /* nothing was done by a 401: once more with a new token */
	*reply = (struct http_reply){ .retry_after_ms = -1 };
	s->is_renewal = true;
	return send_once(s, reply);
}
