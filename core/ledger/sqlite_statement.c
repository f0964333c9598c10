#include "ledger/sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- failures ------------------------------------------------------------- */

#define DISK_FULL "the disk is full; nothing was changed. Make room and try again"
#define DAMAGED                                                                                    \
	"the file is damaged. Stop caseroute, keep a copy of the file with its -wal, and restore " \
	"the "                                                                                     \
	"last backup"

static const struct {
	int code;
	enum failure_kind kind;
	const char *says;
} meanings[] = {
	{ SQLITE_FULL, FAILURE_IO, DISK_FULL },
	{ SQLITE_BUSY, FAILURE_TRY_LATER, "in use by another program for too long; try again" },
	{ SQLITE_LOCKED, FAILURE_TRY_LATER, "locked by another program; try again" },
	{ SQLITE_PROTOCOL, FAILURE_TRY_LATER, "too many programs at once; try again" },
	{ SQLITE_READONLY, FAILURE_NO_PERMISSION, "the file or its folder is read-only" },
	{ SQLITE_PERM, FAILURE_NO_PERMISSION, "no permission" },
	{ SQLITE_CANTOPEN, FAILURE_NO_PERMISSION,
	    "cannot be opened: the file and its folder must be readable and writable" },
	{ SQLITE_CORRUPT, FAILURE_IO, DAMAGED },
	{ SQLITE_NOTADB, FAILURE_IO,
	    "this is not a ledger, or its head is damaged; give another path or restore a backup" },
};

static bool is_full(int code, int system_error)
{
	return (code == SQLITE_IOERR || code == SQLITE_FULL) &&
	    (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG);
}

bool sqlite_failed(struct ledger *ledger, struct failure *why, const char *doing)
{
	int system_error = errno; /* sqlite3_system_errno() knows only of opening */
	int code = sqlite3_errcode(ledger->db) & 0xff;

	if (is_full(code, system_error))
		return failure_set(why, FAILURE_IO, "%s: " DISK_FULL, ledger->path);
	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
		if (meanings[i].code == code)
			return failure_set(
			    why, meanings[i].kind, "%s: %s", ledger->path, meanings[i].says);
	return failure_set(why, code == SQLITE_IOERR ? FAILURE_IO : FAILURE_INTERNAL,
	    "%s: cannot %s: %s%s%s", ledger->path, doing, sqlite3_errmsg(ledger->db),
	    code == SQLITE_IOERR ? ": " : "", code == SQLITE_IOERR ? strerror(system_error) : "");
}

/* ---- preparing and binding ------------------------------------------------- */

/* By address, not by content: the text of a statement is never compared. */
static size_t slot_of(const struct ledger *ledger, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 3) * 0x9e3779b1u % CACHED_STATEMENTS;

	while (ledger->cached[at].sql && ledger->cached[at].sql != sql)
		at = (at + 1) % CACHED_STATEMENTS;
	return at;
}

static sqlite3_stmt *prepared(struct ledger *ledger, struct failure *why, const char *sql)
{
	size_t slot = slot_of(ledger, sql);

	if (ledger->cached[slot].sql)
		return ledger->cached[slot].statement;
	if (sqlite3_prepare_v3(ledger->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
		&ledger->cached[slot].statement, NULL) != SQLITE_OK) {
		sqlite_failed(ledger, why, "prepare a statement");
		return NULL;
	}
	ledger->cached[slot].sql = sql;
	return ledger->cached[slot].statement;
}

void statements_free(struct ledger *ledger)
{
	for (size_t i = 0; i < CACHED_STATEMENTS; i++)
		sqlite3_finalize(ledger->cached[i].statement);
	memset(ledger->cached, 0, sizeof ledger->cached);
}

static int bind_one(sqlite3_stmt *statement, int place, const struct value *value)
{
	switch (value->kind) {
	case VALUE_NUMBER: return sqlite3_bind_int64(statement, place, value->number);
	case VALUE_TEXT:
		return sqlite3_bind_text64(
		    statement, place, value->p, value->n, SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BYTES:
		return sqlite3_bind_blob64(statement, place, value->p, value->n, SQLITE_STATIC);
	case VALUE_NULL: break;
	}
	return sqlite3_bind_null(statement, place);
}

bool statement_value(struct ledger *ledger, struct failure *why, sqlite3_stmt *statement, int place,
    const struct value *value)
{
	return bind_one(statement, place, value) == SQLITE_OK ||
	    sqlite_failed(ledger, why, "bind a value");
}

sqlite3_stmt *statement_once(struct ledger *ledger, struct failure *why, const char *sql)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(ledger->db, sql, -1, &statement, NULL) != SQLITE_OK)
		sqlite_failed(ledger, why, "prepare a statement");
	return statement;
}

sqlite3_stmt *statement_bind(struct ledger *ledger, struct failure *why, const char *sql,
    const struct value *values, size_t n)
{
	sqlite3_stmt *statement = prepared(ledger, why, sql);

	for (size_t i = 0; statement && i < n; i++)
		if (!statement_value(ledger, why, statement, (int)i + 1, &values[i]))
			return NULL;
	return statement;
}

/* ---- running --------------------------------------------------------------- */

enum step statement_step(struct ledger *ledger, struct failure *why, sqlite3_stmt *statement)
{
	int code;

	errno = 0;
	code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		return STEP_ROW;
	if (code == SQLITE_DONE) {
		sqlite3_reset(statement);
		return STEP_END;
	}
	sqlite_failed(ledger, why, "run a statement");
	sqlite3_reset(statement);
	return STEP_FAILED;
}

bool statement_run(struct ledger *ledger, struct failure *why, const char *sql,
    const struct value *values, size_t n)
{
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, values, n);
	enum step step = statement ? statement_step(ledger, why, statement) : STEP_FAILED;

	if (step == STEP_ROW)
		sqlite3_reset(statement);
	return step != STEP_FAILED;
}

bool statement_number(struct ledger *ledger, struct failure *why, const char *sql,
    const struct value *values, size_t n, int64_t otherwise, int64_t *out)
{
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, values, n);
	enum step step = statement ? statement_step(ledger, why, statement) : STEP_FAILED;

	*out = otherwise;
	if (step != STEP_ROW)
		return step == STEP_END;
	if (sqlite3_column_type(statement, 0) != SQLITE_NULL)
		*out = column_number(statement, 0);
	sqlite3_reset(statement);
	return true;
}

bool statement_one(struct ledger *ledger, struct failure *why, sqlite3_stmt *statement,
    struct arena *arena, statement_fill *fill, void *out)
{
	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	fill(statement, arena, out);
	sqlite3_reset(statement);
	return true;
}

/* The rows grow outside of the arena, which cannot take memory back. */
bool statement_list(struct ledger *ledger, struct failure *why, sqlite3_stmt *statement,
    struct arena *arena, statement_fill *fill, size_t size, void *rows, size_t *n)
{
	enum step step = statement ? STEP_ROW : STEP_FAILED;
	size_t capacity = 0, count = 0;
	char *list = NULL;
	void *copy;

	while (step == STEP_ROW && (step = statement_step(ledger, why, statement)) == STEP_ROW) {
		list = memory_grow(list, count, &capacity, size);
		memset(list + count * size, 0, size);
		fill(statement, arena, list + count++ * size);
	}
	copy = arena_take(arena, count * size);
	if (count)
		memcpy(copy, list, count * size);
	memcpy(rows, &copy, sizeof copy);
	*n = step == STEP_END ? count : 0;
	free(list);
	return step == STEP_END;
}

/* ---- columns --------------------------------------------------------------- */

struct text column_bytes(sqlite3_stmt *statement, int i)
{
	const void *p = sqlite3_column_blob(statement, i); /* before the length: it may convert */

	return p ? (struct text){ p, (size_t)sqlite3_column_bytes(statement, i) } : TEXT("");
}

struct text column_text(sqlite3_stmt *statement, int i, struct arena *arena)
{
	struct text lent = column_bytes(statement, i);

	return lent.n ? (struct text){ arena_copy(arena, lent.p, lent.n), lent.n } : TEXT("");
}

const char *column_chars(sqlite3_stmt *statement, int i, struct arena *arena)
{
	struct text lent = column_bytes(statement, i);

	return sqlite3_column_type(statement, i) == SQLITE_NULL ? NULL
								: arena_copy(arena, lent.p, lent.n);
}

instant column_instant(sqlite3_stmt *statement, int i)
{
	return sqlite3_column_type(statement, i) == SQLITE_NULL ? INSTANT_UNKNOWN
								: column_number(statement, i);
}
