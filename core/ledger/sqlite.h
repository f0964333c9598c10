/*
 * sqlite.h - what the sqlite_*.c files share; nobody else includes it
 *
 * A statement is written where it is used, as a string constant; it is prepared
 * once and found again by that constant's address. Values are typed, so that a
 * wrong one does not compile. Every statement is reset when its call ends: an
 * open one would hold back checkpoints.
 */
#ifndef LEDGER_SQLITE_H
#define LEDGER_SQLITE_H

#include "ledger/ledger.h"
#include "ledger/seal.h"

#include <sqlite3.h>

#define CACHED_STATEMENTS 256 /* a power of two, more than there are constants */

#define EVENT_SALT 16

/* The words of the partial indexes of `request`: a query is served by them when it has them too.
 * No list: see sqlite_schema.c. */
#define IS_ENDED "(state = 2 OR state = 11 OR state = 12)"
#define IS_UNFINISHED "state <> 2 AND state <> 11 AND state <> 12"

/* The key of a decision: its request's, then its number, from 1 to MOST_DECISIONS. */
#define DECISION_BITS "20"
#define MOST_DECISIONS 1048575
#define DECISION_NUMBER "(decision.key & 1048575)"
#define DECISIONS_OF(request)                                                                      \
	"decision.key BETWEEN " request " << " DECISION_BITS " AND " request " << " DECISION_BITS  \
	" | 1048575"

struct ledger {
	char *path;
	enum ledger_mode mode;
	sqlite3 *db;
	int newest;            /* version of tables that this program knows */
	int lock;              /* -1 when opened for reading */
	bool is_looking;       /* between ledger_look() and its end */
	int wal_pages;         /* in the log after the last commit */
	struct seal *seal;     /* NULL without a key */
	struct arena *scratch; /* of one change */
	bool knows_last;       /* the end of the chain of events, within a transaction */
	struct ledger_head last;
	unsigned char salts[64 * EVENT_SALT]; /* for events to come */
	size_t salts_left;                    /* bytes */
	int64_t tally[STATE_CANCELLED + 1];   /* what the transaction adds to each state */
	struct {
		const char *sql;
		sqlite3_stmt *statement;
	} cached[CACHED_STATEMENTS];
};

/* ---- values --------------------------------------------------------------- */

struct value {
	enum { VALUE_NULL, VALUE_NUMBER, VALUE_TEXT, VALUE_BYTES } kind;
	int64_t number;
	const char *p;
	size_t n;
};

static inline struct value of_number(int64_t number)
{
	return (struct value){ .kind = VALUE_NUMBER, .number = number };
}

static inline bool instant_is_known(instant at)
{
	return at != INSTANT_UNKNOWN && at != 0;
}

static inline struct value of_instant(instant at)
{
	return instant_is_known(at) ? of_number(at) : (struct value){ 0 };
}

static inline struct value of_text(struct text text) /* the empty one is NULL */
{
	return (struct value){ text.n ? VALUE_TEXT : VALUE_NULL, 0, text.p, text.n };
}

static inline struct value of_chars(const char *chars) /* so are NULL and "" */
{
	return of_text(text_of(chars));
}

static inline struct value of_bytes(const void *p, size_t n)
{
	return (struct value){ n ? VALUE_BYTES : VALUE_NULL, 0, p, n };
}

/* The values of one statement: an array and its length. */
#define WITH(...)                                                                                  \
	(struct value[]){ __VA_ARGS__ },                                                           \
	    sizeof((struct value[]){ __VA_ARGS__ }) / sizeof(struct value)
#define WITH_NOTHING NULL, 0

/* ---- sqlite_statement.c --------------------------------------------------- */

/* Fills why from the connection's last error; always false. */
bool sqlite_failed(struct ledger *, struct failure *, const char *doing);

/* A bound statement to step; NULL on failure. */
sqlite3_stmt *statement_bind(
    struct ledger *, struct failure *, const char *sql, const struct value *, size_t n);
/* One that is not kept: finalize it. */
sqlite3_stmt *statement_once(struct ledger *, struct failure *, const char *sql);
bool statement_value(
    struct ledger *, struct failure *, sqlite3_stmt *, int place, const struct value *);
enum step { STEP_FAILED = -1, STEP_END = 0, STEP_ROW = 1 };
/* The statement is reset but after STEP_ROW. */
enum step statement_step(struct ledger *, struct failure *, sqlite3_stmt *);
bool statement_run(
    struct ledger *, struct failure *, const char *sql, const struct value *, size_t n);
/* First column of the first row; `otherwise` if there is none or it is NULL. */
bool statement_number(struct ledger *, struct failure *, const char *sql, const struct value *,
    size_t n, int64_t otherwise, int64_t *out);
void statements_free(struct ledger *);

typedef void statement_fill(sqlite3_stmt *, struct arena *, void *row);
/* False with failure not set: no row. */
bool statement_one(
    struct ledger *, struct failure *, sqlite3_stmt *, struct arena *, statement_fill *, void *out);
bool statement_list(struct ledger *, struct failure *, sqlite3_stmt *, struct arena *,
    statement_fill *, size_t size, void *rows, size_t *n);

const char *column_chars(sqlite3_stmt *, int, struct arena *); /* NULL if NULL */
struct text column_text(sqlite3_stmt *, int, struct arena *);
struct text column_bytes(sqlite3_stmt *, int); /* lent until the next step */
instant column_instant(sqlite3_stmt *, int);
static inline int64_t column_number(sqlite3_stmt *statement, int i)
{
	return sqlite3_column_int64(statement, i);
}

/* ---- sqlite_schema.c ------------------------------------------------------ */

/* Refuses a newer ledger and a database that is none. */
bool schema_check(struct ledger *, struct failure *);
/* Then makes or migrates the tables as the mode allows. */
bool schema_ready(struct ledger *, struct failure *);

/* ---- sqlite_log.c ---------------------------------------------------------- */

const char *sqlite_log_vfs(void); /* its name, for whoever opens the file */

/* ---- sqlite_transaction.c ------------------------------------------------- */

bool transaction_begin(struct ledger *, struct failure *);
bool transaction_commit(struct ledger *, struct failure *);
void transaction_cancel(struct ledger *);
/* From the beginning, still under the lock: what was written is undone. */
bool transaction_restart(struct ledger *, struct failure *);

/* ---- sqlite_key.c --------------------------------------------------------- */

/* Takes the key in use; refuses one that is not the ledger's. */
bool key_ready(struct ledger *, const struct secret *key, struct failure *);
/* Is there a key, and is it (still) the ledger's? */
bool key_needed(struct ledger *, struct failure *);
bool key_opens_all(struct ledger *, struct failure *); /* true without a key */

/* ---- sqlite_chain.c ------------------------------------------------------- */

/* Every event holds a salt and a chain value: H(the one before, sequence, what lasts,
 * digest), the digest being H(content) keyed with the salt. To erase an event is to put
 * the digest in the place of salt and content: the chain holds, and nothing is told. */
#define LASTING 5 /* at, request, what, was, became; the content is who, why, detail */

bool chain_ready(struct ledger *, struct failure *); /* what SQL calls */
bool chain_begin(struct ledger *, struct failure *); /* migrates: from the table event_before */
bool chain_verify(struct ledger *, const struct ledger_head *noted, struct ledger_head *,
    struct failure *);
bool events_erase(struct ledger *, int64_t request, struct failure *);

/* ---- the change being applied --------------------------------------------- */

struct work {
	struct ledger *ledger;
	struct failure *why;
	instant now;
	struct ledger_change *change;
	int64_t key;              /* of the request's row; 0: the change is about none */
	enum request_state state; /* before the change */
	int64_t fence;
	instant lease;
	const char *owner;
	const char *reference;     /* before the change, or of a new request */
	bool holds_reference;      /* nobody else may have it */
	const char *new_reference; /* NULL: the same */
	int64_t decisions;         /* stored, with those of the change so far */
	const struct ledger_row *inserted; /* stands in the new row already; NULL: none */
	/* What the change sets, written in one statement when it ends. */
	const struct request_row *columns; /* NULL: none */
	bool sets_operation;
	const char *operation; /* NULL: none is under way */
};

/* Ends the change with a result; true, because the batch goes on. */
static inline bool work_result(struct work *work, enum ledger_result result)
{
	work->change->result = result;
	return true;
}

/* Each false means that the whole batch failed. */
bool event_write(struct work *); /* sqlite_chain.c */
void tally_count(struct ledger *, enum request_state from, enum request_state to);
bool tally_write(struct ledger *, struct failure *); /* sqlite_tally.c */
bool rows_write(struct work *);   /* sqlite_rows.c */
bool contract_settle(struct work *, const char *contract); /* sqlite_choice.c; NULL: none */
bool request_load(struct work *); /* sqlite_request.c */
bool request_insert(struct work *);
bool request_row_write(struct work *, struct ledger_row *);
bool request_finish(struct work *);
bool reserve_write(struct work *, struct ledger_row *); /* sqlite_incidents.c */
bool spend_write(struct work *, struct ledger_row *);
bool release_write(struct work *, struct ledger_row *);
bool release_all(struct work *);
bool observation_write(struct work *, struct ledger_row *);
bool contract_exists(struct work *, const char *contract, bool *exists); /* sqlite_contracts.c */
bool contract_write(struct work *, struct ledger_row *);
bool link_write(struct work *, struct ledger_row *);
bool idempotency_write(struct work *, struct ledger_row *); /* sqlite_idempotency.c */
bool remind_write(struct work *, struct ledger_row *);      /* sqlite_overdue.c */
bool forget_write(struct work *, struct ledger_row *);      /* sqlite_forget.c */
/* All but its clients' keys. */
bool request_forget(struct ledger *, int64_t key, instant now, struct failure *);
bool webhook_write(struct work *, struct ledger_row *);     /* sqlite_outbox.c */
bool delivery_write(struct work *, struct ledger_row *);
bool resend_write(struct work *, struct ledger_row *);
bool ids_write(struct work *, struct ledger_row *);         /* sqlite_secrets.c */
bool token_write(struct work *, struct ledger_row *);

#endif
