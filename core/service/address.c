#include "service/address.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_PASSED_FD 3
#define MOST_PASSED 64

const char *service_socket(const struct generation *g, struct arena *arena)
{
	const char *ledger = g->partner->ledger_path, *socket = g->upkeep.socket;
	char *copy = arena_copy(arena, ledger, strlen(ledger));

	if (socket)
		return arena_copy(arena, socket, strlen(socket));
	return arena_format(arena, "%s/caseroute.sock", dirname(copy));
}

/* ---- loopback ----------------------------------------------------------------------- */

static bool is_loopback_4(const struct in_addr *a)
{
	return ntohl(a->s_addr) >> 24 == 127;
}

bool address_read(const char *address, bool *is_loopback)
{
	const char *colon = strrchr(address, ':');
	size_t n = colon ? (size_t)(colon - address) : 0;
	struct in6_addr six;
	struct in_addr four;
	char host[64] = "";

	if (!n || n >= sizeof host)
		return false;
	if (address[0] == '[' && address[n - 1] == ']') {
		memcpy(host, address + 1, n - 2);
		*is_loopback = inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
		return inet_pton(AF_INET6, host, &six) == 1;
	}
	memcpy(host, address, n);
	*is_loopback = inet_pton(AF_INET, host, &four) == 1 && is_loopback_4(&four);
	return inet_pton(AF_INET, host, &four) == 1;
}

/* ---- passed sockets ------------------------------------------------------------------- */

int address_passed(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int64_t for_pid, n;

	if (!pid || !fds || !text_integer(text_of(pid), &for_pid) || for_pid != getpid() ||
	    !text_integer(text_of(fds), &n) || n < 0 || n > MOST_PASSED)
		return 0;
	return (int)n;
}

static const char *write_six(const struct sockaddr_in6 *a, struct arena *arena)
{
	char host[INET6_ADDRSTRLEN];

	inet_ntop(AF_INET6, &a->sin6_addr, host, sizeof host);
	return arena_format(arena, "[%s]:%u", host, ntohs(a->sin6_port));
}

static const char *write_four(const struct sockaddr_in *a, struct arena *arena)
{
	char host[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &a->sin_addr, host, sizeof host);
	return arena_format(arena, "%s:%u", host, ntohs(a->sin_port));
}

/* NULL: not TCP, or no socket at all: the server says so. */
static const char *tcp_address(int fd, bool *is_loopback, struct arena *arena)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
		struct sockaddr_storage storage;
	} at = { 0 };
	socklen_t n = sizeof at;

	if (getsockname(fd, &at.any, &n) != 0)
		return NULL;
	*is_loopback = at.any.sa_family == AF_INET ? is_loopback_4(&at.four.sin_addr)
						   : IN6_IS_ADDR_LOOPBACK(&at.six.sin6_addr);
	return at.any.sa_family == AF_INET ? write_four(&at.four, arena)
	    : at.any.sa_family == AF_INET6 ? write_six(&at.six, arena)
					   : NULL;
}

const char *address_passed_tcp(bool is_open, struct arena *arena)
{
	for (int i = 0, n = address_passed(); i < n; i++) {
		bool is_loopback = false;
		const char *address = tcp_address(FIRST_PASSED_FD + i, &is_loopback, arena);

		if (address && (!is_open || !is_loopback))
			return address;
	}
	return NULL;
}
