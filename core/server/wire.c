/* Bytes in and out of a socket, plain or TLS: the only file of the server that knows OpenSSL. */
#include "server/inside.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sessions hold the context they began with. */
struct wire_tls {
	pthread_mutex_t lock;
	SSL_CTX *context;
};

static SSL *session_of(const struct wire *wire)
{
	return (SSL *)(void *)wire->session;
}

/* ---- the certificate -------------------------------------------------------------- */

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *n,
    const unsigned char *offered, unsigned n_offered, void *context)
{
	static const unsigned char ours[] = "\x08http/1.1";

	(void)ssl;
	(void)context;
	return SSL_select_next_proto((unsigned char **)out, n, ours, sizeof ours - 1, offered,
		   n_offered) == OPENSSL_NPN_NEGOTIATED
	    ? SSL_TLSEXT_ERR_OK
	    : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool load(SSL_CTX *context, const char *certificate, const char *key, struct failure *why)
{
	char problem[256];

	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
	    SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 &&
	    SSL_CTX_check_private_key(context) == 1)
		return true;
	ERR_error_string_n(ERR_get_error(), problem, sizeof problem);
	return failure_set(
	    why, FAILURE_CONFIG, "cannot use %s with key %s: %s", certificate, key, problem);
}

static SSL_CTX *context_new(const char *certificate, const char *key, struct failure *why)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context || !load(context, certificate, key, why)) {
		failure_set(why, FAILURE_INTERNAL, "cannot set up TLS");
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(context,
	    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
		SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return context;
}

struct wire_tls *wire_tls_new(const char *certificate, const char *key, struct failure *why)
{
	SSL_CTX *context = context_new(certificate, key, why);
	struct wire_tls *tls;

	if (!context)
		return NULL;
	tls = memory_new(sizeof *tls);
	tls->context = context;
	pthread_mutex_init(&tls->lock, NULL);
	return tls;
}

bool wire_tls_reload(
    struct wire_tls *tls, const char *certificate, const char *key, struct failure *why)
{
	SSL_CTX *context = context_new(certificate, key, why), *replaced;

	if (!context)
		return false;
	pthread_mutex_lock(&tls->lock);
	replaced = tls->context;
	tls->context = context;
	pthread_mutex_unlock(&tls->lock);
	SSL_CTX_free(replaced);
	return true;
}

void wire_tls_free(struct wire_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	pthread_mutex_destroy(&tls->lock);
	free(tls);
}

/* ---- one connection ------------------------------------------------------------------ */

bool wire_open(struct wire *wire, int fd, struct wire_tls *tls)
{
	SSL *session;

	*wire = (struct wire){ .fd = fd };
	if (!tls)
		return true;
	pthread_mutex_lock(&tls->lock);
	session = SSL_new(tls->context);
	pthread_mutex_unlock(&tls->lock);
	wire->session = (struct wire_session *)(void *)session;
	if (session && SSL_set_fd(session, fd) == 1) {
		SSL_set_accept_state(session);
		return true;
	}
	wire_close(wire);
	return false;
}

void wire_close(struct wire *wire)
{
	SSL_free(session_of(wire));
	shutdown(wire->fd, SHUT_RDWR); /* a child just forked may hold it open a little longer */
	close(wire->fd);
	*wire = (struct wire){ .fd = -1 };
}

void wire_end_writing(struct wire *wire)
{
	ERR_clear_error();
	if (wire->session && SSL_is_init_finished(session_of(wire)))
		SSL_shutdown(session_of(wire));
	shutdown(wire->fd, SHUT_WR);
}

static ssize_t plain_result(ssize_t n, ssize_t want)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? want : WIRE_BROKEN;
}

static ssize_t tls_result(const struct wire *wire, int n)
{
	switch (n > 0 ? SSL_ERROR_NONE : SSL_get_error(session_of(wire), n)) {
	case SSL_ERROR_NONE: return n;
	case SSL_ERROR_ZERO_RETURN: return WIRE_END;
	case SSL_ERROR_WANT_READ: return WIRE_WANT_READ;
	case SSL_ERROR_WANT_WRITE: return WIRE_WANT_WRITE;
	default: return WIRE_BROKEN;
	}
}

ssize_t wire_read(struct wire *wire, char *to, size_t n)
{
	if (!wire->session)
		return plain_result(recv(wire->fd, to, n, 0), WIRE_WANT_READ);
	ERR_clear_error();
	return tls_result(wire, SSL_read(session_of(wire), to, (int)n));
}

ssize_t wire_write(struct wire *wire, const char *bytes, size_t n)
{
	if (!wire->session)
		return plain_result(send(wire->fd, bytes, n, MSG_NOSIGNAL), WIRE_WANT_WRITE);
	ERR_clear_error();
	return tls_result(wire, SSL_write(session_of(wire), bytes, n < 1 << 20 ? (int)n : 1 << 20));
}
