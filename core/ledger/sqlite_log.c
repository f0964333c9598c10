/* The file of the log: what a commit adds to it is written at once.
 *
 * SQLite writes each page in two pieces. Here they are gathered until the log is synced, read, cut
 * or measured. With synchronous = FULL it is synced before others are told of a commit, so that
 * nobody looks for what is not there yet. */
#include "ledger/sqlite.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BYTES 262144  /* gathered; of a larger transaction, parts are written before */
#define MOST_AT_ONCE 65536 /* SQLite's own files take no more than 128 KiB in one call */

static sqlite3_vfs *plain, gathering;

struct log_file {
	sqlite3_file file; /* first */
	sqlite3_file *plain;
	char *bytes; /* not written yet; they begin at `at` */
	int n;
	sqlite3_int64 at;
};

static struct log_file *log_of(sqlite3_file *file)
{
	return (struct log_file *)(void *)file;
}

static sqlite3_file *plain_of(sqlite3_file *file)
{
	return log_of(file)->plain;
}

/* What could not be written is lost, as its transaction is. */
static int write_out(struct log_file *log)
{
	int result = SQLITE_OK, n;

	for (int at = 0; at < log->n && result == SQLITE_OK; at += n) {
		n = log->n - at < MOST_AT_ONCE ? log->n - at : MOST_AT_ONCE;
		result = log->plain->pMethods->xWrite(log->plain, log->bytes + at, n, log->at + at);
	}
	log->n = 0;
	return result;
}

static int log_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct log_file *log = log_of(file);
	bool follows = log->n && at == log->at + log->n && log->n + n <= MOST_BYTES;
	int result = follows ? SQLITE_OK : write_out(log);

	if (result != SQLITE_OK)
		return result;
	if (n > MOST_BYTES)
		return log->plain->pMethods->xWrite(log->plain, bytes, n, at);
	if (!log->bytes)
		log->bytes = malloc(MOST_BYTES);
	if (!log->bytes)
		return SQLITE_IOERR_NOMEM;
	if (!log->n)
		log->at = at;
	memcpy(log->bytes + log->n, bytes, (size_t)n);
	log->n += n;
	return SQLITE_OK;
}

static int log_sync(sqlite3_file *file, int flags)
{
	int result = write_out(log_of(file));

	return result != SQLITE_OK ? result
				   : plain_of(file)->pMethods->xSync(plain_of(file), flags);
}

static int log_read(sqlite3_file *file, void *into, int n, sqlite3_int64 at)
{
	int result = write_out(log_of(file));

	return result != SQLITE_OK ? result
				   : plain_of(file)->pMethods->xRead(plain_of(file), into, n, at);
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int result = write_out(log_of(file));

	return result != SQLITE_OK ? result
				   : plain_of(file)->pMethods->xTruncate(plain_of(file), size);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int result = write_out(log_of(file));

	return result != SQLITE_OK ? result
				   : plain_of(file)->pMethods->xFileSize(plain_of(file), size);
}

static int log_control(sqlite3_file *file, int operation, void *argument)
{
	return plain_of(file)->pMethods->xFileControl(plain_of(file), operation, argument);
}

static int log_sector(sqlite3_file *file)
{
	return plain_of(file)->pMethods->xSectorSize(plain_of(file));
}

static int log_traits(sqlite3_file *file)
{
	return plain_of(file)->pMethods->xDeviceCharacteristics(plain_of(file));
}

/* No lock is ever taken on a log. */
static int log_lock(sqlite3_file *file, int level)
{
	return plain_of(file)->pMethods->xLock(plain_of(file), level);
}

static int log_unlock(sqlite3_file *file, int level)
{
	return plain_of(file)->pMethods->xUnlock(plain_of(file), level);
}

static int log_locked(sqlite3_file *file, int *is)
{
	return plain_of(file)->pMethods->xCheckReservedLock(plain_of(file), is);
}

/* What is left here belongs to no commit. */
static int log_close(sqlite3_file *file)
{
	struct log_file *log = log_of(file);

	free(log->bytes);
	return log->plain->pMethods->xClose(log->plain);
}

static const sqlite3_io_methods log_methods = {
	.iVersion = 1, /* without shared memory, which is the main file's */
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = log_lock,
	.xUnlock = log_unlock,
	.xCheckReservedLock = log_locked,
	.xFileControl = log_control,
	.xSectorSize = log_sector,
	.xDeviceCharacteristics = log_traits,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *given)
{
	struct log_file *log = log_of(file);
	int result;

	(void)vfs;
	if (!(flags & SQLITE_OPEN_WAL))
		return plain->xOpen(plain, name, file, flags, given);
	*log = (struct log_file){ .plain = (sqlite3_file *)(void *)(log + 1) };
	result = plain->xOpen(plain, name, log->plain, flags, given);
	if (result == SQLITE_OK)
		log->file.pMethods = &log_methods;
	return result;
}

static void make(void)
{
	plain = sqlite3_vfs_find(NULL);
	gathering = *plain;
	gathering.zName = "caseroute";
	gathering.szOsFile += (int)sizeof(struct log_file);
	gathering.xOpen = open_file;
	sqlite3_vfs_register(&gathering, 0);
}

const char *sqlite_log_vfs(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make);
	return gathering.zName;
}
