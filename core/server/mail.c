/* A loop's mailbox: how other threads reach it. */
#include "server/inside.h"

#include <unistd.h>

static _Thread_local const struct loop *this_thread;

void loop_is_here(const struct loop *loop)
{
	this_thread = loop;
}

bool loop_is_mine(const struct loop *loop)
{
	return this_thread == loop;
}

void loop_wake(struct loop *loop)
{
	uint64_t one = 1;

	/* Can only fail when the counter is full, and then it is awake. */
	if (write(loop->wake, &one, sizeof one) < 0)
		return;
}

bool mail_post(struct loop *loop, struct mail *mail)
{
	bool is_open, wakes;

	mail->next = NULL;
	pthread_mutex_lock(&loop->lock);
	is_open = !loop->is_closed;
	wakes = is_open && !loop->is_woken && !loop_is_mine(loop);
	if (is_open) {
		*loop->newest = mail;
		loop->newest = &mail->next;
	}
	if (wakes) { /* under the lock, so that the descriptor is still open */
		loop->is_woken = true;
		loop_wake(loop);
	}
	pthread_mutex_unlock(&loop->lock);
	return is_open;
}

struct mail *mail_take(struct loop *loop)
{
	struct mail *oldest;

	pthread_mutex_lock(&loop->lock);
	oldest = loop->oldest;
	loop->oldest = NULL;
	loop->newest = &loop->oldest;
	loop->is_woken = false;
	pthread_mutex_unlock(&loop->lock);
	return oldest;
}

bool mail_is_there(struct loop *loop)
{
	bool has;

	pthread_mutex_lock(&loop->lock);
	has = loop->oldest != NULL;
	pthread_mutex_unlock(&loop->lock);
	return has;
}
