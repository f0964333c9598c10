/* What a connection waits for: a time, and what epoll tells. */
#include "server/inside.h"

#include <sys/epoll.h>

#define LINGER_MS 2000

void wait_stop(struct connection *c)
{
	struct loop *loop = c->loop;

	*(c->previous ? &c->previous->next : &loop->first[c->wait]) = c->next;
	*(c->next ? &c->next->previous : &loop->last[c->wait]) = c->previous;
	c->previous = c->next = NULL;
}

void wait_start(struct connection *c, enum wait wait)
{
	const struct server_options *o = &c->loop->server->options;
	const int64_t limits[N_WAITS] = { [WAIT_IDLE] = o->idle_ms,
		[WAIT_HEAD] = o->head_ms,
		[WAIT_BODY] = o->body_ms,
		[WAIT_REPLY] = o->reply_ms,
		[WAIT_WRITE] = o->write_ms,
		[WAIT_LINGER] = LINGER_MS };
	struct loop *loop = c->loop;

	c->wait = wait;
	c->deadline = wait == WAIT_STREAM ? INT64_MAX : loop->now + limits[wait];
	c->previous = loop->last[wait];
	*(c->previous ? &c->previous->next : &loop->first[wait]) = c;
	loop->last[wait] = c;
}

void connection_wait(struct connection *c, enum wait wait)
{
	wait_stop(c);
	wait_start(c, wait);
}

void connection_watch(struct connection *c, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = &c->source };

	if (c->interest == events)
		return;
	c->interest = events;
	epoll_ctl(c->loop->epoll, EPOLL_CTL_MOD, c->wire.fd, &event);
}
