#include "ledger/sqlite.h"

#include <ctype.h>
#include <string.h>

/* ---- requests ------------------------------------------------------------------------ */

#define REQUEST_COLUMNS                                                                            \
	"id, state, created, changed, due, reference, title, account, customer, portal, route,"    \
	" plan, contract, operation, ticket, ticket_name, address, reason, fence, decisions,"      \
	" created_by, owner, lease, key"

static void fill_request(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	struct request_row *r = row;
	struct text id = column_bytes(statement, 0);

	*r = (struct request_row){
		.state = (enum request_state)column_number(statement, 1),
		.created = column_instant(statement, 2),
		.changed = column_instant(statement, 3),
		.due = column_instant(statement, 4),
		.reference = column_chars(statement, 5, arena),
		.title = column_chars(statement, 6, arena),
		.account = column_chars(statement, 7, arena),
		.customer = column_chars(statement, 8, arena),
		.portal = column_chars(statement, 9, arena),
		.route = column_chars(statement, 10, arena),
		.plan = column_chars(statement, 11, arena),
		.contract = column_chars(statement, 12, arena),
		.operation = column_chars(statement, 13, arena),
		.ticket = column_chars(statement, 14, arena),
		.ticket_name = column_chars(statement, 15, arena),
		.address = column_chars(statement, 16, arena),
		.reason = column_chars(statement, 17, arena),
		.fence = column_number(statement, 18),
		.decisions = column_number(statement, 19),
		.created_by = column_chars(statement, 20, arena),
		.owner = column_chars(statement, 21, arena),
		.lease = column_instant(statement, 22),
		.key = column_number(statement, 23),
	};
	memcpy(r->id, id.p, id.n < sizeof r->id ? id.n : sizeof r->id - 1);
}

static bool request_whole(struct ledger *ledger, const char *id, struct arena *arena,
    struct request_row *row, struct failure *why)
{
	static const char sql[] = "SELECT " REQUEST_COLUMNS " FROM request WHERE id = ?1";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(id)));

	return statement_one(ledger, why, statement, arena, fill_request, row);
}

#define SHORTEST_ID 4
#define LISTED 5

static bool part_ok(const char *part, struct failure *why)
{
	size_t n = strlen(part);

	if (n < SHORTEST_ID)
		return failure_set(why, FAILURE_DATA,
		    "'%s': give %d characters of a request's id or more", part, SHORTEST_ID);
	for (size_t i = 0; i < n; i++)
		if (!isxdigit((unsigned char)part[i]) && part[i] != '-')
			return false;
	return n < ID_TEXT - 1;
}

static bool ambiguous(const char *part, struct request_row *rows, size_t n, struct failure *why)
{
	struct buffer list = { 0 };

	for (size_t i = 0; i < n && i < LISTED; i++)
		buffer_format(&list, "%s%s (%s)", i ? ", " : "", rows[i].id,
		    rows[i].title ? rows[i].title : state_name(rows[i].state));
	failure_set(why, FAILURE_DATA, "'%s' fits several requests: %s%s", part, list.p,
	    n > LISTED ? " and others" : "");
	buffer_free(&list);
	return false;
}

/* An id begins with its time, so that neighbours share much of a prefix; its
 * end is random, and found by looking through the ids alone. */
static bool request_part(struct ledger *ledger, const char *part, struct arena *arena,
    struct request_row *row, struct failure *why)
{
	static const char sql[] = "SELECT " REQUEST_COLUMNS " FROM request WHERE key IN"
				  " (SELECT key FROM request WHERE id >= ?1 AND id < ?1 || 'g'"
				  "  UNION SELECT key FROM request WHERE substr(id, -length(?1)) = "
				  "?1) ORDER BY key DESC LIMIT 6";
	char *lower = arena_copy(arena, part, strlen(part));
	struct request_row *rows;
	size_t n;

	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (!statement_list(ledger, why, statement_bind(ledger, why, sql, WITH(of_chars(lower))),
		arena, fill_request, sizeof *rows, &rows, &n) ||
	    n == 0)
		return false;
	if (n > 1)
		return ambiguous(part, rows, n, why);
	*row = rows[0];
	return true;
}

bool ledger_request(struct ledger *ledger, const char *id, struct arena *arena,
    struct request_row *row, struct failure *why)
{
	struct failure found = { 0 };

	if (request_whole(ledger, id, arena, row, &found))
		return true;
	if (found.kind != FAILURE_NONE)
		return failure_set(why, found.kind, "%s", found.text);
	return part_ok(id, why) && request_part(ledger, id, arena, row, why);
}

bool ledger_by_reference(struct ledger *ledger, const char *reference, struct arena *arena,
    struct request_row *row, struct failure *why)
{
	static const char sql[] =
	    "SELECT " REQUEST_COLUMNS " FROM request WHERE reference = ?1 AND holds_reference";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(reference)));

	return statement_one(ledger, why, statement, arena, fill_request, row);
}

/* ---- what belongs to one ----------------------------------------------------------------- */

#define OF_REQUEST " WHERE request = (SELECT key FROM request WHERE id = ?1)"
#define DECISIONS                                                                                  \
	"SELECT " DECISION_NUMBER ", at, body, facts, decision, generation"                        \
	" FROM request r JOIN decision ON " DECISIONS_OF("r.key") " WHERE r.id = ?1"

static void fill_decision(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct decision_row *)row = (struct decision_row){
		.number = column_number(statement, 0),
		.at = column_instant(statement, 1),
		.request = column_chars(statement, 2, arena),
		.facts = column_chars(statement, 3, arena),
		.decision = column_chars(statement, 4, arena),
		.generation = column_chars(statement, 5, arena),
	};
}

bool ledger_decision(struct ledger *ledger, const char *request, int64_t number,
    struct arena *arena, struct decision_row *row, struct failure *why)
{
	static const char sql[] = DECISIONS " AND (?2 = 0 OR " DECISION_NUMBER
					    " = ?2) ORDER BY decision.key DESC LIMIT 1";
	sqlite3_stmt *statement =
	    statement_bind(ledger, why, sql, WITH(of_chars(request), of_number(number)));

	return statement_one(ledger, why, statement, arena, fill_decision, row);
}

bool ledger_decisions(struct ledger *ledger, const char *request, struct arena *arena,
    struct decision_row **rows, size_t *n, struct failure *why)
{
	static const char sql[] = DECISIONS " ORDER BY decision.key";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(request)));

	return statement_list(ledger, why, statement, arena, fill_decision, sizeof **rows, rows, n);
}

static void fill_operation(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct operation_row *)row = (struct operation_row){
		.kind = column_chars(statement, 0, arena),
		.portal = column_chars(statement, 1, arena),
		.hops = (uint32_t)column_number(statement, 2),
		.memory = (uint32_t)column_number(statement, 3),
		.stage = (uint32_t)column_number(statement, 4),
		.cursor = { (uint32_t)column_number(statement, 5),
		    (uint32_t)column_number(statement, 6), (uint32_t)column_number(statement, 7) },
		.note = column_text(statement, 8, arena),
		.key = column_chars(statement, 9, arena),
		.exchange = column_text(statement, 10, arena),
		.is_sent = column_number(statement, 11) != 0,
		.never_sent_once = column_number(statement, 12) != 0,
		.tries = (uint32_t)column_number(statement, 13),
		.steps = (uint32_t)column_number(statement, 14),
		.started = column_instant(statement, 15),
		.account = column_chars(statement, 16, arena),
		.input = column_text(statement, 17, arena),
	};
}

bool ledger_operation(struct ledger *ledger, const char *request, struct arena *arena,
    struct operation_row *row, struct failure *why)
{
	static const char sql[] =
	    "SELECT kind, portal, hops, memory, stage, cursor_0, cursor_1, cursor_2, note,"
	    " key, exchange, is_sent, never_sent_once, tries, steps, started, account, input"
	    " FROM operation" OF_REQUEST;
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(request)));

	return statement_one(ledger, why, statement, arena, fill_operation, row);
}

#define GUIDE_COLUMNS                                                                              \
	"SELECT number, at, due, is_open, guide, answer, operation FROM guide" OF_REQUEST

static void fill_guide(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct guide_row *)row = (struct guide_row){
		.number = column_number(statement, 0),
		.at = column_instant(statement, 1),
		.due = column_instant(statement, 2),
		.is_open = column_number(statement, 3) != 0,
		.guide = column_text(statement, 4, arena),
		.answer = column_text(statement, 5, arena),
		.operation = column_chars(statement, 6, arena),
	};
}

bool ledger_guide(struct ledger *ledger, const char *request, int64_t number, struct arena *arena,
    struct guide_row *row, struct failure *why)
{
	static const char sql[] =
	    GUIDE_COLUMNS " AND (?2 = 0 OR number = ?2) ORDER BY is_open DESC, number DESC LIMIT 1";
	sqlite3_stmt *statement =
	    statement_bind(ledger, why, sql, WITH(of_chars(request), of_number(number)));

	return statement_one(ledger, why, statement, arena, fill_guide, row);
}

bool ledger_guides(struct ledger *ledger, const char *request, struct arena *arena,
    struct guide_row **rows, size_t *n, struct failure *why)
{
	static const char sql[] = GUIDE_COLUMNS " ORDER BY number";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(request)));

	return statement_list(ledger, why, statement, arena, fill_guide, sizeof **rows, rows, n);
}

/* ---- events --------------------------------------------------------------------------------- */

#define EVENT_COLUMNS                                                                              \
	"SELECT e.sequence, e.at, (SELECT id FROM request WHERE key = e.request), e.who, e.what, " \
	"e.why,"                                                                                   \
	" e.was, e.became, e.detail FROM event e"

static void fill_event(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct event_row *)row = (struct event_row){
		.sequence = column_number(statement, 0),
		.at = column_instant(statement, 1),
		.request = column_chars(statement, 2, arena),
		.who = column_chars(statement, 3, arena),
		.what = column_chars(statement, 4, arena),
		.why = column_chars(statement, 5, arena),
		.from = (enum request_state)column_number(statement, 6),
		.to = (enum request_state)column_number(statement, 7),
		.detail = column_text(statement, 8, arena),
	};
}

bool ledger_events(struct ledger *ledger, const char *request, int64_t after, size_t limit,
    struct arena *arena, struct event_row **rows, size_t *n, struct failure *why)
{
	static const char all[] =
	    EVENT_COLUMNS " WHERE e.sequence > ?1 ORDER BY e.sequence LIMIT ?2";
	static const char of_one[] = EVENT_COLUMNS
	    " WHERE e.request = (SELECT key FROM request WHERE id = ?3) AND e.sequence > ?1"
	    " ORDER BY e.sequence LIMIT ?2";
	sqlite3_stmt *statement = statement_bind(ledger, why, request ? of_one : all,
	    (struct value[]){
		of_number(after), of_number(limit ? (int64_t)limit : 100), of_chars(request) },
	    request ? 3 : 2);

	return statement_list(ledger, why, statement, arena, fill_event, sizeof **rows, rows, n);
}

bool ledger_last_event(struct ledger *ledger, int64_t *sequence, struct failure *why)
{
	static const char sql[] = "SELECT max(sequence) FROM event";

	return statement_number(ledger, why, sql, WITH_NOTHING, 0, sequence);
}

/* ---- lists of requests ------------------------------------------------------------------------
 */

/* A condition for each member of the filter that is given; `state` goes before its own. The
 * words of the partial indexes stand where they can serve. */
#define OF_CALLER " AND created_by >= 'caller:' AND created_by < 'caller;'"

static void write_select(
    const struct request_filter *f, enum request_state state, struct buffer *sql)
{
	bool is_due = instant_is_known(f->due_before);

	buffer_text(sql, "SELECT " REQUEST_COLUMNS " FROM request WHERE 1");
	if (is_due || state == STATE_ANY || (state != STATE_NONE && !state_is_final(state)))
		buffer_text(sql, " AND " IS_UNFINISHED);
	if (state != STATE_NONE && state != STATE_ANY)
		buffer_format(sql, " AND state = %d", (int)state);
	if (f->account)
		buffer_text(sql, " AND account = ?2");
	if (f->portal)
		buffer_text(sql, " AND portal = ?3");
	if (f->contract)
		buffer_text(sql, " AND contract = ?4");
	if (f->created_by)
		buffer_text(sql, " AND created_by = ?1" OF_CALLER);
	if (is_due)
		buffer_text(sql, " AND due < ?5");
	if (instant_is_known(f->unclaimed_at))
		buffer_text(sql, " AND (lease IS NULL OR lease <= ?6)");
	if (f->after)
		buffer_text(sql,
		    is_due ? " AND (due, key) > (SELECT due, key FROM request WHERE id = ?7)"
			: f->oldest_first ? " AND key > (SELECT key FROM request WHERE id = ?7)"
					  : " AND key < (SELECT key FROM request WHERE id = ?7)");
}

/* All that is unfinished stands in one index, by state and then by key: the states are merged,
 * so that no more of them is read than is listed. */
static void write_unfinished(const struct request_filter *f, struct buffer *sql)
{
	for (int state = 1; state <= STATE_CANCELLED; state++) {
		if (state_is_final((enum request_state)state))
			continue;
		if (sql->n)
			buffer_text(sql, " UNION ALL ");
		write_select(f, (enum request_state)state, sql);
	}
}

static void write_filter(const struct request_filter *f, struct buffer *sql)
{
	bool is_due = instant_is_known(f->due_before);

	if (f->state == STATE_ANY && !is_due &&
	    !f->created_by) /* those have indexes of their own */
		write_unfinished(f, sql);
	else
		write_select(f, f->state, sql);
	buffer_format(sql, " ORDER BY %s LIMIT ?8",
	    is_due                ? "due, key"
		: f->oldest_first ? "key"
				  : "key DESC");
}

static sqlite3_stmt *bind_filter(
    struct ledger *ledger, const struct request_filter *f, const char *sql, struct failure *why)
{
	const struct value values[] = { of_chars(f->created_by), of_chars(f->account),
		of_chars(f->portal), of_chars(f->contract), of_instant(f->due_before),
		of_instant(f->unclaimed_at), of_chars(f->after),
		of_number(f->limit ? (int64_t)f->limit : 100) };
	sqlite3_stmt *statement = statement_once(ledger, why, sql);

	for (int i = 0; statement && i < (int)(sizeof values / sizeof values[0]); i++)
		if (i < sqlite3_bind_parameter_count(statement) &&
		    !statement_value(ledger, why, statement, i + 1, &values[i])) {
			sqlite3_finalize(statement);
			return NULL;
		}
	return statement;
}

bool ledger_requests(struct ledger *ledger, const struct request_filter *filter,
    struct arena *arena, struct request_row **rows, size_t *n, struct failure *why)
{
	struct buffer sql = { 0 };
	sqlite3_stmt *statement;
	bool is_ok;

	write_filter(filter, &sql);
	statement = bind_filter(ledger, filter, sql.p, why);
	is_ok = statement_list(ledger, why, statement, arena, fill_request, sizeof **rows, rows, n);
	sqlite3_finalize(statement);
	buffer_free(&sql);
	return is_ok;
}
