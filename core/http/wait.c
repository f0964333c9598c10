/* How tasks wait beside the exchanges of their loop: at a door, and for what is not an exchange. */
#include "base/memory.h"
#include "http/inside.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <time.h>

#define SOON_NS 50000

/* ---- a door ------------------------------------------------------------------------------- */

static void *task_of(const struct http *http)
{
	return http && http->waiter ? http->waiter->self(http->waiter->context) : NULL;
}

void http_door_queue(struct http *http, struct http_door *door, struct http_place *place)
{
	*place = (struct http_place){ .task = task_of(http) };
	if (!place->task)
		return;
	place->has_turn = !door->first;
	if (door->last)
		door->last->next = place;
	else
		door->first = place;
	door->last = place;
}

void http_door_await(struct http *http, struct http_place *place)
{
	while (place->task && !place->has_turn)
		http->waiter->wait(http->waiter->context);
}

void http_door_enter(struct http *http, struct http_door *door, struct http_place *place)
{
	http_door_queue(http, door, place);
	http_door_await(http, place);
}

void http_door_leave(struct http *http, struct http_door *door)
{
	struct http_place *next;

	if (!task_of(http))
		return;
	next = door->first->next;
	door->first = next;
	if (!next) {
		door->last = NULL;
		return;
	}
	next->has_turn = true;
	http->waiter->wake(http->waiter->context, next->task);
}

/* ---- a descriptor ---------------------------------------------------------------------------- */

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* To be woken takes longer than what answers in some microseconds. Whoever else could use the
 * time has it, in this program or another. */
static bool comes_soon(int fd, bool for_writing)
{
	struct pollfd one = { .fd = fd, .events = for_writing ? POLLOUT : POLLIN };
	int64_t until = now_ns() + SOON_NS;

	do {
		if (poll(&one, 1, 0) > 0)
			return true;
		sched_yield();
	} while (now_ns() < until);
	return false;
}

static bool is_busy(const struct http *http)
{
	return task_of(http) && http->waiter->is_busy(http->waiter->context);
}

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

	mine.task = task_of(http);
	if (fd >= 0 && !is_busy(http) && comes_soon(fd, for_writing))
		return true;
	if (!mine.task)
		return poll_one(fd, for_writing, ms);
	mine.waiter = http->waiter;
	mine.wait.due = instant_monotonic() + ms;
	sockets_await(http->sockets, &mine.wait);
	while (!mine.is_over)
		mine.waiter->wait(mine.waiter->context);
	return mine.wait.is_ready;
}
