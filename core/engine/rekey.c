/*
 * Another key for the ledger, whose file is in the place of the old one.
 *
 *   1. KEY.new is written: whole and 0600 under that name, or not at all; file and
 *      folder are synced.
 *   2. The ledger is sealed anew, in one commit with full sync.
 *   3. KEY.new is renamed to KEY, and the folder synced.
 *
 * Killed before 2 is done, KEY opens the ledger and KEY.new is nobody's: the next run
 * takes it as its new key. Killed after it, KEY.new opens the ledger: the next run sees
 * that KEY does not and does 3. At no time is there a ledger whose key has no durable
 * file. KEY.new is never written over, and the folder is locked meanwhile, so that a
 * second run cannot rename what it did not seal with.
 */
#include "engine/inside.h"
#include "base/file.h"
#include "ledger/faultpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct rekey {
	const char *ledger, *key;
	char *next; /* KEY.new */
	struct failure *why;
};

static int lock_folder(const char *path, struct failure *why)
{
	char *copy = memory_copy_text(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		failure_set(why, errno == EACCES ? FAILURE_NO_PERMISSION : FAILURE_NO_INPUT,
		    "%s: cannot open the folder of the key: %s", copy, strerror(errno));
	} else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		failure_set(why, FAILURE_TRY_LATER, "%s: another rekey is under way", copy);
		close(fd);
		fd = -1;
	}
	free(copy);
	return fd;
}

static bool read_key(const char *path, struct secret *key, struct failure *why)
{
	char *reference = NULL;
	bool is_ok;

	if (asprintf(&reference, "file:%s", path) < 0)
		return failure_set(why, FAILURE_INTERNAL, "no memory");
	is_ok = secret_read(reference, NULL, key, why);
	free(reference);
	return is_ok;
}

static struct ledger *open_with(struct rekey *r, const char *key, struct failure *why)
{
	struct secret secret = { 0 };
	struct ledger *ledger = NULL;

	if (read_key(key, &secret, why))
		ledger = ledger_open(r->ledger, LEDGER_WRITE, &secret, why);
	secret_free(&secret);
	return ledger;
}

/* The owner of the key stays who reads it, though root may do this. */
static bool write_next(struct rekey *r)
{
	struct stat old;

	if (access(r->next, F_OK) != 0 && !key_make(r->next, r->why))
		return false;
	if (stat(r->key, &old) != 0 ||
	    (geteuid() == 0 && chown(r->next, old.st_uid, old.st_gid) != 0) ||
	    !file_sync_folder(r->next))
		return failure_set(
		    r->why, FAILURE_IO, "%s: cannot make it last: %s", r->next, strerror(errno));
	faultpoint("new-key");
	return true;
}

static bool put_in_place(struct rekey *r)
{
	if (rename(r->next, r->key) != 0 || !file_sync_folder(r->key))
		return failure_set(r->why, FAILURE_IO,
		    "%s: the ledger is sealed with this key, but it cannot be renamed to %s (%s); "
		    "run `caseroute ledger rekey` again",
		    r->next, r->key, strerror(errno));
	faultpoint("key-in-place");
	return true;
}

static bool seal_anew(struct rekey *r, struct ledger *ledger)
{
	struct secret key = { 0 };
	bool is_ok =
	    write_next(r) && read_key(r->next, &key, r->why) && ledger_rekey(ledger, &key, r->why);

	secret_free(&key);
	return is_ok;
}

/* Does KEY.new open the ledger, where KEY does not? */
static bool was_cut_off(struct rekey *r)
{
	struct failure ignored = { 0 };
	struct ledger *ledger = access(r->next, F_OK) == 0 ? open_with(r, r->next, &ignored) : NULL;

	ledger_close(ledger);
	return ledger != NULL;
}

static bool rekey(struct rekey *r, bool *is_finished_only)
{
	struct failure why = { 0 };
	struct ledger *ledger = open_with(r, r->key, &why);
	bool is_ok;

	*is_finished_only = !ledger && was_cut_off(r);
	if (*is_finished_only)
		return put_in_place(r);
	if (!ledger)
		return failure_set(r->why, why.kind, "%s", why.text);
	is_ok = seal_anew(r, ledger);
	ledger_close(ledger);
	return is_ok && put_in_place(r);
}

bool engine_rekey(
    const struct generation *g, const char *key_path, bool *is_finished_only, struct failure *why)
{
	struct rekey r = { .ledger = g->partner->ledger_path,
		.key = key_path ? key_path : key_file(g->partner),
		.why = why };
	bool is_ok;
	int lock;

	*is_finished_only = false;
	if (!r.key)
		return failure_set(why, FAILURE_CONFIG,
		    "[ledger] key is no file: reference with a full path; name the file that is "
		    "behind it with --key-file");
	lock = lock_folder(r.key, why);
	if (lock < 0)
		return false;
	if (asprintf(&r.next, "%s.new", r.key) < 0)
		r.next = NULL;
	is_ok = r.next && rekey(&r, is_finished_only);
	free(r.next);
	close(lock);
	return is_ok;
}
