/* Events out: how far each webhook has come, what is due again, what is dead. */
#include "ledger/sqlite.h"

#include <string.h>

/* ---- changes --------------------------------------------------------------------- */

bool webhook_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] = "INSERT INTO webhook (name, cursor) VALUES (?1, ?2)"
				  " ON CONFLICT (name) DO UPDATE SET cursor = max(cursor, ?2)";
	static const char disable[] =
	    "UPDATE webhook SET disabled = ?2, reason = ?3 WHERE name = ?1";
	const struct webhook_row *w = &row->webhook;

	if (!statement_run(
		work->ledger, work->why, sql, WITH(of_chars(w->name), of_number(w->cursor))))
		return false;
	if (w->disabled == LEDGER_ENABLED)
		return statement_run(work->ledger, work->why, disable,
		    WITH(of_chars(w->name), (struct value){ 0 }, (struct value){ 0 }));
	return !instant_is_known(w->disabled) ||
	    statement_run(work->ledger, work->why, disable,
		WITH(of_chars(w->name), of_number(w->disabled), of_chars(w->reason)));
}

bool delivery_write(struct work *work, struct ledger_row *row)
{
	static const char gone[] = "DELETE FROM delivery WHERE webhook = ?1 AND event = ?2";
	static const char sql[] =
	    "INSERT OR REPLACE INTO delivery (webhook, event, state, tries, next, status, reason)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	const struct delivery_row *d = &row->delivery;

	if (d->state == DELIVERY_NONE)
		return statement_run(
		    work->ledger, work->why, gone, WITH(of_chars(d->webhook), of_number(d->event)));
	return statement_run(work->ledger, work->why, sql,
	    WITH(of_chars(d->webhook), of_number(d->event), of_number(d->state),
		of_number(d->tries),
		d->state == DELIVERY_DUE ? of_number(d->next) : (struct value){ 0 },
		of_number(d->status), of_chars(d->reason)));
}

bool resend_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] = "UPDATE delivery SET state = 1, tries = 0, next = ?2"
				  " WHERE webhook = ?1 AND state = 2";

	return statement_run(
	    work->ledger, work->why, sql, WITH(of_chars(row->resend), of_number(work->now)));
}

/* ---- reading ------------------------------------------------------------------------ */

bool ledger_own_id(struct ledger *ledger, char out[LEDGER_OWN_ID], struct failure *why)
{
	static const char sql[] = "SELECT value FROM meta WHERE name = 'own_id'";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH_NOTHING);
	struct text id;

	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	id = column_bytes(statement, 0);
	memset(out, 0, LEDGER_OWN_ID);
	memcpy(out, id.p, id.n < LEDGER_OWN_ID ? id.n : LEDGER_OWN_ID - 1);
	sqlite3_reset(statement);
	return true;
}

static void fill_webhook(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct webhook_row *)row = (struct webhook_row){
		.name = column_chars(statement, 0, arena),
		.cursor = column_number(statement, 1),
		.disabled = column_instant(statement, 2),
		.reason = column_chars(statement, 3, arena),
	};
}

bool ledger_webhook(struct ledger *ledger, const char *name, struct arena *arena,
    struct webhook_row *row, struct failure *why)
{
	static const char sql[] =
	    "SELECT name, cursor, disabled, reason FROM webhook WHERE name = ?1";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(name)));

	return statement_one(ledger, why, statement, arena, fill_webhook, row);
}

bool ledger_delivery_counts(
    struct ledger *ledger, const char *webhook, struct delivery_counts *counts, struct failure *why)
{
	static const char sql[] =
	    "SELECT (SELECT count(*) FROM delivery WHERE webhook = ?1 AND state = 1),"
	    " (SELECT count(*) FROM delivery WHERE webhook = ?1 AND state = 2),"
	    " (SELECT min(event) FROM delivery WHERE webhook = ?1 AND state = 1)";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(webhook)));

	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	*counts = (struct delivery_counts){ column_number(statement, 0),
		column_number(statement, 1), column_number(statement, 2) };
	sqlite3_reset(statement);
	return true;
}

static void fill_delivery(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct delivery_row *)row = (struct delivery_row){
		.webhook = column_chars(statement, 0, arena),
		.event = column_number(statement, 1),
		.state = (enum delivery_state)column_number(statement, 2),
		.tries = column_number(statement, 3),
		.next = column_instant(statement, 4),
		.status = column_number(statement, 5),
		.reason = column_chars(statement, 6, arena),
	};
}

#define DELIVERIES                                                                                 \
	"SELECT webhook, event, state, tries, next, status, reason FROM delivery WHERE webhook = " \
	"?1"

bool ledger_deliveries(struct ledger *ledger, const struct delivery_filter *f, struct arena *arena,
    struct delivery_row **rows, size_t *n, struct failure *why)
{
	static const char due[] = DELIVERIES " AND state = 1 AND next < ?2 ORDER BY next LIMIT ?3";
	static const char all[] = DELIVERIES " AND event > ?2 AND (?4 = 0 OR state = ?4)"
					     " AND (?5 = 0 OR event = ?5) ORDER BY event LIMIT ?3";
	bool is_due = instant_is_known(f->due_before);
	sqlite3_stmt *statement = statement_bind(ledger, why, is_due ? due : all,
	    (struct value[]){ of_chars(f->webhook), of_number(is_due ? f->due_before : f->after),
		of_number(f->limit ? (int64_t)f->limit : 100), of_number(f->state),
		of_number(f->event) },
	    is_due ? 3 : 5);

	return statement_list(ledger, why, statement, arena, fill_delivery, sizeof **rows, rows, n);
}
