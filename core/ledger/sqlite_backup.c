#include "ledger/sqlite.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* SQLite would make the file with the umask's mode, and takes one that is empty. */
static bool make_empty(char *pattern, struct failure *why)
{
	int fd = mkostemp(pattern, O_CLOEXEC);

	if (fd < 0)
		return failure_set(why,
		    errno == EACCES || errno == EPERM || errno == EROFS ? FAILURE_NO_PERMISSION
									: FAILURE_CANNOT_CREATE,
		    "%s: cannot make the copy: %s", pattern, strerror(errno));
	close(fd);
	return true;
}

/* One read transaction, so it is the state between two commits; in the log, so nobody
 * waits for it. What was deleted is not in the copy. */
static bool copy_into(struct ledger *ledger, const char *path, struct failure *why)
{
	static const char sql[] = "VACUUM INTO ?1";

	return statement_run(ledger, why, sql, WITH(of_chars(path)));
}

static bool sync_file(const char *path, struct failure *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is_ok = fd >= 0 && fsync(fd) == 0;

	if (!is_ok)
		failure_set(why, FAILURE_IO, "%s: cannot sync the copy: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return is_ok;
}

/* Without the key: what is sealed is copied as it is. */
static bool verify_copy(const char *path, struct failure *why)
{
	struct ledger *copy = ledger_open(path, LEDGER_READ, NULL, why);
	bool is_ok = copy && ledger_verify(copy, NULL, NULL, why);

	ledger_close(copy);
	return is_ok || failure_context(why, "the copy is not good and was not kept");
}

/* A link, not a rename: what has that name already stays. */
static bool give_name(const char *from, const char *path, struct failure *why)
{
	if (link(from, path) != 0)
		return failure_set(why, FAILURE_CANNOT_CREATE, "%s: %s", path,
		    errno == EEXIST ? "is there already; nothing was written" : strerror(errno));
	unlink(from);
	file_sync_folder(path);
	return true;
}

bool ledger_backup(struct ledger *ledger, const char *path, struct failure *why)
{
	struct buffer temporary = { 0 };
	bool is_ok;

	if (access(path, F_OK) == 0)
		return failure_set(
		    why, FAILURE_CANNOT_CREATE, "%s: is there already; nothing was written", path);
	buffer_format(&temporary, "%s.XXXXXX", path);
	is_ok = make_empty(temporary.p, why);
	if (is_ok) {
		is_ok = copy_into(ledger, temporary.p, why) && sync_file(temporary.p, why) &&
		    verify_copy(temporary.p, why) && give_name(temporary.p, path, why);
		if (!is_ok)
			unlink(temporary.p);
	}
	buffer_free(&temporary);
	return is_ok;
}
