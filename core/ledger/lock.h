/*
 * lock.h - one process changes the ledger at a time
 *
 * An advisory lock on a file beside the ledger, held for one commit or
 * checkpoint. It is what keeps two checkpoints, or a checkpoint and a commit,
 * from meeting (SQLite's WAL-reset race), and it queues the command line's
 * processes where SQLite alone would only tell them "busy".
 */
#ifndef LEDGER_LOCK_H
#define LEDGER_LOCK_H

#include "base/failure.h"

extern int lock_wait_ms; /* 10 seconds; tests shorten it */

/* Opens LEDGER.lock, made if missing (0600). -1 on failure. */
int lock_open(const char *ledger, struct failure *);
/* FAILURE_TRY_LATER after lock_wait_ms. */
bool lock_take(int fd, const char *ledger, struct failure *);
void lock_give(int fd);

#endif
