#include "support/stub.h"
#include "base/memory.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS 256

struct connection {
	struct stub *stub;
	int fd;
	SSL *tls;
	pthread_t thread;
};

struct stub {
	stub_handler *handler;
	void *context;
	int fd;
	char origin[64], certificate[64];
	SSL_CTX *tls;
	pthread_t thread;
	pthread_mutex_t lock;
	struct connection connections[CONNECTIONS];
	atomic_uint n_connections, n_requests;
	atomic_bool is_ending;
};

static ssize_t get_bytes(struct connection *c, char *to, size_t n)
{
	return c->tls ? SSL_read(c->tls, to, (int)n) : recv(c->fd, to, n, 0);
}

static void put_bytes(struct connection *c, struct text bytes)
{
	while (bytes.n) {
		ssize_t n = c->tls ? SSL_write(c->tls, bytes.p, (int)bytes.n)
				   : send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes = (struct text){ bytes.p + n, bytes.n - (size_t)n };
	}
}

struct text stub_header(const struct stub_request *request, const char *name)
{
	struct text rest = buffer_as_text(&request->headers), line;

	while (text_split(&rest, '\n', &line))
		if (line.n > strlen(name) && strncasecmp(line.p, name, strlen(name)) == 0 &&
		    line.p[strlen(name)] == ':')
			return text_trim(
			    (struct text){ line.p + strlen(name) + 1, line.n - strlen(name) - 1 });
	return TEXT("");
}

static bool read_head(struct connection *c, struct stub_request *r, struct buffer *raw)
{
	char *end, bytes[4096];

	while (!raw->n || !(end = strstr(raw->p, "\r\n\r\n"))) {
		ssize_t n = get_bytes(c, bytes, sizeof bytes);

		if (n <= 0)
			return false;
		buffer_append(raw, bytes, (size_t)n);
	}
	if (sscanf(raw->p, "%15s %8191s", r->method, r->target) != 2)
		return false;
	buffer_append(&r->headers, raw->p, (size_t)(end - raw->p));
	buffer_append(&r->body, end + 4, raw->n - (size_t)(end + 4 - raw->p));
	return true;
}

static bool read_request(struct connection *c, struct stub_request *r)
{
	struct buffer raw = { 0 };
	bool is_ok = read_head(c, r, &raw);
	int64_t length = 0;
	char bytes[4096];

	buffer_free(&raw);
	text_integer(stub_header(r, "Content-Length"), &length);
	while (is_ok && r->body.n < (size_t)length) {
		ssize_t n = get_bytes(c, bytes, sizeof bytes);

		is_ok = n > 0;
		if (is_ok)
			buffer_append(&r->body, bytes, (size_t)n);
	}
	return is_ok;
}

static bool serve_one(struct connection *c)
{
	struct stub_request request = { 0 };
	struct stub *s = c->stub;
	struct buffer reply = { 0 };
	bool goes_on = read_request(c, &request);

	if (goes_on) {
		request.number = atomic_fetch_add(&s->n_requests, 1) + 1;
		pthread_mutex_lock(&s->lock);
		s->handler(s->context, &request, &reply);
		pthread_mutex_unlock(&s->lock);
		put_bytes(c, buffer_as_text(&reply));
		goes_on = reply.n > 0 && !strstr(reply.p, "\r\nConnection: close\r\n");
	}
	buffer_free(&request.headers);
	buffer_free(&request.body);
	buffer_free(&reply);
	return goes_on;
}

static void *serve(void *argument)
{
	struct connection *c = argument;

	if (!c->tls || SSL_accept(c->tls) == 1)
		while (serve_one(c))
			;
	shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static void *accept_all(void *argument)
{
	struct stub *s = argument;

	while (!s->is_ending && s->n_connections < CONNECTIONS) {
		int fd = accept(s->fd, NULL, NULL);
		struct connection *c = &s->connections[s->n_connections];

		if (fd < 0)
			break;
		*c = (struct connection){ .stub = s, .fd = fd };
		if (s->tls) {
			c->tls = SSL_new(s->tls);
			SSL_set_fd(c->tls, fd);
		}
		if (pthread_create(&c->thread, NULL, serve, c) != 0)
			abort();
		s->n_connections++;
	}
	return NULL;
}

/* A certificate for 127.0.0.1, signed by itself. */
static X509 *make_certificate(EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_EXTENSION *names =
	    X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(
	    X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_add_ext(x, names, -1);
	X509_EXTENSION_free(names);
	X509_sign(x, key, EVP_sha256());
	return x;
}

void stub_make_identity(char path[64])
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = make_certificate(key);
	FILE *file;
	int fd;

	strcpy(path, "/tmp/caseroute-test-XXXXXX");
	fd = mkstemp(path);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!file)
		abort();
	PEM_write_X509(file, certificate);
	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void start_tls(struct stub *s)
{
	stub_make_identity(s->certificate);
	s->tls = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate_chain_file(s->tls, s->certificate);
	SSL_CTX_use_PrivateKey_file(s->tls, s->certificate, SSL_FILETYPE_PEM);
}

struct stub *stub_new(stub_handler *handler, void *context, bool with_tls)
{
	struct stub *s = memory_new(sizeof *s);
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof address;

	signal(SIGPIPE, SIG_IGN);
	s->handler = handler;
	s->context = context;
	pthread_mutex_init(&s->lock, NULL);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&address, n) != 0 ||
	    listen(s->fd, 64) != 0 || getsockname(s->fd, (struct sockaddr *)&address, &n) != 0)
		abort();
	snprintf(s->origin, sizeof s->origin, "%s://127.0.0.1:%u", with_tls ? "https" : "http",
	    ntohs(address.sin_port));
	if (with_tls)
		start_tls(s);
	if (pthread_create(&s->thread, NULL, accept_all, s) != 0)
		abort();
	return s;
}

void stub_free(struct stub *s)
{
	s->is_ending = true;
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	for (unsigned i = 0; i < s->n_connections; i++)
		shutdown(s->connections[i].fd, SHUT_RDWR);
	for (unsigned i = 0; i < s->n_connections; i++) {
		pthread_join(s->connections[i].thread, NULL);
		SSL_free(s->connections[i].tls);
		close(s->connections[i].fd);
	}
	close(s->fd);
	SSL_CTX_free(s->tls);
	if (s->certificate[0])
		unlink(s->certificate);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const char *stub_origin(const struct stub *s)
{
	return s->origin;
}

unsigned stub_requests(struct stub *s)
{
	return s->n_requests;
}

unsigned stub_connections(struct stub *s)
{
	return s->n_connections;
}

const char *stub_certificate(const struct stub *s)
{
	return s->certificate;
}

void stub_reply(struct buffer *reply, unsigned status, const char *headers, const char *body)
{
	buffer_format(reply, "HTTP/1.1 %u Test\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers,
	    strlen(body), body);
}
