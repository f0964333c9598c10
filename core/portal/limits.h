/*
 * limits.h - what may go to one portal at a time
 */
#ifndef PORTAL_LIMITS_H
#define PORTAL_LIMITS_H

#include <stdint.h>

/* What whoever sends many exchanges at once keeps to (engine/gate.h); portal_send() does not. */
struct portal_limits {
	unsigned concurrency;   /* under way at one time */
	unsigned rate;          /* begun in a second; 0: no limit */
	unsigned retry_percent; /* further tries for 100 exchanges */
	unsigned failures;      /* in a row, then a pause; 0: never */
	int64_t pause_ms;
};

#endif
