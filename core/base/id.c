#include "base/id.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

void random_bytes(void *to, size_t n)
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

void id_new(instant now, char out[ID_TEXT])
{
	uint64_t tick = next_tick(now), random;

	random_bytes(&random, sizeof random);
	snprintf(out, ID_TEXT, "%08x-%04x-7%03x-%04x-%012llx", (unsigned)(tick >> 28 & 0xffffffff),
	    (unsigned)(tick >> 12 & 0xffff), (unsigned)(tick & 0xfff),
	    (unsigned)(0x8000 | (random >> 48 & 0x3fff)),
	    (unsigned long long)(random & 0xffffffffffff));
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
