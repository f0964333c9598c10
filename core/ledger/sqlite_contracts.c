#include "ledger/sqlite.h"

bool contract_exists(struct work *work, const char *contract, bool *exists)
{
	static const char sql[] = "SELECT 1 FROM contract WHERE id = ?1";
	int64_t found;
	bool is_ok =
	    statement_number(work->ledger, work->why, sql, WITH(of_chars(contract)), 0, &found);

	*exists = is_ok && found;
	return is_ok;
}

bool contract_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] =
	    "INSERT INTO contract (id, plan, is_personal, starts, ends, has_access_id, "
	    "has_contract_id,"
	    " masked_access_id, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	    " ON CONFLICT (id) DO UPDATE SET plan = coalesce(?2, plan), is_personal = ?3,"
	    " starts = coalesce(?4, starts), ends = coalesce(?5, ends), has_access_id = ?6,"
	    " has_contract_id = ?7, masked_access_id = coalesce(?8, masked_access_id),"
	    " source = coalesce(?9, source)";
	const struct contract_row *c = &row->contract_row;

	return statement_run(work->ledger, work->why, sql,
	    WITH(of_chars(c->id), of_chars(c->plan), of_number(c->is_personal),
		of_instant(c->start), of_instant(c->end), of_number(c->has_access_id),
		of_number(c->has_contract_id), of_chars(c->masked_access_id), of_chars(c->source)));
}

/* R16: a link outlives the contract's end and its last incident; nothing here
 * deletes one. */
bool link_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] =
	    "INSERT INTO link (contract, account, mark, source, at) VALUES (?1, ?2, ?3, ?4, ?5)"
	    " ON CONFLICT (contract, account) DO UPDATE SET mark = ?3, source = coalesce(?4, "
	    "source), at = ?5";
	const struct link_row *link = &row->link;
	bool exists;

	if (!contract_exists(work, link->contract, &exists))
		return false;
	if (!exists)
		return work_result(work, LEDGER_MISSING);
	return statement_run(work->ledger, work->why, sql,
	    WITH(of_chars(link->contract), of_chars(link->account), of_number(link->mark),
		of_chars(link->source),
		of_number(instant_is_known(link->at) ? link->at : work->now)));
}

/* ---- reading ------------------------------------------------------------------------ */

#define CONTRACT_COLUMNS                                                                           \
	"SELECT c.id, c.plan, c.is_personal, c.starts, c.ends,"                                    \
	" c.has_access_id OR s.access_id IS NOT NULL, c.has_contract_id OR s.contract_id IS NOT "  \
	"NULL,"                                                                                    \
	" c.masked_access_id, c.source FROM contract c LEFT JOIN contract_ids s ON s.contract = "  \
	"c.id"

static void fill_contract(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct contract_row *)row = (struct contract_row){
		.id = column_chars(statement, 0, arena),
		.plan = column_chars(statement, 1, arena),
		.is_personal = column_number(statement, 2) != 0,
		.start = column_instant(statement, 3),
		.end = column_instant(statement, 4),
		.has_access_id = column_number(statement, 5) != 0,
		.has_contract_id = column_number(statement, 6) != 0,
		.masked_access_id = column_chars(statement, 7, arena),
		.source = column_chars(statement, 8, arena),
	};
}

bool ledger_contract(struct ledger *ledger, const char *id, struct arena *arena,
    struct contract_row *row, struct failure *why)
{
	static const char sql[] = CONTRACT_COLUMNS " WHERE c.id = ?1";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(id)));

	return statement_one(ledger, why, statement, arena, fill_contract, row);
}

bool ledger_contracts(struct ledger *ledger, struct arena *arena, struct contract_row **rows,
    size_t *n, struct failure *why)
{
	static const char sql[] = CONTRACT_COLUMNS " ORDER BY c.id";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH_NOTHING);

	return statement_list(ledger, why, statement, arena, fill_contract, sizeof **rows, rows, n);
}

static void fill_link(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct link_row *)row = (struct link_row){
		.contract = column_chars(statement, 0, arena),
		.account = column_chars(statement, 1, arena),
		.mark = (enum link_mark)column_number(statement, 2),
		.source = column_chars(statement, 3, arena),
		.at = column_instant(statement, 4),
	};
}

bool ledger_link(struct ledger *ledger, const char *contract, const char *account,
    struct arena *arena, struct link_row *row, struct failure *why)
{
	static const char sql[] = "SELECT contract, account, mark, source, at FROM link WHERE "
				  "contract = ?1 AND account = ?2";
	sqlite3_stmt *statement =
	    statement_bind(ledger, why, sql, WITH(of_chars(contract), of_chars(account)));

	return statement_one(ledger, why, statement, arena, fill_link, row);
}

bool ledger_links(struct ledger *ledger, const char *contract, struct arena *arena,
    struct link_row **rows, size_t *n, struct failure *why)
{
	static const char sql[] = "SELECT contract, account, mark, source, at FROM link"
				  " WHERE ?1 IS NULL OR contract = ?1 ORDER BY contract, account";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(contract)));

	return statement_list(ledger, why, statement, arena, fill_link, sizeof **rows, rows, n);
}

bool ledger_benefit(
    struct ledger *ledger, const char *offer, bool *is_activated, instant *at, struct failure *why)
{
	static const char sql[] = "SELECT is_activated, at FROM benefit WHERE offer = ?1";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(offer)));

	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	*is_activated = column_number(statement, 0) != 0;
	if (at)
		*at = column_instant(statement, 1);
	sqlite3_reset(statement);
	return true;
}

bool ledger_cache(struct ledger *ledger, const char *name, instant now, struct arena *arena,
    struct text *value, struct failure *why)
{
	static const char sql[] =
	    "SELECT value FROM cache WHERE name = ?1 AND (until IS NULL OR until > ?2)";
	sqlite3_stmt *statement =
	    statement_bind(ledger, why, sql, WITH(of_chars(name), of_number(now)));

	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	*value = column_text(statement, 0, arena);
	sqlite3_reset(statement);
	return true;
}
