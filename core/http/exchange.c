#include "http/http.h"
#include "base/memory.h"
#include "http/guard.h"
#include "http/inside.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADER_BYTES ((size_t)256 * 1024) /* signed operation addresses take 3 KB each */
#define RECEIVED_AT_ONCE 1024L            /* curl has so many bytes for each exchange under way */
#define KEPT_CONNECTIONS 256L

/* One exchange under way. */
struct transfer {
	struct transfer *next, **back;
	CURL *easy;
	struct curl_slist *headers;
	struct buffer body; /* as sent; may hold secrets */
	size_t max_bytes;
	instant now;
	struct http_reply reply;
	bool is_too_long, has_head; /* the whole head of the last reply is there */
	bool has_ended_well;
	bool needs_head_only;
	struct guard guard;
	http_done *done;
	void *context;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http *http_new(const struct http_options *options)
{
	struct http *http = memory_new(sizeof *http);
	const char *agent = options ? options->user_agent : NULL;

	pthread_once(&once, start_curl);
	http->multi = curl_multi_init();
	if (!http->multi)
		memory_resize(NULL, SIZE_MAX, SIZE_MAX); /* out of memory */
	http->sockets = sockets_new(http->multi);
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
	http->unix_socket = options ? memory_copy_text(options->unix_socket) : NULL;
	http->ca_file = options ? memory_copy_text(options->ca_file) : NULL;
	http->user_agent = memory_copy_text(agent ? agent : "caseroute/" CASEROUTE_VERSION);
	return http;
}

/* ---- what comes back ------------------------------------------------------------ */

static size_t take_body(char *bytes, size_t size, size_t n, void *context)
{
	struct transfer *t = context;

	n *= size;
	if (n > t->max_bytes - t->reply.body.n) {
		t->is_too_long = true;
		return 0;
	}
	buffer_append(&t->reply.body, bytes, n);
	return n;
}

static size_t take_header(char *bytes, size_t size, size_t n, void *context)
{
	struct transfer *t = context;
	struct text line;

	n *= size;
	if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		t->reply.headers.n = 0; /* those before were of an interim reply */
		t->has_head = false;
		return n;
	}
	if (n > HEADER_BYTES - t->reply.headers.n) {
		t->is_too_long = true;
		return 0;
	}
	line = text_trim((struct text){ bytes, n });
	t->has_head = line.n == 0;
	if (line.n) {
		buffer_append(&t->reply.headers, line.p, line.n);
		buffer_char(&t->reply.headers, '\n');
	}
	return n;
}

static bool same_name(struct text name, const char *wanted)
{
	return name.n == strlen(wanted) && strncasecmp(name.p, wanted, name.n) == 0;
}

struct text http_reply_header(const struct http_reply *reply, const char *name)
{
	struct text rest = buffer_as_text(&reply->headers), line;

	while (text_split(&rest, '\n', &line)) {
		const char *colon = memchr(line.p, ':', line.n);
		size_t n = colon ? (size_t)(colon - line.p) : 0;

		if (colon && same_name(text_trim((struct text){ line.p, n }), name))
			return text_trim((struct text){ colon + 1, line.n - n - 1 });
	}
	return TEXT("");
}

static int64_t asked_wait(const struct http_reply *reply, instant now)
{
	static const char *const in_ms[] = { "retry-after-ms", "x-ms-retry-after-ms" };
	int64_t ms;

	for (size_t i = 0; i < 2; i++)
		if (text_integer(http_reply_header(reply, in_ms[i]), &ms) && ms >= 0 &&
		    ms <= INSTANT_DAY)
			return ms;
	return http_retry_after(http_reply_header(reply, "Retry-After"), now);
}

void http_reply_free(struct http_reply *reply)
{
	buffer_wipe(&reply->body); /* it may be a token */
	buffer_free(&reply->headers);
}

/* ---- what goes out ---------------------------------------------------------------- */

static bool has_control(struct text text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' && text.p[i] != '\t')
			return true;
	return false;
}

static bool is_token(struct text text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			(c && strchr(others, c))))
			return false;
	}
	return text.n > 0;
}

static bool check(const struct http_request *request, struct failure *why)
{
	if (!http_origin_allowed(request->url, request->origins, request->n_origins)) {
		struct buffer origin = { 0 };

		if (http_origin(request->url, &origin))
			failure_set(why, FAILURE_CONFIG, "%s is not on the allow-list", origin.p);
		else
			failure_set(why, FAILURE_CONFIG,
			    "an address that is neither https nor on this machine");
		buffer_free(&origin);
		return false;
	}
	if (!is_token(text_of(request->method)))
		return failure_set(why, FAILURE_CONFIG, "the method is malformed");
	for (size_t i = 0; i < request->n_headers; i++)
		if (!is_token(request->headers[i].name) || has_control(request->headers[i].value))
			return failure_set(why, FAILURE_CONFIG, "header %zu is malformed", i + 1);
	return true;
}

static void add_line(struct transfer *t, const char *line)
{
	struct curl_slist *longer = curl_slist_append(t->headers, line);

	if (!longer)
		memory_resize(NULL, SIZE_MAX, SIZE_MAX);
	t->headers = longer;
}

static void add_headers(struct transfer *t, const struct http_request *request)
{
	bool has_type = false;

	for (size_t i = 0; i < request->n_headers; i++) {
		const struct http_header *header = &request->headers[i];
		struct buffer line = { 0 };

		/* "Name;" is how curl sends a header without a value. */
		buffer_append(&line, header->name.p, header->name.n);
		buffer_text(&line, header->value.n ? ": " : ";");
		buffer_append(&line, header->value.p, header->value.n);
		add_line(t, line.p);
		buffer_wipe(&line);
		has_type = has_type || same_name(header->name, "Content-Type");
	}
	if (!has_type)
		add_line(t, "Content-Type:"); /* not the form type that curl assumes */
	add_line(t, "Expect:");
}

static bool is_sending(const char *method)
{
	return text_same(method, "PUT") || text_same(method, "POST") || text_same(method, "PATCH");
}

static void set_method(struct transfer *t, const struct http_request *request)
{
	if (request->has_body || is_sending(request->method)) {
		struct text body = request->has_body ? request->body : TEXT("");

		if (t->body.p) /* its own */
			body = buffer_as_text(&t->body);
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, body.n ? body.p : "");
		curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
	} else if (text_same(request->method, "HEAD")) {
		curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
	}
	curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_limits(struct transfer *t, const struct http_request *request)
{
	int64_t whole = request->timeout_ms ? request->timeout_ms : 60000;
	int64_t connect = request->connect_timeout_ms ? request->connect_timeout_ms : 10000;

	t->max_bytes = request->max_bytes ? request->max_bytes : (size_t)1 << 20;
	t->needs_head_only = request->needs_head_only;
	curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)whole);
	curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect);
	if (request->must_not_repeat)
		curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void set_transport(struct http *http, struct transfer *t, const char *url)
{
	bool is_plain = strncasecmp(url, "http:", 5) == 0; /* then it is loopback */

	curl_easy_setopt(t->easy, CURLOPT_URL, url);
	curl_easy_setopt(t->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
	curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(t->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(t->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (http->ca_file)
		curl_easy_setopt(t->easy, CURLOPT_CAINFO, http->ca_file);
	if (http->unix_socket)
		curl_easy_setopt(t->easy, CURLOPT_UNIX_SOCKET_PATH, http->unix_socket);
	if (is_plain)
		curl_easy_setopt(t->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE, RECEIVED_AT_ONCE);
	curl_easy_setopt(t->easy, CURLOPT_USERAGENT, http->user_agent);
}

static void set_callbacks(struct transfer *t)
{
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
	_Static_assert(sizeof t->reply.problem >= CURL_ERROR_SIZE, "curl writes there");
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->reply.problem);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
}

static CURL *take_handle(struct http *http)
{
	CURL *easy = http->n_kept ? http->kept[--http->n_kept] : curl_easy_init();

	if (!easy)
		memory_resize(NULL, SIZE_MAX, SIZE_MAX);
	return easy;
}

static void enlist(struct http *http, struct transfer *t)
{
	t->next = http->transfers;
	t->back = &http->transfers;
	if (t->next)
		t->next->back = &t->next;
	http->transfers = t;
	http->in_flight++;
}

/* keeps: the body is copied; else it stays the caller's until the end. */
static bool begin(struct http *http, const struct http_request *request, bool keeps, instant now,
    http_done *done, void *context, struct failure *why)
{
	struct transfer *t;

	if (!check(request, why))
		return false;
	t = memory_new(sizeof *t);
	t->easy = take_handle(http);
	t->now = now;
	t->done = done;
	t->context = context;
	t->reply.retry_after_ms = -1;
	if (keeps && request->has_body)
		buffer_append(&t->body, request->body.p, request->body.n);
	add_headers(t, request);
	set_transport(http, t, request->url);
	set_method(t, request);
	set_limits(t, request);
	guard_set(&t->guard, request->guard, t->easy);
	set_callbacks(t);
	curl_multi_add_handle(http->multi, t->easy);
	enlist(http, t);
	return true;
}

bool http_begin(struct http *http, const struct http_request *request, instant now, http_done *done,
    void *context, struct failure *why)
{
	return begin(http, request, true, now, done, context, why);
}

/* ---- the end of an exchange --------------------------------------------------------- */

static void wipe_headers(struct curl_slist *list)
{
	for (struct curl_slist *at = list; at; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(list);
}

static void transfer_free(struct http *http, struct transfer *t)
{
	*t->back = t->next;
	if (t->next)
		t->next->back = t->back;
	http->in_flight--;
	curl_multi_remove_handle(http->multi, t->easy);
	/* After a failure it is not used again: curl 7.88 ends a look-up of a name in a thread of
	 * its own, and a handle whose look-up had failed crashed in the next one. */
	if (t->has_ended_well && http->n_kept < KEPT_HANDLES) {
		curl_easy_reset(t->easy);
		http->kept[http->n_kept++] = t->easy;
	} else {
		curl_easy_cleanup(t->easy);
	}
	wipe_headers(t->headers);
	buffer_wipe(&t->body);
	http_reply_free(&t->reply);
	free(t);
}

static void describe(struct transfer *t, CURLcode code)
{
	const char *text = *t->reply.problem ? NULL : curl_easy_strerror(code);

	if (t->is_too_long)
		text = "the reply is longer than the limit";
	if (t->guard.is_refused)
		text = "the address is one that must not be reached";
	if (text)
		snprintf(t->reply.problem, sizeof t->reply.problem, "%s", text);
}

/* Not one byte of the request has left if none was counted: the name was not
 * found, nobody listened, the certificate was refused, the time ran out before. */
static bool was_sent(CURL *easy)
{
	long bytes = 0;

	return curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes) != CURLE_OK || bytes > 0;
}

static void finish(struct http *http, struct transfer *t, CURLcode code)
{
	struct failure why = { 0 };
	long status = 0;

	t->has_ended_well = code == CURLE_OK;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	/* A head cut off in its middle ends without an error: its status proves nothing. */
	if ((code == CURLE_OK || t->needs_head_only) && status > 0 && t->has_head) {
		t->reply.status = (unsigned)status;
		t->reply.may_have_arrived = true;
		t->reply.problem[0] = 0;
		t->reply.retry_after_ms = asked_wait(&t->reply, t->now);
	} else {
		t->reply.may_have_arrived = was_sent(t->easy);
		describe(t, code);
		failure_set(&why, FAILURE_UNAVAILABLE, "no reply: %s", t->reply.problem);
	}
	t->done(t->context, t->reply.status > 0, &t->reply, &why);
	transfer_free(http, t);
}

static void finish_ended(struct http *http)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		CURLcode code = message->data.result;
		struct transfer *t = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		finish(http, t, code);
	}
}

size_t http_run(struct http *http, int64_t wait_ms)
{
	/* Once only: a wake-up that a first look took would be lost in a second. */
	sockets_run(http->sockets, wait_ms);
	finish_ended(http);
	return http->in_flight;
}

void http_wake(struct http *http)
{
	sockets_wake(http->sockets);
}

void http_free(struct http *http)
{
	if (!http)
		return;
	while (http->transfers)
		transfer_free(http, http->transfers);
	while (http->n_kept)
		curl_easy_cleanup(http->kept[--http->n_kept]);
	curl_multi_cleanup(http->multi);
	sockets_free(http->sockets);
	free(http->ca_file);
	free(http->user_agent);
	free(http->unix_socket);
	free(http);
}

/* ---- one at a time --------------------------------------------------------------------- */

struct single {
	bool is_done, has_reply;
	struct http_reply *reply;
	struct failure *why;
	const struct http_waiter *waiter;
	void *task; /* that waits; NULL: it drives the loop itself */
};

static void take_single(
    void *context, bool has_reply, struct http_reply *reply, const struct failure *why)
{
	struct single *single = context;

	single->is_done = true;
	single->has_reply = has_reply;
	*single->reply = *reply;
	*reply = (struct http_reply){ 0 };
	if (!has_reply)
		failure_set(single->why, why->kind, "%s", why->text);
	if (single->task)
		single->waiter->wake(single->waiter->context, single->task);
}

void http_set_waiter(struct http *http, const struct http_waiter *waiter)
{
	http->waiter = waiter;
}

bool http_exchange(struct http *http, const struct http_request *request, instant now,
    struct http_reply *reply, struct failure *why)
{
	const struct http_waiter *waiter = http->waiter;
	struct single single = { .reply = reply, .why = why, .waiter = waiter };

	*reply = (struct http_reply){ .retry_after_ms = -1 };
	if (waiter)
		single.task = waiter->self(waiter->context);
	if (!begin(http, request, false, now, take_single, &single, why))
		return false;
	while (!single.is_done)
		if (single.task)
			waiter->wait(waiter->context);
		else
			http_run(http, 1000);
	return single.has_reply;
}
