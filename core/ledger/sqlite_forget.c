/* A person's data leave the ledger; the books stay. */
#include "ledger/sqlite.h"
#include "ledger/lock.h"

/* ---- one request ------------------------------------------------------------------------- */

/* What stays: id, state, instants, kind of work and where it went, contract, ticket number. */
bool request_forget(struct ledger *ledger, int64_t key, instant now, struct failure *why)
{
	static const char columns[] =
	    "UPDATE request SET reference = NULL, holds_reference = 0, title = NULL, account = "
	    "NULL, customer = NULL,"
	    " ticket_name = NULL, address = NULL, created_by = NULL, owner = NULL, lease = NULL,"
	    " reason = 'what it held of people was erased', decisions = 0, forgotten = ?2"
	    " WHERE key = ?1";
	static const char *const rows[] = {
		"DELETE FROM decision WHERE " DECISIONS_OF("?1"),
		"DELETE FROM operation WHERE request = ?1",
		"DELETE FROM guide WHERE request = ?1",
	};

	if (!statement_run(ledger, why, columns, WITH(of_number(key), of_number(now))))
		return false;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!statement_run(ledger, why, rows[i], WITH(of_number(key))))
			return false;
	return events_erase(ledger, key, why);
}

/* Its clients' keys, too: as many as there are, for they hold who asked and what. */
bool forget_write(struct work *work, struct ledger_row *row)
{
	static const char keys[] = "DELETE FROM idempotency WHERE request = ?1";

	(void)row;
	if (!state_is_final(work->state) || work->change->state != STATE_NONE)
		return work_result(work, LEDGER_STALE);
	work->reference = NULL;
	work->holds_reference = false;
	work->decisions = 0; /* written when the change ends, too */
	return request_forget(work->ledger, work->key, work->now, work->why) &&
	    statement_run(work->ledger, work->why, keys, WITH(of_number(work->key)));
}

/* ---- whom it concerns --------------------------------------------------------------------- */

static void fill_id(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(const char **)row = column_chars(statement, 0, arena);
}

static bool list_ids(struct ledger *ledger, const char *sql, const char *text, struct arena *arena,
    const char *const **ids, size_t *n, struct failure *why)
{
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(text)));

	return statement_list(ledger, why, statement, arena, fill_id, sizeof **ids, ids, n);
}

#define HOLDS(column) "instr(lower(" column "), lower(?1)) > 0"

/* Wherever it stands; nobody looks for it but when a person asks to be forgotten. */
bool ledger_mentions(struct ledger *ledger, const char *text, struct arena *arena,
    const char *const **ids, size_t *n, struct failure *why)
{
	/* clang-format off */
	static const char sql[] =
	    "SELECT id FROM request r WHERE " HOLDS("title") " OR " HOLDS("reference")
	    " OR " HOLDS("reason") " OR " HOLDS("customer")
	    " OR EXISTS (SELECT 1 FROM decision WHERE " DECISIONS_OF("r.key")
	    " AND (" HOLDS("body") " OR " HOLDS("facts") "))"
	    " OR EXISTS (SELECT 1 FROM guide WHERE request = r.key"
	    " AND (" HOLDS("guide") " OR " HOLDS("answer") "))"
	    " OR EXISTS (SELECT 1 FROM event WHERE request = r.key"
	    " AND (" HOLDS("why") " OR " HOLDS("detail") "))"
	    " OR EXISTS (SELECT 1 FROM operation WHERE request = r.key AND " HOLDS("input") ")"
	    " ORDER BY key";
	/* clang-format on */

	return list_ids(ledger, sql, text, arena, ids, n, why);
}

bool ledger_of_customer(struct ledger *ledger, const char *customer, struct arena *arena,
    const char *const **ids, size_t *n, struct failure *why)
{
	static const char sql[] = "SELECT id FROM request WHERE customer = ?1 ORDER BY key";

	return list_ids(ledger, sql, customer, arena, ids, n, why);
}

/* ---- the bytes ----------------------------------------------------------------------------- */

/* What was deleted may still lie in pages that are free or were split, and in the log. A
 * new file has none of it. Under the lock, because nobody may commit between the copy and
 * the checkpoint that empties the log. */
static bool rewrite(struct ledger *ledger, struct failure *why)
{
	int in_log = 0, done = 0;

	if (sqlite3_exec(ledger->db, "PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY",
		NULL, NULL, NULL) != SQLITE_OK)
		return sqlite_failed(ledger, why, "write it anew");
	if (sqlite3_wal_checkpoint_v2(
		ledger->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &in_log, &done) == SQLITE_OK)
		return true;
	return failure_set(why, FAILURE_TRY_LATER,
	    "%s: was written anew, but somebody reads an older state of it, so that its log still "
	    "holds that; run 'caseroute ledger compact' again",
	    ledger->path);
}

bool ledger_compact(struct ledger *ledger, struct failure *why)
{
	bool is_ok;

	if (!lock_take(ledger->lock, ledger->path, why))
		return false;
	statements_free(ledger); /* an open one would keep VACUUM from beginning */
	is_ok = rewrite(ledger, why);
	lock_give(ledger->lock);
	return is_ok;
}
