#include "ledger/lock.h"
#include "base/id.h"
#include "base/instant.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int lock_wait_ms = 10000;

/* Run as root (a backup, a look around), the file must stay usable for whoever
 * owns the ledger. */
static void give_to_owner(int fd, const char *ledger)
{
	struct stat info;

	if (geteuid() == 0 && stat(ledger, &info) == 0 && fchown(fd, info.st_uid, info.st_gid) != 0)
		return;
}

int lock_open(const char *ledger, struct failure *why)
{
	struct buffer path = { 0 };
	int fd;

	buffer_format(&path, "%s.lock", ledger);
	fd = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		failure_set(why,
		    errno == EACCES || errno == EPERM || errno == EROFS ? FAILURE_NO_PERMISSION
									: FAILURE_CANNOT_CREATE,
		    "%s: cannot open the lock of the ledger: %s", path.p, strerror(errno));
	else
		give_to_owner(fd, ledger);
	buffer_free(&path);
	return fd;
}

/* Not a blocking flock(): that has no time limit without a signal. The uneven
 * pauses keep waiters from meeting again and again. */
static void pause_a_little(void)
{
	struct timespec pause = { 0, (long)(100000 + random_below(1500000)) };

	nanosleep(&pause, NULL);
}

bool lock_take(int fd, const char *ledger, struct failure *why)
{
	int64_t until = instant_monotonic() + lock_wait_ms;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return failure_set(
			    why, FAILURE_IO, "%s.lock: cannot lock: %s", ledger, strerror(errno));
		if (instant_monotonic() > until)
			return failure_set(why, FAILURE_TRY_LATER,
			    "%s: in use by another process for more than %d ms; try again", ledger,
			    lock_wait_ms);
		pause_a_little();
	}
	return true;
}

void lock_give(int fd)
{
	flock(fd, LOCK_UN);
}
