/*
 * The session that a login got. Its secrets are taken out of the replies before a
 * step sees them; the step names the place of the one to keep.
 */
#include "portal/session.h"
#include "portal/inside.h"
#include "portal/pointer.h"

#include <string.h>

void session_keep(struct portal *portal, struct text value, int64_t until)
{
	pthread_mutex_lock(&portal->lock);
	secret_free(&portal->session);
	buffer_append(&portal->session.bytes, value.p, value.n);
	portal->session_until = until;
	portal->has_session = true;
	pthread_mutex_unlock(&portal->lock);
}

void session_drop(struct portal *portal)
{
	pthread_mutex_lock(&portal->lock);
	secret_free(&portal->session);
	portal->has_session = false;
	pthread_mutex_unlock(&portal->lock);
}

/* A minute early: an exchange takes its time. */
bool session_is_good(struct portal *portal, int64_t now)
{
	bool is_good;

	pthread_mutex_lock(&portal->lock);
	is_good =
	    portal->has_session && (portal->session_until == 0 || now + 60 < portal->session_until);
	pthread_mutex_unlock(&portal->lock);
	return is_good;
}

/* ---- places: pointers and names of headers, parted by blanks --------------------------- */

size_t session_place(const struct plugin *plugin, struct text wanted)
{
	struct text rest = text_of(plugin->table.session_secrets), place;

	for (size_t i = 0; i < SESSION_PLACES && text_split(&rest, ' ', &place); i++)
		if (text_equal(place, wanted))
			return i;
	return SESSION_PLACES;
}

/* ---- out of a reply -------------------------------------------------------------------- */

/* A place as a C string; the caller's buffer. */
static const char *place_chars(struct text place, char chars[256])
{
	size_t n = place.n < 255 ? place.n : 255;

	memcpy(chars, place.p, n);
	chars[n] = 0;
	return chars;
}

static void take_member(struct json *body, const char *pointer, struct secret *out)
{
	const struct json *value = point_loosely(body, pointer);

	if (json_kind(value) == JSON_IS_NUMBER)
		json_write(value, JSON_LINE, &out->bytes);
	else
		buffer_append(&out->bytes, json_text(value).p, json_text(value).n);
	blank_loosely(body, pointer);
}

/* All headers of that name, their order as it was. */
static void take_header(struct http_reply *reply, const char *name, struct secret *out)
{
	struct text first = http_reply_header(reply, name), rest = buffer_as_text(&reply->headers),
		    line;
	struct buffer blanked = { 0 };

	if (!first.n)
		return;
	buffer_append(&out->bytes, first.p, first.n);
	while (text_split(&rest, '\n', &line)) {
		bool is_it = line.n > strlen(name) && line.p[strlen(name)] == ':' &&
		    portal_same((portal_str){ line.p, strlen(name) }, name);

		if (is_it)
			buffer_format(&blanked, "%s: %s\n", name, BLANK);
		else
			buffer_format(&blanked, "%.*s\n", TEXT_ARGS(line));
	}
	buffer_wipe(&reply->headers);
	reply->headers = blanked;
}

static void replace_body(struct buffer *body, const struct json *blanked)
{
	buffer_wipe(body);
	*body = (struct buffer){ 0 };
	if (blanked)
		json_write(blanked, JSON_LINE, body);
}

void session_take(
    const struct portal *portal, struct http_reply *reply, struct session_secrets *taken)
{
	struct text rest = text_of(portal->plugin->table.session_secrets), place;
	struct json *body = json_read(body_of(reply), "reply", reply->body.n, NULL);
	char chars[256];
	size_t n = 0;

	*taken = (struct session_secrets){ 0 };
	for (; n < SESSION_PLACES && text_split(&rest, ' ', &place); n++)
		if (place.p[0] == '/')
			take_member(body, place_chars(place, chars), &taken->values[n]);
		else
			take_header(reply, place_chars(place, chars), &taken->values[n]);
	replace_body(&reply->body, body);
	json_free(body);
	/* The same bytes may stand elsewhere: in a link, in a header of another name. */
	while (n) {
		struct text secret = buffer_as_text(&taken->values[--n].bytes);

		secret_blank(&reply->body, secret);
		secret_blank(&reply->headers, secret);
	}
}

void session_keep_wished(
    struct portal *portal, const struct session_secrets *taken, const struct step *step)
{
	size_t place =
	    step->kept ? session_place(portal->plugin, text_of(step->kept)) : SESSION_PLACES;

	if (place < SESSION_PLACES)
		session_keep(portal, buffer_as_text(&taken->values[place].bytes), step->kept_until);
}

void session_secrets_free(struct session_secrets *taken)
{
	for (size_t i = 0; i < SESSION_PLACES; i++)
		secret_free(&taken->values[i]);
}
