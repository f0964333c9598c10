#include "server/inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3 /* sd_listen_fds(3) */
#define BACKLOG 1024

static enum failure_kind kind_of(int error)
{
	if (error == EACCES || error == EPERM)
		return FAILURE_NO_PERMISSION;
	return error == EADDRINUSE || error == EADDRNOTAVAIL ? FAILURE_UNAVAILABLE : FAILURE_CONFIG;
}

static bool fail(const char *address, struct failure *why)
{
	int error = errno;

	return failure_set(
	    why, kind_of(error), "cannot listen on %s: %s", address, strerror(error));
}

/* ---- TCP --------------------------------------------------------------------------- */

static bool read_port(const char *text, in_port_t *port)
{
	int64_t number;

	if (!text_integer(text_of(text), &number) || number < 0 || number > 65535)
		return false;
	*port = htons((uint16_t)number);
	return true;
}

/* "127.0.0.1:8080" or "[::1]:8080": numbers only, since a name may mean several. */
static bool read_address(const char *text, struct sockaddr_storage *out)
{
	const char *colon = strrchr(text, ':');
	struct sockaddr_in *four = (struct sockaddr_in *)(void *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)(void *)out;
	char host[64] = "";
	size_t n = colon ? (size_t)(colon - text) : 0;

	*out = (struct sockaddr_storage){ 0 };
	if (!n || n >= sizeof host)
		return false;
	if (text[0] == '[' && text[n - 1] == ']') {
		memcpy(host, text + 1, n - 2);
		out->ss_family = AF_INET6;
		return inet_pton(AF_INET6, host, &six->sin6_addr) == 1 &&
		    read_port(colon + 1, &six->sin6_port);
	}
	memcpy(host, text, n);
	out->ss_family = AF_INET;
	return inet_pton(AF_INET, host, &four->sin_addr) == 1 &&
	    read_port(colon + 1, &four->sin_port);
}

static bool bind_tcp(int fd, const struct sockaddr_storage *address)
{
	socklen_t n = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						     : sizeof(struct sockaddr_in);
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (address->ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	return bind(fd, (const struct sockaddr *)(const void *)address, n) == 0;
}

/* Notes port and family of a socket that is bound. */
static bool look_at(struct listener *listener)
{
	struct sockaddr_storage address = { 0 };
	socklen_t n = sizeof address;

	if (getsockname(listener->fd, (struct sockaddr *)(void *)&address, &n) != 0)
		return false;
	listener->is_unix = address.ss_family == AF_UNIX;
	if (address.ss_family == AF_INET)
		listener->port = ntohs(((struct sockaddr_in *)(void *)&address)->sin_port);
	else if (address.ss_family == AF_INET6)
		listener->port = ntohs(((struct sockaddr_in6 *)(void *)&address)->sin6_port);
	return true;
}

static bool open_tcp(const char *text, struct listener *listener, struct failure *why)
{
	struct sockaddr_storage address;

	if (!read_address(text, &address))
		return failure_set(why, FAILURE_CONFIG,
		    "'%s' is not an address; write 127.0.0.1:8080, [::1]:8080, unix:/PATH or "
		    "systemd",
		    text);
	listener->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd < 0 || !bind_tcp(listener->fd, &address) ||
	    listen(listener->fd, BACKLOG) != 0 || !look_at(listener))
		return fail(text, why);
	return true;
}

/* ---- Unix --------------------------------------------------------------------------- */

static bool is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool alive = fd >= 0 &&
	    (connect(fd, (const struct sockaddr *)(const void *)address, sizeof *address) == 0 ||
		errno != ECONNREFUSED);

	if (fd >= 0)
		close(fd);
	return alive;
}

/* A socket that nobody listens on is left from a process that was killed. */
static bool clear_way(const struct sockaddr_un *address, struct failure *why)
{
	struct stat status;

	if (lstat(address->sun_path, &status) != 0)
		return true;
	if (!S_ISSOCK(status.st_mode))
		return failure_set(why, FAILURE_CONFIG,
		    "cannot listen on %s: there is a file that is no socket", address->sun_path);
	if (is_alive(address))
		return failure_set(why, FAILURE_UNAVAILABLE,
		    "cannot listen on %s: another process does", address->sun_path);
	unlink(address->sun_path);
	return true;
}

/* The mode is set before the name exists, so that nobody slips in between. */
static bool bind_unix(int fd, const struct sockaddr_un *address, unsigned mode)
{
	return fchmod(fd, mode) == 0 &&
	    bind(fd, (const struct sockaddr *)(const void *)address, sizeof *address) == 0 &&
	    chmod(address->sun_path, mode) == 0;
}

static bool open_unix(
    const char *path, unsigned mode, struct listener *listener, struct failure *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (path[0] != '/' || strlen(path) >= sizeof address.sun_path)
		return failure_set(why, FAILURE_CONFIG,
		    "'%s' is not a path for a Unix socket: it begins with / and has at most %zu "
		    "bytes",
		    path, sizeof address.sun_path - 1);
	memcpy(address.sun_path, path, strlen(path));
	if (!clear_way(&address, why))
		return false;
	listener->is_unix = true;
	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd < 0 || !bind_unix(listener->fd, &address, mode))
		return fail(path, why);
	listener->path = memory_copy_text(path);
	return listen(listener->fd, BACKLOG) == 0 || fail(path, why);
}

/* ---- systemd -------------------------------------------------------------------------- */

static int count_passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int64_t for_pid, n;

	if (!pid || !fds || !text_integer(text_of(pid), &for_pid) || for_pid != getpid() ||
	    !text_integer(text_of(fds), &n) || n < 0 || n > 64)
		return 0;
	return (int)n;
}

static bool take_passed(int fd, struct listener *listener, struct failure *why)
{
	int listens = 0, flags = fcntl(fd, F_GETFL);
	socklen_t n = sizeof listens;

	listener->fd = fd;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) != 0 || !listens ||
	    fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
	    !look_at(listener))
		return failure_set(why, FAILURE_CONFIG,
		    "descriptor %d from systemd is not a listening socket", fd);
	return true;
}

/* ---- all ------------------------------------------------------------------------------- */

static struct listener *add(struct listener **list, size_t *n, size_t *capacity)
{
	*list = memory_grow(*list, *n, capacity, sizeof **list);
	(*list)[*n] = (struct listener){ .fd = -1 };
	return &(*list)[(*n)++];
}

static bool open_passed(struct listener **list, size_t *n, size_t *capacity, struct failure *why)
{
	int passed = count_passed();

	for (int i = 0; i < passed; i++)
		if (!take_passed(FIRST_PASSED_FD + i, add(list, n, capacity), why))
			return false;
	unsetenv("LISTEN_PID"); /* not for the processes we start */
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return passed ||
	    failure_set(why, FAILURE_CONFIG,
		"systemd passed no socket (LISTEN_FDS); is there a .socket unit?");
}

bool listeners_open(
    const struct server_options *options, struct listener **list, size_t *n, struct failure *why)
{
	size_t capacity = 0;
	bool ok = options->n_addresses ||
	    failure_set(why, FAILURE_CONFIG, "there is no address to listen on");

	for (size_t i = 0; ok && i < options->n_addresses; i++) {
		const char *address = options->addresses[i];

		if (text_same(address, "systemd"))
			ok = open_passed(list, n, &capacity, why);
		else if (text_starts(text_of(address), "unix:"))
			ok = open_unix(
			    address + 5, options->unix_mode, add(list, n, &capacity), why);
		else
			ok = open_tcp(address, add(list, n, &capacity), why);
	}
	return ok;
}

void listeners_close(struct listener *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].path)
			unlink(list[i].path);
		free(list[i].path);
		list[i].path = NULL;
		if (list[i].fd >= 0)
			close(list[i].fd);
		list[i].fd = -1;
	}
}
