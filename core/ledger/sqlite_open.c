#include "ledger/sqlite.h"
#include "ledger/lock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the file --------------------------------------------------------------- */

static bool make_folder(const char *path, struct failure *why)
{
	char *copy = memory_copy_text(path);
	const char *folder = dirname(copy);
	struct stat info;
	bool is_ok = stat(folder, &info) == 0 || file_make_directory(folder, why);

	free(copy);
	return is_ok;
}

/* So that the new names survive a power cut as well as what they name. */
static void sync_folders(const char *path)
{
	char *copy = memory_copy_text(path), *folder = copy;

	do {
		int fd;

		folder = dirname(folder);
		fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd >= 0) {
			fsync(fd);
			close(fd);
		}
	} while (!text_same(folder, "/") && !text_same(folder, "."));
	free(copy);
}

/* SQLite would make it with the umask's mode. An existing file is never opened
 * here: closing a second descriptor drops SQLite's own locks on the file. */
static bool make_file(const char *path, struct failure *why)
{
	int fd;

	if (!make_folder(path, why))
		return false;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return true;
	if (fd < 0)
		return failure_set(why,
		    errno == EACCES || errno == EPERM || errno == EROFS ? FAILURE_NO_PERMISSION
									: FAILURE_CANNOT_CREATE,
		    "%s: cannot make the ledger: %s", path, strerror(errno));
	close(fd);
	sync_folders(path);
	return true;
}

static bool find_file(const char *path, enum ledger_mode mode, struct failure *why)
{
	struct stat info;
	bool is_there = stat(path, &info) == 0;

	if (is_there && S_ISDIR(info.st_mode))
		return failure_set(
		    why, FAILURE_CONFIG, "%s: is a folder; the ledger is a file", path);
	if (is_there)
		return access(path, mode == LEDGER_READ ? R_OK : R_OK | W_OK) == 0 ||
		    failure_set(why, FAILURE_NO_PERMISSION, "%s: %s", path,
			mode == LEDGER_READ || errno == EROFS
			    ? strerror(errno)
			    : "the file may not be written by this user");
	if (errno == EACCES)
		return failure_set(why, FAILURE_NO_PERMISSION, "%s: %s", path, strerror(errno));
	if (mode == LEDGER_CREATE)
		return make_file(path, why);
	return failure_set(why, FAILURE_NO_INPUT,
	    "%s: there is no ledger yet; 'caseroute init' or the first submit makes it", path);
}

/* ---- the connection ---------------------------------------------------------- */

/* Full sync: what was committed survives a power cut. No checkpoint but ours
 * (sqlite_transaction.c). Pages of temporary data stay in memory. */
static const char settings[] = "PRAGMA synchronous = FULL;"
			       "PRAGMA wal_autocheckpoint = 0;"
			       "PRAGMA foreign_keys = ON;"
			       "PRAGMA trusted_schema = OFF;"
			       "PRAGMA cell_size_check = ON;"
			       "PRAGMA secure_delete = FAST;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA journal_size_limit = 67108864;";

/* KiB. A service's writer meets random pages of large indexes; others read little at a time, and
 * what they keep is old after the next commit. */
static const char cache_of_writer[] = "PRAGMA cache_size = -8192",
		  cache[] = "PRAGMA cache_size = -2048";

static int count_pages(void *ledger, sqlite3 *db, const char *name, int pages)
{
	(void)db, (void)name;
	((struct ledger *)ledger)->wal_pages = pages;
	return SQLITE_OK;
}

static bool set_up(struct ledger *ledger, struct failure *why)
{
	sqlite3_busy_timeout(ledger->db, lock_wait_ms);
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_exec(ledger->db, settings, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_exec(ledger->db, ledger->mode == LEDGER_WRITE ? cache_of_writer : cache, NULL,
		NULL, NULL) != SQLITE_OK)
		return sqlite_failed(ledger, why, "set up the connection");
	sqlite3_wal_hook(
	    ledger->db, count_pages, ledger); /* after the settings, which set their own */
	return ledger->mode == LEDGER_READ || !sqlite3_db_readonly(ledger->db, "main") ||
	    failure_set(why, FAILURE_NO_PERMISSION, "%s: the file is read-only", ledger->path);
}

static bool is_wal(struct ledger *ledger, struct failure *why, bool *is)
{
	sqlite3_stmt *statement = statement_bind(ledger, why, "PRAGMA journal_mode", WITH_NOTHING);

	if (!statement || statement_step(ledger, why, statement) != STEP_ROW)
		return false;
	*is = text_is(column_bytes(statement, 0), "wal");
	sqlite3_reset(statement);
	return true;
}

/* Once in a ledger's life; both stay in the file. What a decision goes by takes two to three KB:
 * of pages of 4 KiB, each of which held one, a third was empty. */
static const char format[] = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL";

static bool use_wal(struct ledger *ledger, struct failure *why)
{
	bool is = false, is_ok;

	if (!is_wal(ledger, why, &is))
		return false;
	if (is || ledger->mode == LEDGER_READ)
		return true;
	if (!lock_take(ledger->lock, ledger->path, why))
		return false;
	is_ok =
	    sqlite3_exec(ledger->db, format, NULL, NULL, NULL) == SQLITE_OK ||
	    sqlite_failed(ledger, why, "begin its log");
	lock_give(ledger->lock);
	if (!is_ok || !is_wal(ledger, why, &is))
		return false;
	return is ||
	    failure_set(why, FAILURE_IO,
		"%s: this file system cannot hold a ledger (no shared memory)", ledger->path);
}

/* Counting SQLite's memory takes a lock for each allocation, and nobody asks for the count. */
static void tune_library(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* refused, and no matter, once SQLite runs */
}

/* Beside the file itself: all its names must lead to the one lock. */
static bool open_lock(struct ledger *ledger, struct failure *why)
{
	char *real = realpath(ledger->path, NULL);

	ledger->lock = lock_open(real ? real : ledger->path, why);
	free(real);
	return ledger->lock >= 0;
}

static bool connect(struct ledger *ledger, struct failure *why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
	    (ledger->mode == LEDGER_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);

	if (ledger->mode != LEDGER_READ && !open_lock(ledger, why))
		return false;
	pthread_once(&once, tune_library);
	if (sqlite3_open_v2(ledger->path, &ledger->db, flags, sqlite_log_vfs()) != SQLITE_OK)
		return sqlite_failed(ledger, why, "open it");
	/* Nothing of a file that is not ours is touched, its journal mode included. */
	return set_up(ledger, why) && chain_ready(ledger, why) && schema_check(ledger, why) &&
	    use_wal(ledger, why);
}

struct ledger *ledger_open(
    const char *path, enum ledger_mode mode, const struct secret *key, struct failure *why)
{
	struct ledger *ledger;

	if (!find_file(path, mode, why))
		return NULL;
	ledger = memory_new(sizeof *ledger);
	ledger->path = memory_copy_text(path);
	ledger->mode = mode;
	ledger->lock = -1;
	ledger->scratch = arena_new();
	if (connect(ledger, why) && schema_ready(ledger, why) && key_ready(ledger, key, why))
		return ledger;
	ledger_close(ledger);
	return NULL;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	statements_free(ledger);
	sqlite3_close(ledger->db);
	if (ledger->lock >= 0)
		close(ledger->lock);
	seal_free(ledger->seal);
	arena_free(ledger->scratch);
	free(ledger->path);
	free(ledger);
}
