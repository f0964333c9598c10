/* Stub portal: a small epoll HTTP/1.1 server that answers every POST with a
 * fixed 201 JSON after a constant delay, counts what it got for each listening
 * port, and remembers every "reference" to find duplicates.
 *
 * usage: stub -p PORT[,PORT...] [-d DELAY_MS] [-e N] [-s STATUS] [-t MAX_SECONDS]
 *   -e N  answer every Nth POST with 503 (0 = never; its ids are not counted)
 *   -t S  stop by itself after S seconds (default 3600)
 * GET /__stats   counters as JSON;   POST /__reset   zero them;
 * POST /__delay?MS   change the delay. Loopback only. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAXPORT = 16, MINBUF = 2048, MAXBUF = 64 << 20 };

struct conn {
	int fd, port;
	bool listener, waiting, closed, close_after, want_out;
	char *in;
	size_t len, cap;
	char *out;
	size_t olen, ooff;
	int status;
};

struct due { uint64_t at; struct conn *c; };

static struct {
	uint64_t posts, ids, dups, noid, refused, per_port[MAXPORT], conns, max_conns, inflight, max_inflight, first_ns, last_ns;
} st;
static int ep, nports, ports[MAXPORT], delay_ms, fail_every, status_code = 201;
static struct due *q;
static size_t qcap = 1 << 16, qhead, qtail;
static uint64_t *set;
static size_t setcap = 1 << 16, setlen;
static volatile sig_atomic_t stop;

static void on_signal(int s) { (void)s; stop = 1; }

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void *xrealloc(void *p, size_t n)
{
	void *r = realloc(p, n);
	if (!r) { perror("realloc"); exit(1); }
	return r;
}

static bool set_add(uint64_t h)
{
	if (h == 0) h = 1;
	if (setlen * 2 >= setcap) {
		uint64_t *old = set;
		size_t oc = setcap;
		setcap *= 2;
		set = calloc(setcap, sizeof *set);
		if (!set) exit(1);
		for (size_t i = 0; i < oc; i++)
			if (old[i]) {
				size_t s = old[i] & (setcap - 1);
				while (set[s]) s = (s + 1) & (setcap - 1);
				set[s] = old[i];
			}
		free(old);
	}
	size_t s = h & (setcap - 1);
	for (; set[s]; s = (s + 1) & (setcap - 1))
		if (set[s] == h) return false;
	set[s] = h;
	setlen++;
	return true;
}

static void count_ids(const char *b, size_t n, int port)
{
	const char *p = b, *end = b + n;
	int found = 0;
	while ((p = memmem(p, (size_t)(end - p), "\"reference\"", 11))) {
		p += 11;
		while (p < end && (isspace((unsigned char)*p) || *p == ':')) p++;
		if (p >= end || *p != '"') continue;
		const char *s = ++p;
		while (p < end && *p != '"') p++;
		uint64_t h = 1469598103934665603ull;
		for (const char *x = s; x < p; x++) h = (h ^ (unsigned char)*x) * 1099511628211ull;
		h ^= h >> 29;
		found++;
		if (set_add(h)) st.ids++;
		else st.dups++;
	}
	if (!found) st.noid++;
	st.per_port[port] += (uint64_t)(found ? found : 1);
}

static void conn_close(struct conn *c)
{
	if (c->closed) return;
	c->closed = true;
	close(c->fd);
	st.conns--;
	free(c->in);
	free(c->out);
	c->in = c->out = NULL;
	if (!c->waiting) free(c);
}

static void flush_out(struct conn *c)
{
	while (c->ooff < c->olen) {
		ssize_t w = write(c->fd, c->out + c->ooff, c->olen - c->ooff);
		if (w < 0) {
			if (errno == EAGAIN) {
				struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
				epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
				c->want_out = true;
				return;
			}
			conn_close(c);
			return;
		}
		c->ooff += (size_t)w;
	}
	c->olen = c->ooff = 0;
	if (c->want_out) {
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
		epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
		c->want_out = false;
	}
	if (c->close_after) conn_close(c);
}

static void reply(struct conn *c, int code, const char *body, size_t n)
{
	char h[256];
	int k = snprintf(h, sizeof h,
			 "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n", code,
			 code == 201 ? "Created" : code == 200 ? "OK" : code == 503 ? "Service Unavailable" : "Status", n,
			 c->close_after ? "Connection: close\r\n" : "");
	c->out = xrealloc(c->out, c->olen + (size_t)k + n);
	memcpy(c->out + c->olen, h, (size_t)k);
	memcpy(c->out + c->olen + k, body, n);
	c->olen += (size_t)k + n;
	flush_out(c);
}

static void answer(struct conn *c)
{
	char ok[128];
	int n = snprintf(ok, sizeof ok, "{\"status\":\"created\",\"caseNumber\":\"2026-00000001\",\"upstream\":%d}", c->port);
	static const char no[] = "{\"error\":\"busy\"}";
	if (c->status == 503) reply(c, 503, no, sizeof no - 1);
	else reply(c, c->status, ok, (size_t)n);
}

static const char *header(const char *h, const char *end, const char *name)
{
	size_t n = strlen(name);
	for (const char *p = h; p < end;) {
		const char *e = memmem(p, (size_t)(end - p), "\r\n", 2);
		if (!e) e = end;
		if ((size_t)(e - p) > n && p[n] == ':' && !strncasecmp(p, name, n)) {
			p += n + 1;
			while (*p == ' ') p++;
			return p;
		}
		p = e + 2;
	}
	return NULL;
}

/* De-chunk in place. Returns bytes consumed, 0 if incomplete. */
static size_t unchunk(char *b, size_t n, size_t *blen)
{
	size_t i = 0, o = 0;
	for (;;) {
		char *e = memmem(b + i, n - i, "\r\n", 2);
		if (!e) return 0;
		size_t k = strtoul(b + i, NULL, 16);
		i = (size_t)(e - b) + 2;
		if (i + k + 2 > n) return 0;
		if (k == 0) { *blen = o; return i + 2; }
		(void)o;
		o += k;
		i += k + 2;
	}
}

static void handle(struct conn *c)
{
	while (!c->closed && !c->waiting && c->len) {
		char *he = memmem(c->in, c->len, "\r\n\r\n", 4);
		if (!he) return;
		size_t hl = (size_t)(he - c->in) + 4, bl = 0, total;
		const char *v = header(c->in, he + 2, "content-length");
		if (v) {
			bl = strtoul(v, NULL, 10);
			total = hl + bl;
			if (c->len < total) {
				v = header(c->in, he + 2, "expect");
				if (v && c->len == hl) { static const char k[] = "HTTP/1.1 100 Continue\r\n\r\n"; if (write(c->fd, k, sizeof k - 1) < 0) conn_close(c); }
				return;
			}
		} else if ((v = header(c->in, he + 2, "transfer-encoding")) && !strncasecmp(v, "chunked", 7)) {
			size_t u = unchunk(c->in + hl, c->len - hl, &bl);
			if (!u) return;
			bl = u;
			total = hl + u;
		} else total = hl;
		v = header(c->in, he + 2, "connection");
		c->close_after = v ? !strncasecmp(v, "close", 5) : memmem(c->in, hl, "HTTP/1.0", 8) != NULL;
		if (!strncmp(c->in, "GET /__stats", 12)) {
			char b[2048];
			int n = snprintf(b, sizeof b,
				"{\"posts\":%llu,\"ids\":%llu,\"dups\":%llu,\"noid\":%llu,\"refused\":%llu,\"conns\":%llu,\"max_conns\":%llu,\"inflight\":%llu,"
				"\"max_inflight\":%llu,\"span_s\":%.4f,\"per_port\":[",
				(unsigned long long)st.posts, (unsigned long long)st.ids, (unsigned long long)st.dups,
				(unsigned long long)st.noid, (unsigned long long)st.refused, (unsigned long long)st.conns,
				(unsigned long long)st.max_conns, (unsigned long long)st.inflight, (unsigned long long)st.max_inflight,
				(double)(st.last_ns - st.first_ns) * 1e-9);
			for (int i = 0; i < nports; i++) n += snprintf(b + n, sizeof b - (size_t)n, "%s%llu", i ? "," : "", (unsigned long long)st.per_port[i]);
			n += snprintf(b + n, sizeof b - (size_t)n, "]}\n");
			reply(c, 200, b, (size_t)n);
		} else if (!strncmp(c->in, "POST /__reset", 13)) {
			uint64_t k = st.conns, f = st.inflight;
			memset(&st, 0, sizeof st);
			st.conns = st.max_conns = k;
			st.inflight = st.max_inflight = f;
			memset(set, 0, setcap * sizeof *set);
			setlen = 0;
			reply(c, 200, "{}", 2);
		} else if (!strncmp(c->in, "POST /__delay?", 14)) {
			delay_ms = atoi(c->in + 14);
			reply(c, 200, "{}", 2);
		} else {
			uint64_t t = now_ns();
			st.posts++;
			if (!st.first_ns) st.first_ns = t;
			st.last_ns = t;
			c->status = status_code;
			if (fail_every && st.posts % (uint64_t)fail_every == 0) { c->status = 503; st.refused++; }
			else count_ids(c->in + hl, bl, c->port);
			if (++st.inflight > st.max_inflight) st.max_inflight = st.inflight;
			if (delay_ms > 0) {
				if (qtail - qhead == qcap) {
					struct due *nq = malloc(2 * qcap * sizeof *nq);
					if (!nq) exit(1);
					for (size_t i = qhead; i < qtail; i++) nq[i - qhead] = q[i & (qcap - 1)];
					free(q);
					q = nq;
					qtail -= qhead;
					qhead = 0;
					qcap *= 2;
				}
				q[qtail++ & (qcap - 1)] = (struct due){t + (uint64_t)delay_ms * (uint64_t)1000000, c};
				c->waiting = true;
			} else {
				st.inflight--;
				answer(c);
			}
		}
		if (c->closed) return;
		memmove(c->in, c->in + total, c->len - total);
		c->len -= total;
		if (!c->len && c->cap > MINBUF) { free(c->in); c->in = NULL; c->cap = 0; }
	}
}

static void on_read(struct conn *c)
{
	for (;;) {
		if (c->cap - c->len < 1024) {
			if (c->cap >= MAXBUF) { conn_close(c); return; }
			c->cap = c->cap ? c->cap * 2 : MINBUF;
			c->in = xrealloc(c->in, c->cap);
		}
		size_t room = c->cap - c->len;
		ssize_t r = read(c->fd, c->in + c->len, room);
		if (r <= 0) {
			if (r < 0 && errno == EAGAIN) return;
			conn_close(c);
			return;
		}
		c->len += (size_t)r;
		bool more = (size_t)r == room;
		if (!c->waiting) handle(c);
		if (!more || c->closed) return;
	}
}

int main(int argc, char **argv)
{
	int o, max_s = 3600;
	while ((o = getopt(argc, argv, "p:d:e:s:t:")) != -1) {
		if (o == 'd') delay_ms = atoi(optarg);
		else if (o == 'e') fail_every = atoi(optarg);
		else if (o == 's') status_code = atoi(optarg);
		else if (o == 't') max_s = atoi(optarg);
		else if (o == 'p') {
			for (char *s = strtok(optarg, ","); s && nports < MAXPORT; s = strtok(NULL, ",")) ports[nports++] = atoi(s);
		} else return 2;
	}
	if (!nports) { fprintf(stderr, "stub: -p PORT[,PORT...]\n"); return 2; }
	struct rlimit rl;
	if (!getrlimit(RLIMIT_NOFILE, &rl)) { rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl); }
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	q = malloc(qcap * sizeof *q);
	set = calloc(setcap, sizeof *set);
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (!q || !set || ep < 0) return 1;
	for (int i = 0; i < nports; i++) {
		int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)ports[i]), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
		if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 4096)) { perror("stub: bind"); return 1; }
		struct conn *c = calloc(1, sizeof *c);
		c->fd = fd;
		c->port = i;
		c->listener = true;
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
	}
	uint64_t end = now_ns() + (uint64_t)max_s * (uint64_t)1000000000;
	struct epoll_event ev[512];
	while (!stop) {
		int to = 1000;
		if (qhead != qtail) {
			uint64_t n = now_ns(), at = q[qhead & (qcap - 1)].at;
			to = at <= n ? 0 : (int)((at - n + 999999) / 1000000);
		}
		int n = epoll_wait(ep, ev, 512, to);
		for (int i = 0; i < n; i++) {
			struct conn *c = ev[i].data.ptr;
			if (c->listener) {
				int fd;
				while ((fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
					int one = 1;
					setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
					struct conn *x = calloc(1, sizeof *x);
					x->fd = fd;
					x->port = c->port;
					struct epoll_event e = {.events = EPOLLIN, .data.ptr = x};
					epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
					if (++st.conns > st.max_conns) st.max_conns = st.conns;
				}
				continue;
			}
			if (ev[i].events & EPOLLOUT) flush_out(c);
			else if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_read(c);
		}
		uint64_t t = now_ns();
		while (qhead != qtail && q[qhead & (qcap - 1)].at <= t) {
			struct conn *c = q[qhead++ & (qcap - 1)].c;
			st.inflight--;
			c->waiting = false;
			if (c->closed) { free(c); continue; }
			answer(c);
			if (!c->closed && c->len) handle(c);
		}
		if (t > end) break;
	}
	return 0;
}
