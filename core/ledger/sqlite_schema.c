#include "ledger/sqlite.h"

#include <stdlib.h>
#include <string.h>

/* "CSRT": tells a ledger from any other SQLite file (file(1) shows it, too). */
#define APPLICATION_ID 1129534036

/* The numbers of the states stand in the file and in the partial indexes. */
_Static_assert(STATE_REFUSED == 2 && STATE_CLOSED == 11 && STATE_CANCELLED == 12,
    "a state's number must not change");

/* Rows are found by numbers of our own that grow with time: a random key would
 * dirty a page of its own for each row. What changes often is small; bodies
 * have their own table. `reference` holds the live references only, by hash;
 * the text stands in the request. What is unfinished has small indexes of its
 * own, which a request leaves when it ends: lists of work cost the same however
 * old the ledger is.
 *
 * Incidents are counted with contract.spent, which only grows; an observation
 * remembers how far it was, so that what is left costs the same whether ten
 * tickets or ten thousand were opened. */
static const char version_1[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"

    "CREATE TABLE request (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 12),"
    " created INTEGER NOT NULL, changed INTEGER NOT NULL, due INTEGER,"
    " fence INTEGER NOT NULL DEFAULT 0, owner TEXT, lease INTEGER,"
    " decisions INTEGER NOT NULL DEFAULT 0,"
    " reference TEXT, title TEXT, account TEXT, customer TEXT, portal TEXT, route TEXT, plan TEXT,"
    " contract TEXT, operation TEXT, ticket TEXT, ticket_name TEXT, address TEXT, reason TEXT,"
    " created_by TEXT) STRICT;"
    "CREATE INDEX request_unfinished ON request (state) WHERE state NOT IN (2, 11, 12);"
    "CREATE INDEX request_live ON request (key) WHERE state NOT IN (2, 11, 12);"
    "CREATE INDEX request_due ON request (due) WHERE due IS NOT NULL AND state NOT IN (2, 11, 12);"

    "CREATE TABLE reference (hash INTEGER NOT NULL, request INTEGER NOT NULL REFERENCES request,"
    " PRIMARY KEY (hash, request)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE decision (request INTEGER NOT NULL REFERENCES request, number INTEGER NOT NULL,"
    " at INTEGER NOT NULL, generation TEXT, body TEXT, facts TEXT, decision TEXT,"
    " PRIMARY KEY (request, number)) STRICT;"

    "CREATE TABLE operation (request INTEGER PRIMARY KEY REFERENCES request, kind TEXT NOT NULL,"
    " portal TEXT, hops INTEGER NOT NULL, memory INTEGER NOT NULL, stage INTEGER NOT NULL,"
    " cursor_0 INTEGER NOT NULL, cursor_1 INTEGER NOT NULL, cursor_2 INTEGER NOT NULL, note BLOB,"
    " key TEXT, exchange TEXT, is_sent INTEGER NOT NULL, never_sent_once INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, steps INTEGER NOT NULL, started INTEGER, account TEXT, input TEXT) "
    "STRICT;"

    "CREATE TABLE guide (request INTEGER NOT NULL REFERENCES request, number INTEGER NOT NULL,"
    " at INTEGER NOT NULL, due INTEGER, is_open INTEGER NOT NULL, guide TEXT, answer TEXT,"
    " operation TEXT, PRIMARY KEY (request, number)) STRICT;"

    "CREATE TABLE event (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
    " request INTEGER REFERENCES request, who TEXT, what TEXT NOT NULL, why TEXT,"
    " was INTEGER NOT NULL, became INTEGER NOT NULL, detail TEXT) STRICT;"
    "CREATE INDEX event_of_request ON event (request) WHERE request IS NOT NULL;"
    "CREATE TRIGGER event_stays BEFORE UPDATE ON event"
    " BEGIN SELECT raise(ABORT, 'events are only appended'); END;"
    "CREATE TRIGGER event_remains BEFORE DELETE ON event"
    " BEGIN SELECT raise(ABORT, 'events are only appended'); END;"

    "CREATE TABLE contract (id TEXT PRIMARY KEY, plan TEXT, is_personal INTEGER NOT NULL,"
    " starts INTEGER, ends INTEGER, has_access_id INTEGER NOT NULL, has_contract_id INTEGER NOT "
    "NULL,"
    " masked_access_id TEXT, source TEXT, spent INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE contract_ids (contract TEXT PRIMARY KEY REFERENCES contract, access_id BLOB,"
    " contract_id BLOB, pair BLOB UNIQUE) STRICT;"
    "CREATE TABLE link (contract TEXT NOT NULL REFERENCES contract, account TEXT NOT NULL,"
    " mark INTEGER NOT NULL, source TEXT, at INTEGER NOT NULL,"
    " PRIMARY KEY (contract, account)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE observation (key INTEGER PRIMARY KEY,"
    " contract TEXT NOT NULL REFERENCES contract, remaining INTEGER, starts INTEGER, ends INTEGER,"
    " at INTEGER NOT NULL, portal TEXT, account TEXT, source TEXT,"
    " spent_before INTEGER NOT NULL) STRICT;"
    "CREATE INDEX observation_of_contract ON observation (contract, at);"

    "CREATE TABLE reservation (request INTEGER NOT NULL REFERENCES request,"
    " contract TEXT NOT NULL REFERENCES contract, state INTEGER NOT NULL CHECK (state IN (1, 2, "
    "3)),"
    " changed INTEGER NOT NULL, PRIMARY KEY (request, contract)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX reservation_open ON reservation (contract) WHERE state = 1;"
    "CREATE INDEX reservation_spent ON reservation (contract, changed) WHERE state = 2;"

    "CREATE TABLE benefit (offer TEXT PRIMARY KEY, is_activated INTEGER NOT NULL, account TEXT,"
    " at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE token (credential TEXT PRIMARY KEY, value BLOB NOT NULL, at INTEGER NOT NULL) "
    "STRICT;"
    "CREATE TABLE cache (name TEXT PRIMARY KEY, value TEXT, until INTEGER) STRICT;";

/* Clients choose their keys at random: found by hash, kept in the order they came,
 * so that the oldest are the first rows. */
static const char version_2[] =
    "CREATE TABLE idempotency (number INTEGER PRIMARY KEY, hash INTEGER NOT NULL,"
    " caller TEXT NOT NULL, key TEXT NOT NULL, request INTEGER NOT NULL REFERENCES request,"
    " digest BLOB NOT NULL, at INTEGER NOT NULL) STRICT;"
    "CREATE INDEX idempotency_by_hash ON idempotency (hash);";

/* Callers of the service list their own; the requests of the desk's people are not in it. */
static const char version_3[] = "CREATE INDEX request_of_caller ON request (created_by)"
				" WHERE created_by >= 'caller:' AND created_by < 'caller;';";

/* A decision looks for the few contracts that it can come to (sqlite_choice.c): what it goes
 * by stands with the contract, and with each link of it. */
static const char choice[] =
    "ALTER TABLE contract ADD COLUMN began INTEGER;"
    "ALTER TABLE contract ADD COLUMN until INTEGER NOT NULL DEFAULT 9223372036854775807;"
    "ALTER TABLE contract ADD COLUMN remaining INTEGER;"
    "ALTER TABLE contract ADD COLUMN seen_at INTEGER;"
    "ALTER TABLE contract ADD COLUMN seen_portal TEXT;"
    "ALTER TABLE contract ADD COLUMN has_both INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE contract ADD COLUMN is_live INTEGER"
    " AS (remaining IS NULL OR remaining > 0) VIRTUAL;"
    "ALTER TABLE link ADD COLUMN plan TEXT;"
    "ALTER TABLE link ADD COLUMN until INTEGER;"
    "ALTER TABLE link ADD COLUMN is_live INTEGER;"
    "CREATE INDEX contract_choice ON contract (plan, has_both, is_live, until, id);"
    "CREATE INDEX link_choice ON link (account, plan, mark, is_live, until, contract);"
    "UPDATE contract SET began = coalesce((SELECT starts FROM observation WHERE contract ="
    "  contract.id AND starts IS NOT NULL ORDER BY at DESC, key DESC LIMIT 1), starts),"
    " until = coalesce((SELECT ends FROM observation WHERE contract = contract.id"
    "  AND ends IS NOT NULL ORDER BY at DESC, key DESC LIMIT 1), ends, 9223372036854775807),"
    " has_both = (has_access_id AND has_contract_id) OR EXISTS (SELECT 1 FROM contract_ids"
    "  WHERE contract = contract.id AND access_id NOT NULL AND contract_id NOT NULL),"
    " (remaining, seen_at, seen_portal) = (SELECT CASE o.remaining"
    "  WHEN 9223372036854775807 THEN o.remaining ELSE max(0, o.remaining"
    "   - (contract.spent - o.spent_before) - (SELECT count(*) FROM reservation"
    "    WHERE contract = contract.id AND state = 1)) END, o.at, o.portal FROM observation o"
    "  WHERE o.contract = contract.id AND o.remaining IS NOT NULL"
    "  ORDER BY o.at DESC, o.key DESC LIMIT 1);"
    "UPDATE link SET (plan, until, is_live) = (SELECT plan, until, is_live FROM contract"
    " WHERE id = link.contract);";

/* Events out: how far each webhook has come, and what it did not take at once (state 1 due,
 * 2 dead). No reference to the event: it may be pruned. */
static const char outbox[] =
    "CREATE TABLE webhook (name TEXT PRIMARY KEY, cursor INTEGER NOT NULL, disabled INTEGER,"
    " reason TEXT) STRICT, WITHOUT ROWID;"
    "CREATE TABLE delivery (webhook TEXT NOT NULL, event INTEGER NOT NULL,"
    " state INTEGER NOT NULL CHECK (state IN (1, 2)), tries INTEGER NOT NULL, next INTEGER,"
    " status INTEGER NOT NULL, reason TEXT, PRIMARY KEY (webhook, event)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX delivery_due ON delivery (webhook, next) WHERE state = 1;"
    "CREATE INDEX delivery_dead ON delivery (webhook, event) WHERE state = 2;"
    "INSERT INTO meta (name, value) VALUES ('own_id', lower(hex(randomblob(16))));";

/* Events are chained (sqlite_chain.c), may outlive their request, and may be erased or,
 * from the oldest on, pruned; nothing else. What is kept only for so long is found by when
 * it ended. A guide is due for a reminder as long as it is open. */
static const char events_chained[] =
    "DROP TRIGGER event_stays; DROP TRIGGER event_remains; DROP INDEX event_of_request;"
    "ALTER TABLE event RENAME TO event_before;"
    "CREATE TABLE event (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, request INTEGER,"
    " who TEXT, what TEXT NOT NULL, why TEXT, was INTEGER NOT NULL, became INTEGER NOT NULL,"
    " detail TEXT, salt BLOB, digest BLOB, chain BLOB NOT NULL) STRICT;"
    "CREATE INDEX event_of_request ON event (request) WHERE request IS NOT NULL;"
    "CREATE TRIGGER event_stays BEFORE UPDATE ON event"
    " WHEN old.salt IS NULL OR new.salt IS NOT NULL OR new.digest IS NULL"
    " OR new.who IS NOT NULL OR new.why IS NOT NULL OR new.detail IS NOT NULL"
    " OR (new.sequence, new.at, new.what, new.was, new.became, new.chain)"
    " <> (old.sequence, old.at, old.what, old.was, old.became, old.chain)"
    " OR new.request IS NOT old.request"
    " BEGIN SELECT raise(ABORT, 'events are only appended or erased'); END;"
    "CREATE TRIGGER event_remains BEFORE DELETE ON event"
    " WHEN old.sequence > coalesce((SELECT value FROM meta WHERE name = 'pruned_events'), 0)"
    " BEGIN SELECT raise(ABORT, 'events are only pruned from the oldest on'); END;"

    "ALTER TABLE request ADD COLUMN forgotten INTEGER;"
    "CREATE INDEX request_ended ON request (changed) WHERE state IN (2, 11, 12);"
    "CREATE INDEX request_told ON request (changed)"
    " WHERE state IN (2, 11, 12) AND forgotten IS NULL;"
    "ALTER TABLE contract ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE tally (state INTEGER PRIMARY KEY, requests INTEGER NOT NULL) STRICT;"
    "INSERT INTO tally (state, requests) SELECT state, count(*) FROM request GROUP BY state;"
    "ALTER TABLE guide ADD COLUMN remind INTEGER;"
    "ALTER TABLE guide ADD COLUMN reminded INTEGER NOT NULL DEFAULT 0;"
    "UPDATE guide SET remind = due WHERE is_open;"
    "CREATE INDEX guide_open ON guide (due) WHERE is_open;"
    "CREATE INDEX guide_remind ON guide (remind) WHERE is_open;";

/* A list of three in the condition of an index, or in a CHECK, is a table that SQLite makes anew
 * for each row it writes: fifteen for a request and its ticket. */
static const char without_lists[] =
    "DROP INDEX request_unfinished; DROP INDEX request_live; DROP INDEX request_due;"
    "DROP INDEX request_ended; DROP INDEX request_told;"
    "CREATE INDEX request_unfinished ON request (state) WHERE " IS_UNFINISHED ";"
    "CREATE INDEX request_live ON request (key) WHERE " IS_UNFINISHED ";"
    "CREATE INDEX request_due ON request (due) WHERE due IS NOT NULL AND " IS_UNFINISHED ";"
    "CREATE INDEX request_ended ON request (changed) WHERE " IS_ENDED ";"
    "CREATE INDEX request_told ON request (changed) WHERE " IS_ENDED " AND forgotten IS NULL;"
    "DROP INDEX reservation_open; DROP INDEX reservation_spent;"
    "ALTER TABLE reservation RENAME TO reservation_before;"
    "CREATE TABLE reservation (request INTEGER NOT NULL REFERENCES request,"
    " contract TEXT NOT NULL REFERENCES contract,"
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),"
    " changed INTEGER NOT NULL, PRIMARY KEY (request, contract)) STRICT, WITHOUT ROWID;"
    "INSERT INTO reservation SELECT request, contract, state, changed FROM reservation_before;"
    "DROP TABLE reservation_before;"
    "CREATE INDEX reservation_open ON reservation (contract) WHERE state = 1;"
    "CREATE INDEX reservation_spent ON reservation (contract, changed) WHERE state = 2;";

/* A decision is a row of two to three kilobytes: found by a key made of request and number
 * (sqlite.h), it needs no index beside it. */
static const char decision_by_key[] =
    "ALTER TABLE decision RENAME TO decision_before;"
    "CREATE TABLE decision (key INTEGER PRIMARY KEY, at INTEGER NOT NULL, generation TEXT,"
    " body TEXT, facts TEXT, decision TEXT) STRICT;"
    "INSERT INTO decision SELECT request << 20 | number, at, generation, body, facts, decision"
    " FROM decision_before ORDER BY request, number;"
    "DROP TABLE decision_before;";

/* References that are counted up lie side by side, where hashes of them would each dirty a page of
 * its own; and a row that is its own index entry needs no table beside it. */
static const char reference_in_request[] =
    "ALTER TABLE request ADD COLUMN holds_reference INTEGER NOT NULL DEFAULT 0;"
    "UPDATE request SET holds_reference = 1"
    " WHERE reference IS NOT NULL AND state <> 2 AND state <> 12;"
    "DROP TABLE reference;"
    "CREATE UNIQUE INDEX request_reference ON request (reference) WHERE holds_reference;";

/* A list of all that is unfinished is merged from those of each state (sqlite_read.c). */
static const char without_live[] = "DROP INDEX request_live;";

/* Appended to, never changed: migrations[i] leads from version i to i + 1. `rows`
 * carries over what SQL alone cannot. */
static const struct {
	const char *tables;
	bool (*rows)(struct ledger *, struct failure *);
} migrations[] = {
	{ version_1, NULL },
	{ version_2, NULL },
	{ version_3, NULL },
	{ choice, NULL },
	{ outbox, NULL },
	{ events_chained, chain_begin },
	{ without_lists, NULL },
	{ decision_by_key, NULL },
	{ reference_in_request, NULL },
	{ without_live, NULL },
};

static int schema_version(void)
{
	return (int)(sizeof migrations / sizeof migrations[0]);
}

static bool newer(struct ledger *ledger, struct failure *why, int64_t found)
{
	static const char sql[] = "SELECT value FROM meta WHERE name = 'version'";
	struct arena *arena = arena_new();
	sqlite3_stmt *statement = statement_bind(ledger, NULL, sql, WITH_NOTHING);
	const char *version = NULL;

	if (statement && statement_step(ledger, NULL, statement) == STEP_ROW) {
		version = column_chars(statement, 0, arena);
		sqlite3_reset(statement);
	}
	failure_set(why, FAILURE_CONFIG,
	    "%s: made by version %s of caseroute (tables %lld); this is %s (tables %d). Use that "
	    "version "
	    "or a later one; nothing was changed",
	    ledger->path, version ? version : "unknown", (long long)found, CASEROUTE_VERSION,
	    schema_version());
	arena_free(arena);
	return false;
}

static bool read_marks(struct ledger *ledger, struct failure *why, int64_t *tables,
    int64_t *application, int64_t *version)
{
	return statement_number(
		   ledger, why, "SELECT count(*) FROM sqlite_schema", WITH_NOTHING, 0, tables) &&
	    statement_number(ledger, why, "PRAGMA application_id", WITH_NOTHING, 0, application) &&
	    statement_number(ledger, why, "PRAGMA user_version", WITH_NOTHING, 0, version);
}

/* 0 for a file without tables; refuses what is not ours. All marks are of one moment:
 * another process may be making the tables right now. */
static bool find_version(struct ledger *ledger, struct failure *why, int64_t *version)
{
	bool is_alone = sqlite3_get_autocommit(ledger->db), is_ok;
	int64_t application = 0, tables = 0;

	if (is_alone && !statement_run(ledger, why, "BEGIN", WITH_NOTHING))
		return false;
	is_ok = read_marks(ledger, why, &tables, &application, version);
	if (is_alone)
		statement_run(ledger, NULL, "COMMIT", WITH_NOTHING);
	if (!is_ok || application == APPLICATION_ID ||
	    (tables == 0 && application == 0 && *version == 0))
		return is_ok;
	return failure_set(why, FAILURE_CONFIG,
	    "%s: a database of another program, not a ledger; nothing was changed", ledger->path);
}

static bool execute(struct ledger *ledger, struct failure *why, const char *sql)
{
	return sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	    sqlite_failed(ledger, why, "make the tables");
}

/* Before anything is rewritten: a damaged file must not be made worse. */
static bool check_before(struct ledger *ledger, struct failure *why)
{
	sqlite3_stmt *statement =
	    statement_bind(ledger, why, "PRAGMA quick_check(1)", WITH_NOTHING);
	bool is_ok;

	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	is_ok = text_is(column_bytes(statement, 0), "ok");
	if (!is_ok)
		failure_set(why, FAILURE_IO,
		    "%s: damaged (%s), so its tables are not migrated; restore a backup",
		    ledger->path, (const char *)sqlite3_column_text(statement, 0));
	sqlite3_reset(statement);
	return is_ok;
}

static bool stamp(struct ledger *ledger, struct failure *why)
{
	static const char made[] =
	    "INSERT OR IGNORE INTO meta (name, value) VALUES ('made_by', ?1)";
	static const char sql[] = "INSERT INTO meta (name, value) VALUES (?1, ?2)"
				  " ON CONFLICT (name) DO UPDATE SET value = excluded.value";
	char pragma[64];

	sqlite3_snprintf(sizeof pragma, pragma, "PRAGMA user_version = %d", schema_version());
	return execute(ledger, why, pragma) &&
	    statement_run(ledger, why, made, WITH(of_chars(CASEROUTE_VERSION))) &&
	    statement_run(ledger, why, sql, WITH(of_chars("version"), of_chars(CASEROUTE_VERSION)));
}

static bool migrate_from(struct ledger *ledger, struct failure *why, int64_t version)
{
	char pragma[64];

	sqlite3_snprintf(sizeof pragma, pragma, "PRAGMA application_id = %d", APPLICATION_ID);
	if (version == 0 && !execute(ledger, why, pragma))
		return false;
	for (int64_t i = version; i < schema_version(); i++)
		if (!execute(ledger, why, migrations[i].tables) ||
		    (migrations[i].rows && !migrations[i].rows(ledger, why)))
			return false;
	return stamp(ledger, why);
}

/* Under the ledger's lock and in its transaction; another process may have been
 * here first, so that the version is asked for again. */
static bool migrate(struct ledger *ledger, struct failure *why)
{
	int64_t version;

	if (!transaction_begin(ledger, why))
		return false;
	if (find_version(ledger, why, &version) && check_before(ledger, why) &&
	    (version >= schema_version() || migrate_from(ledger, why, version)))
		return transaction_commit(ledger, why);
	transaction_cancel(ledger);
	return failure_context(why, "migrating to tables %d", schema_version());
}

bool schema_check(struct ledger *ledger, struct failure *why)
{
	int64_t version;

	ledger->newest = schema_version();
	return find_version(ledger, why, &version) &&
	    (version <= schema_version() || newer(ledger, why, version));
}

bool schema_ready(struct ledger *ledger, struct failure *why)
{
	int64_t version;

	if (!find_version(ledger, why, &version))
		return false;
	if (version == schema_version())
		return true;
	if (ledger->mode == LEDGER_READ)
		return failure_set(why, FAILURE_CONFIG,
		    version ? "%s: made by an older version; a command that writes migrates it"
			    : "%s: an empty ledger; a command that writes makes its tables",
		    ledger->path);
	return migrate(ledger, why);
}
