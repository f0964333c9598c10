#include "server/head.h"

#include <string.h>
#include <strings.h>

static bool refuse(const struct server_refusal **why, const char *code)
{
	*why = server_refusal_of(code);
	return false;
}

static bool same_fold(struct text text, const char *word)
{
	return text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

/* ---- where the head ends ------------------------------------------------------- */

static bool is_control(unsigned char c)
{
	return (c < ' ' && c != '\t') || c == 0x7f;
}

enum server_scan server_head_scan(struct text bytes, size_t *seen)
{
	size_t i;

	for (i = *seen; i < bytes.n; i++) {
		if (!is_control((unsigned char)bytes.p[i]))
			continue;
		*seen = i;
		if (bytes.p[i] == '\r' && i + 1 == bytes.n)
			return SCAN_MORE; /* and looks at this byte again */
		if (bytes.p[i] != '\r' || bytes.p[i + 1] != '\n')
			return SCAN_BAD;
		i++;
		if (i >= 3 && bytes.p[i - 2] == '\n') {
			*seen = i + 1;
			return SCAN_WHOLE;
		}
	}
	*seen = i;
	return SCAN_MORE;
}

/* The scan has seen that every line ends in CR LF and holds no other CR. */
static struct text next_line(struct text *rest)
{
	const char *end = memchr(rest->p, '\r', rest->n);
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	struct text line = { rest->p, n };
	size_t used = n + 2 < rest->n ? n + 2 : rest->n;

	*rest = (struct text){ rest->p + used, rest->n - used };
	return line;
}

/* ---- the request line ------------------------------------------------------------ */

/* What is before the first blank; the rest loses it and the blank. */
static struct text next_word(struct text *rest)
{
	const char *blank = rest->n ? memchr(rest->p, ' ', rest->n) : NULL;
	size_t n = blank ? (size_t)(blank - rest->p) : rest->n;
	struct text word = { rest->p, n };
	size_t used = n + (blank != NULL);

	*rest = (struct text){ rest->p + used, rest->n - used };
	return word;
}

static bool read_version(
    struct text version, struct server_head *head, const struct server_refusal **why)
{
	if (version.n != 8 || memcmp(version.p, "HTTP/", 5) != 0 || version.p[6] != '.' ||
	    version.p[5] < '0' || version.p[5] > '9' || version.p[7] < '0' || version.p[7] > '9')
		return refuse(why, "request-line");
	if (version.p[5] != '1' || version.p[7] > '1')
		return refuse(why, "version");
	head->is_1_0 = version.p[7] == '0';
	return true;
}

static bool read_method(
    struct text method, struct server_head *head, const struct server_refusal **why)
{
	bool is_plain = method.n <= 16;

	if (!method.n)
		return refuse(why, "request-line");
	for (size_t i = 0; i < method.n; i++) {
		char c = method.p[i];

		if (c <= ' ' || c > '~' || strchr("\"(),/:;<=>?@[\\]{}", c))
			return refuse(why, "request-line");
		is_plain = is_plain && c >= 'A' && c <= 'Z';
	}
	head->method = method;
	return is_plain || refuse(why, "method");
}

static bool read_request_line(struct text line, size_t max_target, struct arena *arena,
    struct server_head *head, const struct server_refusal **why)
{
	struct text method = next_word(&line);
	struct text target = next_word(&line);

	if (!target.n)
		return refuse(why, "request-line");
	if (!read_version(line, head, why) || !read_method(method, head, why))
		return false;
	if (target.n > max_target)
		return refuse(why, "target-too-long");
	return server_target_read(target, arena, head, why);
}

/* ---- fields ------------------------------------------------------------------------ */

static bool is_name(struct text name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '-'))
			return false;
	}
	return name.n > 0;
}

static bool read_field(
    struct text line, struct server_pair *field, const struct server_refusal **why)
{
	const char *colon = memchr(line.p, ':', line.n);

	if (line.p[0] == ' ' || line.p[0] == '\t')
		return refuse(why, "folded-field");
	if (!colon)
		return refuse(why, "field-name");
	field->name = (struct text){ line.p, (size_t)(colon - line.p) };
	field->value = text_trim((struct text){ colon + 1, line.n - field->name.n - 1 });
	return is_name(field->name) || refuse(why, "field-name");
}

static bool read_fields(struct text rest, struct arena *arena, struct server_head *head,
    const struct server_refusal **why)
{
	size_t lines = 0;

	for (size_t i = 0; i < rest.n; i++)
		lines += rest.p[i] == '\r';
	if (lines > SERVER_MAX_FIELDS + 1)
		return refuse(why, "head-too-large");
	head->fields = arena_take(arena, lines * sizeof *head->fields);
	for (struct text line = next_line(&rest); line.n; line = next_line(&rest))
		if (!read_field(line, &head->fields[head->n_fields++], why))
			return false;
	return true;
}

/* ---- what the fields mean ------------------------------------------------------------ */

/* Fields of which two would be read differently by two servers, or which decide
 * who asks for what. */
enum single { HOST, LENGTH, CODING, EXPECT, OTHERS };
static const char *const singles[] = { [HOST] = "Host",
	[LENGTH] = "Content-Length",
	[CODING] = "Transfer-Encoding",
	[EXPECT] = "Expect",
	[OTHERS] = "Authorization",
	"Content-Type",
	"Idempotency-Key",
	"traceparent" };
#define N_SINGLES (sizeof singles / sizeof *singles)

static bool find_singles(
    const struct server_head *head, const struct text **found, const struct server_refusal **why)
{
	for (size_t i = 0; i < head->n_fields; i++)
		for (size_t s = 0; s < N_SINGLES; s++) {
			if (!same_fold(head->fields[i].name, singles[s]))
				continue;
			if (found[s])
				return refuse(why, "field-twice");
			found[s] = &head->fields[i].value;
		}
	return true;
}

static bool read_host(
    const struct text *host, struct server_head *head, const struct server_refusal **why)
{
	if (!host)
		return head->is_1_0 || refuse(why, "host");
	if (!server_host_fits(*host))
		return refuse(why, "host");
	if (head->host.n &&
	    (head->host.n != host->n || strncasecmp(head->host.p, host->p, host->n)))
		return refuse(why, "other-host");
	head->host = *host;
	return true;
}

static bool read_length(struct text digits, uint64_t *length)
{
	*length = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
		*length = *length * 10 + (uint64_t)(digits.p[i] - '0');
	}
	return digits.n >= 1 && digits.n <= 18; /* 18 digits cannot overflow */
}

static bool read_framing(const struct text *length, const struct text *coding,
    struct server_head *head, const struct server_refusal **why)
{
	if (length && coding)
		return refuse(why, "two-lengths");
	if (coding && (head->is_1_0 || !same_fold(*coding, "chunked")))
		return refuse(why, "coding");
	if (length && !(length->n <= 18 && read_length(*length, &head->length)))
		return refuse(why, "length");
	head->is_chunked = coding != NULL;
	return true;
}

static void read_connection(struct server_head *head)
{
	head->closes = head->is_1_0;
	for (size_t i = 0; i < head->n_fields; i++) {
		struct text rest = head->fields[i].value, word;

		if (!same_fold(head->fields[i].name, "Connection"))
			continue;
		while (text_split(&rest, ',', &word))
			head->closes = head->closes || same_fold(word, "close");
	}
}

static bool read_meaning(struct server_head *head, const struct server_refusal **why)
{
	const struct text *found[N_SINGLES] = { 0 };

	if (!find_singles(head, found, why) || !read_host(found[HOST], head, why) ||
	    !read_framing(found[LENGTH], found[CODING], head, why))
		return false;
	if (found[EXPECT] && !head->is_1_0) {
		if (!same_fold(*found[EXPECT], "100-continue"))
			return refuse(why, "expectation");
		head->expects_continue = true;
	}
	read_connection(head);
	return true;
}

bool server_head_read(struct text bytes, size_t max_target, struct arena *arena,
    struct server_head *head, const struct server_refusal **why)
{
	struct text line = next_line(&bytes);

	*head = (struct server_head){ .host = TEXT(""), .path = TEXT(""), .method = TEXT("") };
	return read_request_line(line, max_target, arena, head, why) &&
	    read_fields(bytes, arena, head, why) && read_meaning(head, why);
}
