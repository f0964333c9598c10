/* Requests, what the handler asks them, and the bytes of answers. */
#include "server/inside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define MAX_SPARES 64

/* ---- life ------------------------------------------------------------------------------ */

struct server_request *request_new(struct loop *loop)
{
	struct server_request *request = loop->spare;

	if (request) {
		loop->spare = request->next;
		loop->n_spare--;
	} else {
		request = memory_new(sizeof *request);
		request->arena = arena_new();
		request->loop = loop;
	}
	server_hold(loop->server);
	return request;
}

static void end(struct server_request *request)
{
	arena_free(request->arena);
	free(request);
}

void request_free(struct server_request *request)
{
	struct loop *loop = request->loop;
	struct arena *arena = request->arena;

	buffer_free(&request->body);
	buffer_free(&request->answer);
	arena_reset(arena);
	*request = (struct server_request){ .arena = arena, .loop = loop };
	if (loop_is_mine(loop) && loop->n_spare < MAX_SPARES) {
		request->next = loop->spare;
		loop->spare = request;
		loop->n_spare++;
	} else {
		end(request);
	}
	server_release(loop->server);
}

void request_spares_free(struct loop *loop)
{
	while (loop->spare) {
		struct server_request *next = loop->spare->next;

		end(loop->spare);
		loop->spare = next;
	}
}

/* ---- what the handler asks ----------------------------------------------------------------- */

struct text server_method(const struct server_request *request)
{
	return request->head.method;
}

struct text server_path(const struct server_request *request)
{
	return request->head.path;
}

bool server_is_http_1_0(const struct server_request *request)
{
	return request->head.is_1_0;
}

size_t server_segments(const struct server_request *request)
{
	return request->head.n_segments;
}

struct text server_segment(const struct server_request *request, size_t n)
{
	return n < request->head.n_segments ? request->head.segments[n] : TEXT("");
}

bool server_query_at(
    const struct server_request *request, size_t n, struct text *name, struct text *value)
{
	if (n >= request->head.n_query)
		return false;
	*name = request->head.query[n].name;
	*value = request->head.query[n].value;
	return true;
}

bool server_query(const struct server_request *request, const char *name, struct text *value)
{
	struct text each;

	for (size_t i = 0; server_query_at(request, i, &each, value); i++)
		if (text_is(each, name))
			return true;
	*value = TEXT("");
	return false;
}

bool server_header(const struct server_request *request, const char *name, struct text *value)
{
	const struct server_head *head = &request->head;
	size_t n = strlen(name);

	for (size_t i = 0; i < head->n_fields; i++) {
		*value = head->fields[i].value;
		if (head->fields[i].name.n == n &&
		    strncasecmp(head->fields[i].name.p, name, n) == 0)
			return true;
	}
	*value = TEXT("");
	return false;
}

struct text server_body(const struct server_request *request)
{
	return request->body.n ? buffer_as_text(&request->body) : TEXT("");
}

struct arena *server_arena(struct server_request *request)
{
	return request->arena;
}

const struct server_peer *server_peer(const struct server_request *request)
{
	return &request->peer;
}

/* ---- the bytes of an answer --------------------------------------------------------------------
 */

static const char *reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *words;
	} reasons[] = { { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" },
		{ 204, "No Content" }, { 303, "See Other" }, { 304, "Not Modified" },
		{ 400, "Bad Request" }, { 401, "Unauthorized" }, { 403, "Forbidden" },
		{ 404, "Not Found" }, { 405, "Method Not Allowed" }, { 406, "Not Acceptable" },
		{ 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" },
		{ 412, "Precondition Failed" }, { 413, "Content Too Large" },
		{ 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
		{ 417, "Expectation Failed" }, { 422, "Unprocessable Content" },
		{ 428, "Precondition Required" }, { 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" },
		{ 501, "Not Implemented" }, { 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" } };

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	return "-";
}

/* Made once a second in each thread. The real time: caches compare it with theirs. */
static const char *date_now(void)
{
	static _Thread_local char text[48];
	static _Thread_local time_t made = -1;
	time_t now = time(NULL);
	struct tm parts;

	if (now != made && gmtime_r(&now, &parts) &&
	    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts))
		made = now;
	return text;
}

static bool is_clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static void add_field(struct buffer *out, const char *name, const char *value)
{
	if (!value || !is_clean(name) || !is_clean(value))
		return;
	buffer_text(out, name);
	buffer_append(out, ": ", 2);
	buffer_text(out, value);
	buffer_append(out, "\r\n", 2);
}

void answer_head(struct buffer *out, unsigned status, const char *content_type, int64_t length,
    bool closes, const struct server_field *fields, size_t n_fields)
{
	buffer_text(out, "HTTP/1.1 ");
	buffer_number(out, status);
	buffer_char(out, ' ');
	buffer_text(out, reason(status));
	buffer_text(out, "\r\n");
	add_field(out, "Date", date_now());
	add_field(out, "Content-Type", content_type);
	if (length >= 0 && status != 204 && status != 304) {
		buffer_text(out, "Content-Length: ");
		buffer_number(out, length);
		buffer_text(out, "\r\n");
	}
	add_field(out, "Connection", closes ? "close" : NULL);
	for (size_t i = 0; i < n_fields; i++)
		add_field(out, fields[i].name, fields[i].value);
}

static void own_problem(unsigned status, const struct server_refusal *why, struct buffer *body)
{
	buffer_format(body,
	    "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"detail\":\"%s\",\"code\":"
	    "\"%s\"}",
	    reason(status), status, why->detail, why->code);
}

void answer_refusal(
    struct buffer *out, const struct server *server, const struct server_refusal *why)
{
	static const struct server_field again = { "Retry-After", "1" };
	struct buffer body = { 0 };

	if (server->options.problem)
		server->options.problem(
		    server->context, why->status, why->code, why->detail, &body);
	else
		own_problem(why->status, why, &body);
	answer_head(out, why->status, "application/problem+json", (int64_t)body.n, true, &again,
	    why->status == 503);
	buffer_append(out, "\r\n", 2);
	buffer_append(out, body.p, body.n);
	buffer_free(&body);
}

static bool is_closing(const struct server_request *request)
{
	return request->head.closes || atomic_load(&request->loop->server->is_stopping);
}

static void post(struct server_request *request)
{
	if (mail_post(request->loop, &request->mail))
		return;
	if (request->stream)
		stream_attach(request->stream, NULL);
	request_free(request);
}

void server_reply(struct server_request *request, unsigned status, const char *content_type,
    struct text body, const struct server_field *fields, size_t n_fields)
{
	struct buffer *out = &request->answer;
	bool has_body = !text_is(request->head.method, "HEAD") && status != 204 && status != 304;

	request->answer_closes = is_closing(request);
	answer_head(
	    out, status, content_type, (int64_t)body.n, request->answer_closes, fields, n_fields);
	buffer_append(out, "\r\n", 2);
	if (has_body)
		buffer_append(out, body.p, body.n);
	post(request);
}

struct server_stream *server_stream_begin(struct server_request *request, const char *content_type,
    const struct server_field *fields, size_t n_fields)
{
	struct buffer *out = &request->answer;
	struct server_stream *stream =
	    stream_new(request->loop, !request->head.is_1_0, text_is(request->head.method, "HEAD"));

	answer_head(out, 200, content_type, -1, true, fields, n_fields);
	add_field(out, "Transfer-Encoding", stream->is_chunked ? "chunked" : NULL);
	buffer_append(out, "\r\n", 2);
	request->answer_closes = true;
	request->stream = stream;
	post(request);
	return stream;
}
