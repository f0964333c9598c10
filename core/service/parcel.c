#include "service/parcel.h"
#include "service/signature.h"

#include <stdio.h>

#define TYPE "application/cloudevents+json"
#define MOST_BYTES 4096 /* of an answer, which is not looked at */

static void fill_request(struct parcel *p, const struct webhook *w)
{
	p->headers[0] = (struct http_header){ TEXT("Content-Type"), TEXT(TYPE) };
	p->headers[1] = (struct http_header){ TEXT("webhook-id"), text_of(p->id) };
	p->headers[2] = (struct http_header){ TEXT("webhook-timestamp"), text_of(p->seconds) };
	p->headers[3] =
	    (struct http_header){ TEXT("webhook-signature"), buffer_as_text(&p->signatures) };
	p->origins[0] = w->url;
	p->request = (struct http_request){ .method = "POST",
		.url = w->url,
		.origins = p->origins,
		.n_origins = 1,
		.headers = p->headers,
		.n_headers = 4,
		.body = buffer_as_text(&p->body),
		.has_body = true,
		.timeout_ms = w->timeout_ms,
		.connect_timeout_ms = w->timeout_ms,
		.max_bytes = MOST_BYTES,
		.needs_head_only = true,
		.guard = w->allows_private ? HTTP_GUARD_PRIVATE : HTTP_GUARD_PUBLIC };
}

bool parcel_make(struct parcel *p, const struct webhook *w, const struct event_row *event,
    const char *ledger_id, instant now, struct failure *why)
{
	struct json *json = view_cloud_event(event, ledger_id, w->tells_all);
	int64_t seconds = now / INSTANT_SECOND;

	*p = (struct parcel){ 0 };
	view_event_id(event, ledger_id, p->id);
	snprintf(p->seconds, sizeof p->seconds, "%lld", (long long)seconds);
	json_write(json, JSON_LINE, &p->body);
	json_free(json);
	if (signature_all(&p->signatures, w, p->id, seconds, buffer_as_text(&p->body), why)) {
		fill_request(p, w);
		return true;
	}
	parcel_free(p);
	return false;
}

void parcel_free(struct parcel *p)
{
	buffer_free(&p->body);
	buffer_free(&p->signatures);
}

bool parcel_was_taken(unsigned status, const char *problem, char why[PARCEL_WHY])
{
	if (status / 100 == 2)
		return true;
	if (status == 0)
		snprintf(why, PARCEL_WHY, "no answer: %s", problem);
	else
		snprintf(why, PARCEL_WHY, "HTTP status %u%s", status,
		    status / 100 == 3 ? "; redirects are not followed" : "");
	return false;
}

/* ---- a test ------------------------------------------------------------------------- */

static struct json *outcome(const struct parcel *p, const struct http_reply *reply)
{
	struct json *o = json_new_object();
	char why[PARCEL_WHY];
	bool is_taken = parcel_was_taken(reply->status, reply->problem, why);

	json_set(o, "id", json_new_string(p->id));
	json_set(o, "delivered", json_new_boolean(is_taken));
	json_set(o, "status", reply->status ? json_new_number(reply->status) : json_new_null());
	json_set(o, "reason", json_new_string(is_taken ? NULL : why));
	return o;
}

struct json *parcel_test(struct engine *e, const struct webhook *w, struct failure *why)
{
	struct event_row event = {
		.at = instant_now(), .who = e->actor, .what = "webhook tested", .why = w->name
	};
	char ledger_id[LEDGER_OWN_ID];
	struct http_reply reply;
	struct json *result = NULL;
	struct parcel p;

	if (!ledger_own_id(e->ledger, ledger_id, why) ||
	    !parcel_make(&p, w, &event, ledger_id, event.at, why))
		return NULL;
	if (http_exchange(e->http, &p.request, event.at, &reply, why) ||
	    why->kind == FAILURE_UNAVAILABLE) {
		*why = (struct failure){ 0 };
		result = outcome(&p, &reply);
	}
	http_reply_free(&reply);
	parcel_free(&p);
	return result;
}
