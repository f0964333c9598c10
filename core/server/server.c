/*
 * Why this server is our own, where the rule is that a well-kept library wins:
 *
 * Debian 12's libraries let through to the handler 77 of the 125 forms of
 * tests/unit/server_forms.h, which two servers in a row may read differently, and
 * most of those were followed by a second, smuggled request that was served too.
 * libmicrohttpd 0.9.75 in its strict mode, with a check of the fields in the first
 * call of its handler, still let 60 through: bare LF as the end of lines and of
 * chunks, bare CR, NUL, folded fields, trailers. Its callbacks tell what it made of
 * the bytes and never the bytes, so no check of ours can refuse those; nor can one
 * behind evhttp. A parser of our own before either would have to agree with it in
 * everything, which is the very thing that smuggling lives on. libmicrohttpd's
 * epoll mode also stalls when a multiple of 128 connections is ready at once.
 *
 * HTTP/1.1 read strictly is small: most of its size elsewhere is leniency.
 */
#include "server/inside.h"

#include <signal.h>
#include <string.h>
#include "base/instant.h"

#define MAX_THREADS 64

/* ---- life ------------------------------------------------------------------------------- */

static void fill_size(size_t *value, size_t otherwise)
{
	*value = *value ? *value : otherwise;
}

static void fill_ms(int64_t *value, int64_t otherwise)
{
	*value = *value > 0 ? *value : otherwise;
}

static void fill_defaults(struct server_options *o)
{
	o->unix_mode = o->unix_mode ? o->unix_mode : 0600;
	o->threads = o->threads ? o->threads : 1;
	o->connections = o->connections ? o->connections : 1024;
	fill_size(&o->head_bytes, 16 * 1024);
	fill_size(&o->target_bytes, 4 * 1024);
	fill_size(&o->body_bytes, 1024 * 1024);
	fill_size(&o->stream_bytes, 256 * 1024);
	fill_ms(&o->idle_ms, 60 * INSTANT_SECOND);
	fill_ms(&o->head_ms, 10 * INSTANT_SECOND);
	fill_ms(&o->body_ms, 30 * INSTANT_SECOND);
	fill_ms(&o->reply_ms, 120 * INSTANT_SECOND);
	fill_ms(&o->write_ms, 30 * INSTANT_SECOND);
}

static bool check(const struct server_options *o, struct failure *why)
{
	if (!o->tls_certificate != !o->tls_key)
		return failure_set(
		    why, FAILURE_CONFIG, "TLS needs both a certificate and its key, or neither");
	if (o->threads > MAX_THREADS)
		return failure_set(why, FAILURE_CONFIG, "%u threads are too many; at most %d",
		    o->threads, MAX_THREADS);
	return true;
}

static bool set_up(struct server *server, struct failure *why)
{
	const struct server_options *o = &server->options;

	if (!check(o, why) || !listeners_open(o, &server->listeners, &server->n_listeners, why))
		return false;
	if (o->tls_certificate &&
	    !(server->tls = wire_tls_new(o->tls_certificate, o->tls_key, why)))
		return false;
	for (unsigned i = 0; i < o->threads; i++)
		if (!loop_open(&server->loops[i], server, why))
			return false;
	return true;
}

/* Signals are for the program's own thread. */
static bool start_threads(struct server *server, struct failure *why)
{
	sigset_t all, before;
	int error = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_store(&server->n_listening, server->options.threads);
	for (unsigned i = 0; !error && i < server->options.threads; i++) {
		error = pthread_create(&server->loops[i].thread, NULL, loop_run, &server->loops[i]);
		server->n_threads += !error;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return !error ||
	    failure_set(why, FAILURE_INTERNAL, "cannot start a thread: %s", strerror(error));
}

static struct server *server_new(
    const struct server_options *options, server_handler *handler, void *context)
{
	struct server *server = memory_new(sizeof *server);

	server->options = *options;
	fill_defaults(&server->options);
	server->handler = handler;
	server->context = context;
	server->crowd = crowd_new(server->options.per_address);
	server->loops = memory_array(server->options.threads, sizeof *server->loops);
	for (unsigned i = 0; i < server->options.threads; i++)
		server->loops[i].epoll = server->loops[i].wake = -1;
	atomic_init(&server->references, 1);
	return server;
}

struct server *server_start(const struct server_options *options, server_handler *handler,
    void *context, struct failure *why)
{
	struct server *server = server_new(options, handler, context);

	if (set_up(server, why) && start_threads(server, why))
		return server;
	server_stop(server, 0);
	return NULL;
}

unsigned server_stop(struct server *server, int64_t deadline_ms)
{
	unsigned n_cut_off;

	atomic_store(&server->stop_at, instant_monotonic() + deadline_ms);
	atomic_store(&server->is_stopping, true);
	for (unsigned i = 0; i < server->n_threads; i++)
		loop_wake(&server->loops[i]);
	for (unsigned i = 0; i < server->n_threads; i++)
		pthread_join(server->loops[i].thread, NULL);
	for (unsigned i = 0; i < server->options.threads; i++)
		loop_close(&server->loops[i]);
	listeners_close(server->listeners, server->n_listeners);
	n_cut_off = atomic_load(&server->n_cut_off);
	server_release(server);
	return n_cut_off;
}

bool server_turned(struct server *server)
{
	bool all = true;

	for (unsigned i = 0; i < server->n_threads; i++)
		all = all &&
		    atomic_load(&server->loops[i].turned) == atomic_load(&server->loops[i].asked);
	for (unsigned i = 0; all && i < server->n_threads; i++) {
		atomic_fetch_add(&server->loops[i].asked, 1);
		loop_wake(&server->loops[i]);
	}
	return all;
}

bool server_reload_tls(struct server *server, struct failure *why)
{
	return !server->tls ||
	    wire_tls_reload(
		server->tls, server->options.tls_certificate, server->options.tls_key, why);
}

/* ---- what it tells --------------------------------------------------------------------------- */

unsigned server_port(const struct server *server, size_t n)
{
	for (size_t i = 0; i < server->n_listeners; i++)
		if (!server->listeners[i].is_unix && n-- == 0)
			return server->listeners[i].port;
	return 0;
}

struct server_counts server_counts(const struct server *server)
{
	return (struct server_counts){
		.connections = atomic_load(&server->n_accepted),
		.requests = atomic_load(&server->n_requests),
		.refusals = atomic_load(&server->n_refusals),
		.timeouts = atomic_load(&server->n_timeouts),
		.turned_away = atomic_load(&server->n_turned_away),
		.streams_cut = atomic_load(&server->n_streams_cut),
		.open = atomic_load(&server->n_open),
		.waiting = atomic_load(&server->n_waiting),
	};
}
