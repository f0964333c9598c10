#include "ledger/sqlite.h"

/* What must never be found, and what it is called when it is. */
static const struct {
	const char *says;
	const char *sql; /* the name of the first one */
} books[] = {
	{ "an incident was spent without a ticket by request",
	    "SELECT r.id FROM reservation v JOIN request r ON r.key = v.request"
	    " WHERE v.state = 2 AND r.ticket IS NULL" },
	{ "more than one incident was spent by request",
	    "SELECT r.id FROM reservation v JOIN request r ON r.key = v.request"
	    " WHERE v.state = 2 GROUP BY v.request HAVING count(*) > 1" },
	{ "more than one incident is reserved for request",
	    "SELECT r.id FROM reservation v JOIN request r ON r.key = v.request"
	    " WHERE v.state = 1 GROUP BY v.request HAVING count(*) > 1" },
	{ "an incident is still reserved for the finished request",
	    "SELECT r.id FROM reservation v JOIN request r ON r.key = v.request"
	    " WHERE v.state = 1 AND r.state IN (2, 11, 12)" },
	{ "the count of spent incidents is wrong for contract",
	    "SELECT id FROM contract c WHERE spent <>"
	    " pruned + (SELECT count(*) FROM reservation WHERE contract = c.id AND state = 2)" },
	{ "what is left is wrong for contract",
	    "SELECT id FROM contract c WHERE remaining IS NOT (SELECT CASE o.remaining"
	    " WHEN 9223372036854775807 THEN o.remaining ELSE max(0, o.remaining"
	    "  - (c.spent - o.spent_before) - (SELECT count(*) FROM reservation"
	    "   WHERE contract = c.id AND state = 1)) END FROM observation o"
	    " WHERE o.contract = c.id AND o.remaining IS NOT NULL"
	    " ORDER BY o.at DESC, o.key DESC LIMIT 1)" },
	{ "decisions are missing of request",
	    "SELECT r.id FROM request r WHERE decisions <>"
	    " (SELECT count(*) FROM decision WHERE " DECISIONS_OF("r.key") ")" },
	{ "a decision belongs to no request: request with key",
	    "SELECT decision.key >> " DECISION_BITS " FROM decision"
	    " WHERE decision.key >> " DECISION_BITS " NOT IN (SELECT key FROM request)" },
	{ "more than one guide is open for request",
	    "SELECT r.id FROM guide g JOIN request r ON r.key = g.request"
	    " WHERE g.is_open GROUP BY g.request HAVING count(*) > 1" },
	{ "the reference is not kept (or not given back) of request",
	    "SELECT id FROM request WHERE holds_reference <>"
	    " (reference IS NOT NULL AND state NOT IN (2, 12))" },
	{ "the count of requests is wrong for state",
	    "SELECT state FROM (SELECT state, count(*) AS found FROM request GROUP BY state)"
	    " FULL JOIN tally USING (state) WHERE coalesce(found, 0) <> coalesce(requests, 0)" },
	{ "the same reference is held twice, once by request",
	    "SELECT id FROM request NOT INDEXED WHERE holds_reference"
	    " GROUP BY reference HAVING count(*) > 1" },
};

/* The first column of the first row is a complaint, unless it is `good`. */
static bool has_no_complaint(struct ledger *ledger, struct failure *why, enum failure_kind kind,
    const char *sql, const char *good, const char *says)
{
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH_NOTHING);
	enum step step = statement ? statement_step(ledger, why, statement) : STEP_FAILED;
	struct text found;
	bool is_ok;

	if (step != STEP_ROW)
		return step == STEP_END;
	found = column_bytes(statement, 0);
	is_ok = good && text_is(found, good);
	if (!is_ok)
		failure_set(why, kind, "%s: %s %.*s", ledger->path, says, TEXT_ARGS(found));
	sqlite3_reset(statement);
	return is_ok;
}

/* quick_check, not integrity_check: comparing each index with its table takes many
 * times as long, and the books would show what matters of a difference. */
bool ledger_verify(struct ledger *ledger, const struct ledger_head *noted, struct ledger_head *head,
    struct failure *why)
{
	struct ledger_head last;

	if (!has_no_complaint(ledger, why, FAILURE_IO, "PRAGMA quick_check(1)", "ok",
		"the file is damaged; restore the last backup:") ||
	    !has_no_complaint(ledger, why, FAILURE_DATA, "PRAGMA foreign_key_check", NULL,
		"a row belongs to nothing in table") ||
	    !chain_verify(ledger, noted, head ? head : &last, why))
		return false;
	for (size_t i = 0; i < sizeof books / sizeof books[0]; i++)
		if (!has_no_complaint(ledger, why, FAILURE_DATA, books[i].sql, NULL, books[i].says))
			return false;
	return key_opens_all(ledger, why);
}
