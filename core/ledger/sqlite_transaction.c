#include "ledger/sqlite.h"
#include "ledger/faultpoint.h"
#include "ledger/lock.h"

#include <stdlib.h>
#include <string.h>

/* The log is copied into the file once it has so many pages (4 MiB), and waited
 * for when readers have kept it from beginning anew for so long (64 MiB). */
#define CHECKPOINT_PAGES 500
#define LOG_PAGES 8000

/* A newer program may have migrated the file since it was opened. */
static bool same_version(struct ledger *ledger, struct failure *why)
{
	int64_t version;

	if (!statement_number(ledger, why, "PRAGMA user_version", WITH_NOTHING, 0, &version))
		return false;
	return version <= ledger->newest ||
	    failure_set(why, FAILURE_CONFIG,
		"%s: was migrated by a newer version of caseroute meanwhile; start that one",
		ledger->path);
}

void ledger_look(struct ledger *ledger)
{
	ledger->is_looking = sqlite3_get_autocommit(ledger->db) &&
	    statement_run(ledger, NULL, "BEGIN", WITH_NOTHING);
}

void ledger_look_away(struct ledger *ledger)
{
	if (ledger->is_looking)
		statement_run(ledger, NULL, "COMMIT", WITH_NOTHING);
	ledger->is_looking = false;
}

/* What a transaction knows of itself. */
static void begin_anew(struct ledger *ledger)
{
	ledger->knows_last = false;
	memset(ledger->tally, 0, sizeof ledger->tally);
}

bool transaction_begin(struct ledger *ledger, struct failure *why)
{
	ledger_look_away(ledger);
	if (ledger->mode == LEDGER_READ)
		return failure_set(
		    why, FAILURE_INTERNAL, "%s: is open for reading only", ledger->path);
	if (!lock_take(ledger->lock, ledger->path, why))
		return false;
	begin_anew(ledger);
	if (statement_run(ledger, why, "BEGIN IMMEDIATE", WITH_NOTHING) &&
	    same_version(ledger, why))
		return true;
	transaction_cancel(ledger);
	return false;
}

bool transaction_restart(struct ledger *ledger, struct failure *why)
{
	begin_anew(ledger);
	return statement_run(ledger, why, "ROLLBACK", WITH_NOTHING) &&
	    statement_run(ledger, why, "BEGIN IMMEDIATE", WITH_NOTHING);
}

void transaction_cancel(struct ledger *ledger)
{
	/* After a full disk SQLite has rolled back by itself. */
	if (!sqlite3_get_autocommit(ledger->db))
		statement_run(ledger, NULL, "ROLLBACK", WITH_NOTHING);
	lock_give(ledger->lock);
}

/* Only here, under the lock, between commits. What fails is tried again after
 * the next commit, and the commit itself is safe in the log. */
static void checkpoint(struct ledger *ledger)
{
	int mode =
	    ledger->wal_pages > LOG_PAGES ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;

	if (ledger->wal_pages < CHECKPOINT_PAGES)
		return;
	faultpoint("checkpoint");
	sqlite3_busy_timeout(ledger->db, 100); /* for readers of an old state: not worth more */
	sqlite3_wal_checkpoint_v2(ledger->db, NULL, mode, NULL, NULL);
	sqlite3_busy_timeout(ledger->db, lock_wait_ms);
	faultpoint("checkpointed");
}

bool transaction_commit(struct ledger *ledger, struct failure *why)
{
	faultpoint("commit");
	if (!statement_run(ledger, why, "COMMIT", WITH_NOTHING)) {
		transaction_cancel(ledger);
		return false;
	}
	faultpoint("committed");
	checkpoint(ledger);
	lock_give(ledger->lock);
	return true;
}
