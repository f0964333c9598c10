#include "ledger/sqlite.h"

#include <stdio.h>

enum reservation_state { RESERVED = 1, SPENT = 2, RELEASED = 3 };

/* ---- what is left ---------------------------------------------------------------- */

/* What was observed, less what is reserved, less what was spent since. The
 * portal's own count knows nothing of reservations. */
static const char balance_sql[] =
    "SELECT o.remaining, o.at, o.portal, c.spent - o.spent_before, c.spent,"
    " (SELECT count(*) FROM reservation WHERE contract = c.id AND state = 1)"
    " FROM contract c LEFT JOIN observation o ON o.key ="
    " (SELECT key FROM observation WHERE contract = c.id AND remaining IS NOT NULL"
    "  ORDER BY at DESC, key DESC LIMIT 1) WHERE c.id = ?1";

static void fill_balance(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	struct balance *b = row;

	*b = (struct balance){ .remaining = INT64_MIN,
		.observed = INT64_MIN,
		.observed_at = column_instant(statement, 1),
		.portal = column_chars(statement, 2, arena),
		.spent_since = column_number(statement, 3),
		.spent_ever = column_number(statement, 4),
		.reserved = column_number(statement, 5) };
	if (sqlite3_column_type(statement, 0) == SQLITE_NULL)
		return;
	b->observed = b->remaining = column_number(statement, 0);
	if (b->observed == INT64_MAX)
		return;
	b->remaining -= b->reserved + b->spent_since;
	if (b->remaining < 0)
		b->remaining = 0;
}

bool ledger_balance(struct ledger *ledger, const char *contract, struct arena *arena,
    struct balance *balance, struct failure *why)
{
	sqlite3_stmt *statement =
	    statement_bind(ledger, why, balance_sql, WITH(of_chars(contract)));

	return statement_one(ledger, why, statement, arena, fill_balance, balance);
}

static void fill_plan(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	struct plan_balance *r = row;

	(void)arena;
	snprintf(r->plan, sizeof r->plan, "%.*s", TEXT_ARGS(column_bytes(statement, 0)));
	r->contracts = column_number(statement, 1);
	r->remaining = column_number(statement, 2);
	r->reserved = column_number(statement, 3);
}

bool ledger_by_plan(struct ledger *ledger, instant now, struct arena *arena,
    struct plan_balance **rows, size_t *n, struct failure *why)
{
	static const char sql[] =
	    "SELECT plan, count(*), sum(remaining), sum((SELECT count(*) FROM reservation"
	    " WHERE contract = c.id AND state = 1)) FROM (SELECT * FROM contract LIMIT 10000) c"
	    " WHERE plan IS NOT NULL AND until >= ?1 AND remaining < 9223372036854775807"
	    " GROUP BY plan";

	return statement_list(ledger, why, statement_bind(ledger, why, sql, WITH(of_number(now))),
	    arena, fill_plan, sizeof **rows, rows, n);
}

/* Unlimited or never seen: the portal decides. */
static bool check_balance(struct work *work, const char *contract)
{
	sqlite3_stmt *statement =
	    statement_bind(work->ledger, work->why, balance_sql, WITH(of_chars(contract)));
	struct balance balance;

	if (!statement_one(
		work->ledger, work->why, statement, work->ledger->scratch, fill_balance, &balance))
		return false;
	return balance.remaining == INT64_MIN || balance.remaining > 0 ||
	    work_result(work, LEDGER_SPENT);
}

/* ---- reservations ------------------------------------------------------------------ */

static bool reservation_of(struct work *work, const char *contract, int64_t *state)
{
	static const char sql[] =
	    "SELECT state FROM reservation WHERE request = ?1 AND contract = ?2";

	return statement_number(
	    work->ledger, work->why, sql, WITH(of_number(work->key), of_chars(contract)), 0, state);
}

static bool reservation_set(struct work *work, const char *contract, enum reservation_state state)
{
	static const char sql[] =
	    "INSERT INTO reservation (request, contract, state, changed) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (request, contract) DO UPDATE SET state = excluded.state,"
	    " changed = excluded.changed";

	return statement_run(work->ledger, work->why, sql,
	    WITH(of_number(work->key), of_chars(contract), of_number(state), of_number(work->now)));
}

/* One ticket uses one incident: what the request holds of other contracts ends. */
static bool release_others(struct work *work, const char *contract)
{
	static const char sql[] = "UPDATE reservation SET state = 3, changed = ?3"
				  " WHERE request = ?1 AND contract IS NOT ?2 AND state = 1";

	return statement_run(work->ledger, work->why, sql,
	    WITH(of_number(work->key), of_chars(contract), of_number(work->now)));
}

bool release_all(struct work *work)
{
	return release_others(work, NULL);
}

static bool spent_elsewhere(struct work *work, const char *contract, int64_t *count)
{
	static const char sql[] = "SELECT count(*) FROM reservation"
				  " WHERE request = ?1 AND contract <> ?2 AND state = 2";

	return statement_number(
	    work->ledger, work->why, sql, WITH(of_number(work->key), of_chars(contract)), 0, count);
}

/* What the rows below ask first: the contract, and what the request has of it. */
static bool look(struct work *work, const char *contract, int64_t *state)
{
	bool exists = false;

	if (!contract_exists(work, contract, &exists))
		return false;
	return exists ? reservation_of(work, contract, state) : work_result(work, LEDGER_MISSING);
}

bool reserve_write(struct work *work, struct ledger_row *row)
{
	int64_t state = 0, elsewhere = 0;

	if (!look(work, row->contract, &state) || !spent_elsewhere(work, row->contract, &elsewhere))
		return false;
	if (work->change->result != LEDGER_DONE || state == RESERVED || state == SPENT)
		return true;
	if (elsewhere)
		return work_result(work, LEDGER_STALE);
	if (!check_balance(work, row->contract))
		return false;
	return work->change->result != LEDGER_DONE ||
	    (reservation_set(work, row->contract, RESERVED) && release_others(work, row->contract));
}

/* Without a reservation, too: the portal has opened a ticket, and the books
 * follow what happened. */
bool spend_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] = "UPDATE contract SET spent = spent + 1 WHERE id = ?1";
	int64_t state = 0, elsewhere = 0;

	if (!look(work, row->contract, &state) || !spent_elsewhere(work, row->contract, &elsewhere))
		return false;
	if (work->change->result != LEDGER_DONE || state == SPENT)
		return true;
	if (elsewhere)
		return work_result(work, LEDGER_STALE);
	return reservation_set(work, row->contract, SPENT) && release_others(work, row->contract) &&
	    statement_run(work->ledger, work->why, sql, WITH(of_chars(row->contract)));
}

bool release_write(struct work *work, struct ledger_row *row)
{
	int64_t state = 0;

	if (!row->contract)
		return release_all(work);
	if (!look(work, row->contract, &state))
		return false;
	return work->change->result != LEDGER_DONE || state != RESERVED ||
	    reservation_set(work, row->contract, RELEASED);
}

/* ---- observations ------------------------------------------------------------------- */

/* How far the count of spent incidents was when it was seen. An observation may
 * be told later than it was made; tickets opened in between are not in it. */
static bool spent_before(struct work *work, const char *contract, instant at, int64_t *count)
{
	static const char sql[] =
	    "SELECT spent - (SELECT count(*) FROM reservation WHERE contract = ?1 AND state = 2"
	    " AND changed > ?2) FROM contract WHERE id = ?1";

	return statement_number(
	    work->ledger, work->why, sql, WITH(of_chars(contract), of_number(at)), 0, count);
}

bool observation_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] =
	    "INSERT INTO observation"
	    " (contract, remaining, starts, ends, at, portal, account, source, spent_before)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
	const struct observation_row *o = &row->observation;
	instant at = instant_is_known(o->at) ? o->at : work->now;
	int64_t before;
	bool exists;

	if (!contract_exists(work, o->contract, &exists))
		return false;
	if (!exists)
		return work_result(work, LEDGER_MISSING);
	return spent_before(work, o->contract, at, &before) &&
	    statement_run(work->ledger, work->why, sql,
		WITH(of_chars(o->contract),
		    o->remaining == INT64_MIN ? (struct value){ 0 } : of_number(o->remaining),
		    of_instant(o->start), of_instant(o->end), of_number(at), of_chars(o->portal),
		    of_chars(o->account), of_chars(o->source), of_number(before)));
}

static void fill_observation(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	bool is_seen = sqlite3_column_type(statement, 1) != SQLITE_NULL;

	*(struct observation_row *)row = (struct observation_row){
		.contract = column_chars(statement, 0, arena),
		.remaining = is_seen ? column_number(statement, 1) : INT64_MIN,
		.start = column_instant(statement, 2),
		.end = column_instant(statement, 3),
		.at = column_instant(statement, 4),
		.portal = column_chars(statement, 5, arena),
		.account = column_chars(statement, 6, arena),
		.source = column_chars(statement, 7, arena),
	};
}

bool ledger_observations(struct ledger *ledger, const char *contract, size_t limit,
    struct arena *arena, struct observation_row **rows, size_t *n, struct failure *why)
{
	static const char sql[] =
	    "SELECT contract, remaining, starts, ends, at, portal, account, source"
	    " FROM observation WHERE contract = ?1 ORDER BY at DESC, key DESC LIMIT ?2";
	sqlite3_stmt *statement = statement_bind(
	    ledger, why, sql, WITH(of_chars(contract), of_number(limit ? (int64_t)limit : 100)));

	return statement_list(
	    ledger, why, statement, arena, fill_observation, sizeof **rows, rows, n);
}
