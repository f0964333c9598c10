/* Bounded closed-loop (or fixed-rate) HTTP/1.1 load client, one thread, epoll.
 *
 * usage: loadgen [-c CONNS] [-n REQUESTS] [-t SECONDS] [-w WARMUP_S] [-R ROUTES]
 *                [-r RATE] [-b BODY_BYTES] [-u PATH] [-i ID_PREFIX] [-H 'Name: value']... [-x] PORT
 * Sends POST PATH with a JSON body of BODY_BYTES to 127.0.0.1:PORT. Each body has
 * a unique "reference" and a "customer" of r00000..r(ROUTES-1); X-Route carries the customer too.
 * -x makes the ids start with random digits instead of growing (as UUIDv4 against UUIDv7).
 * With -E STRING: probe instead of load. One POST on a fresh connection, again and
 * again (1 ms apart, -t seconds at most), until the answer holds STRING ('' = any
 * 2xx); prints the milliseconds that took, exit 1 if it never came.
 * Prints one line of JSON. Stops at the first of -n (default 1,000,000) and -t
 * (default 5 s). With -r the requests are started at that rate and latency counts
 * from the planned start, so a stall is seen (no coordinated omission). */
#include <arpa/inet.h>
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

enum { SUB = 64, NB = 64 * 40, RBUF = 16384 };

struct conn {
	int fd;
	bool busy, up, want_out;
	uint64_t t0;
	size_t off, got;
	char *req;
	char in[RBUF];
};

static int ep, port, nconn = 32, routes = 3;
static long max_req = 1000000;
static double max_s = 5, warm_s = 0.5, rate;
static size_t body_len = 1024, req_len, off_id, off_route, off_hroute;
static char *tmpl, extra[1024];
static const char *path = "/requests", *prefix = "lg", *expect;
static uint64_t hist[NB], seq, t_begin, t_warm, t_end, lat_max;
static long started, done_ok, done_all, non2xx, errors, completed_total;
static int codes[600];
static volatile sig_atomic_t stop;
static bool random_ids;
static struct conn *cs;

static void on_signal(int s) { (void)s; stop = 1; }

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static int bucket(uint64_t ns)
{
	uint64_t us = ns / 1000;
	if (us < SUB) return (int)us;
	int e = 63 - __builtin_clzll(us) - 6;
	int b = (e + 1) * SUB + (int)((us >> e) - SUB);
	return b < NB ? b : NB - 1;
}

static double bucket_us(int b)
{
	if (b < SUB) return b;
	int e = b / SUB - 1;
	return (double)((uint64_t)(b % SUB + SUB) << e) * (1 + 0.5 / SUB);
}

static double pct(double p, uint64_t n)
{
	uint64_t want = (uint64_t)((double)n * p), s = 0;
	for (int i = 0; i < NB; i++) {
		s += hist[i];
		if (s > want) return bucket_us(i);
	}
	return (double)lat_max / 1000;
}

static void build(void)
{
	char *b = malloc(body_len + 512);
	int n = sprintf(b,
		"{\"reference\":\"%-24s\",\"customer\":\"r00000\",\"kind\":\"incident\","
		"\"product\":\"Azure Virtual Machines\",\"severity\":\"B\","
		"\"subscription\":\"11111111-1111-1111-1111-111111111111\","
		"\"contact\":{\"first_name\":\"Ann\",\"last_name\":\"Example\",\"email\":\"ann@example.test\",\"phone\":\"+1 555 0100\"},"
		"\"title\":\"The virtual machine does not start\",\"description\":\"", "");
	while ((size_t)n < body_len - 2) { b[n] = "line of text "[n % 13]; n++; }
	n += sprintf(b + n, "\"}");
	tmpl = malloc((size_t)n + 1024 + strlen(path) + strlen(extra));
	int h = sprintf(tmpl, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nX-Route: r00000\r\n%sContent-Length: %d\r\n\r\n",
			path, port, extra, n);
	off_hroute = (size_t)(strstr(tmpl, "X-Route: ") - tmpl) + 10;
	memcpy(tmpl + h, b, (size_t)n);
	req_len = (size_t)(h + n);
	off_id = (size_t)h + (size_t)(strstr(b, "\"reference\":\"") - b) + 13;
	off_route = (size_t)h + (size_t)(strstr(b, "\"customer\":\"") - b) + 13;
	free(b);
}

static void digits(char *p, uint64_t v)
{
	for (int i = 4; i >= 0; i--, v /= 10) p[i] = (char)('0' + v % 10);
}

static void drop(struct conn *c)
{
	if (c->fd >= 0) close(c->fd);
	c->fd = -1;
	c->up = c->busy = c->want_out = false;
}

static void dial(struct conn *c)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0) return;
	if (connect(c->fd, (struct sockaddr *)&a, sizeof a)) { drop(c); errors++; return; }
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
	epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
	c->up = true;
	c->got = 0;
}

static void push(struct conn *c)
{
	while (c->off < req_len) {
		ssize_t w = write(c->fd, c->req + c->off, req_len - c->off);
		if (w < 0) {
			if (errno == EAGAIN) {
				struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
				epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
				c->want_out = true;
				return;
			}
			errors++;
			drop(c);
			return;
		}
		c->off += (size_t)w;
	}
	if (c->want_out) {
		struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
		epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
		c->want_out = false;
	}
}

static void start(struct conn *c, uint64_t when)
{
	char id[32];
	if (!c->up) dial(c);
	if (!c->up) return;
	uint64_t s = seq++, r = (s * 7919) % (uint64_t)routes;
	int k = random_ids ? snprintf(id, sizeof id, "%08llx-%s-%llu", (unsigned long long)((s + 1) * 0x9e3779b97f4a7c15ull >> 32), prefix, (unsigned long long)s)
			   : snprintf(id, sizeof id, "%s-%010llu", prefix, (unsigned long long)s);
	memcpy(c->req + off_id, id, (size_t)(k < 24 ? k : 24));
	digits(c->req + off_route, r);
	digits(c->req + off_hroute, r);
	c->t0 = when;
	c->off = c->got = 0;
	c->busy = true;
	started++;
	push(c);
}

static void finish(struct conn *c, int code, uint64_t t)
{
	c->busy = false;
	completed_total++;
	if (code >= 0 && code < 600) codes[code]++;
	if (code < 200 || code > 299) non2xx++;
	if (t < t_warm) return;
	uint64_t d = t - c->t0;
	done_all++;
	if (code >= 200 && code <= 299) done_ok++;
	hist[bucket(d)]++;
	if (d > lat_max) lat_max = d;
}

static void on_read(struct conn *c)
{
	ssize_t r = read(c->fd, c->in + c->got, RBUF - 1 - c->got);
	if (r <= 0) {
		if (r < 0 && errno == EAGAIN) return;
		if (c->busy) errors++;
		drop(c);
		return;
	}
	c->got += (size_t)r;
	c->in[c->got] = 0;
	if (!c->busy) { c->got = 0; return; }
	char *he = memmem(c->in, c->got, "\r\n\r\n", 4);
	if (!he) return;
	size_t hl = (size_t)(he - c->in) + 4, bl = 0;
	bool close_it = false, chunked = false;
	for (char *p = (char *)memmem(c->in, hl, "\r\n", 2) + 2; p < he;) {
		if (!strncasecmp(p, "content-length:", 15)) bl = strtoul(p + 15, NULL, 10);
		else if (!strncasecmp(p, "connection: close", 17)) close_it = true;
		else if (!strncasecmp(p, "transfer-encoding: chunked", 26)) chunked = true;
		p = (char *)memmem(p, (size_t)(he + 2 - p), "\r\n", 2) + 2;
	}
	if (chunked) {
		if (c->got < hl + 5 || memcmp(c->in + c->got - 5, "0\r\n\r\n", 5)) return;
	} else if (c->got < hl + bl && c->got < RBUF - 1) return;
	finish(c, atoi(c->in + 9), now_ns());
	if (close_it) drop(c);
}

static int probe(const char *want)
{
	uint64_t t0 = now_ns(), end = t0 + (uint64_t)(max_s * 1e9);
	struct conn *c = calloc(1, sizeof *c);
	char id[32];
	for (; now_ns() < end; usleep(1000)) {
		struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		struct timeval tv = {.tv_sec = 2, .tv_usec = 0};
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
		snprintf(id, sizeof id, "%s-%010llu", prefix, (unsigned long long)seq++);
		memcpy(tmpl + off_id, id, strlen(id) < 24 ? strlen(id) : 24);
		size_t n = 0;
		if (!connect(fd, (struct sockaddr *)&a, sizeof a) && write(fd, tmpl, req_len) == (ssize_t)req_len) {
			ssize_t r;
			while (n < RBUF - 1 && (r = read(fd, c->in + n, RBUF - 1 - n)) > 0) {
				n += (size_t)r;
				c->in[n] = 0;
				char *he = strstr(c->in, "\r\n\r\n"), *cl = strcasestr(c->in, "content-length:");
				if (he && cl && n >= (size_t)(he - c->in) + 4 + strtoul(cl + 15, NULL, 10)) break;
				if (he && !cl && n > 5 && !memcmp(c->in + n - 5, "0\r\n\r\n", 5)) break;
			}
			c->in[n] = 0;
		}
		close(fd);
		if (n > 12 && c->in[9] == '2' && strstr(c->in, want)) {
			printf("%.1f\n", (double)(now_ns() - t0) * 1e-6);
			return 0;
		}
	}
	printf("never\n");
	return 1;
}

/* Waits for events: at most until the next planned start, or 100 ms. */
static int wait_ns(struct epoll_event *ev, int n, uint64_t gap, uint64_t next, uint64_t t)
{
	uint64_t d = gap ? (next > t ? next - t : 0) : 100000000;
	if (d > 100000000) d = 100000000;
	struct timespec ts = {.tv_sec = 0, .tv_nsec = (long)d};
	return epoll_pwait2(ep, ev, n, &ts, NULL);
}

int main(int argc, char **argv)
{
	int o;
	while ((o = getopt(argc, argv, "c:n:t:w:R:r:b:u:i:H:E:x")) != -1) switch (o) {
		case 'c': nconn = atoi(optarg); break;
		case 'n': max_req = atol(optarg); break;
		case 't': max_s = atof(optarg); break;
		case 'w': warm_s = atof(optarg); break;
		case 'R': routes = atoi(optarg); break;
		case 'r': rate = atof(optarg); break;
		case 'b': body_len = (size_t)atol(optarg); break;
		case 'u': path = optarg; break;
		case 'i': prefix = optarg; break;
		case 'x': random_ids = true; break;
		case 'E': expect = optarg; break;
		case 'H':
			if (strlen(extra) + strlen(optarg) + 3 > sizeof extra) return 2;
			strcat(strcat(extra, optarg), "\r\n");
			break;
		default: return 2;
	}
	if (optind >= argc) { fprintf(stderr, "loadgen: PORT?\n"); return 2; }
	port = atoi(argv[optind]);
	if (body_len < 512) body_len = 512;
	if (routes < 1) routes = 1;
	if (max_s > 120) max_s = 120;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	struct rlimit rl;
	if (!getrlimit(RLIMIT_NOFILE, &rl)) { rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl); }
	build();
	if (expect) return probe(expect);
	ep = epoll_create1(EPOLL_CLOEXEC);
	cs = calloc((size_t)nconn, sizeof *cs);
	for (int i = 0; i < nconn; i++) {
		cs[i].fd = -1;
		cs[i].req = malloc(req_len);
		memcpy(cs[i].req, tmpl, req_len);
		dial(&cs[i]);
	}
	t_begin = now_ns();
	t_warm = t_begin + (uint64_t)(warm_s * 1e9);
	t_end = t_begin + (uint64_t)((max_s + warm_s) * 1e9);
	uint64_t grace = t_end + 10000000000ull, next = t_begin, gap = rate > 0 ? (uint64_t)(1e9 / rate) : 0, t_last = t_begin;
	struct epoll_event ev[256];
	int idle = 0;
	bool first = true;
	struct rusage ru0, ru1;
	getrusage(RUSAGE_SELF, &ru0);
	while (!stop) {
		uint64_t t = now_ns();
		bool more = started < max_req && t < t_end;
		if (more && gap) {
			while (next <= t && started < max_req) {
				int k = 0;
				while (k < nconn && cs[(idle + k) % nconn].busy) k++;
				if (k == nconn) break;
				idle = (idle + k) % nconn;
				start(&cs[idle], next);
				next += gap;
			}
		} else if (more && first) {
			for (int i = 0; i < nconn && started < max_req; i++) start(&cs[i], now_ns());
			first = false;
		}
		if (!more && completed_total + errors >= started) break;
		if (t > grace) break;
		int n = wait_ns(ev, 256, gap, next, t);
		for (int i = 0; i < n; i++) {
			struct conn *c = ev[i].data.ptr;
			if (ev[i].events & EPOLLOUT) push(c);
			if (c->fd >= 0 && ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_read(c);
			if (!c->busy) {
				uint64_t tt = t_last = now_ns();
				if (!gap && started < max_req && tt < t_end) start(c, tt);
			}
		}
		if (errors > 1000 + max_req / 10) break;
	}
	getrusage(RUSAGE_SELF, &ru1);
	uint64_t t_stop = t_last < t_end && started >= max_req ? t_last : t_end;
	if (t_last > t_end && done_all) t_stop = t_last;
	double secs = t_stop > t_warm ? (double)(t_stop - t_warm) * 1e-9 : 1e-9;
	double cpu = (double)(ru1.ru_utime.tv_sec - ru0.ru_utime.tv_sec + ru1.ru_stime.tv_sec - ru0.ru_stime.tv_sec) +
		     (double)(ru1.ru_utime.tv_usec - ru0.ru_utime.tv_usec + ru1.ru_stime.tv_usec - ru0.ru_stime.tv_usec) * 1e-6;
	printf("{\"conns\":%d,\"started\":%ld,\"completed\":%ld,\"ok\":%ld,\"non2xx\":%ld,\"errors\":%ld,\"secs\":%.3f,\"rps\":%.0f,"
	       "\"p50_us\":%.0f,\"p90_us\":%.0f,\"p99_us\":%.0f,\"p999_us\":%.0f,\"max_us\":%.0f,\"gen_cpu_us\":%.1f}\n",
	       nconn, started, completed_total, completed_total - non2xx, non2xx, errors, secs, (double)done_all / secs, pct(.5, (uint64_t)done_all),
	       pct(.9, (uint64_t)done_all), pct(.99, (uint64_t)done_all), pct(.999, (uint64_t)done_all), (double)lat_max / 1000,
	       completed_total ? cpu * 1e6 / (double)completed_total : 0);
	return 0;
}
