#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(
    int fd, const char *path, size_t max_bytes, struct buffer *out, struct failure *why)
{
	char piece[65536];
	ssize_t n;

	buffer_append(out, "", 0);
	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		buffer_append(out, piece, (size_t)n);
		if (out->n > max_bytes)
			return failure_set(why, FAILURE_DATA,
			    "%s: longer than %zu bytes, the limit", path, max_bytes);
	}
	return n == 0 ||
	    failure_set(why, FAILURE_NO_INPUT, "%s: cannot read: %s", path, strerror(errno));
}

bool file_read(const char *path, size_t max_bytes, struct buffer *out, struct failure *why)
{
	bool is_stdin = text_same(path, "-"), is_ok = false;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat info;

	if (fd < 0)
		return failure_set(why, errno == EACCES ? FAILURE_NO_PERMISSION : FAILURE_NO_INPUT,
		    "%s: cannot open: %s", path, strerror(errno));
	if (!is_stdin && (fstat(fd, &info) != 0 || S_ISDIR(info.st_mode)))
		failure_set(why, FAILURE_NO_INPUT, "%s: is a folder, a file is needed", path);
	else
		is_ok = read_all(fd, is_stdin ? "standard input" : path, max_bytes, out, why);
	if (!is_stdin)
		close(fd);
	return is_ok;
}

static bool write_all(int fd, struct text text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text.p += n;
		text.n -= (size_t)n;
	}
	return true;
}

bool file_write(
    const char *path, struct text text, unsigned mode, bool replace, struct failure *why)
{
	struct buffer temporary = { 0 };
	bool is_ok;
	int fd;

	buffer_format(&temporary, "%s.XXXXXX", path);
	fd = mkostemp(temporary.p, O_CLOEXEC);
	is_ok = fd >= 0 && fchmod(fd, (mode_t)mode) == 0 && write_all(fd, text) && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		is_ok = false;
	if (is_ok)
		is_ok = replace ? rename(temporary.p, path) == 0 : link(temporary.p, path) == 0;
	if (!is_ok)
		failure_set(why,
		    errno == EACCES || errno == EPERM ? FAILURE_NO_PERMISSION
						      : FAILURE_CANNOT_CREATE,
		    "%s: cannot write: %s", path, strerror(errno));
	if (fd >= 0 && (!is_ok || !replace))
		unlink(temporary.p);
	buffer_free(&temporary);
	return is_ok;
}

bool file_sync_folder(const char *path)
{
	char *copy = memory_copy_text(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	return is_ok;
}

bool file_make_directory(const char *path, struct failure *why)
{
	char *copy = memory_copy_text(path);
	bool is_ok = true;

	for (char *at = copy + 1; is_ok && *at; at++) {
		if (*at != '/')
			continue;
		*at = 0;
		is_ok = mkdir(copy, 0700) == 0 || errno == EEXIST;
		*at = '/';
	}
	is_ok = is_ok && (mkdir(copy, 0700) == 0 || errno == EEXIST);
	if (!is_ok)
		failure_set(why, errno == EACCES ? FAILURE_NO_PERMISSION : FAILURE_CANNOT_CREATE,
		    "%s: cannot make the folder: %s", path, strerror(errno));
	free(copy);
	return is_ok;
}
