#include "portal/rules.h"

#include <string.h>

bool is_method(const char *method)
{
	size_t n = strlen(method);

	return n > 0 && n <= 10 && strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == n;
}

bool is_header_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= 100 &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == n;
}

bool is_header_value(struct text value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 127)
			return false;
	return true;
}

const char *own_header(const char *name, bool is_secret)
{
	static const char *const own[] = { "Authorization", "Host", "Content-Length", "Connection",
		"Cookie", "Transfer-Encoding", "Proxy-Authorization", "Expect", "TE", "Upgrade",
		"Trailer", "x-ms-authorization-auxiliary" };

	if (is_secret && (text_same_fold(name, "Authorization") || text_same_fold(name, "Cookie")))
		return NULL;
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		if (text_same_fold(name, own[i]))
			return own[i];
	return NULL;
}

bool is_answer_word(struct text word)
{
	if (word.n == 0 || word.n > 40 || word.p[0] < 'a' || word.p[0] > 'z')
		return false;
	for (size_t i = 0; i < word.n; i++) {
		char c = word.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

bool is_address_text(struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ' || text.p[i] == 127)
			return false;
	return true;
}
