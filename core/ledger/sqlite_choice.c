/* Which contracts a decision can come to: found the same way among ten and among a million. */
#include "ledger/sqlite.h"

#include <stdlib.h>
#include <string.h>

#define FEW 64    /* contracts that are all looked at */
#define FIRST "2" /* of each sort, beyond that */

/* ---- kept with each contract and link -------------------------------------------- */

/* What is known of a contract in all, so that it can be sought by it: the newest dates seen,
 * what is left, whether both IDs are in hand. For one contract, and for those of which the
 * request holds or held an incident. */
bool contract_settle(struct work *work, const char *contract)
{
#define NEWEST(column)                                                                             \
	"(SELECT " column " FROM observation WHERE contract = contract.id AND " column             \
	" IS NOT NULL ORDER BY at DESC, key DESC LIMIT 1)"
#define TOUCHED(column)                                                                            \
	" WHERE " column " = ?1 OR " column " IN (SELECT contract FROM reservation WHERE request " \
	"= ?2)"
	static const char sql[] = "UPDATE contract SET began = coalesce(" NEWEST(
	    "starts") ", starts),"
		      " until = coalesce(" NEWEST(
			  "ends") ", ends, 9223372036854775807),"
				  " has_both = (has_access_id AND has_contract_id) OR EXISTS "
				  "(SELECT 1 FROM contract_ids"
				  "  WHERE contract = contract.id AND access_id NOT NULL AND "
				  "contract_id NOT NULL),"
				  " (remaining, seen_at, seen_portal) = (SELECT CASE o.remaining"
				  "  WHEN 9223372036854775807 THEN o.remaining ELSE max(0, "
				  "o.remaining"
				  "   - (contract.spent - o.spent_before) - (SELECT count(*) FROM "
				  "reservation"
				  "    WHERE contract = contract.id AND state = 1)) END, o.at, "
				  "o.portal FROM observation o"
				  "  WHERE o.contract = contract.id AND o.remaining IS NOT NULL"
				  "  ORDER BY o.at DESC, o.key DESC LIMIT 1)" TOUCHED("id");
	static const char follow[] =
	    "UPDATE link SET (plan, until, is_live) = (SELECT plan, until, is_live FROM contract"
	    " WHERE id = link.contract)" TOUCHED("contract");
#undef NEWEST
#undef TOUCHED

	return statement_run(
		   work->ledger, work->why, sql, WITH(of_chars(contract), of_number(work->key))) &&
	    statement_run(
		work->ledger, work->why, follow, WITH(of_chars(contract), of_number(work->key)));
}

/* ---- choosing --------------------------------------------------------------------- */

#define CHOICE                                                                                     \
	"SELECT c.id, c.plan, c.began, c.until, c.has_access_id OR s.access_id IS NOT NULL,"       \
	" c.has_contract_id OR s.contract_id IS NOT NULL, c.remaining, c.seen_at, c.seen_portal,"  \
	" l.mark FROM contract c LEFT JOIN contract_ids s ON s.contract = c.id"                    \
	" LEFT JOIN link l ON l.contract = c.id AND l.account = ?1"

static void fill_choice(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(struct contract_choice *)row = (struct contract_choice){
		.id = column_chars(statement, 0, arena),
		.plan = column_chars(statement, 1, arena),
		.start = column_instant(statement, 2),
		.end = column_number(statement, 3) == INT64_MAX ? INSTANT_UNKNOWN
								: column_number(statement, 3),
		.has_access_id = column_number(statement, 4) != 0,
		.has_contract_id = column_number(statement, 5) != 0,
		.remaining = sqlite3_column_type(statement, 6) == SQLITE_NULL
		    ? INT64_MIN
		    : column_number(statement, 6),
		.observed_at = column_instant(statement, 7),
		.observed_portal = column_chars(statement, 8, arena),
		.mark = (enum link_mark)column_number(statement, 9),
	};
}

static bool are_few(struct ledger *ledger, bool *few, struct failure *why)
{
	static const char sql[] = "SELECT count(*) FROM (SELECT 1 FROM contract LIMIT ?1)";
	int64_t n;
	bool is_ok = statement_number(ledger, why, sql, WITH(of_number(FEW + 1)), 0, &n);

	*few = n <= FEW;
	return is_ok;
}

struct ids {
	const char **list;
	size_t n, capacity;
};

static void fill_id(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(const char **)row = column_chars(statement, 0, arena);
}

/* Of one sort: those that could be used, the first to end first; and the last that ended. */
#define SORT(columns, table, sort)                                                                 \
	"SELECT " columns " FROM (SELECT " columns ", until FROM " table " WHERE " sort            \
	" AND is_live = 1 AND until >= ?1 ORDER BY until, " columns " LIMIT " FIRST ")"            \
	" UNION ALL SELECT " columns " FROM (SELECT " columns ", until FROM " table " WHERE " sort \
	" AND is_live = 1 AND until < ?1 ORDER BY until DESC LIMIT " FIRST ")"                     \
	" UNION ALL SELECT " columns " FROM (SELECT " columns ", until FROM " table " WHERE " sort \
	" AND is_live = 0 ORDER BY until DESC LIMIT " FIRST ")"

static bool add_ids(struct ledger *ledger, struct arena *arena, sqlite3_stmt *statement,
    struct ids *ids, struct failure *why)
{
	const char **found;
	size_t n;

	if (!statement_list(ledger, why, statement, arena, fill_id, sizeof *found, &found, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t known = 0;

		while (known < ids->n && strcmp(ids->list[known], found[i]) != 0)
			known++;
		if (known < ids->n)
			continue;
		ids->list = memory_grow(ids->list, ids->n, &ids->capacity, sizeof *ids->list);
		ids->list[ids->n++] = found[i];
	}
	return true;
}

static bool find_ids(struct ledger *ledger, const char *account, instant now, struct arena *arena,
    struct ids *ids, struct failure *why)
{
	static const char linked[] =
	    SORT("contract", "link", "account = ?3 AND plan = ?2 AND mark = 1");
	static const char held[] = SORT("id", "contract", "plan = ?2 AND has_both = ?3");
	static const char *const plans[] = { "partner-support", "signature-cloud" };

	for (size_t p = 0; p < 2; p++) {
		struct value plan = of_chars(plans[p]);

		if (!add_ids(ledger, arena,
			statement_bind(
			    ledger, why, linked, WITH(of_number(now), plan, of_chars(account))),
			ids, why))
			return false;
		for (int both = 0; both < 2; both++)
			if (!add_ids(ledger, arena,
				statement_bind(
				    ledger, why, held, WITH(of_number(now), plan, of_number(both))),
				ids, why))
				return false;
	}
	return true;
}

static bool read_ids(struct ledger *ledger, const char *account, struct arena *arena,
    const struct ids *ids, struct contract_choice **rows, size_t *n, struct failure *why)
{
	static const char sql[] = CHOICE " WHERE c.id = ?2";

	*rows = arena_take(arena, (ids->n + 1) * sizeof **rows);
	*n = 0;
	for (size_t i = 0; i < ids->n; i++) {
		sqlite3_stmt *statement = statement_bind(
		    ledger, why, sql, WITH(of_chars(account), of_chars(ids->list[i])));

		if (!statement_one(ledger, why, statement, arena, fill_choice, &(*rows)[*n]))
			return false;
		++*n;
	}
	return true;
}

bool ledger_contract_choice(struct ledger *ledger, const char *account, instant now,
    struct arena *arena, struct contract_choice **rows, size_t *n, struct failure *why)
{
	static const char all[] = CHOICE " ORDER BY c.id";
	struct ids ids = { 0 };
	bool few, is_ok;

	if (!are_few(ledger, &few, why))
		return false;
	if (few)
		return statement_list(ledger, why,
		    statement_bind(ledger, why, all, WITH(of_chars(account))), arena, fill_choice,
		    sizeof **rows, rows, n);
	is_ok = find_ids(ledger, account, now, arena, &ids, why) &&
	    read_ids(ledger, account, arena, &ids, rows, n, why);
	free(ids.list);
	return is_ok;
}

bool ledger_contract_of_plan(struct ledger *ledger, const char *plan, struct arena *arena,
    const char **id, struct failure *why)
{
	static const char sql[] = "SELECT id FROM contract WHERE plan = ?1 LIMIT 2";
	const char **found;
	size_t n;

	*id = NULL;
	if (!statement_list(ledger, why, statement_bind(ledger, why, sql, WITH(of_chars(plan))),
		arena, fill_id, sizeof *found, &found, &n))
		return false;
	if (n == 1)
		*id = found[0];
	return n == 1;
}
