/* Clients' keys: what a repeated request is known by, for two days. */
#include "ledger/sqlite.h"

#include <sodium.h>
#include <string.h>

/* More than the one that is added, so that old ones never gather; few, so that no
 * commit pays for a day's worth of them. */
#define FORGOTTEN_AT_ONCE "16"

/* A key cannot hold a line's end. Not secret and not trusted: the texts are compared as well. */
static int64_t hash_of(const char *caller, const char *key, struct arena *arena)
{
	const char *text = arena_format(arena, "%s\n%s", caller, key);
	unsigned char hash[crypto_generichash_BYTES_MIN];
	int64_t number;

	crypto_generichash(hash, sizeof hash, (const unsigned char *)text, strlen(text), NULL, 0);
	memcpy(&number, hash, sizeof number);
	return number;
}

static void fill_idempotency(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	struct idempotency_row *r = row;
	struct text id = column_bytes(statement, 0);

	memcpy(r->request, id.p, id.n < sizeof r->request ? id.n : sizeof r->request - 1);
	r->digest = column_text(statement, 1, arena);
}

bool ledger_idempotency(struct ledger *ledger, const char *caller, const char *key, instant now,
    struct arena *arena, struct idempotency_row *row, struct failure *why)
{
	static const char sql[] =
	    "SELECT r.id, i.digest FROM idempotency i JOIN request r ON r.key = i.request"
	    " WHERE i.hash = ?1 AND i.caller = ?2 AND i.key = ?3 AND i.at > ?4";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql,
	    WITH(of_number(hash_of(caller, key, arena)), of_chars(caller), of_chars(key),
		of_number(now - LEDGER_KEY_MS)));

	*row = (struct idempotency_row){ .caller = caller, .key = key };
	return statement_one(ledger, why, statement, arena, fill_idempotency, row);
}

static bool forget_old(struct work *work)
{
	static const char sql[] =
	    "DELETE FROM idempotency WHERE number IN (SELECT number FROM (SELECT number, at"
	    " FROM idempotency ORDER BY number LIMIT " FORGOTTEN_AT_ONCE ") WHERE at <= ?1)";

	return statement_run(
	    work->ledger, work->why, sql, WITH(of_number(work->now - LEDGER_KEY_MS)));
}

static bool insert(struct work *work, const struct idempotency_row *row)
{
	static const char sql[] = "INSERT INTO idempotency (hash, caller, key, request, digest, at)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

	return statement_run(work->ledger, work->why, sql,
	    WITH(of_number(hash_of(row->caller, row->key, work->ledger->scratch)),
		of_chars(row->caller), of_chars(row->key), of_number(work->key),
		of_bytes(row->digest.p, row->digest.n), of_number(work->now)));
}

bool idempotency_write(struct work *work, struct ledger_row *row)
{
	const struct idempotency_row *new = &row->idempotency;
	struct idempotency_row old;
	struct failure failed = { 0 };

	if (ledger_idempotency(work->ledger, new->caller, new->key, work->now,
		work->ledger->scratch, &old, &failed)) {
		memcpy(work->change->conflict, old.request, sizeof old.request);
		return work_result(work, LEDGER_EXISTS);
	}
	if (failed.kind != FAILURE_NONE)
		return failure_set(work->why, failed.kind, "%s", failed.text);
	return forget_old(work) && insert(work, new);
}
