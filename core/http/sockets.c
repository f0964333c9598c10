#include "http/sockets.h"
#include "base/instant.h"
#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MOST_AT_ONCE 64
#define LONGEST_MS 60000

struct sockets {
	CURLM *multi;
	int epoll, wake;
	instant due;               /* monotonic; INSTANT_UNKNOWN: curl waits for no time */
	struct socket_wait *waits; /* few: one for each confined child that is slow */
};

/* is_watched: what we assigned to the socket when it was first seen; curl forgets it with it. */
static int watch(CURL *easy, curl_socket_t fd, int what, void *context, void *is_watched)
{
	struct sockets *s = context;
	struct epoll_event event = { .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(s->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
	    (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
	if (!is_watched)
		curl_multi_assign(s->multi, fd, s);
	if (is_watched || (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST))
		epoll_ctl(s->epoll, EPOLL_CTL_MOD, fd, &event);
	return 0;
}

static int set_due(CURLM *multi, long ms, void *context)
{
	struct sockets *s = context;

	(void)multi;
	s->due = ms < 0 ? INSTANT_UNKNOWN : instant_monotonic() + ms;
	return 0;
}

struct sockets *sockets_new(CURLM *multi)
{
	struct sockets *s = memory_new(sizeof *s);
	struct epoll_event event = { .events = EPOLLIN };

	s->multi = multi;
	s->due = INSTANT_UNKNOWN;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event.data.fd = s->wake;
	if (s->epoll < 0 || s->wake < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->wake, &event) != 0)
		memory_resize(NULL, SIZE_MAX, SIZE_MAX); /* no descriptors left: as no memory */
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, s);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, set_due);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, s);
	return s;
}

void sockets_free(struct sockets *s)
{
	close(s->epoll);
	close(s->wake);
	free(s);
}

void sockets_wake(struct sockets *s)
{
	uint64_t one = 1;
	ssize_t ignored = write(s->wake, &one, sizeof one); /* full: it is awake already */

	(void)ignored;
}

/* ---- descriptors that are none of curl's ------------------------------------------------- */

void sockets_await(struct sockets *s, struct socket_wait *wait)
{
	struct epoll_event event = { .events = wait->for_writing ? EPOLLOUT : EPOLLIN,
		.data.fd = wait->fd };

	if (wait->fd >= 0 && epoll_ctl(s->epoll, EPOLL_CTL_ADD, wait->fd, &event) != 0)
		memory_resize(NULL, SIZE_MAX, SIZE_MAX);
	wait->next = s->waits;
	s->waits = wait;
}

static void end_wait(struct sockets *s, struct socket_wait **at, bool is_ready)
{
	struct socket_wait *wait = *at;

	*at = wait->next;
	if (wait->fd >= 0)
		epoll_ctl(s->epoll, EPOLL_CTL_DEL, wait->fd, NULL);
	wait->is_ready = is_ready;
	wait->tell(wait);
}

static bool end_wait_for(struct sockets *s, int fd)
{
	for (struct socket_wait **at = &s->waits; *at; at = &(*at)->next)
		if ((*at)->fd == fd) {
			end_wait(s, at, true);
			return true;
		}
	return false;
}

static void end_late_waits(struct sockets *s)
{
	struct socket_wait **at = &s->waits;

	while (*at)
		if ((*at)->due <= instant_monotonic())
			end_wait(s, at, false);
		else
			at = &(*at)->next;
}

static int64_t until_next(const struct sockets *s, int64_t wait_ms)
{
	instant now = instant_monotonic();

	if (s->due != INSTANT_UNKNOWN && s->due - now < wait_ms)
		wait_ms = s->due - now;
	for (const struct socket_wait *w = s->waits; w; w = w->next)
		if (w->due - now < wait_ms)
			wait_ms = w->due - now;
	return wait_ms > 0 ? wait_ms : 0;
}

/* ---- running ----------------------------------------------------------------------------- */

static void act_on_time(struct sockets *s)
{
	int running;

	if (s->due == INSTANT_UNKNOWN || s->due > instant_monotonic())
		return;
	s->due = INSTANT_UNKNOWN;
	curl_multi_socket_action(s->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static void act_on(struct sockets *s, const struct epoll_event *event)
{
	uint64_t count;
	int mask = 0, running;

	if (event->data.fd == s->wake) {
		ssize_t ignored = read(s->wake, &count, sizeof count);

		(void)ignored;
		return;
	}
	if (end_wait_for(s, event->data.fd))
		return;
	if (event->events & EPOLLIN)
		mask |= CURL_CSELECT_IN;
	if (event->events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (event->events & (EPOLLERR | EPOLLHUP))
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(s->multi, event->data.fd, mask, &running);
}

void sockets_run(struct sockets *s, int64_t wait_ms)
{
	struct epoll_event events[MOST_AT_ONCE];
	int n;

	if (wait_ms > LONGEST_MS)
		wait_ms = LONGEST_MS;
	n = epoll_wait(s->epoll, events, MOST_AT_ONCE, (int)until_next(s, wait_ms));
	for (int i = 0; i < n; i++)
		act_on(s, &events[i]);
	end_late_waits(s);
	act_on_time(s);
}
