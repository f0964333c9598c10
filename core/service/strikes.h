/*
 * strikes.h - who has shown too many wrong keys or tokens of late
 *
 * Each address has a bucket: so many wrong ones at once, then one more each so often.
 * The table has a fixed size and an answer costs the same however many there are: an
 * address that has been quiet longest makes room, and is then as good as new.
 */
#ifndef SERVICE_STRIKES_H
#define SERVICE_STRIKES_H

#include "base/instant.h"

#define STRIKES_MOST 10
#define STRIKES_EACH_MS ((int64_t)6 * 1000) /* one is forgiven */

struct strikes;
struct strikes *strikes_new(void);
void strikes_free(struct strikes *);

/* From any thread. `who`: an address. Seconds until a wrong one is answered as such again;
 * 0: it is now. now: monotonic. */
unsigned strikes_wait_s(struct strikes *, struct text who, instant now);
void strikes_add(struct strikes *, struct text who, instant now);

#endif
