#include "engine/inside.h"
#include "base/file.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES 32

const char *key_file(const struct partner *p)
{
	return strncmp(p->ledger_key, "file:/", 6) == 0 ? p->ledger_key + 5 : NULL;
}

bool key_make(const char *path, struct failure *why)
{
	unsigned char raw[KEY_BYTES];
	char hex[KEY_BYTES * 2 + 2], *folder = memory_copy_text(path);
	bool is_ok;

	random_bytes(raw, sizeof raw);
	for (size_t i = 0; i < sizeof raw; i++)
		snprintf(hex + i * 2, 3, "%02x", raw[i]);
	strcat(hex, "\n");
	is_ok = file_make_directory(dirname(folder), why) &&
	    file_write(path, text_of(hex), 0600, false, why);
	explicit_bzero(raw, sizeof raw);
	explicit_bzero(hex, sizeof hex);
	free(folder);
	return is_ok;
}

/* A key is never made here: a lost one is an error, not a reason for a new one. Only
 * looking, which needs nothing that is sealed, goes without. */
static bool read_key(struct engine *e, enum ledger_mode mode, struct failure *why)
{
	const struct partner *p = e->generation->partner;
	const char *file = key_file(p);

	if (file && access(file, F_OK) != 0)
		return mode == LEDGER_READ ||
		    failure_set(why, FAILURE_CONFIG,
			"%s: the key of the ledger is not there; `caseroute init --key` makes one "
			"for "
			"a new ledger, a lost one comes back from a backup only",
			file);
	return secret_read(p->ledger_key, p->ledger_key_file, &e->key, why) ||
	    failure_context(why, "key of the ledger");
}

bool engine_make_key(const struct generation *g, struct failure *why)
{
	const char *file = key_file(g->partner);

	if (!file)
		return failure_set(why, FAILURE_CONFIG,
		    "[ledger] key is no file: reference with a full path; make the key where it "
		    "points to");
	if (access(file, F_OK) == 0)
		return failure_set(
		    why, FAILURE_CANNOT_CREATE, "%s is there already; nothing was changed", file);
	return key_make(file, why);
}

static const char *login_name(void)
{
	const char *name = getenv("CASEROUTE_ACTOR");

	if (!name || !*name)
		name = getenv("USER");
	return name && *name ? name : "agent";
}

/* Between sealing anew and renaming the key's file a rekey may have been killed. */
static void hint_at_rekey(const struct partner *p, struct failure *why)
{
	const char *file = key_file(p);
	struct buffer next = { 0 };

	buffer_format(&next, "%s.new", file ? file : "");
	if (file && why && why->kind == FAILURE_CONFIG && access(next.p, F_OK) == 0)
		failure_context(
		    why, "%s is there: `caseroute ledger rekey` was cut off, run it again", next.p);
	buffer_free(&next);
}

/* A clock that was set back while no program ran must not give out smaller ids. */
static bool follow_ids(struct engine *e, struct failure *why)
{
	struct request_filter newest = {
		.due_before = INSTANT_UNKNOWN, .unclaimed_at = INSTANT_UNKNOWN, .limit = 1
	};
	struct arena *arena = arena_new();
	struct request_row *rows;
	size_t n;
	bool is_ok = ledger_requests(e->ledger, &newest, arena, &rows, &n, why);

	if (is_ok && n)
		id_follow(rows[0].id);
	arena_free(arena);
	return is_ok;
}

bool engine_open(
    struct engine *e, const struct generation *g, enum ledger_mode mode, struct failure *why)
{
	struct http_options options = { .ca_file = getenv("CASEROUTE_CA_FILE") };

	*e = (struct engine){ .generation = g, .actor = login_name(), .patience_ms = 120000 };
	owner_self(e->owner);
	if (!read_key(e, mode, why))
		return false;
	e->ledger =
	    ledger_open(g->partner->ledger_path, mode, e->key.bytes.n ? &e->key : NULL, why);
	if (!e->ledger) {
		hint_at_rekey(g->partner, why);
		secret_free(&e->key);
		return false;
	}
	e->http = http_new(&options);
	if (follow_ids(e, why))
		return true;
	engine_close(e);
	return false;
}

void engine_close(struct engine *e)
{
	engine_forget(e);
	http_free(e->http);
	ledger_close(e->ledger);
	secret_free(&e->key);
	e->http = NULL;
	e->ledger = NULL;
}
