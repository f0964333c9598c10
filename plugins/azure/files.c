/* Files go into a workspace before the ticket, in at most two chunks each. */
#include "azure.h"

enum { F_WORKSPACE, F_FILE, F_CHUNK };

#define FILE_BYTES 5242880u  /* Microsoft.Support: 1 to 5,242,880 bytes ... */
#define CHUNK_BYTES 2621440u /* ... in chunks of at most 2.5 MB, two at most */
#define NAME_BYTES 110u

/* cursor[0]: file; cursor[1]: chunk */

static const char *const blocked[] = { "bat", "cmd", "exe", "ps1", "js", "vbs", "com", "lnk", "reg",
	"bin", "cpl", "inf", "ins", "isu", "job", "jse", "msi", "msp", "paf", "pif", "rgs", "scr",
	"sct", "vbe", "vb", "ws", "wsf", "wsh", "svg", "htm", "html" };

static portal_str extension(portal_str name)
{
	size_t at = name.n;

	while (at && name.p[at - 1] != '.')
		at--;
	return at ? (portal_str){ name.p + at, name.n - at } : PORTAL_STR("");
}

static portal_str problem_of(struct portal_op *op, const struct portal_file *f)
{
	const struct portal_host *host = op->host;
	portal_str ending = extension(f->name);
	size_t i;

	if (f->length < 1 || f->length > FILE_BYTES)
		return host->format(op, "%.*s has %llu bytes; Azure takes 1 to %u",
		    PORTAL_ARG(f->name), (unsigned long long)f->length, FILE_BYTES);
	if (f->name.n > NAME_BYTES)
		return host->format(op, "the name %.*s has more than %u characters",
		    PORTAL_ARG(f->name), NAME_BYTES);
	for (i = 0; i < sizeof blocked / sizeof blocked[0]; i++)
		if (portal_same(ending, blocked[i]))
			return host->format(op,
			    "%.*s: Azure takes no .%s files; put it into an archive",
			    PORTAL_ARG(f->name), blocked[i]);
	return PORTAL_STR("");
}

portal_str azure_file_problem(struct portal_op *op)
{
	uint32_t i;

	for (i = 0; i < op->request->n_files; i++) {
		portal_str problem = problem_of(op, op->request->files[i]);

		if (problem.n)
			return problem;
	}
	return PORTAL_STR("");
}

static uint32_t chunks_of(const struct portal_file *f)
{
	return f->length > CHUNK_BYTES ? 2 : 1;
}

static uint32_t chunk_bytes(const struct portal_file *f)
{
	return f->length > CHUNK_BYTES ? CHUNK_BYTES : (uint32_t)f->length;
}

static uint32_t make_workspace(struct portal_op *op, uint32_t first, portal_str workspace)
{
	azure_call(op, "PUT", "fileWorkspaces/{}", &workspace, 1, PORTAL_REPEAT_SAFE);
	op->stage = first + F_WORKSPACE;
	return PORTAL_FETCH;
}

static uint32_t make_file(struct portal_op *op, uint32_t first, portal_str workspace)
{
	const struct portal_file *f = op->request->files[op->cursor[0]];
	portal_str args[2] = { workspace, f->name };

	azure_call(op, "PUT", "fileWorkspaces/{}/files/{}", args, 2, PORTAL_REPEAT_SAFE);
	op->host->put_number(op, "/properties/fileSize", (int64_t)f->length);
	op->host->put_number(op, "/properties/chunkSize", chunk_bytes(f));
	op->host->put_number(op, "/properties/numberOfChunks", chunks_of(f));
	op->cursor[1] = 0;
	op->stage = first + F_FILE;
	return PORTAL_FETCH;
}

/* A chunk has its index: sending it again stores the same bytes. */
static uint32_t send_chunk(struct portal_op *op, uint32_t first, portal_str workspace)
{
	const struct portal_file *f = op->request->files[op->cursor[0]];
	portal_str args[2] = { workspace, f->name };

	azure_call(op, "POST", "fileWorkspaces/{}/files/{}/upload", args, 2, PORTAL_REPEAT_SAFE);
	op->host->put_number(op, "/chunkIndex", op->cursor[1]);
	op->host->put_file(
	    op, "/content", op->cursor[0], (uint64_t)op->cursor[1] * CHUNK_BYTES, chunk_bytes(f));
	op->stage = first + F_CHUNK;
	return PORTAL_FETCH;
}

static uint32_t next_file(struct portal_op *op, uint32_t first, portal_str workspace)
{
	return op->cursor[0] < op->request->n_files ? make_file(op, first, workspace) : PORTAL_DONE;
}

uint32_t azure_send_files(
    struct portal_op *op, uint32_t first, portal_str workspace, int makes_workspace)
{
	if (op->stage < first || op->stage > first + F_CHUNK) {
		op->cursor[0] = 0;
		if (!op->request->n_files)
			return PORTAL_DONE;
		return makes_workspace ? make_workspace(op, first, workspace)
				       : make_file(op, first, workspace);
	}
	if (!azure_is_good(op))
		return op->host->reject(op);
	switch (op->stage - first) {
	case F_WORKSPACE: return next_file(op, first, workspace);
	case F_FILE: return send_chunk(op, first, workspace);
	default: break;
	}
	if (++op->cursor[1] < chunks_of(op->request->files[op->cursor[0]]))
		return send_chunk(op, first, workspace);
	op->cursor[0]++;
	return next_file(op, first, workspace);
}
