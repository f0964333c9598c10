/* One thread's round: wait, serve what is ready, read the mail, see what took too long. */
#include "server/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "base/instant.h"

#define ROUND_EVENTS 256
#define ROUND_ACCEPTS 64
#define ACCEPT_PAUSE_MS 100 /* when descriptors or memory have run out */

/* ---- mail ------------------------------------------------------------------------ */

static void read_mail(struct loop *loop)
{
	struct mail *next;

	for (struct mail *mail = mail_take(loop); mail; mail = next) {
		next = mail->next;
		if (mail->kind == MAIL_ANSWER)
			connection_answered((struct server_request *)mail);
		else
			connection_news((struct server_stream *)mail);
	}
}

static void waker_ready(struct source *source, struct loop *loop, uint32_t events)
{
	uint64_t count;

	(void)source;
	(void)events;
	if (read(loop->wake, &count, sizeof count) < 0)
		return;
}

/* ---- new connections ----------------------------------------------------------------- */

static void listen_to(struct loop *loop, bool on)
{
	struct server *server = loop->server;

	for (size_t i = 0; i < server->n_listeners; i++) {
		struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE,
			.data.ptr = &server->listeners[i].source };

		epoll_ctl(loop->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, server->listeners[i].fd,
		    &event);
	}
	loop->accept_again = on ? 0 : loop->now + ACCEPT_PAUSE_MS;
}

static bool is_out_of_room(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

static void listener_ready(struct source *source, struct loop *loop, uint32_t events)
{
	struct listener *listener = (struct listener *)source;

	(void)events;
	for (unsigned i = 0; i < ROUND_ACCEPTS && !loop->is_draining; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t n = sizeof address;
		int fd = accept4(listener->fd, (struct sockaddr *)(void *)&address, &n,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			connection_accept(loop, listener, fd, &address);
		else if (is_out_of_room(errno)) {
			listen_to(loop, false);
			return;
		} else if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

/* ---- time ------------------------------------------------------------------------------ */

static void end_waits(struct loop *loop)
{
	for (unsigned wait = 0; wait < N_WAITS; wait++)
		while (loop->first[wait] && loop->first[wait]->deadline <= loop->now)
			connection_timeout(loop->first[wait]);
	if (loop->accept_again && loop->accept_again <= loop->now && !loop->is_draining)
		listen_to(loop, true);
}

/* Milliseconds until something is due; -1: nothing is. */
static int next_end(const struct loop *loop)
{
	int64_t end = loop->accept_again && !loop->is_draining ? loop->accept_again : INT64_MAX;
	int64_t stop = loop->is_draining ? atomic_load(&loop->server->stop_at) : INT64_MAX;

	for (unsigned wait = 0; wait < N_WAITS; wait++)
		if (loop->first[wait] && loop->first[wait]->deadline < end)
			end = loop->first[wait]->deadline;
	end = stop < end ? stop : end;
	if (end == INT64_MAX)
		return -1;
	end -= instant_monotonic();
	return end < 0 ? 0 : end < 60000 ? (int)end : 60000;
}

/* ---- the end ------------------------------------------------------------------------------ */

static void for_each(struct loop *loop, void (*act)(struct connection *))
{
	for (unsigned wait = 0; wait < N_WAITS; wait++)
		for (struct connection *c = loop->first[wait], *next; c; c = next) {
			next = c->next;
			act(c);
		}
}

static void start_draining(struct loop *loop)
{
	struct server *server = loop->server;

	listen_to(loop, false);
	loop->is_draining = true;
	if (atomic_fetch_sub(&server->n_listening, 1) == 1)
		listeners_close(server->listeners, server->n_listeners);
	for_each(loop, connection_drain);
}

static void cut_off(struct connection *c)
{
	if (c->state != LINGERING && !c->stream)
		atomic_fetch_add(&c->loop->server->n_cut_off, 1);
	connection_close(c);
}

static void bury(struct loop *loop)
{
	while (loop->dead) {
		struct connection *next = loop->dead->next;

		free(loop->dead);
		loop->dead = next;
	}
}

/* ---- the loop ------------------------------------------------------------------------------ */

static bool is_finished(const struct loop *loop)
{
	return loop->is_draining &&
	    (!loop->n_open || loop->now >= atomic_load(&loop->server->stop_at));
}

static void serve_round(struct loop *loop)
{
	struct epoll_event events[ROUND_EVENTS];
	int n =
	    epoll_wait(loop->epoll, events, ROUND_EVENTS, mail_is_there(loop) ? 0 : next_end(loop));
	unsigned asked = atomic_load(&loop->asked);

	loop->now = instant_monotonic();
	for (int i = 0; i < n; i++) {
		struct source *source = events[i].data.ptr;

		source->ready(source, loop, events[i].events);
	}
	read_mail(loop);
	end_waits(loop);
	if (atomic_load(&loop->server->is_stopping) && !loop->is_draining)
		start_draining(loop);
	bury(loop);
	atomic_store(&loop->turned, asked);
}

void *loop_run(void *argument)
{
	struct loop *loop = argument;

	loop_is_here(loop);
	loop->now = instant_monotonic();
	listen_to(loop, true);
	while (!is_finished(loop))
		serve_round(loop);
	for_each(loop, cut_off);
	bury(loop);
	return NULL;
}

bool loop_open(struct loop *loop, struct server *server, struct failure *why)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = &loop->waker };

	loop->server = server;
	loop->waker.ready = waker_ready;
	loop->newest = &loop->oldest;
	pthread_mutex_init(&loop->lock, NULL);
	for (size_t i = 0; i < server->n_listeners; i++)
		server->listeners[i].source.ready = listener_ready;
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll < 0 || loop->wake < 0 ||
	    epoll_ctl(loop->epoll, EPOLL_CTL_ADD, loop->wake, &event) != 0)
		return failure_set(
		    why, FAILURE_INTERNAL, "cannot wait for sockets: %s", strerror(errno));
	return true;
}

void loop_close(struct loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	loop->is_closed = true;
	if (loop->wake >= 0)
		close(loop->wake);
	if (loop->epoll >= 0)
		close(loop->epoll);
	pthread_mutex_unlock(&loop->lock);
	read_mail(loop);
	request_spares_free(loop);
}
