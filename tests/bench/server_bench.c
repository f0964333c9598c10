/*
 * How many requests the HTTP server answers: POST of 1 KiB, fixed 201, one loop.
 *
 *   server_bench            connections 1 to 512, answered at once and by a worker
 *   server_bench serve MS   listens that long, for another load generator
 *
 * The client is a process of its own with one epoll loop. CPU is the server's.
 */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/instant.h"
#include "server/server.h"

#define MEASURE_MS 2000
#define MOST 512

static const char answer_body[] = "{\"status\":\"created\",\"caseNumber\":\"2026-00000001\"}";

/* ---- the server ------------------------------------------------------------------- */

/* A worker that answers all that has gathered, as after a commit. */
struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t news;
	struct server_request *waiting[MOST];
	size_t n;
	bool is_used, is_ending;
};

static void answer(struct server_request *request)
{
	server_reply(request, 201, "application/json",
	    (struct text){ answer_body, sizeof answer_body - 1 }, NULL, 0);
}

static void handle(void *context, struct server_request *request)
{
	struct worker *worker = context;

	if (!worker->is_used) {
		answer(request);
		return;
	}
	pthread_mutex_lock(&worker->lock);
	worker->waiting[worker->n++] = request;
	if (worker->n == 1)
		pthread_cond_signal(&worker->news);
	pthread_mutex_unlock(&worker->lock);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct server_request *mine[MOST];
	size_t n;

	for (;;) {
		pthread_mutex_lock(&worker->lock);
		while (!worker->n && !worker->is_ending)
			pthread_cond_wait(&worker->news, &worker->lock);
		n = worker->n;
		memcpy(mine, worker->waiting, n * sizeof *mine);
		worker->n = 0;
		pthread_mutex_unlock(&worker->lock);
		if (!n)
			return NULL;
		for (size_t i = 0; i < n; i++)
			answer(mine[i]);
	}
}

static struct server *start(struct worker *worker)
{
	static const char *const address = "127.0.0.1:0";
	struct server_options options = { .addresses = &address, .n_addresses = 1 };
	struct failure why = { 0 };
	struct server *server = server_start(&options, handle, worker, &why);

	if (!server) {
		fprintf(stderr, "%s\n", why.text);
		exit(1);
	}
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->news, NULL);
	pthread_create(&worker->thread, NULL, work, worker);
	return server;
}

static void stop(struct server *server, struct worker *worker)
{
	server_stop(server, 1000);
	pthread_mutex_lock(&worker->lock);
	worker->is_ending = true;
	pthread_cond_signal(&worker->news);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
}

/* ---- the client -------------------------------------------------------------------- */

static size_t make_request(char *out, size_t capacity)
{
	static const char head[] =
	    "POST /v1/requests HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
	    "Accept: */*\r\nIdempotency-Key: 0193a7c2-0000-7000-8000-000000000000\r\n"
	    "Content-Length: 1024\r\n\r\n";
	size_t n = sizeof head - 1;

	memcpy(out, head, n);
	memset(out + n, 'x', 1024 < capacity - n ? 1024 : capacity - n);
	return n + 1024;
}

static int connect_to(unsigned port, int epoll)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (connect(fd, (struct sockaddr *)(void *)&address, sizeof address) != 0 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0)
		_exit(1);
	return fd;
}

/* Answers are so small that each comes in one piece. */
static long load(unsigned port, unsigned connections)
{
	struct epoll_event events[MOST];
	char request[2048], reply[4096];
	size_t size = make_request(request, sizeof request);
	int epoll = epoll_create1(0);
	int64_t end;
	long n_answers = 0;

	for (unsigned i = 0; i < connections; i++)
		if (send(connect_to(port, epoll), request, size, MSG_NOSIGNAL) < 0)
			_exit(1);
	end = instant_monotonic() + MEASURE_MS;
	while (instant_monotonic() < end) {
		int n = epoll_wait(epoll, events, MOST, 1000);

		if (n <= 0)
			return -1; /* it stands still */
		for (int i = 0; i < n; i++) {
			if (recv(events[i].data.fd, reply, sizeof reply, 0) <= 0 ||
			    send(events[i].data.fd, request, size, MSG_NOSIGNAL) < 0)
				return -1;
			n_answers++;
		}
	}
	return n_answers;
}

/* ---- both --------------------------------------------------------------------------- */

static double cpu_us(void)
{
	struct rusage use;

	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1e6 +
	    (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

static void measure(unsigned port, unsigned connections, const char *how)
{
	double before = cpu_us();
	long n_answers = -1;
	int ends[2];
	pid_t client;

	if (pipe(ends) != 0 || (client = fork()) < 0)
		exit(1);
	if (client == 0) {
		n_answers = load(port, connections);
		_exit(write(ends[1], &n_answers, sizeof n_answers) < 0);
	}
	close(ends[1]);
	if (read(ends[0], &n_answers, sizeof n_answers) != sizeof n_answers)
		n_answers = -1;
	waitpid(client, NULL, 0);
	close(ends[0]);
	if (n_answers <= 0)
		printf("%11u  %-10s stands still\n", connections, how);
	else
		printf("%11u  %-10s %8.0f %8.1f\n", connections, how,
		    (double)n_answers * 1000 / MEASURE_MS, (cpu_us() - before) / (double)n_answers);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const unsigned numbers[] = { 1, 32, 128, 256, MOST };
	struct worker worker = { 0 };
	struct server *server = start(&worker);

	if (argc == 3 && strcmp(argv[1], "serve") == 0) {
		printf("%u\n", server_port(server, 0));
		fflush(stdout);
		usleep((useconds_t)strtoul(argv[2], NULL, 10) * 1000);
		stop(server, &worker);
		return 0;
	}
	printf("connections  answered    req/s  CPU us/req\n");
	for (unsigned used = 0; used < 2; used++) {
		worker.is_used = used; /* between loads: the server is idle then */
		for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
			measure(server_port(server, 0), numbers[i], used ? "by worker" : "at once");
	}
	stop(server, &worker);
	return 0;
}
