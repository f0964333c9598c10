/*
 * timing.h - how portals answer: counted since the process began, from any thread
 */
#ifndef PORTAL_TIMING_H
#define PORTAL_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMING_BUCKETS 9
extern const unsigned timing_bounds_ms[TIMING_BUCKETS]; /* rising; what is longer has no bucket */

/* One exchange: status 0 where there was no whole reply. More than 64 portals (over all
 * configurations that were in force) are counted as one, "others". */
void timing_add(const char *portal, unsigned status, int64_t ms);

struct timing {
	const char *portal;              /* lives as long as the process */
	uint64_t by_class[6];            /* [0] no reply, [2] 2xx ... */
	uint64_t within[TIMING_BUCKETS]; /* not longer than the bound; each holds those before it */
	uint64_t count, sum_ms;
};
bool timing_at(size_t n, struct timing *); /* false beyond the last */

#endif
