#include "portal/timing.h"
#include "base/memory.h"
#include "base/text.h"

#include <pthread.h>
#include <stdatomic.h>

#define MOST 64

const unsigned timing_bounds_ms[TIMING_BUCKETS] = { 25, 100, 250, 500, 1000, 2500, 5000, 10000,
	30000 };

struct series {
	const char *portal;
	atomic_ullong by_class[6], in_bucket[TIMING_BUCKETS], count, sum_ms;
};

/* Names are only added, under the lock; the numbers need none. */
static struct series all[MOST + 1] = { [MOST] = { .portal = "others" } };
static atomic_size_t n_all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct series *find(const char *portal, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_same(all[i].portal, portal))
			return &all[i];
	return NULL;
}

static struct series *add(const char *portal)
{
	struct series *series;
	size_t n;

	pthread_mutex_lock(&lock);
	n = atomic_load(&n_all);
	series = find(portal, n);
	if (!series && n < MOST) {
		series = &all[n];
		series->portal = memory_copy_text(portal);
		atomic_store(&n_all, n + 1);
	}
	pthread_mutex_unlock(&lock);
	return series ? series : &all[MOST];
}

void timing_add(const char *portal, unsigned status, int64_t ms)
{
	struct series *series = find(portal, atomic_load(&n_all));
	unsigned class = status >= 100 && status < 600 ? status / 100 : 0;

	if (!series)
		series = add(portal);
	atomic_fetch_add(&series->by_class[class], 1);
	for (size_t i = 0; i < TIMING_BUCKETS; i++)
		if (ms <= timing_bounds_ms[i]) {
			atomic_fetch_add(&series->in_bucket[i], 1);
			break;
		}
	atomic_fetch_add(&series->sum_ms, (unsigned long long)(ms > 0 ? ms : 0));
	atomic_fetch_add(&series->count, 1);
}

bool timing_at(size_t n, struct timing *timing)
{
	size_t named = atomic_load(&n_all);
	struct series *series = n < named ? &all[n] : &all[MOST];
	uint64_t within = 0;

	*timing = (struct timing){ .portal = series->portal };
	if (n > named || (n == named && !atomic_load(&series->count)))
		return false;
	for (size_t i = 0; i < 6; i++)
		timing->by_class[i] = atomic_load(&series->by_class[i]);
	for (size_t i = 0; i < TIMING_BUCKETS; i++)
		timing->within[i] = within += atomic_load(&series->in_bucket[i]);
	timing->count = atomic_load(&series->count);
	timing->sum_ms = atomic_load(&series->sum_ms);
	return true;
}
