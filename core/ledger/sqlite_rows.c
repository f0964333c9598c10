#include "ledger/sqlite.h"

#include <stddef.h>
#include <string.h>

/* Numbers count within a request, for people ("answer 0193.2"). */
static bool next_number(struct work *work, const char *sql, struct ledger_row *row)
{
	return statement_number(
	    work->ledger, work->why, sql, WITH(of_number(work->key)), 1, &row->given);
}

static bool decision_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] =
	    "INSERT INTO decision (key, at, generation, body, facts, decision)"
	    " VALUES (?1 << " DECISION_BITS " | ?2, ?3, ?4, ?5, ?6, ?7)";
	const struct decision_row *d = &row->decision;

	if (work->decisions == MOST_DECISIONS)
		return work_result(work, LEDGER_STALE); /* a key more would be the next request's */
	row->given = ++work->decisions;
	return statement_run(work->ledger, work->why, sql,
	    WITH(of_number(work->key), of_number(row->given),
		of_number(instant_is_known(d->at) ? d->at : work->now), of_chars(d->generation),
		of_chars(d->request), of_chars(d->facts), of_chars(d->decision)));
}

/* The request's own column is what lists show; the journal is read only to go on. */
static bool operation_remove(struct work *work)
{
	static const char sql[] = "DELETE FROM operation WHERE request = ?1";

	return statement_run(work->ledger, work->why, sql, WITH(of_number(work->key)));
}

static bool operation_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] = "INSERT OR REPLACE INTO operation (request, kind, portal, hops, "
				  "memory, stage, cursor_0, cursor_1,"
				  " cursor_2, note, key, exchange, is_sent, never_sent_once, "
				  "tries, steps, started, account, input)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
				  "?13, ?14, ?15, ?16, ?17, ?18, ?19)";
	const struct operation_row *o = &row->operation;

	work->sets_operation = true;
	work->operation = o->kind;
	if (!o->kind)
		return operation_remove(work);
	return statement_run(work->ledger, work->why, sql,
	    WITH(of_number(work->key), of_chars(o->kind), of_chars(o->portal), of_number(o->hops),
		of_number(o->memory), of_number(o->stage), of_number(o->cursor[0]),
		of_number(o->cursor[1]), of_number(o->cursor[2]), of_bytes(o->note.p, o->note.n),
		of_chars(o->key), of_text(o->exchange), of_number(o->is_sent),
		of_number(o->never_sent_once), of_number(o->tries), of_number(o->steps),
		of_instant(o->started), of_chars(o->account), of_text(o->input)));
}

static bool guide_insert(struct work *work, struct ledger_row *row)
{
	static const char next[] = "SELECT max(number) + 1 FROM guide WHERE request = ?1";
	static const char sql[] = "INSERT INTO guide (request, number, at, due, is_open, guide, "
				  "answer, operation, remind)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?4)";
	const struct guide_row *g = &row->guide;

	return next_number(work, next, row) &&
	    statement_run(work->ledger, work->why, sql,
		WITH(of_number(work->key), of_number(row->given),
		    of_number(instant_is_known(g->at) ? g->at : work->now), of_instant(g->due),
		    of_number(g->is_open), of_text(g->guide), of_text(g->answer),
		    of_chars(g->operation)));
}

static bool guide_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] =
	    "UPDATE guide SET is_open = ?3, due = coalesce(?4, due),"
	    " answer = coalesce(?5, answer) WHERE request = ?1 AND number = ?2";
	const struct guide_row *g = &row->guide;

	if (g->number == 0)
		return guide_insert(work, row);
	if (!statement_run(work->ledger, work->why, sql,
		WITH(of_number(work->key), of_number(g->number), of_number(g->is_open),
		    of_instant(g->due), of_text(g->answer))))
		return false;
	return sqlite3_changes(work->ledger->db) > 0 || work_result(work, LEDGER_MISSING);
}

static bool benefit_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] = "INSERT OR REPLACE INTO benefit (offer, is_activated, account, "
				  "at) VALUES (?1, ?2, ?3, ?4)";

	return statement_run(work->ledger, work->why, sql,
	    WITH(of_chars(row->benefit.offer), of_number(row->benefit.is_activated),
		of_chars(row->benefit.account), of_number(work->now)));
}

static bool cache_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO cache (name, value, until) VALUES (?1, ?2, ?3)";

	return statement_run(work->ledger, work->why, sql,
	    WITH(of_chars(row->cache.name), of_text(row->cache.value),
		of_instant(row->cache.until)));
}

/* Adding a kind of row is adding a line. `contract`: where the row names one of which
 * something changes. */
#define NAMES(member) true, offsetof(struct ledger_row, member)
#define NO_CONTRACT false, 0
static const struct {
	bool (*write)(struct work *, struct ledger_row *);
	bool is_of_request, has_contract;
	size_t contract;
} kinds[] = {
	[ROW_REQUEST] = { request_row_write, true, NO_CONTRACT },
	[ROW_DECISION] = { decision_write, true, NO_CONTRACT },
	[ROW_OPERATION] = { operation_write, true, NO_CONTRACT },
	[ROW_GUIDE] = { guide_write, true, NO_CONTRACT },
	[ROW_RESERVE] = { reserve_write, true, NAMES(contract) },
	[ROW_SPEND] = { spend_write, true, NAMES(contract) },
	[ROW_RELEASE] = { release_write, true, NAMES(contract) },
	[ROW_CONTRACT] = { contract_write, false, NAMES(contract_row.id) },
	[ROW_CONTRACT_IDS] = { ids_write, false, NAMES(ids.contract) },
	[ROW_LINK] = { link_write, false, NAMES(link.contract) },
	[ROW_OBSERVATION] = { observation_write, false, NAMES(observation.contract) },
	[ROW_BENEFIT] = { benefit_write, false, NO_CONTRACT },
	[ROW_TOKEN] = { token_write, false, NO_CONTRACT },
	[ROW_CACHE] = { cache_write, false, NO_CONTRACT },
	[ROW_IDEMPOTENCY] = { idempotency_write, true, NO_CONTRACT },
	[ROW_REMIND] = { remind_write, true, NO_CONTRACT },
	[ROW_FORGET] = { forget_write, true, NO_CONTRACT },
	[ROW_WEBHOOK] = { webhook_write, false, NO_CONTRACT },
	[ROW_DELIVERY] = { delivery_write, false, NO_CONTRACT },
	[ROW_RESEND] = { resend_write, false, NO_CONTRACT },
};
#undef NO_CONTRACT
#undef NAMES

static bool settle(struct work *work, const struct ledger_row *row)
{
	const char *contract;

	if (!kinds[row->kind].has_contract || work->change->result != LEDGER_DONE)
		return true;
	memcpy(&contract, (const char *)row + kinds[row->kind].contract, sizeof contract);
	return contract_settle(work, contract);
}

static bool row_write(struct work *work, struct ledger_row *row)
{
	if ((size_t)row->kind >= sizeof kinds / sizeof kinds[0])
		return failure_set(work->why, FAILURE_INTERNAL,
		    "ledger: no kind of row has number %d", (int)row->kind);
	if (kinds[row->kind].is_of_request && !work->key)
		return failure_set(work->why, FAILURE_INTERNAL,
		    "ledger: a row of kind %d needs a request", (int)row->kind);
	return kinds[row->kind].write(work, row) && settle(work, row);
}

bool rows_write(struct work *work)
{
	struct ledger_change *change = work->change;

	for (size_t i = 0; i < change->n_rows && change->result == LEDGER_DONE; i++)
		if (!row_write(work, &change->rows[i]))
			return false;
	return true;
}
