#include "ledger/sqlite.h"

#include <stdio.h>

/* ---- one change ---------------------------------------------------------------- */

static bool is_live(const struct work *work)
{
	return instant_is_known(work->lease) && work->lease > work->now;
}

/* A fence alone is not enough: between the end of a lease and the next claim
 * nobody owns the request, and its last owner may have slept through the end.
 * May the change be made, given who holds the request and in which state it is? */
static enum ledger_result permitted(const struct work *work)
{
	const struct ledger_change *change = work->change;

	if (change->expect != STATE_ANY && change->expect != work->state)
		return LEDGER_STALE;
	if (change->fence)
		return change->fence == work->fence && is_live(work) ? LEDGER_DONE : LEDGER_STALE;
	if (change->needs_no_claim && is_live(work))
		return LEDGER_STALE;
	if (change->claim_for && is_live(work) && !text_same(change->claim_for, work->owner) &&
	    !text_same(change->claim_from, work->owner))
		return LEDGER_STALE;
	return LEDGER_DONE;
}

static bool begin_new(struct work *work)
{
	if (work->change->state == STATE_NONE)
		return failure_set(
		    work->why, FAILURE_INTERNAL, "ledger: a new request needs a state");
	return request_insert(work);
}

static bool begin_change(struct work *work)
{
	if (!work->change->request)
		return true;
	if (work->change->expect == STATE_NONE)
		return begin_new(work);
	if (!request_load(work))
		return false;
	return work_result(work, work->key ? permitted(work) : LEDGER_MISSING);
}

static bool apply(struct work *work)
{
	struct ledger_change *change = work->change;

	if (!begin_change(work) || (change->result == LEDGER_DONE && !rows_write(work)))
		return false;
	if (change->result == LEDGER_DONE && work->key && !request_finish(work))
		return false;
	if (change->result != LEDGER_DONE)
		return true;
	if (work->key && change->state != STATE_NONE)
		tally_count(work->ledger, work->state, change->state);
	return event_write(work);
}

/* ---- the batch ------------------------------------------------------------------ */

static bool apply_one(
    struct ledger *ledger, instant now, struct ledger_change *change, struct failure *why)
{
	struct work work = {
		.ledger = ledger, .why = why, .now = now, .change = change, .lease = INSTANT_UNKNOWN
	};

	change->result = LEDGER_DONE;
	change->conflict[0] = 0;
	change->new_fence = 0;
	change->at = now;
	for (size_t i = 0; i < change->n_rows; i++)
		change->rows[i].given = 0;
	arena_reset(ledger->scratch);
	return apply(&work);
}

/* In a savepoint, so that one which is not done leaves nothing behind. */
static bool apply_apart(
    struct ledger *ledger, instant now, struct ledger_change *change, struct failure *why)
{
	if (!statement_run(ledger, why, "SAVEPOINT change", WITH_NOTHING) ||
	    !apply_one(ledger, now, change, why))
		return false;
	if (change->result != LEDGER_DONE &&
	    !statement_run(ledger, why, "ROLLBACK TO change", WITH_NOTHING))
		return false;
	return statement_run(ledger, why, "RELEASE change", WITH_NOTHING);
}

/* Nearly always all can be done: without savepoints, a seventh cheaper. *is_clean is false
 * where one was not, and the transaction must not be committed. */
static bool apply_together(struct ledger *ledger, instant now, struct ledger_change *changes,
    size_t n, bool *is_clean, struct failure *why)
{
	*is_clean = true;
	for (size_t i = 0; i < n && *is_clean; i++) {
		if (!apply_one(ledger, now, &changes[i], why))
			return false;
		*is_clean = changes[i].result == LEDGER_DONE;
	}
	return true;
}

static bool apply_again(struct ledger *ledger, instant now, struct ledger_change *changes, size_t n,
    struct failure *why)
{
	if (!transaction_restart(ledger, why))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!apply_apart(ledger, now, &changes[i], why))
			return false;
	return true;
}

static bool apply_all(struct ledger *ledger, instant now, struct ledger_change *changes, size_t n,
    struct failure *why)
{
	bool is_clean;

	return apply_together(ledger, now, changes, n, &is_clean, why) &&
	    (is_clean || apply_again(ledger, now, changes, n, why));
}

/* Only now: a row that says "number 4" before it is stored would be changed,
 * not added, when the caller tries again. */
static void give_numbers(struct ledger_change *change)
{
	for (size_t i = 0; i < change->n_rows; i++) {
		struct ledger_row *row = &change->rows[i];

		if (!row->given || change->result != LEDGER_DONE)
			row->given = 0;
		else if (row->kind == ROW_DECISION)
			row->decision.number = row->given;
		else
			row->guide.number = row->given;
	}
}

bool ledger_commit(struct ledger *ledger, instant now, struct ledger_change *changes, size_t n,
    struct failure *why)
{
	if (n == 0)
		return true;
	if (!transaction_begin(ledger, why))
		return false;
	if (!apply_all(ledger, now, changes, n, why) || !tally_write(ledger, why)) {
		transaction_cancel(ledger);
		return false;
	}
	if (!transaction_commit(ledger, why))
		return false;
	for (size_t i = 0; i < n; i++)
		give_numbers(&changes[i]);
	return true;
}

/* ---- claims ---------------------------------------------------------------------- */

enum ledger_result ledger_claim(struct ledger *ledger, const char *request, const char *owner,
    instant now, int64_t lease_ms, int64_t *fence, struct failure *why)
{
	struct ledger_change change = {
		.request = request, .expect = STATE_ANY, .claim_for = owner, .lease_ms = lease_ms
	};

	*fence = 0;
	if (!ledger_commit(ledger, now, &change, 1, why))
		return LEDGER_STALE;
	*fence = change.new_fence;
	return change.result;
}

/* An expired lease may be renewed: the fence still says that nobody came since. */
bool ledger_renew(
    struct ledger *ledger, const char *request, int64_t fence, instant until, struct failure *why)
{
	static const char sql[] =
	    "UPDATE request SET lease = ?3 WHERE id = ?1 AND fence = ?2 AND owner IS NOT NULL";
	int changed;

	if (!transaction_begin(ledger, why))
		return false;
	if (!statement_run(
		ledger, why, sql, WITH(of_chars(request), of_number(fence), of_number(until)))) {
		transaction_cancel(ledger);
		return false;
	}
	changed = sqlite3_changes(ledger->db);
	return transaction_commit(ledger, why) && changed > 0;
}
