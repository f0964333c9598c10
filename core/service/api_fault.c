/* Where in the body a fault lies: the failure's own words as a JSON pointer (RFC 6901). */
#include "service/api_inside.h"

#include <string.h>

/* "contact.email", "files[0]" as "/contact/email", "/files/0". */
static void write_path(struct buffer *out, struct text path)
{
	buffer_char(out, '/');
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '.' || path.p[i] == '[')
			buffer_char(out, '/');
		else if (path.p[i] != ']')
			buffer_char(out, path.p[i]);
}

/* One name as it stands; escaped as RFC 6901 says. */
static void write_name(struct buffer *out, struct text name)
{
	buffer_char(out, '/');
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '~' || name.p[i] == '/')
			buffer_text(out, name.p[i] == '~' ? "~0" : "~1");
		else
			buffer_char(out, name.p[i]);
}

static struct text first_word(const char *text)
{
	return (struct text){ text, strcspn(text, ": ") };
}

/* The name stands behind for a member that is not known: unknown member "sevrity". */
static struct text unknown_member(const char *text)
{
	static const char words[] = "unknown member \"";
	const char *begin = strstr(text, words), *end;

	begin = begin ? begin + strlen(words) - 1 : NULL;
	end = begin ? strchr(begin + 1, '"') : NULL;
	return end ? (struct text){ begin + 1, (size_t)(end - begin - 1) } : TEXT("");
}

/* "request.severity is ...", "request: unknown member ...", "request is ...; it must be": what
 * readers of a body say. "request 7fa96db8 is parked" is none of these. */
static bool write_member(struct buffer *out, const char *text, const char *root)
{
	size_t n = strlen(root);
	struct text word = first_word(text), unknown = unknown_member(text);

	if (!text_starts(word, root))
		return false;
	if (text[n] == '.')
		write_path(out, (struct text){ word.p + n + 1, word.n - n - 1 });
	else if (!(text[n] == ':' && unknown.n) && !text_starts(text_of(text + n), " is "))
		return false;
	if (text[word.n] == ':' && unknown.n)
		write_name(out, unknown);
	return true;
}

/* "/request: request.severity is ...": a context may come first, or say it all. False: the
 * words begin with no place. */
static bool write_pointer(struct buffer *out, const char *text)
{
	static const char *const roots[] = { "request", "facts", "contract", "observation" };
	struct text context = first_word(text);

	if (*text == '/') {
		buffer_append(out, context.p, context.n);
		text += context.n;
		text += strspn(text, ": ");
	}
	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
		if (write_member(out, text, roots[i]))
			return true;
	return out->n > 0;
}

struct json *api_faults(const char *text)
{
	struct buffer pointer = { 0 };
	struct json *list = NULL, *one;

	if (write_pointer(&pointer, text)) {
		list = json_new_array();
		one = json_new_object();
		json_set(one, "pointer", json_new_text(buffer_as_text(&pointer)));
		json_set(one, "message", json_new_string(text));
		json_append(list, one);
	}
	buffer_free(&pointer);
	return list;
}
