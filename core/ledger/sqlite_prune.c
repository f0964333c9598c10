/* What is kept only for so long: a little at a time, so that nobody waits for it. */
#include "ledger/sqlite.h"

#include <stdlib.h>

struct pruning {
	struct ledger *ledger;
	struct failure *why;
	instant now;
	int64_t most; /* of each kind, in one commit */
};

static bool run(const struct pruning *p, const char *sql, struct value first, struct value second)
{
	return statement_run(p->ledger, p->why, sql, WITH(first, second));
}

static size_t changed(const struct pruning *p)
{
	return (size_t)sqlite3_changes(p->ledger->db);
}

/* ---- requests ------------------------------------------------------------------------------ */

static void fill_key(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	(void)arena;
	*(int64_t *)row = column_number(statement, 0);
}

/* Runs `each` for the requests that the statement finds ended before `until`. */
static bool each_request(const struct pruning *p, const char *sql, instant until,
    bool (*each)(const struct pruning *, int64_t key), size_t *count)
{
	struct arena *arena = arena_new();
	sqlite3_stmt *statement =
	    statement_bind(p->ledger, p->why, sql, WITH(of_number(until), of_number(p->most)));
	int64_t *keys;
	bool is_ok = statement_list(
	    p->ledger, p->why, statement, arena, fill_key, sizeof *keys, &keys, count);

	for (size_t i = 0; is_ok && i < *count; i++)
		is_ok = each(p, keys[i]);
	arena_free(arena);
	return is_ok;
}

static bool forget(const struct pruning *p, int64_t key)
{
	return request_forget(p->ledger, key, p->now, p->why);
}

/* The contract remembers what the request has spent. Foreign keys are off: each other
 * table would be searched for the key, which no index of theirs begins with. */
static bool erase(const struct pruning *p, int64_t key)
{
	static const char *const statements[] = {
		"UPDATE contract SET pruned = pruned + 1 WHERE id IN"
		" (SELECT contract FROM reservation WHERE request = ?1 AND state = 2)",
		"DELETE FROM reservation WHERE request = ?1",
		"UPDATE tally SET requests = requests - 1 WHERE state ="
		" (SELECT state FROM request WHERE key = ?1)",
		"DELETE FROM request WHERE key = ?1",
	};

	if (!forget(p, key))
		return false;
	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		if (!statement_run(p->ledger, p->why, statements[i], WITH(of_number(key))))
			return false;
	return true;
}

/* The newest stays, whatever its age: its number must not be given out again. Clients' keys
 * that name a request are younger than any that ended so long ago. */
static bool prune_requests(
    const struct pruning *p, const struct ledger_retention *keep, struct ledger_pruned *done)
{
	static const char texts[] = "SELECT key FROM request WHERE " IS_ENDED
				    " AND forgotten IS NULL AND changed < ?1 LIMIT ?2";
	static const char whole[] = "SELECT key FROM request WHERE " IS_ENDED " AND changed < ?1"
				    " AND key < (SELECT max(key) FROM request) LIMIT ?2";
	int64_t requests_ms = keep->requests_ms && keep->requests_ms < LEDGER_LEAST_MS
	    ? LEDGER_LEAST_MS
	    : keep->requests_ms;

	return (!keep->texts_ms ||
		   each_request(p, texts, p->now - keep->texts_ms, forget, &done->texts)) &&
	    (!requests_ms || each_request(p, whole, p->now - requests_ms, erase, &done->requests));
}

/* ---- events ---------------------------------------------------------------------------------- */

/* The last of the oldest that are all older than ?1 and not needed any more: what was told
 * about unfinished work is read again when it is decided anew. The newest event stays. */
static bool last_to_prune(const struct pruning *p, instant until, int64_t *sequence)
{
	static const char sql[] =
	    "SELECT coalesce((SELECT min(o.sequence) - 1 FROM"
	    " (SELECT sequence, at, request FROM event ORDER BY sequence LIMIT ?2) o"
	    " LEFT JOIN request r ON r.key = o.request"
	    " WHERE o.at >= ?1 OR r.state NOT IN (2, 10, 11, 12)"
	    " OR o.sequence = (SELECT max(sequence) FROM event)),"
	    " (SELECT max(sequence) FROM (SELECT sequence FROM event ORDER BY sequence LIMIT ?2)))";

	return statement_number(
	    p->ledger, p->why, sql, WITH(of_number(until), of_number(p->most)), 0, sequence);
}

/* The chain goes on from where it was cut. */
static bool cut(const struct pruning *p, int64_t sequence)
{
	static const char *const statements[] = {
		"INSERT INTO meta (name, value) VALUES ('pruned_events', ?1)"
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		"INSERT INTO meta (name, value)"
		" SELECT 'pruned_chain', chain FROM event WHERE sequence = ?1"
		" ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		"DELETE FROM event WHERE sequence <= ?1",
	};

	for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
		if (!statement_run(p->ledger, p->why, statements[i], WITH(of_number(sequence))))
			return false;
	return true;
}

static bool prune_events(
    const struct pruning *p, const struct ledger_retention *keep, struct ledger_pruned *done)
{
	static const char first[] = "SELECT min(sequence) FROM event";
	int64_t before = 0, last = 0;

	if (!keep->events_ms)
		return true;
	if (!statement_number(p->ledger, p->why, first, WITH_NOTHING, 0, &before) ||
	    !last_to_prune(p, p->now - keep->events_ms, &last))
		return false;
	if (last < before)
		return true;
	done->events = (size_t)(last - before + 1);
	return cut(p, last);
}

/* ---- what has an end of its own
 * ------------------------------------------------------------------ */

static bool prune_expired(const struct pruning *p, struct ledger_pruned *done)
{
	static const char keys[] =
	    "DELETE FROM idempotency WHERE number IN (SELECT number FROM (SELECT number, at"
	    " FROM idempotency ORDER BY number LIMIT ?2) WHERE at <= ?1)";
	static const char cache[] = "DELETE FROM cache WHERE name IN"
				    " (SELECT name FROM cache WHERE until <= ?1 LIMIT ?2)";

	if (!run(p, keys, of_number(p->now - LEDGER_KEY_MS), of_number(p->most)))
		return false;
	done->keys = changed(p);
	if (!run(p, cache, of_number(p->now), of_number(p->most)))
		return false;
	done->cached = changed(p);
	return true;
}

/* ---- one round
 * ------------------------------------------------------------------------------------ */

/* Who took them out, and how many, is itself an event. */
static bool tell(const struct pruning *p, const char *who, const struct ledger_pruned *done)
{
	struct ledger_change change = { .event = { .who = who,
					    .what = "pruned",
					    .why = "kept for as long as [retention] says" } };
	struct work work = { .ledger = p->ledger, .why = p->why, .now = p->now, .change = &change };
	struct buffer detail = { 0 };
	bool is_ok;

	if (done->texts + done->requests + done->events == 0)
		return true;
	buffer_format(&detail, "{\"texts\":%zu,\"requests\":%zu,\"events\":%zu}", done->texts,
	    done->requests, done->events);
	change.event.detail = buffer_as_text(&detail);
	is_ok = event_write(&work);
	buffer_free(&detail);
	return is_ok;
}

static bool prune_all(const struct pruning *p, const struct ledger_retention *keep, const char *who,
    struct ledger_pruned *done)
{
	return prune_expired(p, done) && prune_requests(p, keep, done) &&
	    prune_events(p, keep, done) && tell(p, who, done);
}

static bool foreign_keys(struct ledger *ledger, bool on, struct failure *why)
{
	return sqlite3_exec(ledger->db,
		   on ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF", NULL, NULL,
		   NULL) == SQLITE_OK ||
	    sqlite_failed(ledger, why, "set up the connection");
}

bool ledger_prune(struct ledger *ledger, const struct ledger_retention *keep, const char *who,
    instant now, size_t most, struct ledger_pruned *done, struct failure *why)
{
	struct pruning p = { ledger, why, now, (int64_t)most };
	bool is_ok;

	*done = (struct ledger_pruned){ 0 };
	if (!foreign_keys(ledger, false, why))
		return false;
	is_ok = transaction_begin(ledger, why);
	if (is_ok && !prune_all(&p, keep, who, done)) {
		transaction_cancel(ledger);
		is_ok = false;
	}
	is_ok = is_ok && transaction_commit(ledger, why);
	return foreign_keys(ledger, true, why) && is_ok;
}

/* ---- what would go
 * ---------------------------------------------------------------------------------- */

static bool count(struct ledger *ledger, const char *sql, int64_t keep_ms, instant now, size_t *n,
    struct failure *why)
{
	int64_t found = 0;

	if (keep_ms &&
	    !statement_number(ledger, why, sql, WITH(of_number(now - keep_ms)), 0, &found))
		return false;
	*n = (size_t)found;
	return true;
}

bool ledger_prunable(struct ledger *ledger, const struct ledger_retention *keep, instant now,
    struct ledger_pruned *would, struct failure *why)
{
	static const char texts[] = "SELECT count(*) FROM request WHERE " IS_ENDED
				    " AND forgotten IS NULL AND changed < ?1";
	static const char requests[] = "SELECT count(*) FROM request WHERE " IS_ENDED
				       " AND changed < ?1 AND key < (SELECT max(key) FROM request)";
	static const char events[] = "SELECT count(*) FROM event WHERE at < ?1";

	*would = (struct ledger_pruned){ 0 };
	return count(ledger, texts, keep->texts_ms, now, &would->texts, why) &&
	    count(ledger, requests, keep->requests_ms, now, &would->requests, why) &&
	    count(ledger, events, keep->events_ms, now, &would->events, why);
}
