/*
 * instant.h - points in time and lengths of time
 *
 * An instant is milliseconds since 1970-01-01T00:00:00Z (no leap seconds), in
 * every room; only the plugin ABI counts seconds.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include <stdint.h>
#include "base/text.h"

typedef int64_t instant;

#define INSTANT_UNKNOWN INT64_MIN
#define INSTANT_SECOND ((instant)1000)
#define INSTANT_DAY ((instant)86400000)

instant instant_now(void); /* wall clock */
/* For tests: the wall clock stands still at that time (RFC 3339); any other text lets it go on.
 * Before there are threads. */
void instant_pin(struct text when);
int64_t instant_monotonic(void); /* milliseconds, for waits only */

/* RFC 3339 with any offset, years 1970 to 9999; fractions are kept to the ms. */
bool instant_read(struct text, instant *);
/* RFC 3339 or a plain date, which is its first millisecond. */
bool instant_read_date(struct text, instant *);
/* As above; a plain date is its last millisecond (O2: usable through that day). */
bool instant_read_end(struct text, instant *);

#define INSTANT_TEXT 32
const char *instant_write(instant, char out[INSTANT_TEXT]);      /* 2026-11-24T05:56:14Z */
const char *instant_write_date(instant, char out[INSTANT_TEXT]); /* 2026-11-24 */

/* "90s", "5m", "2h", "3d", "250ms"; no sign, no blanks. Milliseconds. */
bool duration_read(struct text, int64_t *ms);
/* "2 days", "3 hours", "moments": for people, before "ago". */
const char *duration_words(int64_t ms, char out[INSTANT_TEXT]);

#endif
