/* The chain of events: history cannot be rewritten unseen, and yet be forgotten. */
#include "ledger/sqlite.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(int64_t) == 8, "numbers are hashed as eight bytes");

/* ---- hashing: BLAKE2b, each part with its length, so that no two rows look alike ------- */

static void add_number(crypto_generichash_state *hash, int64_t number)
{
	unsigned char bytes[8];

	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)((uint64_t)number >> (8 * i));
	crypto_generichash_update(hash, bytes, sizeof bytes);
}

static void add_value(crypto_generichash_state *hash, const struct value *value)
{
	if (value->kind == VALUE_NULL || value->kind == VALUE_NUMBER) {
		add_number(hash, value->kind == VALUE_NULL ? -1 : 8);
		add_number(hash, value->number);
		return;
	}
	add_number(hash, (int64_t)value->n);
	crypto_generichash_update(hash, (const unsigned char *)value->p, value->n);
}

/* Keyed with the salt: once that is gone, nobody can try what the content may have been. */
static void digest_of(const unsigned char salt[EVENT_SALT], const struct value content[3],
    unsigned char out[LEDGER_CHAIN])
{
	crypto_generichash_state hash;

	crypto_generichash_init(&hash, salt, EVENT_SALT, LEDGER_CHAIN);
	for (int i = 0; i < 3; i++)
		add_value(&hash, &content[i]);
	crypto_generichash_final(&hash, out, LEDGER_CHAIN);
}

/* head goes on to the next event. */
static void chain_add(struct ledger_head *head, const struct value lasting[LASTING],
    const unsigned char digest[LEDGER_CHAIN])
{
	crypto_generichash_state hash;

	crypto_generichash_init(&hash, NULL, 0, LEDGER_CHAIN);
	crypto_generichash_update(&hash, head->chain, LEDGER_CHAIN);
	add_number(&hash, ++head->sequence);
	for (int i = 0; i < LASTING; i++)
		add_value(&hash, &lasting[i]);
	crypto_generichash_update(&hash, digest, LEDGER_CHAIN);
	crypto_generichash_final(&hash, head->chain, LEDGER_CHAIN);
}

/* Random bytes are fetched for many events at once: a system call each would be felt. */
static void salt_new(struct ledger *ledger, unsigned char salt[EVENT_SALT])
{
	if (ledger->salts_left == 0) {
		randombytes_buf(ledger->salts, sizeof ledger->salts);
		ledger->salts_left = sizeof ledger->salts;
	}
	ledger->salts_left -= EVENT_SALT;
	memcpy(salt, ledger->salts + ledger->salts_left, EVENT_SALT);
	sodium_memzero(ledger->salts + ledger->salts_left, EVENT_SALT);
}

/* ---- the end of the chain ---------------------------------------------------------------- */

static bool head_copy(sqlite3_stmt *statement, struct ledger_head *head)
{
	struct text chain = column_bytes(statement, 1);

	head->sequence = column_number(statement, 0);
	if (chain.n == LEDGER_CHAIN)
		memcpy(head->chain, chain.p, LEDGER_CHAIN);
	return chain.n == LEDGER_CHAIN;
}

/* head stays as it is where the statement finds nothing. */
static bool head_find(
    struct ledger *ledger, const char *sql, struct ledger_head *head, struct failure *why)
{
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH_NOTHING);
	enum step step = statement ? statement_step(ledger, why, statement) : STEP_FAILED;
	bool is_ok;

	if (step != STEP_ROW)
		return step == STEP_END;
	is_ok = head_copy(statement, head);
	sqlite3_reset(statement);
	return is_ok ||
	    failure_set(why, FAILURE_DATA, "%s: the chain of events is damaged at event %lld",
		ledger->path, (long long)head->sequence);
}

/* The last event is never pruned, so that only a new ledger has none. */
bool ledger_last(struct ledger *ledger, struct ledger_head *head, struct failure *why)
{
	static const char sql[] =
	    "SELECT sequence, chain FROM event ORDER BY sequence DESC LIMIT 1";

	*head = (struct ledger_head){ 0 };
	return head_find(ledger, sql, head, why);
}

/* What stands before the first event that is kept. */
static bool chain_start(struct ledger *ledger, struct ledger_head *head, struct failure *why)
{
	static const char sql[] = "SELECT (SELECT value FROM meta WHERE name = 'pruned_events'),"
				  " value FROM meta WHERE name = 'pruned_chain'";

	*head = (struct ledger_head){ 0 };
	return head_find(ledger, sql, head, why);
}

/* Other processes write, too: known only from the first event of a transaction to its end. */
static bool chain_end(struct work *work)
{
	struct ledger *ledger = work->ledger;

	if (!ledger->knows_last && !ledger_last(ledger, &ledger->last, work->why))
		return false;
	ledger->knows_last = true;
	return true;
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool insert(struct ledger *ledger, struct failure *why, const struct value lasting[LASTING],
    const struct value content[3])
{
	static const char sql[] = "INSERT INTO event (sequence, at, request, what, was, became,"
				  " who, why, detail, salt, chain)"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
	unsigned char salt[EVENT_SALT], digest[LEDGER_CHAIN];

	salt_new(ledger, salt);
	digest_of(salt, content, digest);
	chain_add(&ledger->last, lasting, digest);
	return statement_run(ledger, why, sql,
	    WITH(of_number(ledger->last.sequence), lasting[0], lasting[1], lasting[2], lasting[3],
		lasting[4], content[0], content[1], content[2], of_bytes(salt, sizeof salt),
		of_bytes(ledger->last.chain, LEDGER_CHAIN)));
}

/* From and to are what really happened, not what the caller expected. */
bool event_write(struct work *work)
{
	struct event_row *event = &work->change->event;
	enum request_state became = work->change->state;

	if (!event->what)
		return true;
	event->at = instant_is_known(event->at) ? event->at : work->now;
	event->from = work->state;
	event->to = became != STATE_NONE ? became : work->state;
	if (!chain_end(work) ||
	    !insert(work->ledger, work->why,
		(struct value[LASTING]){ of_number(event->at),
		    work->key ? of_number(work->key) : (struct value){ 0 }, of_chars(event->what),
		    of_number(event->from), of_number(event->to) },
		(struct value[3]){
		    of_chars(event->who), of_chars(event->why), of_text(event->detail) }))
		return false;
	event->sequence = work->ledger->last.sequence;
	return true;
}

/* ---- reading it back ---------------------------------------------------------------------------
 */

#define CHAINED "sequence, at, request, what, was, became, who, why, detail"

static struct value of_column(sqlite3_stmt *statement, int i)
{
	struct text bytes;

	switch (sqlite3_column_type(statement, i)) {
	case SQLITE_NULL: return (struct value){ 0 };
	case SQLITE_INTEGER: return of_number(column_number(statement, i));
	default: bytes = column_bytes(statement, i);
	}
	return (struct value){ VALUE_TEXT, 0, bytes.p, bytes.n };
}

/* at, request, what, was, became; then who, why, detail. */
static void of_columns(
    sqlite3_stmt *statement, struct value lasting[LASTING], struct value content[3])
{
	for (int i = 0; i < LASTING; i++)
		lasting[i] = of_column(statement, 1 + i);
	for (int i = 0; i < 3; i++)
		content[i] = of_column(statement, 1 + LASTING + i);
}

/* The events of a ledger from before the chain: begun with the first of them. */
bool chain_begin(struct ledger *ledger, struct failure *why)
{
	static const char sql[] = "SELECT " CHAINED " FROM event_before ORDER BY sequence";
	sqlite3_stmt *statement = statement_once(ledger, why, sql);
	struct value lasting[LASTING], content[3];
	enum step step = statement ? STEP_ROW : STEP_FAILED;

	ledger->last = (struct ledger_head){ 0 };
	while (step == STEP_ROW && (step = statement_step(ledger, why, statement)) == STEP_ROW) {
		of_columns(statement, lasting, content);
		ledger->last.sequence = column_number(statement, 0) - 1;
		if (!insert(ledger, why, lasting, content))
			step = STEP_FAILED;
	}
	sqlite3_finalize(statement);
	return step == STEP_END &&
	    statement_run(ledger, why, "DROP TABLE event_before", WITH_NOTHING);
}

/* What was erased has its digest in the place of salt and content. */
static bool digest_stored(
    sqlite3_stmt *statement, const struct value content[3], unsigned char digest[LEDGER_CHAIN])
{
	struct text salt = column_bytes(statement, 9), stored = column_bytes(statement, 10);

	if (salt.n == EVENT_SALT && stored.n == 0) {
		digest_of((const unsigned char *)salt.p, content, digest);
		return true;
	}
	if (salt.n || stored.n != LEDGER_CHAIN)
		return false;
	for (int i = 0; i < 3; i++)
		if (content[i].kind != VALUE_NULL)
			return false;
	memcpy(digest, stored.p, LEDGER_CHAIN);
	return true;
}

static bool row_holds(
    struct ledger *ledger, sqlite3_stmt *statement, struct ledger_head *head, struct failure *why)
{
	struct value lasting[LASTING], content[3];
	unsigned char digest[LEDGER_CHAIN];
	int64_t sequence = column_number(statement, 0);

	if (sequence != head->sequence + 1)
		return failure_set(why, FAILURE_DATA, "%s: event %lld is missing", ledger->path,
		    (long long)head->sequence + 1);
	of_columns(statement, lasting, content);
	if (digest_stored(statement, content, digest)) {
		struct text chain = column_bytes(statement, 11);

		chain_add(head, lasting, digest);
		if (chain.n == LEDGER_CHAIN && memcmp(chain.p, head->chain, LEDGER_CHAIN) == 0)
			return true;
	}
	return failure_set(why, FAILURE_DATA,
	    "%s: event %lld is not what was written: the chain of events breaks there",
	    ledger->path, (long long)sequence);
}

/* ---- a head that somebody noted ---------------------------------------------------------------
 */

static bool is_other(struct ledger *ledger, const struct ledger_head *noted,
    const struct ledger_head *head, struct failure *why)
{
	if (!noted || noted->sequence != head->sequence ||
	    memcmp(noted->chain, head->chain, LEDGER_CHAIN) == 0)
		return false;
	failure_set(why, FAILURE_DATA,
	    "%s: event %lld is not the one whose head was noted: the events up to it were "
	    "written anew",
	    ledger->path, (long long)head->sequence);
	return true;
}

static bool reaches(struct ledger *ledger, const struct ledger_head *noted,
    const struct ledger_head *first, const struct ledger_head *last, struct failure *why)
{
	if (noted && noted->sequence > last->sequence)
		return failure_set(why, FAILURE_DATA,
		    "%s: ends with event %lld, but event %lld was noted: the last events are "
		    "missing",
		    ledger->path, (long long)last->sequence, (long long)noted->sequence);
	if (noted && noted->sequence < first->sequence)
		return failure_set(why, FAILURE_DATA,
		    "%s: the events up to %lld are pruned, so that a head noted at %lld proves "
		    "nothing any more; note a newer one",
		    ledger->path, (long long)first->sequence, (long long)noted->sequence);
	return true;
}

static bool walk(struct ledger *ledger, const struct ledger_head *noted, struct ledger_head *head,
    struct failure *why)
{
	static const char sql[] =
	    "SELECT " CHAINED ", salt, digest, chain FROM event ORDER BY sequence";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH_NOTHING);
	enum step step = statement ? STEP_ROW : STEP_FAILED;

	while (step == STEP_ROW && (step = statement_step(ledger, why, statement)) == STEP_ROW)
		if (!row_holds(ledger, statement, head, why) ||
		    is_other(ledger, noted, head, why)) {
			sqlite3_reset(statement);
			return false;
		}
	return step == STEP_END;
}

/* Row by row: memory does not grow with the events. */
bool chain_verify(struct ledger *ledger, const struct ledger_head *noted, struct ledger_head *head,
    struct failure *why)
{
	struct ledger_head first;
	bool is_ok;

	if (!statement_run(ledger, why, "BEGIN", WITH_NOTHING)) /* pruning between the two reads */
		return false;
	is_ok = chain_start(ledger, &first, why);
	*head = first;
	is_ok = is_ok && !is_other(ledger, noted, head, why) && walk(ledger, noted, head, why) &&
	    reaches(ledger, noted, &first, head, why);
	statement_run(ledger, NULL, "COMMIT", WITH_NOTHING);
	return is_ok;
}

/* ---- erasing
 * -------------------------------------------------------------------------------------- */

/* event_digest(salt, who, why, detail), for the statement that erases. */
static void event_digest(sqlite3_context *context, int n, sqlite3_value **arguments)
{
	unsigned char digest[LEDGER_CHAIN];
	struct value content[3] = { 0 };

	(void)n;
	for (int i = 0; i < 3; i++)
		if (sqlite3_value_type(arguments[i + 1]) != SQLITE_NULL)
			content[i] = (struct value){ VALUE_TEXT, 0,
				(const char *)sqlite3_value_text(arguments[i + 1]),
				(size_t)sqlite3_value_bytes(arguments[i + 1]) };
	digest_of(sqlite3_value_blob(arguments[0]), content, digest);
	sqlite3_result_blob(context, digest, sizeof digest, SQLITE_TRANSIENT);
}

bool chain_ready(struct ledger *ledger, struct failure *why)
{
	return sqlite3_create_function(ledger->db, "event_digest", 4,
		   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, event_digest, NULL,
		   NULL) == SQLITE_OK ||
	    sqlite_failed(ledger, why, "set up the connection");
}

bool events_erase(struct ledger *ledger, int64_t request, struct failure *why)
{
	static const char sql[] =
	    "UPDATE event SET digest = event_digest(salt, who, why, detail), salt = NULL,"
	    " who = NULL, why = NULL, detail = NULL WHERE request = ?1 AND salt IS NOT NULL";

	return statement_run(ledger, why, sql, WITH(of_number(request)));
}
