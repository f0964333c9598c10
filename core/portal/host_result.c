/*
 * Host calls that say how an operation goes on or why it does not.
 */
#include "portal/host.h"
#include "portal/pointer.h"

#include <string.h>

#define SHOWN_BYTES 500 /* of a portal's own words */

/* ---- observations and hops --------------------------------------------------------------- */

static struct json *time_of(int64_t seconds)
{
	char text[INSTANT_TEXT];

	return seconds > 0 && seconds <= INT64_C(253402300799)
	    ? json_new_string(instant_write(seconds * INSTANT_SECOND, text))
	    : json_new_null();
}

static struct json *remaining_of(int64_t remaining)
{
	if (remaining == PORTAL_UNLIMITED)
		return json_new_string("unlimited");
	return remaining == PORTAL_UNKNOWN || remaining < 0 ? json_new_null()
							    : json_new_number(remaining);
}

void host_observe(
    struct portal_op *op, portal_str plan, int64_t until, int64_t remaining, uint32_t unit)
{
	struct running *r = working(op);
	struct json *seen;

	if (!r)
		return;
	if (unit > PORTAL_HOURS)
		stick(r, "%u is no unit", unit);
	if (!r->extra)
		r->extra = json_new_object();
	if (json_length(array_in(r->extra, "observations")) >= 50) {
		stick(r, "a step observes at most 50 plans");
		return;
	}
	seen = json_new_object();
	json_set(seen, "plan", json_new_text(text_from(r, plan)));
	json_set(seen, "until", time_of(until));
	json_set(seen, "remaining", remaining_of(remaining));
	json_set(seen, "unit", json_new_string(unit == PORTAL_HOURS ? "hours" : "incidents"));
	json_append(array_in(r->extra, "observations"), seen);
}

uint32_t host_go(struct portal_op *op, portal_str where, portal_str address, portal_str tenant)
{
	struct running *r = working(op);
	struct buffer origin = { 0 };

	if (!r)
		return PORTAL_FAILED;
	r->go_portal = chars_of(r, where);
	r->go_address = chars_of(r, address);
	r->go_tenant = chars_of(r, tenant);
	if (op->operation != PORTAL_OP_OPEN)
		stick(r, "go() is for the step open");
	else if (!r->go_portal[0])
		stick(r, "go() needs a portal or workload");
	else if (r->go_address[0] && !http_origin(r->go_address, &origin))
		stick(r, "'%.200s' is no https address", r->go_address);
	buffer_free(&origin);
	return r->stuck ? PORTAL_FAILED : PORTAL_GO;
}

/* ---- failures -------------------------------------------------------------------------------- */

static uint32_t end(struct running *r, uint32_t class, const char *message, const char *text)
{
	if (r->is_ended)
		return PORTAL_FAILED;
	r->is_ended = true;
	r->failure_class = class;
	r->failure_message = message ? arena_copy(r->arena, message, strlen(message)) : NULL;
	r->failure_text = text;
	return PORTAL_FAILED;
}

uint32_t host_fail(
    struct portal_op *op, uint32_t failure, const char *message, const char *format, ...)
{
	struct running *r = working(op);
	struct buffer text = { 0 };
	va_list args;

	if (!r)
		return PORTAL_FAILED;
	va_start(args, format);
	host_vformat(r, &text, format, args);
	va_end(args);
	if (failure < PORTAL_E_REQUEST || failure > PORTAL_E_PORTAL)
		stick(r, "%u is no class of failures", failure);
	return end(r, failure, message, str_buffer(r, &text).p);
}

uint32_t host_need(struct portal_op *op, const char *member)
{
	struct running *r = working(op);

	if (!r || !given(r, member))
		return PORTAL_FAILED;
	if (!r->missing)
		r->missing = json_new_array();
	json_append(r->missing, json_new_string(member));
	r->is_ended = false; /* several calls are one failure */
	return end(r, PORTAL_E_REQUEST, NULL, "the portal needs more of the request than is known");
}

/* The first of several pointers, parted by blanks, that has a text. */
static portal_str first_text(struct running *r, const char *pointers)
{
	struct text rest = text_of(pointers), pointer;

	while (text_split(&rest, ' ', &pointer)) {
		portal_str found = scalar_text(
		    r, point_loosely(r->reply, arena_copy(r->arena, pointer.p, pointer.n)));

		if (found.n)
			return found;
	}
	return PORTAL_STR("");
}

static bool begins_fold(portal_str text, const char *prefix)
{
	size_t n = strlen(prefix);

	return text.n >= n && portal_same((portal_str){ text.p, n }, prefix);
}

static const struct portal_error *find_error(
    struct running *r, uint32_t status, portal_str code, portal_str text)
{
	const struct plugin *plugin = r->portal->plugin;

	for (uint32_t i = 0; i < plugin->table.n_errors; i++) {
		const struct portal_error *e = &plugin->errors[i];

		if ((!e->status || e->status == status) &&
		    (!e->code || portal_same(code, e->code)) &&
		    (!e->prefix || begins_fold(text, e->prefix)))
			return e;
	}
	return NULL;
}

/* 429 and 503 say that nothing was done; other failures of a server do not, so
 * after an exchange that may not be repeated nobody can tell. */
static uint32_t class_by_status(struct running *r, uint32_t status)
{
	bool is_server = status >= 500 && status < 600;

	if (status == 0 || (is_server && status != 503 && (r->memory->sent & MEMORY_LAST_ONCE)))
		return PORTAL_E_UNSURE;
	if (status == 401 || status == 403)
		return PORTAL_E_DENIED;
	if (status == 408 || status == 425 || status == 429 || is_server)
		return PORTAL_E_BUSY;
	return status >= 400 && status < 500 ? PORTAL_E_REQUEST : PORTAL_E_PORTAL;
}

static struct text shown(portal_str text)
{
	struct text cut = { text.p, text.n < SHOWN_BYTES ? text.n : SHOWN_BYTES };

	while (cut.n < text.n && cut.n > 0 && ((unsigned char)text.p[cut.n] & 0xc0) == 0x80)
		cut.n--; /* not within a character */
	return text_trim(cut);
}

static const char *sentence(
    struct running *r, uint32_t status, portal_str code, portal_str text, const char *meaning)
{
	struct buffer out = { 0 };
	struct text said = shown(text);

	if (meaning)
		buffer_format(&out, "%s (", meaning);
	if (status)
		buffer_format(&out, "the portal answered %u", status);
	else
		buffer_text(&out, "no answer came back");
	if (code.n)
		buffer_format(&out, " %.*s", TEXT_ARGS(shown(code)));
	if (said.n)
		buffer_format(&out, ": %.*s", TEXT_ARGS(said));
	if (meaning)
		buffer_char(&out, ')');
	return str_buffer(r, &out).p;
}

uint32_t host_reject_as(struct portal_op *op, portal_str code, portal_str text)
{
	struct running *r = working(op);
	uint32_t status = op->reply ? op->reply->status : 0;
	const struct portal_error *error;

	if (!r)
		return PORTAL_FAILED;
	if (!op->reply) {
		stick(r, "reject() without a reply");
		return PORTAL_FAILED;
	}
	error = find_error(r, status, code, text);
	return end(r, error ? error->failure : class_by_status(r, status),
	    error ? error->message : NULL,
	    sentence(r, status, code, text, error ? error->meaning : NULL));
}

uint32_t host_reject(struct portal_op *op)
{
	struct running *r = working(op);
	const struct portal_plugin *table;

	if (!r)
		return PORTAL_FAILED;
	table = &r->portal->plugin->table;
	return host_reject_as(op,
	    first_text(r, table->error_code ? table->error_code : "/error/code /code /error"),
	    first_text(r,
		table->error_text
		    ? table->error_text
		    : "/error/message /message /detail /description /error_description"));
}
