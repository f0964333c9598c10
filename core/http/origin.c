#include "http/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Only what a server can have sent or a plugin built: no blanks, no controls. */
static bool is_printable(const char *url)
{
	for (; *url; url++)
		if (*url <= ' ' || *url > '~')
			return false;
	return true;
}

/* A name such as 127.example.org is not this machine. */
static bool is_loopback(const char *host)
{
	struct in_addr address;

	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

static char *part_of(CURLU *url, CURLUPart part)
{
	char *value = NULL;

	return curl_url_get(url, part, &value, 0) == CURLUE_OK ? value : NULL;
}

static void append_lower(struct buffer *out, const char *text)
{
	for (; *text; text++)
		buffer_char(out, *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text);
}

static bool is_default_port(const char *scheme, const char *port)
{
	return strcmp(port, strcmp(scheme, "https") == 0 ? "443" : "80") == 0;
}

static bool write_origin(const char *scheme, const char *host, const char *port, struct buffer *out)
{
	bool is_https = scheme && strcasecmp(scheme, "https") == 0;

	if (!host ||
	    (!is_https && (!scheme || strcasecmp(scheme, "http") != 0 || !is_loopback(host))))
		return false;
	append_lower(out, scheme);
	buffer_text(out, "://");
	append_lower(out, host);
	if (port && !is_default_port(is_https ? "https" : "http", port))
		buffer_format(out, ":%s", port);
	return true;
}

/* curl reads the address here, so that nothing is checked that it would read in
 * another way when it connects. */
bool http_origin(const char *url, struct buffer *out)
{
	CURLU *parsed = curl_url();
	bool is_ok = false;

	if (parsed && is_printable(url) &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK) {
		char *scheme = part_of(parsed, CURLUPART_SCHEME),
		     *host = part_of(parsed, CURLUPART_HOST);
		char *port = part_of(parsed, CURLUPART_PORT),
		     *user = part_of(parsed, CURLUPART_USER);
		char *password = part_of(parsed, CURLUPART_PASSWORD);

		is_ok = !user && !password && write_origin(scheme, host, port, out);
		curl_free(scheme);
		curl_free(host);
		curl_free(port);
		curl_free(user);
		curl_free(password);
	}
	curl_url_cleanup(parsed);
	return is_ok;
}

/* Is the address that origin, as it is written, and then a path or nothing? Nearly all are, and
 * to take one apart costs several microseconds. */
static bool is_plainly(const char *url, const char *origin)
{
	size_t n = strlen(origin);

	return n && strncmp(url, origin, n) == 0 && (url[n] == '/' || !url[n]) &&
	    is_printable(url + n);
}

bool http_origin_allowed(const char *url, const char *const *origins, size_t n)
{
	struct buffer wanted = { 0 }, allowed = { 0 };
	bool is_allowed = false;

	for (size_t i = 0; i < n; i++)
		if (is_plainly(url, origins[i]))
			return true;
	if (http_origin(url, &wanted))
		for (size_t i = 0; i < n && !is_allowed; i++) {
			allowed.n = 0;
			is_allowed = http_origin(origins[i], &allowed) &&
			    text_equal(buffer_as_text(&wanted), buffer_as_text(&allowed));
		}
	buffer_free(&wanted);
	buffer_free(&allowed);
	return is_allowed;
}

void http_encode(struct buffer *out, struct text text)
{
	static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._~";

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] && strchr(unreserved, text.p[i]))
			buffer_char(out, text.p[i]);
		else
			buffer_format(out, "%%%02X", (unsigned)(unsigned char)text.p[i]);
}
