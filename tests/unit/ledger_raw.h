/*
 * ledger_raw.h - the ledger's file behind the ledger's back
 */
#ifndef LEDGER_RAW_H
#define LEDGER_RAW_H

#include "base/file.h"
#include "ledger_fixture.h"

#include <sqlite3.h>

static inline void raw(const char *sql)
{
	sqlite3 *db;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(db);
}

static inline int64_t raw_number(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	int64_t number;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return number;
}

/* A ledger as an earlier version of its tables had it (tests/data). */
static inline void raw_older(int version)
{
	struct buffer sql = { 0 };
	char name[200];

	snprintf(name, sizeof name, SOURCE_DIR "/tests/data/ledger-%d.sql", version);
	assert_true(file_read(name, (size_t)1 << 20, &sql, &why));
	raw(sql.p);
	buffer_free(&sql);
}

#endif
