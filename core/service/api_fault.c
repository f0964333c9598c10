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

static const char *skip(const char *text, size_t n)
{
	text += n;
	return text + strspn(text, ": ");
}

/* "/request: request.severity is ...": the context, then what the reader says, which begins
 * with the name of what it read. False: the words begin with no place. */
static bool write_pointer(struct buffer *out, const char *text)
{
	static const char *const roots[] = { "request", "facts", "contract", "observation" };
	struct text word = first_word(text);

	if (word.n && word.p[0] == '/') {
		buffer_append(out, word.p, word.n);
		text = skip(text, word.n);
		word = first_word(text);
	}
	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
		size_t n = strlen(roots[i]);
		struct text unknown = unknown_member(text);

		if (!text_starts(word, roots[i]))
			continue;
		if (word.n > n && word.p[n] == '.')
			write_path(out, (struct text){ word.p + n + 1, word.n - n - 1 });
		if (text[word.n] == ':' && unknown.n)
			write_name(out, unknown);
		if (word.n == n || word.p[n] == '.')
			return true;
	}
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
