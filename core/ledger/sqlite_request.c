#include "ledger/sqlite.h"

#include <stdio.h>
#include <string.h>

/* ---- the request of a change ------------------------------------------------- */

static void fill_work(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	struct work *work = row;

	work->key = column_number(statement, 0);
	work->state = (enum request_state)column_number(statement, 1);
	work->fence = column_number(statement, 2);
	work->lease = column_instant(statement, 3);
	work->owner = column_chars(statement, 4, arena);
	work->reference = column_chars(statement, 5, arena);
	work->decisions = column_number(statement, 6);
	work->holds_reference = column_number(statement, 7) != 0;
}

bool request_load(struct work *work)
{
#define LOADED                                                                                     \
	"SELECT key, state, fence, lease, owner, reference, decisions, holds_reference"            \
	" FROM request WHERE id = ?1"
	static const char by_id[] = LOADED, by_key[] = LOADED " AND key = ?2";
#undef LOADED
	const struct ledger_change *change = work->change;
	const struct value values[] = { of_chars(change->request), of_number(change->key) };
	sqlite3_stmt *statement = statement_bind(
	    work->ledger, work->why, change->key ? by_key : by_id, values, change->key ? 2 : 1);
	enum step step =
	    statement ? statement_step(work->ledger, work->why, statement) : STEP_FAILED;

	if (step == STEP_FAILED)
		return false;
	if (step == STEP_END)
		return true;
	fill_work(statement, work->ledger->scratch, work);
	sqlite3_reset(statement);
	return true;
}

/* ---- its columns --------------------------------------------------------------- */

/* NULL leaves the column, "" clears it (see the statement below). */
static struct value of_change(const char *chars)
{
	if (chars == LEDGER_CLEAR)
		return (struct value){ .kind = VALUE_TEXT, .p = "", .n = 0 };
	return of_chars(chars);
}

#define SET(column, number)                                                                        \
	", " #column " = CASE ?" #number " WHEN '' THEN NULL ELSE coalesce(?" #number ", " #column \
	") END"

/* State, time, claim and what the change sets in one statement: a row is found, and its page
 * written, once. ?4: 0 leaves the claim, 1 ends it, 2 takes it for ?5 until ?6, with the next
 * fencing number. Then what the way to a ticket changes, then what only a decision does. */
/* clang-format off */
#define CLAIM "UPDATE request SET state = ?2, changed = coalesce(?3, changed)," \
    " owner = CASE ?4 WHEN 0 THEN owner ELSE ?5 END," \
    " lease = CASE ?4 WHEN 0 THEN lease ELSE ?6 END," \
    " fence = fence + (?4 = 2)"
#define WAY CLAIM ", decisions = ?7, operation = CASE ?8 WHEN 0 THEN operation ELSE ?9 END" \
    SET(ticket, 10) SET(ticket_name, 11) SET(address, 12) SET(reason, 13) \
    ", due = CASE ?14 WHEN -1 THEN NULL ELSE coalesce(?14, due) END"
static const char write_claim[] = CLAIM " WHERE key = ?1", write_way[] = WAY " WHERE key = ?1",
    write_all[] = WAY SET(title, 15) SET(account, 16) SET(customer, 17) SET(portal, 18)
    SET(route, 19) SET(plan, 20) SET(contract, 21) " WHERE key = ?1";
/* clang-format on */
enum { OF_CLAIM = 6, OF_WAY = 14, OF_ALL = 21 }; /* values */

/* At the end of the change; a second row of columns writes the first at once. */
static bool write_request(struct work *work, enum request_state state, int64_t claim)
{
	static const struct request_row none;
	const struct request_row *r = work->columns ? work->columns : &none;
	struct ledger_change *change = work->change;
	instant lease = claim == 2 ? work->now + change->lease_ms : INSTANT_UNKNOWN;
	bool is_claim_only = change->state == STATE_NONE && !change->n_rows && !change->event.what;
	const struct value values[OF_ALL] = { of_number(work->key), of_number(state),
		of_instant(is_claim_only ? INSTANT_UNKNOWN : work->now), of_number(claim),
		of_chars(claim == 2 ? change->claim_for : NULL), of_instant(lease),
		of_number(work->decisions), of_number(work->sets_operation),
		of_chars(work->operation), of_change(r->ticket), of_change(r->ticket_name),
		of_change(r->address), of_change(r->reason),
		r->due == LEDGER_NO_DUE ? of_number(-1) : of_instant(r->due), of_change(r->title),
		of_change(r->account), of_change(r->customer), of_change(r->portal),
		of_change(r->route), of_change(r->plan), of_change(r->contract) };
	size_t n = OF_ALL;

	if (!work->columns && !work->sets_operation && !change->n_rows)
		return statement_run(work->ledger, work->why, write_claim, values, OF_CLAIM);
	while (n > OF_WAY && values[n - 1].kind == VALUE_NULL)
		n--;
	return n == OF_WAY ? statement_run(work->ledger, work->why, write_way, values, OF_WAY)
			   : statement_run(work->ledger, work->why, write_all, values, OF_ALL);
}

bool request_row_write(struct work *work, struct ledger_row *row)
{
	const struct request_row *r = &row->request;
	bool is_ok = true;

	if (row == work->inserted)
		return true;
	if (work->columns)
		is_ok = write_request(work, work->state, 0);
	if (r->reference == LEDGER_CLEAR || (r->reference && *r->reference))
		work->new_reference = r->reference;
	work->columns = r;
	return is_ok;
}

static struct value of_new(const char *chars)
{
	return chars == LEDGER_CLEAR ? (struct value){ 0 } : of_chars(chars);
}

/* A reference belongs to the request that may still become, or became, a ticket. */
static bool holds(enum request_state state)
{
	return state != STATE_NONE && state != STATE_REFUSED && state != STATE_CANCELLED;
}

/* The change ends: the id is taken, or another request holds the reference. */
static bool taken(struct work *work, const char *reference)
{
	static const char sql[] = "SELECT id FROM request WHERE reference = ?1 AND holds_reference";
	sqlite3_stmt *statement =
	    statement_bind(work->ledger, work->why, sql, WITH(of_new(reference)));
	enum step step =
	    statement ? statement_step(work->ledger, work->why, statement) : STEP_FAILED;

	snprintf(work->change->conflict, sizeof work->change->conflict, "%s",
	    step == STEP_ROW ? (const char *)sqlite3_column_text(statement, 0)
			     : work->change->request);
	if (step == STEP_ROW)
		sqlite3_reset(statement);
	return step != STEP_FAILED && work_result(work, LEDGER_EXISTS);
}

/* With its first row of columns, and all that its rows will count, in one statement. */
bool request_insert(struct work *work)
{
	static const char sql[] =
	    "INSERT INTO request (id, state, created, changed, due, fence, owner, lease, decisions,"
	    " reference, title, account, customer, portal, route, plan, contract, ticket,"
	    " ticket_name, address, reason, created_by, holds_reference) VALUES (?1, ?2,"
	    " coalesce(?3, ?4), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
	    " ?18, ?19, ?20, ?21, ?22, ?23) ON CONFLICT DO NOTHING";
	static const struct request_row none;
	struct ledger_change *change = work->change;
	const struct request_row *r = &none;
	bool is_claimed = change->claim_for && !change->release;
	int64_t decisions = 0;

	for (size_t i = 0; i < change->n_rows; i++) {
		decisions += change->rows[i].kind == ROW_DECISION;
		if (change->rows[i].kind == ROW_REQUEST && !work->inserted)
			work->inserted = &change->rows[i];
	}
	if (work->inserted)
		r = &work->inserted->request;
	if (of_new(r->reference).kind != VALUE_NULL)
		work->reference = r->reference;
	work->holds_reference = work->reference && holds(change->state);
	if (!statement_run(work->ledger, work->why, sql,
		WITH(of_chars(change->request), of_number(change->state), of_instant(r->created),
		    of_number(work->now),
		    r->due == LEDGER_NO_DUE ? (struct value){ 0 } : of_instant(r->due),
		    of_number(is_claimed), of_chars(is_claimed ? change->claim_for : NULL),
		    is_claimed ? of_number(work->now + change->lease_ms) : (struct value){ 0 },
		    of_number(decisions), of_new(r->reference), of_new(r->title),
		    of_new(r->account), of_new(r->customer), of_new(r->portal), of_new(r->route),
		    of_new(r->plan), of_new(r->contract), of_new(r->ticket), of_new(r->ticket_name),
		    of_new(r->address), of_new(r->reason), of_new(r->created_by),
		    of_number(work->holds_reference))))
		return false;
	if (sqlite3_changes(work->ledger->db) == 0)
		return taken(work, work->holds_reference ? work->reference : NULL);
	work->key = change->key = sqlite3_last_insert_rowid(work->ledger->db);
	return true;
}

/* Compared at the end, because state and reference can both change in one change. */
static bool settle_reference(struct work *work, enum request_state state)
{
	static const char sql[] = "UPDATE OR IGNORE request SET reference = ?2,"
				  " holds_reference = ?3 WHERE key = ?1";
	const char *new = work->new_reference ? work->new_reference : work->reference;
	bool holds_it = of_new(new).kind != VALUE_NULL && holds(state);

	if (holds_it == work->holds_reference && text_same(new, work->reference))
		return true;
	if (!statement_run(work->ledger, work->why, sql,
		WITH(of_number(work->key), of_new(new), of_number(holds_it))))
		return false;
	return sqlite3_changes(work->ledger->db) > 0 || taken(work, new);
}

/* ---- the end of a change ------------------------------------------------------------ */

bool request_finish(struct work *work)
{
	const struct ledger_change *change = work->change;
	enum request_state state = change->state != STATE_NONE ? change->state : work->state;
	int64_t claim = change->release ? 1 : change->claim_for ? 2 : 0;
	bool is_written = work->state == STATE_NONE && !work->columns && !work->sets_operation;

	work->change->new_fence = work->fence + (claim == 2);
	if ((!is_written && !write_request(work, state, claim)) || !settle_reference(work, state))
		return false;
	return holds(state) || (release_all(work) && contract_settle(work, NULL));
}
