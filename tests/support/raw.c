#include "support/raw.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/instant.h"

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

int raw_connect(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	need(fd >= 0 && connect(fd, (struct sockaddr *)(void *)&address, sizeof address) == 0,
	    "connect");
	return fd;
}

int raw_connect_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, path, strlen(path));
	need(fd >= 0 && connect(fd, (struct sockaddr *)(void *)&address, sizeof address) == 0,
	    "connect");
	return fd;
}

void raw_send(int fd, struct text bytes)
{
	while (bytes.n) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes = (struct text){ bytes.p + n, bytes.n - (size_t)n };
	}
}

void raw_say(int fd, const char *c_string)
{
	raw_send(fd, text_of(c_string));
}

/* 1: more was read, 0: the end, -1: nothing came in time. */
static int read_more(int fd, struct buffer *out, int64_t end)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	int64_t left = end - instant_monotonic();
	char bytes[65536];
	ssize_t n;

	if (left <= 0 || poll(&wait, 1, (int)left) != 1)
		return -1;
	n = recv(fd, bytes, sizeof bytes, 0);
	if (n > 0)
		buffer_append(out, bytes, (size_t)n);
	return n > 0;
}

bool raw_read_all(int fd, struct buffer *out, int ms)
{
	int64_t end = instant_monotonic() + ms;
	int more;

	do
		more = read_more(fd, out, end);
	while (more == 1);
	return more == 0;
}

bool raw_has(const struct buffer *buffer, const char *words)
{
	return buffer->n && memmem(buffer->p, buffer->n, words, strlen(words)) != NULL;
}

bool raw_read_until(int fd, struct buffer *out, const char *words, int ms)
{
	int64_t end = instant_monotonic() + ms;

	while (!raw_has(out, words))
		if (read_more(fd, out, end) != 1)
			return raw_has(out, words);
	return true;
}

unsigned raw_status(const struct buffer *answer)
{
	if (answer->n < 12 || memcmp(answer->p, "HTTP/1.1 ", 9) != 0)
		return 0;
	return (unsigned)strtoul(answer->p + 9, NULL, 10);
}

unsigned raw_answers(const struct buffer *answer)
{
	unsigned n = 0;

	for (const char *at = answer->n ? answer->p : ""; (at = strstr(at, "HTTP/1.1 ")); at++)
		n += at[9] >= '0' && at[9] <= '9'; /* a body may name the version */
	return n;
}

unsigned raw_open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned n = 0;

	while (folder && readdir(folder))
		n++;
	if (folder)
		closedir(folder);
	return n;
}
