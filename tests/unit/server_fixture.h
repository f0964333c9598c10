/*
 * server_fixture.h - a server whose handler does what the path says
 *
 *   /later/MS   a worker answers after that time        /echo    body, method, peer
 *   /never      nobody answers until the test does      /large/N N bytes
 *   /stream     begins a stream, which the test feeds   /tell    what was understood
 *   others      200 and the path
 */
#ifndef TESTS_UNIT_SERVER_FIXTURE_H
#define TESTS_UNIT_SERVER_FIXTURE_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/memory.h"
#include "server/server.h"
#include "support/raw.h"

#define FIXTURE_LATER 1024

struct late_request {
	struct server_request *request;
	int64_t delay_ms;
};

struct world {
	struct server_options options;
	const char *addresses[4];
	struct server *server;
	unsigned port;
	atomic_uint n_seen, n_smuggled;
	/* Requests for the worker threads, and what the test keeps for itself. */
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct late_request late[FIXTURE_LATER];
	size_t n_late;
	bool is_ending;
	pthread_t workers[2];
	struct server_request *kept;
	struct server_stream *stream;
};

static inline void fixture_answer(struct server_request *request)
{
	server_reply(request, 200, "text/plain", server_path(request), NULL, 0);
}

static inline void *fixture_work(void *argument)
{
	struct world *w = argument;
	struct late_request late;

	pthread_mutex_lock(&w->lock);
	while (w->n_late || !w->is_ending) {
		if (!w->n_late) {
			pthread_cond_wait(&w->news, &w->lock);
			continue;
		}
		late = w->late[--w->n_late];
		pthread_mutex_unlock(&w->lock);
		usleep((useconds_t)late.delay_ms * 1000);
		fixture_answer(late.request);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static inline void fixture_echo(struct server_request *request)
{
	const struct server_peer *peer = server_peer(request);
	struct text length = TEXT("");
	struct buffer body = { 0 };
	struct server_field fields[] = { { "X-Length", NULL }, { "X-Odd", "a\r\nX-Split: b" } };

	buffer_format(&body, "%.*s %zu unix=%d uid=%u pid=%d from %s [%.*s]",
	    TEXT_ARGS(server_method(request)), server_body(request).n, peer->is_unix, peer->uid,
	    peer->pid, peer->address, TEXT_ARGS(server_body(request)));
	if (server_header(request, "content-LENGTH", &length))
		fields[0].value = arena_copy(server_arena(request), length.p, length.n);
	server_reply(request, 201, "text/plain", buffer_as_text(&body), fields, 2);
	buffer_free(&body);
}

static inline void fixture_tell(struct server_request *request)
{
	struct buffer body = { 0 };
	struct text name, value;

	for (size_t i = 0; i < server_segments(request); i++)
		buffer_format(&body, "<%.*s>", TEXT_ARGS(server_segment(request, i)));
	for (size_t i = 0; server_query_at(request, i, &name, &value); i++)
		buffer_format(&body, "(%.*s=%.*s)", TEXT_ARGS(name), TEXT_ARGS(value));
	if (server_query(request, "a", &value))
		buffer_format(&body, "a is %.*s", TEXT_ARGS(value));
	server_reply(request, 200, "text/plain", buffer_as_text(&body), NULL, 0);
	buffer_free(&body);
}

static inline void fixture_large(struct server_request *request)
{
	size_t n = strtoul(server_segment(request, 1).p, NULL, 10);
	char *bytes = memory_new(n + 1);

	memset(bytes, 'x', n);
	server_reply(request, 200, "text/plain", (struct text){ bytes, n }, NULL, 0);
	free(bytes);
}

static inline void fixture_keep(struct world *w, struct server_request *request)
{
	struct text path = server_segment(request, 0);

	pthread_mutex_lock(&w->lock);
	if (text_is(path, "later") && w->n_late < FIXTURE_LATER)
		w->late[w->n_late++] = (struct late_request){ request,
			(int64_t)strtoul(server_segment(request, 1).p, NULL, 10) };
	else if (text_is(path, "stream"))
		w->stream = server_stream_begin(request, "text/event-stream", NULL, 0);
	else
		w->kept = request;
	pthread_cond_broadcast(&w->news);
	pthread_mutex_unlock(&w->lock);
}

static inline void fixture_handle(void *context, struct server_request *request)
{
	struct world *w = context;
	struct text path = server_segment(request, 0);

	atomic_fetch_add(&w->n_seen, 1);
	if (text_is(path, "smuggled"))
		atomic_fetch_add(&w->n_smuggled, 1);
	if (text_is(path, "later") || text_is(path, "never") || text_is(path, "stream"))
		fixture_keep(w, request);
	else if (text_is(path, "echo"))
		fixture_echo(request);
	else if (text_is(path, "tell"))
		fixture_tell(request);
	else if (text_is(path, "large"))
		fixture_large(request);
	else if (text_is(path, "nothing"))
		server_reply(request, 204, NULL, TEXT(""), NULL, 0);
	else
		fixture_answer(request);
}

/* Waits until the handler has kept a request or begun a stream. */
static inline void fixture_await(struct world *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->kept && !w->stream)
		pthread_cond_wait(&w->news, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

/* The options of *w are set; the address is a free port if there is none. */
static inline void fixture_start(struct world *w)
{
	struct failure why = { 0 };

	if (!w->addresses[0])
		w->addresses[0] = "127.0.0.1:0";
	w->options.addresses = w->addresses;
	while (w->options.n_addresses < 4 && w->addresses[w->options.n_addresses])
		w->options.n_addresses++;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->news, NULL);
	w->server = server_start(&w->options, fixture_handle, w, &why);
	if (!w->server)
		fail_msg("%s", why.text);
	w->port = server_port(w->server, 0);
	for (size_t i = 0; i < 2; i++)
		pthread_create(&w->workers[i], NULL, fixture_work, w);
}

static inline unsigned fixture_stop(struct world *w, int64_t deadline_ms)
{
	unsigned n_cut_off = server_stop(w->server, deadline_ms);

	pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	pthread_cond_broadcast(&w->news);
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < 2; i++)
		pthread_join(w->workers[i], NULL);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->news);
	return n_cut_off;
}

/* One request on a connection of its own, to the end of the answer. */
static inline struct buffer fixture_ask(const struct world *w, struct text bytes)
{
	struct buffer answer = { 0 };
	int fd = raw_connect(w->port);

	raw_send(fd, bytes);
	if (!raw_read_all(fd, &answer, RAW_MS))
		print_error("no end of the answer to: %.*s\n", TEXT_ARGS(bytes));
	close(fd);
	return answer;
}

#endif
