/* Where portal_send() finds the secrets that are not in the portal's section. */
#include "engine/inside.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool contract_ids(
    void *context, struct secret *access_id, struct secret *contract_id, struct failure *why)
{
	struct secret_context *c = context;
	const struct partner_contract *configured;

	if (!c->contract)
		return failure_set(why, FAILURE_CONFIG, "no contract is used, so it has no IDs");
	if (ledger_contract_ids(c->engine->ledger, c->contract, access_id, contract_id, why))
		return true;
	if (why->kind != FAILURE_NONE)
		return false;
	configured = partner_contract(c->engine->generation->partner, c->contract);
	if (!configured || !configured->access_id || !configured->contract_id)
		return failure_set(why, FAILURE_CONFIG,
		    "contract %s: its IDs are not on record; give them with `caseroute contracts "
		    "add`",
		    c->contract);
	return secret_read(configured->access_id, configured->file, access_id, why) &&
	    secret_read(configured->contract_id, configured->file, contract_id, why);
}

static bool refresh_token_get(
    void *context, const char *credential, struct secret *token, struct failure *why)
{
	struct secret_context *c = context;

	return ledger_token(c->engine->ledger, credential, token, why);
}

static bool refresh_token_put(
    void *context, const char *credential, struct text value, struct failure *why)
{
	struct secret_context *c = context;
	struct ledger_row row = { .kind = ROW_TOKEN, .token = { credential, value } };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };

	return engine_commit(c->engine, &change, 1, why) && change.result == LEDGER_DONE;
}

static bool file_bytes(void *context, uint32_t index, uint64_t offset, uint64_t length,
    struct buffer *out, struct failure *why)
{
	struct secret_context *c = context;
	const char *path = index < c->n_files ? c->files[index].path : NULL;
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n = 0;

	if (fd < 0)
		return failure_set(why, FAILURE_NO_INPUT, "%s: cannot open the file to attach",
		    path ? path : "file");
	while (length) {
		char piece[65536];
		size_t want = length < sizeof piece ? (size_t)length : sizeof piece;

		n = pread(fd, piece, want, (off_t)offset);
		if (n <= 0)
			break;
		buffer_append(out, piece, (size_t)n);
		offset += (uint64_t)n;
		length -= (uint64_t)n;
	}
	close(fd);
	return n >= 0 || failure_set(why, FAILURE_IO, "%s: cannot read the file to attach", path);
}

struct secret_source secrets_of(struct secret_context *context)
{
	return (struct secret_source){ .context = context,
		.contract_ids = contract_ids,
		.refresh_token_get = refresh_token_get,
		.refresh_token_put = refresh_token_put,
		.file_read = file_bytes };
}
