/*
 * One connection: head, body, handler, answer, and again.
 *
 * Requests that are sent ahead wait in `in` until the one before is answered, so
 * answers keep their order. What cannot be read in one way only is refused, and
 * then the connection ends: nothing behind such a request is looked at.
 */
#include "server/inside.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define LINGER_BYTES (256 * 1024)

/* ---- its end --------------------------------------------------------------------------- */

/* The request goes on without us when the handler has it, and ends when not. */
static void let_go(struct connection *c)
{
	struct server_request *request = c->request;

	c->request = NULL;
	if (!request)
		return;
	request->connection = NULL;
	if (c->state == WITH_HANDLER)
		atomic_fetch_sub(&c->loop->server->n_waiting, 1);
	else
		request_free(request);
}

void connection_close(struct connection *c)
{
	struct loop *loop = c->loop;

	if (c->state == DEAD)
		return;
	let_go(c);
	stream_detach(c);
	wait_stop(c);
	c->state = DEAD;
	crowd_leave(loop->server->crowd, &c->address);
	/* Closing alone does not end the watch while a child that was just forked holds
	 * the socket too, and the next event would name freed memory. */
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, c->wire.fd, NULL);
	wire_close(&c->wire);
	buffer_free(&c->in);
	buffer_free(&c->out);
	atomic_fetch_sub(&loop->server->n_open, 1);
	loop->n_open--;
	c->next = loop->dead;
	loop->dead = c;
}

/* Closing a socket that holds unread bytes would make the kernel throw away the
 * answer on its way, so the other side gets time to read it and to close. */
static void linger(struct connection *c)
{
	wire_end_writing(&c->wire);
	c->state = LINGERING;
	connection_watch(c, EPOLLIN);
	connection_wait(c, WAIT_LINGER);
}

/* ---- writing ------------------------------------------------------------------------------ */

static void advance(struct connection *);

/* False when it has to wait or the connection is gone. */
static bool flush(struct connection *c)
{
	bool moved = false;

	while (c->out_at < c->out.n) {
		ssize_t n = wire_write(&c->wire, c->out.p + c->out_at, c->out.n - c->out_at);

		if (n == WIRE_BROKEN || n == WIRE_END) {
			connection_close(c);
			return false;
		}
		if (n < 0) {
			connection_watch(c,
			    (n == WIRE_WANT_READ ? EPOLLIN : EPOLLOUT) |
				(c->stream ? EPOLLIN : 0U));
			if (moved || c->wait != WAIT_WRITE)
				connection_wait(c, WAIT_WRITE);
			return false;
		}
		moved = true;
		c->out_at += (size_t)n;
	}
	buffer_free(&c->out);
	c->out_at = 0;
	return true;
}

static void written(struct connection *c)
{
	if (c->stream) {
		c->state = STREAMING;
		connection_watch(c, EPOLLIN);
		if (c->wait != WAIT_STREAM)
			connection_wait(c, WAIT_STREAM);
	} else if (c->closes || atomic_load(&c->loop->server->is_stopping)) {
		linger(c);
	} else {
		c->state = READ_HEAD;
		connection_watch(c, EPOLLIN);
		connection_wait(c, WAIT_IDLE);
		advance(c);
	}
}

void connection_write(struct connection *c)
{
	do {
		if (!flush(c))
			return;
		if (c->stream)
			stream_refill(c);
	} while (c->out.n);
	written(c);
}

static void refuse(struct connection *c, const struct server_refusal *why)
{
	let_go(c);
	atomic_fetch_add(&c->loop->server->n_refusals, 1);
	buffer_free(&c->in);
	c->in_at = c->seen = 0;
	c->closes = true;
	c->state = WRITING;
	answer_refusal(&c->out, c->loop->server, why);
	connection_write(c);
}

/* ---- what other threads have for it ---------------------------------------------------------- */

void connection_answered(struct server_request *request)
{
	struct connection *c = request->connection;

	if (request->stream)
		stream_attach(request->stream, c);
	if (c) {
		atomic_fetch_sub(&c->loop->server->n_waiting, 1);
		c->request = NULL;
		c->closes = c->closes || request->answer_closes;
		c->state = WRITING;
		c->out = request->answer;
		request->answer = (struct buffer){ 0 };
	}
	request_free(request);
	if (c)
		connection_write(c);
}

void connection_news(struct server_stream *stream)
{
	struct connection *c = stream->connection;
	bool is_in_time = stream_read_news(stream);

	if (c && !is_in_time) {
		atomic_fetch_add(&c->loop->server->n_streams_cut, 1);
		connection_close(c);
	} else if (c && !c->out.n) {
		connection_write(c);
	}
	stream_release(stream);
}

/* ---- reading ------------------------------------------------------------------------------- */

static struct text unread(const struct connection *c)
{
	return c->in.p ? (struct text){ c->in.p + c->in_at, c->in.n - c->in_at } : TEXT("");
}

static void hand_over(struct connection *c)
{
	struct server *server = c->loop->server;

	c->state = WITH_HANDLER;
	connection_wait(c, WAIT_REPLY);
	atomic_fetch_add(&server->n_requests, 1);
	atomic_fetch_add(&server->n_waiting, 1);
	server->handler(server->context, c->request);
}

static void send_continue(struct connection *c)
{
	buffer_text(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
	if (!flush(c)) /* all before it was taken, so 25 bytes always fit */
		connection_close(c);
}

/* The head is read and is well-formed: is there a body, and do we want it? */
static void start_body(struct connection *c)
{
	const struct server_head *head = &c->request->head;

	c->closes = head->closes;
	c->chunks = (struct server_chunks){ 0 };
	c->state = READ_BODY;
	if (head->length > c->loop->server->options.body_bytes) {
		refuse(c, server_refusal_of("body-too-large"));
		return;
	}
	if (!head->length && !head->is_chunked)
		return;
	connection_wait(c, WAIT_BODY);
	if (head->expects_continue && !unread(c).n)
		send_continue(c);
}

static void start_request(struct connection *c, struct text head)
{
	const struct server_refusal *why = NULL;
	struct server_request *request = request_new(c->loop);

	c->request = request;
	request->connection = c;
	request->peer = c->peer;
	head.p = arena_copy(request->arena, head.p, head.n);
	c->in_at += head.n;
	c->seen = 0;
	if (server_head_read(
		head, c->loop->server->options.target_bytes, request->arena, &request->head, &why))
		start_body(c);
	else
		refuse(c, why);
}

static const char *too_long(struct text bytes)
{
	return memchr(bytes.p, '\n', bytes.n) ? "head-too-large" : "target-too-long";
}

/* Both return true when there may be more to do with what was read. */
static bool read_head(struct connection *c)
{
	struct text bytes = unread(c);
	enum server_scan scan;

	if (!bytes.n)
		return false;
	if (c->wait == WAIT_IDLE)
		connection_wait(c, WAIT_HEAD);
	scan = server_head_scan(bytes, &c->seen);
	if (scan == SCAN_BAD)
		refuse(c, server_refusal_of("control-byte"));
	else if (c->seen > c->loop->server->options.head_bytes)
		refuse(c, server_refusal_of(too_long(bytes)));
	else if (scan == SCAN_WHOLE)
		start_request(c, (struct text){ bytes.p, c->seen });
	return scan == SCAN_WHOLE;
}

static enum server_scan take_counted(struct server_request *request, struct text *bytes)
{
	size_t left = (size_t)request->head.length - request->body.n;
	size_t n = left < bytes->n ? left : bytes->n;

	if (n)
		buffer_append(&request->body, bytes->p, n);
	*bytes = (struct text){ bytes->p + n, bytes->n - n };
	return n == left ? SCAN_WHOLE : SCAN_MORE;
}

static bool read_body(struct connection *c)
{
	const struct server_refusal *why = NULL;
	struct server_request *request = c->request;
	struct text bytes = unread(c);
	size_t before = bytes.n;
	enum server_scan scan = request->head.is_chunked
	    ? server_chunks_take(
		  &c->chunks, &bytes, c->loop->server->options.body_bytes, &request->body, &why)
	    : take_counted(request, &bytes);

	c->in_at += before - bytes.n;
	if (scan == SCAN_BAD)
		refuse(c, why);
	else if (scan == SCAN_WHOLE)
		hand_over(c);
	return false;
}

/* An empty buffer is no buffer: most connections are idle, and shall cost little.
 * Else the rest is moved only when that is less than what was read, so that a long
 * row of requests sent ahead costs no more than its length. */
static void compact(struct connection *c)
{
	size_t left = c->in.n - c->in_at;

	if (left > c->in_at)
		return;
	if (left)
		memmove(c->in.p, c->in.p + c->in_at, left);
	else
		buffer_free(&c->in);
	c->in.n = left;
	c->in_at = 0;
}

static void advance(struct connection *c)
{
	bool goes_on = true;

	while (goes_on && (c->state == READ_HEAD || c->state == READ_BODY))
		goes_on = c->state == READ_HEAD ? read_head(c) : read_body(c);
	if (c->state != DEAD)
		compact(c);
}

static void take_in(struct connection *c)
{
	ssize_t n = wire_read(&c->wire, c->loop->scratch, sizeof c->loop->scratch);

	if (n > 0) {
		buffer_append(&c->in, c->loop->scratch, (size_t)n);
		advance(c);
	} else if (n == WIRE_WANT_READ || n == WIRE_WANT_WRITE)
		connection_watch(c, EPOLLIN | (n == WIRE_WANT_WRITE ? EPOLLOUT : 0U));
	else if (n == WIRE_END && (unread(c).n || c->state == READ_BODY))
		refuse(c, server_refusal_of("ended-early"));
	else
		connection_close(c);
}

static void discard(struct connection *c)
{
	ssize_t n = wire_read(&c->wire, c->loop->scratch, sizeof c->loop->scratch);

	if (n > 0)
		c->lingered += (uint64_t)n;
	if (n == WIRE_END || n == WIRE_BROKEN || c->lingered > LINGER_BYTES)
		connection_close(c);
}

static void readable(struct connection *c)
{
	switch (c->state) {
	case READ_HEAD:
	case READ_BODY: take_in(c); break;
	case STREAMING:
	case LINGERING: discard(c); break;
	case WRITING:
		if (c->wire.session) { /* TLS may have to read before it can write */
			connection_write(c);
			break;
		}
		/* fallthrough */
	case WITH_HANDLER: connection_watch(c, c->interest & ~(uint32_t)EPOLLIN); break;
	case DEAD: break;
	}
}

static void writable(struct connection *c)
{
	if (c->state == READ_HEAD || c->state == READ_BODY) {
		connection_watch(c, EPOLLIN);
		take_in(c);
	} else if (c->out.n) {
		connection_write(c);
	}
}

static void connection_ready(struct source *source, struct loop *loop, uint32_t events)
{
	struct connection *c = (struct connection *)source;

	(void)loop;
	if (c->state != DEAD && (events & (EPOLLHUP | EPOLLERR)))
		connection_close(c);
	if (c->state != DEAD && (events & EPOLLOUT))
		writable(c);
	if (c->state != DEAD && (events & EPOLLIN))
		readable(c);
}

/* ---- time and the end ------------------------------------------------------------------------ */

void connection_timeout(struct connection *c)
{
	struct server *server = c->loop->server;

	if (c->wait != WAIT_IDLE && c->wait != WAIT_LINGER)
		atomic_fetch_add(&server->n_timeouts, 1);
	if (c->wait == WAIT_HEAD && unread(c).n)
		refuse(c, server_refusal_of("slow-head"));
	else if (c->wait == WAIT_BODY)
		refuse(c, server_refusal_of("slow-body"));
	else if (c->wait == WAIT_REPLY)
		refuse(c, server_refusal_of("no-answer"));
	else {
		if (c->stream)
			atomic_fetch_add(&server->n_streams_cut, 1);
		connection_close(c);
	}
}

void connection_drain(struct connection *c)
{
	c->closes = true;
	if (c->state == READ_HEAD && !unread(c).n)
		connection_close(c);
	else if (c->stream) {
		stream_stop(c->stream);
		if (!c->out.n)
			connection_write(c);
	}
}

/* ---- the beginning ------------------------------------------------------------------------------
 */

static void know_peer(struct connection *c, const struct listener *listener)
{
	const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)&c->address;
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)&c->address;
	struct server_peer *peer = &c->peer;
	struct ucred other = { 0 };
	socklen_t n = sizeof other;

	peer->is_unix = listener->is_unix;
	peer->is_tls = c->wire.session != NULL;
	if (listener->is_unix) {
		getsockopt(c->wire.fd, SOL_SOCKET, SO_PEERCRED, &other, &n);
		peer->uid = other.uid;
		peer->gid = other.gid;
		peer->pid = other.pid;
	} else if (c->address.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &six->sin6_addr, peer->address, sizeof peer->address);
		peer->port = ntohs(six->sin6_port);
	} else {
		inet_ntop(AF_INET, &four->sin_addr, peer->address, sizeof peer->address);
		peer->port = ntohs(four->sin_port);
	}
}

/* Says so at once and without waiting: it must cost us nothing. */
static void turn_away(struct loop *loop, int fd, bool is_plain)
{
	struct buffer answer = { 0 };
	char ignored[4096];

	atomic_fetch_add(&loop->server->n_turned_away, 1);
	answer_refusal(&answer, loop->server, server_refusal_of("too-many-connections"));
	if (is_plain && send(fd, answer.p, answer.n, MSG_NOSIGNAL | MSG_DONTWAIT) > 0 &&
	    shutdown(fd, SHUT_WR) == 0)
		while (recv(fd, ignored, sizeof ignored, MSG_DONTWAIT) > 0)
			continue;
	buffer_free(&answer);
	close(fd);
}

static bool has_room(struct server *server, const struct sockaddr_storage *address)
{
	if (atomic_fetch_add(&server->n_open, 1) >= server->options.connections ||
	    !crowd_enter(server->crowd, address)) {
		atomic_fetch_sub(&server->n_open, 1);
		return false;
	}
	return true;
}

void connection_accept(
    struct loop *loop, struct listener *listener, int fd, const struct sockaddr_storage *address)
{
	struct server *server = loop->server;
	struct wire_tls *tls = listener->is_unix ? NULL : server->tls;
	struct epoll_event event = { .events = EPOLLIN };
	struct connection *c;
	int on = 1;

	if (!has_room(server, address)) {
		turn_away(loop, fd, !tls);
		return;
	}
	if (!listener->is_unix)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	c = memory_new(sizeof *c);
	c->source.ready = connection_ready;
	c->loop = loop;
	c->address = *address;
	c->interest = EPOLLIN;
	event.data.ptr = &c->source;
	loop->n_open++;
	atomic_fetch_add(&server->n_accepted, 1);
	wait_start(c, WAIT_HEAD);
	if (!wire_open(&c->wire, fd, tls) || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		connection_close(c);
	else
		know_peer(c, listener);
}
