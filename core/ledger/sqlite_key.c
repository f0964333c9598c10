#include "ledger/sqlite.h"

#include <sodium.h>
#include <string.h>

/* ---- the key check ------------------------------------------------------------------ */

static bool key_number(struct ledger *ledger, struct failure *why, int64_t *number)
{
	static const char sql[] = "SELECT value FROM meta WHERE name = 'key_number'";

	return statement_number(ledger, why, sql, WITH_NOTHING, 0, number);
}

/* *same stays as it is where the ledger has no key yet. */
static bool check_matches(
    struct ledger *ledger, struct failure *why, const struct seal *seal, bool *same)
{
	static const char sql[] = "SELECT value FROM meta WHERE name = 'key_check'";
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH_NOTHING);
	enum step step = statement ? statement_step(ledger, why, statement) : STEP_FAILED;
	unsigned char check[SEAL_HASH];
	struct text stored;

	if (step != STEP_ROW)
		return step == STEP_END;
	stored = column_bytes(statement, 0);
	seal_check(seal, check);
	*same = stored.n == sizeof check && sodium_memcmp(stored.p, check, sizeof check) == 0;
	sqlite3_reset(statement);
	return true;
}

static bool meta_set(
    struct ledger *ledger, struct failure *why, const char *name, struct value value)
{
	static const char sql[] = "INSERT INTO meta (name, value) VALUES (?1, ?2)"
				  " ON CONFLICT (name) DO UPDATE SET value = excluded.value";

	return statement_run(ledger, why, sql, WITH(of_chars(name), value));
}

static bool store_check(struct ledger *ledger, struct failure *why, const struct seal *seal)
{
	unsigned char check[SEAL_HASH];

	seal_check(seal, check);
	return meta_set(ledger, why, "key_check", of_bytes(check, sizeof check)) &&
	    meta_set(ledger, why, "key_number", of_number(seal_number(seal)));
}

/* The first key that is brought becomes the ledger's, once and for all. */
static bool adopt(struct ledger *ledger, struct failure *why)
{
	int64_t number;

	if (!transaction_begin(ledger, why))
		return false;
	if (!key_number(ledger, why, &number) ||
	    (number == 0 && !store_check(ledger, why, ledger->seal))) {
		transaction_cancel(ledger);
		return false;
	}
	return transaction_commit(ledger, why);
}

bool key_ready(struct ledger *ledger, const struct secret *key, struct failure *why)
{
	int64_t number;
	bool same = true;

	if (!key)
		return true;
	if (!key_number(ledger, why, &number))
		return false;
	ledger->seal = seal_new(key, number ? number : 1, why);
	if (!ledger->seal || (number == 0 && ledger->mode != LEDGER_READ && !adopt(ledger, why)) ||
	    !check_matches(ledger, why, ledger->seal, &same))
		return false;
	return same ||
	    failure_set(why, FAILURE_CONFIG,
		"%s: sealed with another key than the one given; nothing was changed. Give the "
		"ledger's own "
		"key (key = file:... in [ledger])",
		ledger->path);
}

/* Asked at each use: in a long-lived process the key may have been changed by
 * another one, and what it would seal now nobody could open. */
bool key_needed(struct ledger *ledger, struct failure *why)
{
	int64_t number;

	if (!ledger->seal)
		return failure_set(why, FAILURE_CONFIG,
		    "%s: this needs the ledger's key; name it with key = file:... in [ledger]",
		    ledger->path);
	if (!key_number(ledger, why, &number))
		return false;
	return number == seal_number(ledger->seal) ||
	    (number == 0 && ledger->mode == LEDGER_READ) ||
	    failure_set(why, FAILURE_CONFIG,
		"%s: the ledger was sealed anew with another key meanwhile; start again with that "
		"one",
		ledger->path);
}

/* ---- another key ----------------------------------------------------------------------- */

/* Every column that is sealed. */
static const struct sealed_column {
	const char *place; /* "table:%s:column" */
	const char *list, *get, *set;
} sealed_columns[] = {
	{ "contract_ids:%s:access_id",
	    "SELECT contract FROM contract_ids WHERE access_id IS NOT NULL",
	    "SELECT access_id FROM contract_ids WHERE contract = ?1",
	    "UPDATE contract_ids SET access_id = ?2 WHERE contract = ?1" },
	{ "contract_ids:%s:contract_id",
	    "SELECT contract FROM contract_ids WHERE contract_id IS NOT NULL",
	    "SELECT contract_id FROM contract_ids WHERE contract = ?1",
	    "UPDATE contract_ids SET contract_id = ?2 WHERE contract = ?1" },
	{ "token:%s:value", "SELECT credential FROM token",
	    "SELECT value FROM token WHERE credential = ?1",
	    "UPDATE token SET value = ?2 WHERE credential = ?1" },
};

struct rekey {
	struct ledger *ledger;
	struct failure *why;
	struct arena *arena;
	const struct seal *new; /* NULL: only see whether everything opens */
};

static bool unseal(const struct rekey *rekey, const struct sealed_column *column, const char *id,
    struct buffer *place, struct secret *value)
{
	struct ledger *ledger = rekey->ledger;
	sqlite3_stmt *statement =
	    statement_bind(ledger, rekey->why, column->get, WITH(of_chars(id)));
	bool is_ok;

	if (!statement || statement_step(ledger, rekey->why, statement) != STEP_ROW)
		return false;
	place->n = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buffer_format(place, column->place, id); /* from the table above */
#pragma GCC diagnostic pop
	is_ok = seal_open(ledger->seal, place->p, column_bytes(statement, 0), value, rekey->why);
	sqlite3_reset(statement);
	return is_ok;
}

static bool reseal(const struct rekey *rekey, const struct sealed_column *column, const char *id)
{
	struct buffer place = { 0 }, sealed = { 0 };
	struct secret value = { 0 };
	bool is_ok = unseal(rekey, column, id, &place, &value);

	if (is_ok && rekey->new) {
		seal_close(rekey->new, place.p, buffer_as_text(&value.bytes), &sealed);
		is_ok = statement_run(rekey->ledger, rekey->why, column->set,
		    WITH(of_chars(id), of_bytes(sealed.p, sealed.n)));
	}
	secret_free(&value);
	buffer_free(&place);
	buffer_free(&sealed);
	return is_ok;
}

static void fill_id(sqlite3_stmt *statement, struct arena *arena, void *row)
{
	*(const char **)row = column_chars(statement, 0, arena);
}

/* The ids first: a table is not changed while it is walked. */
static bool reseal_column(const struct rekey *rekey, const struct sealed_column *column)
{
	const char **ids;
	size_t n;

	if (!statement_list(rekey->ledger, rekey->why,
		statement_bind(rekey->ledger, rekey->why, column->list, WITH_NOTHING), rekey->arena,
		fill_id, sizeof *ids, &ids, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!reseal(rekey, column, ids[i]))
			return false;
	return true;
}

static bool reseal_all(const struct rekey *rekey)
{
	for (size_t i = 0; i < sizeof sealed_columns / sizeof sealed_columns[0]; i++)
		if (!reseal_column(rekey, &sealed_columns[i]))
			return false;
	return true;
}

static bool rehash(const struct rekey *rekey, const char *contract)
{
	static const char sql[] = "UPDATE contract_ids SET pair = ?2 WHERE contract = ?1";
	struct secret ids[2] = { 0 };
	struct buffer place = { 0 };
	unsigned char pair[SEAL_HASH];
	bool is_ok = unseal(rekey, &sealed_columns[0], contract, &place, &ids[0]) &&
	    unseal(rekey, &sealed_columns[1], contract, &place, &ids[1]);

	if (is_ok) {
		seal_pair(
		    rekey->new, buffer_as_text(&ids[0].bytes), buffer_as_text(&ids[1].bytes), pair);
		is_ok = statement_run(rekey->ledger, rekey->why, sql,
		    WITH(of_chars(contract), of_bytes(pair, sizeof pair)));
	}
	secret_free(&ids[0]);
	secret_free(&ids[1]);
	buffer_free(&place);
	return is_ok;
}

static bool rehash_all(const struct rekey *rekey)
{
	static const char sql[] = "SELECT contract FROM contract_ids WHERE pair IS NOT NULL";
	const char **contracts;
	size_t n;

	if (!statement_list(rekey->ledger, rekey->why,
		statement_bind(rekey->ledger, rekey->why, sql, WITH_NOTHING), rekey->arena, fill_id,
		sizeof *contracts, &contracts, &n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!rehash(rekey, contracts[i]))
			return false;
	return true;
}

/* The pairs are hashed while the old key still opens them. */
static bool change_key(const struct rekey *rekey)
{
	if (!transaction_begin(rekey->ledger, rekey->why))
		return false;
	if (key_needed(rekey->ledger, rekey->why) && rehash_all(rekey) && reseal_all(rekey) &&
	    store_check(rekey->ledger, rekey->why, rekey->new))
		return transaction_commit(rekey->ledger, rekey->why);
	transaction_cancel(rekey->ledger);
	return false;
}

bool ledger_rekey(struct ledger *ledger, const struct secret *new_key, struct failure *why)
{
	struct seal *seal;
	struct rekey rekey = { .ledger = ledger, .why = why };
	bool is_ok;

	if (!key_needed(ledger, why))
		return false;
	seal = seal_new(new_key, seal_number(ledger->seal) + 1, why);
	if (!seal)
		return false;
	rekey.new = seal;
	rekey.arena = arena_new();
	is_ok = change_key(&rekey);
	arena_free(rekey.arena);
	if (is_ok) {
		seal_free(ledger->seal);
		ledger->seal = seal;
	} else {
		seal_free(seal);
	}
	return is_ok;
}

bool key_opens_all(struct ledger *ledger, struct failure *why)
{
	struct rekey rekey = { .ledger = ledger, .why = why };
	bool is_ok;

	if (!ledger->seal)
		return true;
	rekey.arena = arena_new();
	is_ok = reseal_all(&rekey);
	arena_free(rekey.arena);
	return is_ok;
}
