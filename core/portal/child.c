#include "portal/child.h"
#include "portal/carried.h"
#include "portal/child_run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUT_OF_MEMORY 71 /* base/memory.h */
#define START_MS 10000
#define CLOCK_TIMES 10    /* by the clock a step may take so many times its limit */
#define KEPT_BYTES 262144 /* of a buffer */

/* ---- the end of a child ---------------------------------------------------------------------- */

static int bury(struct child *child)
{
	int status = 0;

	kill(child->pid, SIGKILL); /* how it ended by itself is settled before its socket closes */
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(child->socket);
	buffer_free(&child->in);
	buffer_free(&child->out);
	*child = (struct child){ 0 };
	return status;
}

void child_end(struct child *child)
{
	if (child->pid)
		bury(child);
}

/* Its socket has ended. Always false. */
static bool tell_death(struct child *child, struct failure *why)
{
	int status = bury(child), signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (signal == SIGSYS)
		return failure_set(why, FAILURE_UNAVAILABLE,
		    "it was killed: it made a system call that it may not make (SIGSYS)");
	if (signal)
		return failure_set(why, FAILURE_UNAVAILABLE, "it died: signal %d (SIG%s)", signal,
		    sigabbrev_np(signal) ? sigabbrev_np(signal) : "?");
	if (WEXITSTATUS(status) == OUT_OF_MEMORY)
		return failure_set(why, FAILURE_UNAVAILABLE, "it used up its memory");
	return failure_set(
	    why, FAILURE_UNAVAILABLE, "it ended by itself (status %d)", WEXITSTATUS(status));
}

static bool end_for(struct child *child, struct failure *why, const char *text)
{
	bury(child);
	return failure_set(why, FAILURE_UNAVAILABLE, "%s", text);
}

/* ---- how long ----------------------------------------------------------------------------------
 */

struct patience {
	struct http *http;
	int64_t limit_ms;
	instant until;       /* monotonic */
	int64_t computed_ms; /* by the child before it was waited for; -1: it was not */
};

static struct patience patience_of(struct http *http, int64_t limit_ms)
{
	return (
	    struct patience){ http, limit_ms, instant_monotonic() + CLOCK_TIMES * limit_ms, -1 };
}

static int64_t computed_ms(const struct child *child)
{
	struct timespec t = { 0 };
	clockid_t clock;

	if (clock_getcpuclockid(child->pid, &clock) == 0)
		clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* False: the patience is at its end. */
static bool await(struct child *child, struct patience *p, bool for_writing)
{
	if (p->computed_ms < 0)
		p->computed_ms = computed_ms(child);
	while (instant_monotonic() < p->until) {
		if (http_await(p->http, child->socket, for_writing, p->limit_ms))
			return true;
		if (computed_ms(child) - p->computed_ms >= p->limit_ms - 10) /* clocks differ */
			return false;
	}
	return false;
}

static bool too_late(struct child *child, const struct patience *p, struct failure *why)
{
	bury(child);
	return failure_set(why, FAILURE_UNAVAILABLE, "it did not return within %lld%s",
	    (long long)(p->limit_ms % 1000 ? p->limit_ms : p->limit_ms / 1000),
	    p->limit_ms % 1000 ? " ms" : " s");
}

/* ---- to it -------------------------------------------------------------------------------------
 */

/* What a long frame needed is not kept. */
static void empty(struct buffer *buffer, size_t *at)
{
	buffer->n = *at = 0;
	if (buffer->capacity > KEPT_BYTES)
		buffer_free(buffer);
}

/* False: errno says what is in the way of the rest. */
static bool send_some(struct child *child)
{
	while (child->sent < child->out.n) {
		ssize_t n = send(child->socket, child->out.p + child->sent,
		    child->out.n - child->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			child->sent += (size_t)n;
		else if (errno != EINTR)
			return false;
	}
	empty(&child->out, &child->sent);
	return true;
}

bool child_send_rest(struct child *child, struct http *http, int64_t limit_ms, struct failure *why)
{
	struct patience p = patience_of(http, limit_ms);

	while (!send_some(child)) {
		if (errno != EAGAIN)
			return tell_death(child, why);
		if (!await(child, &p, true))
			return too_late(child, &p, why);
	}
	return true;
}

bool child_send(struct child *child, const struct step_input *in, const struct step_memory *memory,
    uint32_t *number)
{
	struct carried_step step;

	*number = ++child->number;
	carry_step(in, memory, *number, &step);
	frame_write(&child->out, FRAME_STEP, &record_step, &step);
	return send_some(child);
}

/* ---- from it -----------------------------------------------------------------------------------
 */

/* Appends what is there, else waits; false: nothing more will come. */
static bool receive_some(struct child *child, struct patience *p, struct failure *why)
{
	char bytes[16384];

	for (;;) {
		ssize_t n = recv(child->socket, bytes, sizeof bytes, MSG_DONTWAIT);

		if (n > 0) {
			buffer_append(&child->in, bytes, (size_t)n);
			return true;
		}
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			return tell_death(child, why);
		if (errno == EAGAIN && !await(child, p, false))
			return too_late(child, p, why);
	}
}

/* The next frame. Its fields are valid until forget_taken(). */
static bool receive(struct child *child, struct http *http, int64_t limit_ms,
    enum frame_kind wanted, struct text *fields, struct failure *why)
{
	struct patience p = patience_of(http, limit_ms);

	for (;;) {
		size_t at = child->taken, have = child->in.n - at, length = 0;
		uint32_t kind = wanted;

		if (have >= FRAME_HEAD &&
		    (!frame_head(child->in.p + at, FRAME_FROM_CHILD, &kind, &length) ||
			kind != wanted))
			return end_for(child, why, "it sent what is no frame");
		if (have >= FRAME_HEAD + length) {
			*fields = (struct text){ child->in.p + at + FRAME_HEAD, length };
			child->taken += FRAME_HEAD + length;
			return true;
		}
		if (!receive_some(child, &p, why))
			return false;
	}
}

/* Of what was received, that of the next frames stays. */
static void forget_taken(struct child *child)
{
	size_t left = child->in.n - child->taken;

	if (!left) {
		empty(&child->in, &child->taken);
	} else if (child->taken > KEPT_BYTES) {
		memmove(child->in.p, child->in.p + child->taken, left);
		child->in.n = left;
		child->taken = 0;
	}
}

bool child_is_well(struct child *child, struct failure *why)
{
	char byte;
	ssize_t n = recv(child->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

	if (n > 0 || child->in.n > child->taken)
		return end_for(child, why, "it sent what nobody had asked for");
	return (n < 0 && (errno == EAGAIN || errno == EINTR)) || tell_death(child, why);
}

bool child_take(struct child *child, uint32_t number, struct http *http, int64_t limit_ms,
    struct arena *arena, struct step_result *out, struct failure *why)
{
	struct carried_result result = { 0 };
	struct text fields;

	if (!receive(child, http, limit_ms, FRAME_RESULT, &fields, why))
		return false;
	if (!frame_read(&record_result, fields, arena, &result, why) || result.number != number) {
		result_free(&result.result);
		return end_for(child, why, "it answered another step");
	}
	forget_taken(child);
	*out = result.result;
	return true;
}

/* ---- the begin of a child
 * ------------------------------------------------------------------------ */

static bool tell_portal(struct child *child, const struct portal *portal, struct http *http,
    struct arena *arena, const char **unconfined, struct failure *why)
{
	struct carried_portal told;
	struct carried_ready ready;
	struct text fields;

	carry_portal(portal, arena, &told);
	frame_write(&child->out, FRAME_PORTAL, &record_portal, &told);
	if (!child_send_rest(child, http, START_MS, why) ||
	    !receive(child, http, START_MS, FRAME_READY, &fields, why))
		return false;
	if (!frame_read(&record_ready, fields, arena, &ready, why)) {
		bury(child);
		return false;
	}
	forget_taken(child);
	*unconfined = ready.unconfined;
	return !ready.failure || end_for(child, why, ready.failure);
}

/* So high that no descriptor stands where another must go. */
static int raised(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, 10);

	close(fd);
	return high;
}

static pid_t spawn(const char *name, int socket, int sealed)
{
	char *const arguments[] = { "caseroute", CHILD_WORD, (char *)(uintptr_t)name, NULL };
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = 0;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, socket, CHILD_SOCKET);
	posix_spawn_file_actions_adddup2(&actions, sealed, CHILD_PLUGIN);
	posix_spawn_file_actions_addclosefrom_np(&actions, CHILD_PLUGIN + 1);
	if (posix_spawn(&pid, "/proc/self/exe", &actions, NULL, arguments, environment) != 0)
		pid = 0;
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

bool child_start(struct child *child, const struct portal *portal, struct http *http,
    struct arena *arena, const char **unconfined, struct failure *why)
{
	int pair[2], theirs, sealed;

	if (!child_can_start())
		return failure_set(
		    why, FAILURE_INTERNAL, "this program cannot start confined children");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return failure_set(
		    why, FAILURE_UNAVAILABLE, "no socket for its child: %s", strerror(errno));
	theirs = raised(pair[1]);
	sealed = fcntl(portal->plugin->sealed, F_DUPFD_CLOEXEC, 10);
	*child = (struct child){ .socket = pair[0] };
	if (theirs >= 0 && sealed >= 0)
		child->pid = spawn(portal->name, theirs, sealed);
	close(theirs);
	close(sealed);
	if (child->pid)
		return tell_portal(child, portal, http, arena, unconfined, why);
	close(pair[0]);
	return failure_set(why, FAILURE_UNAVAILABLE, "its child cannot be started");
}
