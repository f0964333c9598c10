#include "base/id.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static void from_kernel(void *to, size_t n)
{
	unsigned char *at = to;

	while (n) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			_exit(71);
		at += got;
		n -= (size_t)got;
	}
}

/* A few at a time come from a pool of the thread: a request needs four times eight or sixteen.
 * What was given out is no longer in it, and a process that was forked begins one of its own. */
void random_bytes(void *to, size_t n)
{
	static _Thread_local struct {
		unsigned char bytes[512];
		size_t left;
		pid_t owner;
	} pool;

	if (n > 32) {
		from_kernel(to, n);
		return;
	}
	if (pool.left < n || pool.owner != getpid()) {
		from_kernel(pool.bytes, sizeof pool.bytes);
		pool.left = sizeof pool.bytes;
		pool.owner = getpid();
	}
	pool.left -= n;
	memcpy(to, pool.bytes + pool.left, n);
	explicit_bzero(pool.bytes + pool.left, n);
}

uint64_t random_below(uint64_t limit)
{
	uint64_t number, reject = limit ? UINT64_MAX - UINT64_MAX % limit : 0;

	if (limit < 2)
		return 0;
	do
		random_bytes(&number, sizeof number);
	while (number >= reject);
	return number % limit;
}

/* The last time given out, in 1/4096 ms: the 12 bits behind the milliseconds
 * (RFC 9562 6.2, method 3) keep ids of one process in order. */
static _Atomic uint64_t last;

static uint64_t next_tick(instant now)
{
	uint64_t wanted = (uint64_t)(now < 0 ? 0 : now) << 12;
	uint64_t seen = atomic_load(&last);
	uint64_t tick;

	do
		tick = wanted > seen ? wanted : seen + 1;
	while (!atomic_compare_exchange_weak(&last, &seen, tick));
	return tick;
}

static char *put_hex(char *out, unsigned digits, uint64_t bits)
{
	while (digits--)
		*out++ = "0123456789abcdef"[bits >> 4 * digits & 15];
	return out;
}

void id_new(instant now, char out[ID_TEXT])
{
	uint64_t tick = next_tick(now), random;

	random_bytes(&random, sizeof random);
	out = put_hex(out, 8, tick >> 28);
	*out++ = '-';
	out = put_hex(out, 4, tick >> 12);
	*out++ = '-';
	out = put_hex(out, 4, 0x7000 | (tick & 0xfff));
	*out++ = '-';
	out = put_hex(out, 4, 0x8000 | (random >> 48 & 0x3fff));
	*out++ = '-';
	*put_hex(out, 12, random) = 0;
}

void id_follow(const char *id)
{
	unsigned high, low, fraction;
	uint64_t tick, seen = atomic_load(&last);

	if (sscanf(id, "%8x-%4x-7%3x-", &high, &low, &fraction) != 3)
		return;
	tick = (uint64_t)high << 28 | (uint64_t)low << 12 | fraction;
	while (tick > seen && !atomic_compare_exchange_weak(&last, &seen, tick))
		;
}

#define SHORT_LENGTH 8

const char *id_short(const char *id)
{
	size_t n = strlen(id);

	return n > SHORT_LENGTH ? id + n - SHORT_LENGTH : id;
}
