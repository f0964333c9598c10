/*
 * Host calls that read a reply, an answer or the operation's input.
 */
#include "portal/host.h"
#include "portal/pointer.h"
#include "portal/session.h"

#include <string.h>

portal_str scalar_text(struct running *r, const struct json *value)
{
	struct buffer text = { 0 };

	switch (json_kind(value)) {
	case JSON_IS_TEXT: return str_of(r, json_text(value));
	case JSON_IS_NUMBER:
	case JSON_IS_REAL:
	case JSON_IS_BOOLEAN: break;
	default: return PORTAL_STR("");
	}
	json_write(value, JSON_LINE, &text);
	return str_buffer(r, &text);
}

/* ---- the reply ------------------------------------------------------------------------------ */

static void tell_watch(const struct running *r, enum watch_kind kind, const char *pointer,
    const char *inner, struct text value)
{
	const struct step_watch *watch = r->in->watch;

	if (watch)
		watch->asked(watch->context, kind, pointer, inner, value);
}

static bool is_pointer(struct running *r, const char *pointer)
{
	if (!r || !given(r, pointer))
		return false;
	if (*pointer && *pointer != '/')
		stick(r, "'%.200s' is no JSON pointer: it begins with '/'", pointer);
	return !r->stuck;
}

static struct json *in_reply(struct portal_op *op, enum watch_kind kind, const char *pointer)
{
	struct running *r = working(op);

	if (!is_pointer(r, pointer))
		return NULL;
	tell_watch(r, kind, pointer, "", TEXT(""));
	return point_loosely(r->reply, pointer);
}

portal_str host_get(struct portal_op *op, const char *pointer)
{
	return scalar_text(running_of(op), in_reply(op, WATCH_TEXT, pointer));
}

int64_t host_get_number(struct portal_op *op, const char *pointer, int64_t otherwise)
{
	const struct json *value = in_reply(op, WATCH_NUMBER, pointer);
	int64_t number;

	if (json_kind(value) == JSON_IS_TEXT && text_integer(json_text(value), &number))
		return number;
	return json_number(value, otherwise);
}

uint32_t host_get_length(struct portal_op *op, const char *pointer)
{
	const struct json *value = in_reply(op, WATCH_LIST, pointer);

	return value ? (uint32_t)json_length(value) : 0;
}

portal_str host_get_name(struct portal_op *op, const char *pointer, uint32_t index)
{
	struct json *object = in_reply(op, WATCH_LIST, pointer), *value;
	const char *name;
	void *cursor = NULL;

	if (json_kind(object) != JSON_IS_OBJECT)
		return PORTAL_STR("");
	while (json_next(object, &cursor, &name, &value))
		if (index-- == 0)
			return str_of(running_of(op), text_of(name));
	return PORTAL_STR("");
}

static bool same_fold(portal_str a, struct text b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (portal_lower(a.p[i]) != portal_lower(b.p[i]))
			return false;
	return true;
}

uint32_t host_find(struct portal_op *op, const char *pointer, const char *inner, portal_str value)
{
	struct running *r = working(op);
	struct json *list = in_reply(op, WATCH_LIST, pointer);
	struct text wanted = r ? text_from(r, value) : TEXT("");

	if (!is_pointer(r, inner))
		return UINT32_MAX;
	tell_watch(r, WATCH_FIND, pointer, inner, wanted);
	if (json_kind(list) != JSON_IS_ARRAY)
		return UINT32_MAX;
	for (size_t i = 0; i < json_length(list); i++)
		if (same_fold(scalar_text(r, point_loosely(json_at(list, i), inner)), wanted))
			return (uint32_t)i;
	return UINT32_MAX;
}

portal_str host_get_header(struct portal_op *op, const char *name)
{
	struct running *r = working(op);

	if (!r || !given(r, name) || !r->in->reply)
		return PORTAL_STR("");
	tell_watch(r, WATCH_HEADER, name, "", TEXT(""));
	return str_of(r, http_reply_header(r->in->reply, name));
}

/* The secret itself is not here: whoever runs the step keeps it when the step has ended well. */
void host_keep_secret(struct portal_op *op, const char *place, int64_t until)
{
	struct running *r = working(op);
	portal_str blanked;

	if (!r || !given(r, place))
		return;
	if (op->operation != PORTAL_OP_LOGIN) {
		stick(r, "keep_secret() is for the step login");
		return;
	}
	if (session_place(r->portal->plugin, text_of(place)) == SESSION_PLACES) {
		stick(r, "keep_secret: session_secrets does not declare '%.200s'", place);
		return;
	}
	blanked = place[0] == '/' ? host_get(op, place) : host_get_header(op, place);
	if (r->kept)
		stick(r, "a step of login keeps one secret");
	else if (!blanked.n)
		stick(r, "the reply has no text at '%.200s' to keep", place);
	else
		r->kept = arena_copy(r->arena, place, strlen(place));
	r->kept_until = until;
}

/* ---- other inputs ------------------------------------------------------------------------------
 */

portal_str host_get_input(struct portal_op *op, const char *pointer)
{
	struct running *r = working(op);

	return is_pointer(r, pointer) ? scalar_text(r, point_loosely(r->input, pointer))
				      : PORTAL_STR("");
}

portal_str host_get_answer(struct portal_op *op, const char *name)
{
	struct running *r = working(op);
	struct json *values =
	    r && given(r, name) && r->answer ? json_get(r->answer, "values") : NULL;

	return values ? scalar_text(r, json_get(values, name)) : PORTAL_STR("");
}
