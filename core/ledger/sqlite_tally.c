/* How many requests are in each state, so that nobody has to count them. */
#include "ledger/sqlite.h"

#include <string.h>

void tally_count(struct ledger *ledger, enum request_state from, enum request_state to)
{
	if (from == to)
		return;
	ledger->tally[from]--;
	ledger->tally[to]++;
}

/* Once for a batch, not for each of its changes. */
bool tally_write(struct ledger *ledger, struct failure *why)
{
	static const char sql[] = "INSERT INTO tally (state, requests) VALUES (?1, ?2)"
				  " ON CONFLICT (state) DO UPDATE SET requests = requests + ?2";

	for (int i = 1; i <= STATE_CANCELLED; i++)
		if (ledger->tally[i] &&
		    !statement_run(
			ledger, why, sql, WITH(of_number(i), of_number(ledger->tally[i]))))
			return false;
	return true;
}

/* ---- what the service tells of the ledger -------------------------------------------------- */

static bool read_states(struct ledger *ledger, struct ledger_counts *counts, struct failure *why)
{
	static const char sql[] = "SELECT state, requests FROM tally";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH_NOTHING);
	enum step step = statement ? STEP_ROW : STEP_FAILED;

	while (step == STEP_ROW && (step = statement_step(ledger, why, statement)) == STEP_ROW) {
		int64_t state = column_number(statement, 0);

		if (state > 0 && state <= STATE_CANCELLED)
			counts->requests[state] = column_number(statement, 1);
	}
	return step == STEP_END;
}

/* Each is one look at the end of an index; what could be many is counted to a limit. */
bool ledger_count(
    struct ledger *ledger, instant now, struct ledger_counts *counts, struct failure *why)
{
	static const char open[] =
	    "SELECT count(*) FROM (SELECT 1 FROM guide WHERE is_open LIMIT 100000)";
	static const char overdue[] = "SELECT count(*) FROM (SELECT 1 FROM guide"
				      " WHERE is_open AND due < ?1 LIMIT 100000)";
	static const char oldest_guide[] = "SELECT min(due) FROM guide WHERE is_open";
	static const char oldest_work[] =
	    "SELECT min(created) FROM request WHERE key IN"
	    " (SELECT min(key) FROM request WHERE state = 3 AND " IS_UNFINISHED
	    "  UNION SELECT min(key) FROM request WHERE state = 4 AND " IS_UNFINISHED
	    "  UNION SELECT min(key) FROM request WHERE state = 5 AND " IS_UNFINISHED
	    "  UNION SELECT min(key) FROM request WHERE state = 7 AND " IS_UNFINISHED ")";
	static const char last[] = "SELECT max(sequence) FROM event";

	*counts = (struct ledger_counts){ 0 };
	return read_states(ledger, counts, why) &&
	    statement_number(ledger, why, open, WITH_NOTHING, 0, &counts->guides_open) &&
	    statement_number(
		ledger, why, overdue, WITH(of_number(now)), 0, &counts->guides_overdue) &&
	    statement_number(
		ledger, why, oldest_guide, WITH_NOTHING, INSTANT_UNKNOWN, &counts->first_due) &&
	    statement_number(
		ledger, why, oldest_work, WITH_NOTHING, INSTANT_UNKNOWN, &counts->oldest_work) &&
	    statement_number(ledger, why, last, WITH_NOTHING, 0, &counts->last_event);
}
