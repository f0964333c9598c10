#include "ledger/sqlite.h"

#include <stdio.h>
#include <string.h>

/* ---- the pair of a contract --------------------------------------------------------- */

/* O3: the pair of IDs is the contract; a second name for it would count its
 * incidents twice. */
static bool pair_taken(struct work *work, const unsigned char *pair, const char *contract)
{
	static const char sql[] =
	    "SELECT contract FROM contract_ids WHERE pair = ?1 AND contract <> ?2";
	sqlite3_stmt *statement = statement_bind(
	    work->ledger, work->why, sql, WITH(of_bytes(pair, SEAL_HASH), of_chars(contract)));
	enum step step =
	    statement ? statement_step(work->ledger, work->why, statement) : STEP_FAILED;

	if (step != STEP_ROW)
		return step == STEP_END;
	snprintf(work->change->conflict, sizeof work->change->conflict, "%s",
	    (const char *)sqlite3_column_text(statement, 0));
	sqlite3_reset(statement);
	return work_result(work, LEDGER_EXISTS);
}

/* The pair is hashed from what will be stored: an empty ID keeps the old one,
 * which is read back first. */
static bool complete(struct work *work, const char *contract, struct text *ids, struct secret *old)
{
	struct failure wrong = { 0 };

	if (ids[0].n && ids[1].n)
		return true;
	if (!ledger_contract_ids(work->ledger, contract, &old[0], &old[1], &wrong))
		return wrong.kind == FAILURE_NONE ||
		    failure_set(work->why, wrong.kind, "%s", wrong.text);
	for (size_t i = 0; i < 2; i++)
		if (!ids[i].n)
			ids[i] = buffer_as_text(&old[i].bytes);
	return true;
}

static struct value seal_id(struct work *work, const char *contract, const char *column,
    struct text id, struct buffer *sealed)
{
	if (!id.n)
		return (struct value){ 0 };
	seal_close(work->ledger->seal,
	    arena_format(work->ledger->scratch, "contract_ids:%s:%s", contract, column), id,
	    sealed);
	return of_bytes(sealed->p, sealed->n);
}

static bool mask_store(struct work *work, const char *contract, struct text access_id)
{
	static const char sql[] = "UPDATE contract SET masked_access_id = ?2 WHERE id = ?1";
	char masked[LEDGER_MASK];

	if (!access_id.n)
		return true;
	return statement_run(work->ledger, work->why, sql,
	    WITH(of_chars(contract), of_chars(ledger_mask_access_id(access_id, masked))));
}

/* `pair` is NULL while one of the two is missing. */
static bool ids_store(
    struct work *work, const char *contract, const struct text *ids, const unsigned char *pair)
{
	static const char sql[] =
	    "INSERT INTO contract_ids (contract, access_id, contract_id, pair)"
	    " VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (contract) DO UPDATE SET access_id = ?2, contract_id = ?3, pair = ?4";
	struct buffer sealed[2] = { 0 };
	bool is_ok = statement_run(work->ledger, work->why, sql,
	    WITH(of_chars(contract), seal_id(work, contract, "access_id", ids[0], &sealed[0]),
		seal_id(work, contract, "contract_id", ids[1], &sealed[1]),
		of_bytes(pair, pair ? SEAL_HASH : 0)));

	buffer_free(&sealed[0]);
	buffer_free(&sealed[1]);
	return is_ok && mask_store(work, contract, ids[0]);
}

static bool ids_take(struct work *work, const char *contract, const struct text *ids)
{
	unsigned char pair[SEAL_HASH];

	if (!ids[0].n || !ids[1].n)
		return ids_store(work, contract, ids, NULL);
	seal_pair(work->ledger->seal, ids[0], ids[1], pair);
	if (!pair_taken(work, pair, contract))
		return false;
	return work->change->result != LEDGER_DONE || ids_store(work, contract, ids, pair);
}

static bool ids_ok(const struct ledger_row *row, struct failure *why)
{
	struct text access = row->ids.access_id, contract = row->ids.contract_id;

	return (!access.n || ledger_id_ok(access, "Access ID", why)) &&
	    (!contract.n || ledger_id_ok(contract, "Contract ID", why));
}

bool ids_write(struct work *work, struct ledger_row *row)
{
	struct text ids[2] = { text_trim(row->ids.access_id), text_trim(row->ids.contract_id) };
	struct secret old[2] = { 0 };
	bool exists, is_ok;

	if (!key_needed(work->ledger, work->why) || !ids_ok(row, work->why) ||
	    !contract_exists(work, row->ids.contract, &exists))
		return false;
	if (!exists)
		return work_result(work, LEDGER_MISSING);
	is_ok =
	    complete(work, row->ids.contract, ids, old) && ids_take(work, row->ids.contract, ids);
	secret_free(&old[0]);
	secret_free(&old[1]);
	return is_ok;
}

/* ---- reading them --------------------------------------------------------------------- */

static bool unseal(struct ledger *ledger, sqlite3_stmt *statement, int column, const char *place,
    struct secret *out, struct failure *why)
{
	*out = (struct secret){ 0 };
	if (sqlite3_column_type(statement, column) == SQLITE_NULL)
		return true;
	return seal_open(ledger->seal, place, column_bytes(statement, column), out, why) ||
	    failure_context(why, "%s", ledger->path);
}

static bool unseal_pair(struct ledger *ledger, sqlite3_stmt *statement, const char *contract,
    struct secret *access_id, struct secret *contract_id, struct failure *why)
{
	struct buffer place = { 0 };
	bool is_ok;

	*contract_id = (struct secret){ 0 };
	buffer_format(&place, "contract_ids:%s:access_id", contract);
	is_ok = unseal(ledger, statement, 0, place.p, access_id, why);
	place.n = 0;
	buffer_format(&place, "contract_ids:%s:contract_id", contract);
	is_ok = is_ok && unseal(ledger, statement, 1, place.p, contract_id, why);
	buffer_free(&place);
	if (!is_ok)
		secret_free(access_id);
	return is_ok;
}

bool ledger_contract_ids(struct ledger *ledger, const char *contract, struct secret *access_id,
    struct secret *contract_id, struct failure *why)
{
	static const char sql[] =
	    "SELECT access_id, contract_id FROM contract_ids WHERE contract = ?1";
	sqlite3_stmt *statement;
	bool is_ok;

	*access_id = *contract_id = (struct secret){ 0 };
	statement = statement_bind(ledger, why, sql, WITH(of_chars(contract)));
	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	is_ok = key_needed(ledger, why) &&
	    unseal_pair(ledger, statement, contract, access_id, contract_id, why);
	sqlite3_reset(statement);
	return is_ok;
}

bool ledger_contract_by_ids(struct ledger *ledger, struct text access_id, struct text contract_id,
    struct arena *arena, const char **id, struct failure *why)
{
	static const char sql[] = "SELECT contract FROM contract_ids WHERE pair = ?1";
	unsigned char pair[SEAL_HASH];
	sqlite3_stmt *statement;

	if (!key_needed(ledger, why))
		return false;
	seal_pair(ledger->seal, text_trim(access_id), text_trim(contract_id), pair);
	statement = statement_bind(ledger, why, sql, WITH(of_bytes(pair, sizeof pair)));
	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	*id = column_chars(statement, 0, arena);
	sqlite3_reset(statement);
	return true;
}

/* ---- tokens ------------------------------------------------------------------------------ */

bool token_write(struct work *work, struct ledger_row *row)
{
	static const char sql[] =
	    "INSERT OR REPLACE INTO token (credential, value, at) VALUES (?1, ?2, ?3)";
	struct buffer sealed = { 0 };
	bool is_ok;

	if (!key_needed(work->ledger, work->why))
		return false;
	seal_close(work->ledger->seal,
	    arena_format(work->ledger->scratch, "token:%s:value", row->token.credential),
	    row->token.value, &sealed);
	is_ok = statement_run(work->ledger, work->why, sql,
	    WITH(of_chars(row->token.credential), of_bytes(sealed.p, sealed.n),
		of_number(work->now)));
	buffer_free(&sealed);
	return is_ok;
}

bool ledger_token(
    struct ledger *ledger, const char *credential, struct secret *token, struct failure *why)
{
	static const char sql[] = "SELECT value FROM token WHERE credential = ?1";
	struct buffer place = { 0 };
	sqlite3_stmt *statement = statement_bind(ledger, why, sql, WITH(of_chars(credential)));
	bool is_ok;

	*token = (struct secret){ 0 };
	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	buffer_format(&place, "token:%s:value", credential);
	is_ok = key_needed(ledger, why) && unseal(ledger, statement, 0, place.p, token, why);
	buffer_free(&place);
	sqlite3_reset(statement);
	return is_ok;
}
