/* How tasks wait beside the exchanges of their loop: at a door, and for what is not an exchange. */
#include "base/memory.h"
#include "http/inside.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

/* ---- a door ------------------------------------------------------------------------------- */

struct http_queued {
	struct http_queued *next;
	void *task;
	bool has_turn;
};

static void *task_of(const struct http *http)
{
	return http->waiter ? http->waiter->self(http->waiter->context) : NULL;
}

static void queue(struct http *http, struct http_door *door, void *task)
{
	struct http_queued *mine = memory_new(sizeof *mine);

	mine->task = task;
	if (door->last)
		door->last->next = mine;
	else
		door->first = mine;
	door->last = mine;
	while (!mine->has_turn)
		http->waiter->wait(http->waiter->context);
	free(mine);
}

void http_door_enter(struct http *http, struct http_door *door)
{
	void *task = task_of(http);

	if (task && door->is_taken)
		queue(http, door, task);
	else if (task)
		door->is_taken = true;
}

/* It stays taken if somebody waits: by the first of them. */
void http_door_leave(struct http *http, struct http_door *door)
{
	struct http_queued *first = door->first;

	if (!task_of(http))
		return;
	door->is_taken = first != NULL;
	if (!first)
		return;
	door->first = first->next;
	if (!door->first)
		door->last = NULL;
	first->has_turn = true;
	http->waiter->wake(http->waiter->context, first->task);
}

/* ---- a descriptor ---------------------------------------------------------------------------- */

static bool poll_one(int fd, bool for_writing, int64_t ms)
{
	struct pollfd one = { .fd = fd, .events = for_writing ? POLLOUT : POLLIN };
	instant until = instant_monotonic() + ms;
	int n;

	do {
		ms = until - instant_monotonic();
		n = poll(&one, 1, ms > 0 ? (int)ms : 0);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

struct awaiting {
	struct socket_wait wait; /* first */
	const struct http_waiter *waiter;
	void *task;
	bool is_over;
};

static void tell(struct socket_wait *wait)
{
	struct awaiting *mine = (struct awaiting *)(void *)wait;

	mine->is_over = true;
	mine->waiter->wake(mine->waiter->context, mine->task);
}

bool http_await(struct http *http, int fd, bool for_writing, int64_t ms)
{
	struct awaiting mine = { .wait = { .fd = fd, .for_writing = for_writing, .tell = tell } };

	mine.task = http ? task_of(http) : NULL;
	if (!mine.task)
		return poll_one(fd, for_writing, ms);
	mine.waiter = http->waiter;
	mine.wait.due = instant_monotonic() + ms;
	sockets_await(http->sockets, &mine.wait);
	while (!mine.is_over)
		mine.waiter->wait(mine.waiter->context);
	return mine.wait.is_ready;
}
