/* Guides that are open, and those that nobody has answered in time. */
#include "ledger/sqlite.h"

#include <stdio.h>

static void fill_overdue(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	struct overdue_row *r = row;
	struct text id = column_bytes(statement, 0);

	(void)arena;
	snprintf(r->request, sizeof r->request, "%.*s", TEXT_ARGS(id));
	r->guide = column_number(statement, 1);
	r->due = column_instant(statement, 2);
	r->reminded = column_number(statement, 3);
	r->portal = column_chars(statement, 4, arena);
}

bool ledger_overdue(struct ledger *ledger, instant now, size_t limit, struct arena *arena,
    struct overdue_row **rows, size_t *n, struct failure *why)
{
	static const char sql[] = "SELECT r.id, g.number, g.due, g.reminded, r.portal FROM guide g"
				  " JOIN request r ON r.key = g.request"
				  " WHERE g.is_open AND g.remind <= ?1 ORDER BY g.remind LIMIT ?2";
	sqlite3_stmt *statement =
	    statement_bind(ledger, why, sql, WITH(of_number(now), of_number((int64_t)limit)));

	return statement_list(ledger, why, statement, arena, fill_overdue, sizeof **rows, rows, n);
}

/* One that was answered meanwhile needs no reminder. */
bool remind_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] = "UPDATE guide SET remind = ?3, reminded = reminded + 1"
				  " WHERE request = ?1 AND number = ?2 AND is_open";

	return statement_run(work->ledger, work->why, sql,
		   WITH(of_number(work->key), of_number(row->remind.guide),
		       of_instant(row->remind.next))) &&
	    (sqlite3_changes(work->ledger->db) > 0 || work_result(work, LEDGER_STALE));
}
