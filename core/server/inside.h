/*
 * inside.h - what the server's own files share
 *
 * A connection belongs to one loop and is touched by its thread only. Other
 * threads reach a loop through its mailbox: a request with its answer, or a
 * stream with news. The server itself lives until the last of these is freed.
 */
#ifndef SERVER_INSIDE_H
#define SERVER_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/types.h>
#include "server/server.h"
#include "server/head.h"

struct loop;
struct connection;

/* ---- wire.c: plain or TLS ------------------------------------------------ */

struct wire_tls; /* one server's certificate */
struct wire_session;

struct wire {
	int fd;
	struct wire_session *session; /* NULL: plain */
};

/* Like errno's EAGAIN: wait for the socket to be readable, or writable, and try again. */
enum { WIRE_END = 0, WIRE_BROKEN = -1, WIRE_WANT_READ = -2, WIRE_WANT_WRITE = -3 };

struct wire_tls *wire_tls_new(const char *certificate, const char *key, struct failure *);
/* For connections to come; false: the old ones stay. From any thread. */
bool wire_tls_reload(struct wire_tls *, const char *certificate, const char *key, struct failure *);
void wire_tls_free(struct wire_tls *);
bool wire_open(struct wire *, int fd, struct wire_tls *); /* takes the fd over, also on failure */
void wire_close(struct wire *);
void wire_end_writing(struct wire *); /* the reader sees an end, we can still read */
ssize_t wire_read(struct wire *, char *, size_t);
ssize_t wire_write(struct wire *, const char *, size_t);

/* ---- listen.c --------------------------------------------------------------- */

struct source { /* first member of what epoll tells of */
	void (*ready)(struct source *, struct loop *, uint32_t events);
};

struct listener {
	struct source source;
	int fd;
	bool is_unix;
	char *path; /* of a socket file that is ours to remove; else NULL */
	unsigned port;
};

/* Opens all addresses; false with the failure, and then those opened stay in the list. */
bool listeners_open(const struct server_options *, struct listener **, size_t *n, struct failure *);
void listeners_close(struct listener *, size_t n);

/* ---- crowd.c: how many connections each TCP address has ------------------------ */

struct crowd;
struct crowd *crowd_new(unsigned limit);
void crowd_free(struct crowd *);
bool crowd_enter(struct crowd *, const struct sockaddr_storage *); /* false: too many */
void crowd_leave(struct crowd *, const struct sockaddr_storage *);

/* ---- wait.c: what a connection waits for ----------------------------------------- */

/* Waits of one kind have one length, so each kind is a list in order of its ends. */
enum wait {
	WAIT_IDLE,
	WAIT_HEAD,
	WAIT_BODY,
	WAIT_REPLY,
	WAIT_WRITE,
	WAIT_LINGER,
	WAIT_STREAM, /* for ever: until there is something to send */
	N_WAITS
};

void wait_start(struct connection *, enum wait);
void wait_stop(struct connection *);
void connection_wait(struct connection *, enum wait); /* for that instead */
void connection_watch(struct connection *, uint32_t events);

/* ---- mail.c: how other threads reach a loop --------------------------------------- */

struct mail { /* first member of what is sent */
	struct mail *next;
	enum { MAIL_ANSWER, MAIL_NEWS } kind; /* a request with its answer; a stream */
};

void loop_is_here(const struct loop *); /* this thread is its own from now on */
bool loop_is_mine(const struct loop *); /* is this its thread? */
void loop_wake(struct loop *);
/* From any thread. False once the loop is closed; then the mail is the caller's. */
bool mail_post(struct loop *, struct mail *);
bool mail_is_there(struct loop *);
struct mail *mail_take(struct loop *); /* all of it, the oldest first */

/* ---- loop.c ------------------------------------------------------------------- */

struct loop {
	struct server *server;
	int epoll, wake;
	pthread_t thread;
	int64_t now; /* monotonic milliseconds, once a round */
	struct connection *first[N_WAITS], *last[N_WAITS];
	struct connection *dead; /* freed at the end of a round: events may still name them */
	struct server_request *spare;
	unsigned n_spare, n_open;
	bool is_draining;
	int64_t accept_again; /* 0, or when to listen again after running out of descriptors */
	struct source waker;
	atomic_uint asked, turned; /* server_turned(): it has gone round when they are equal */
	pthread_mutex_t lock;      /* of what follows */
	struct mail *oldest, **newest;
	bool is_woken, is_closed;
	char scratch[64 * 1024];
};

bool loop_open(struct loop *, struct server *, struct failure *);
void *loop_run(void *);
void loop_close(struct loop *); /* after its thread; mail that comes later is refused */

struct server {
	struct server_options options; /* with the defaults filled in */
	server_handler *handler;
	void *context;
	struct listener *listeners;
	size_t n_listeners;
	struct wire_tls *tls;
	struct crowd *crowd;
	struct loop *loops;
	atomic_uint references; /* the server's owner, requests and streams that are out */
	atomic_uint n_open, n_waiting, n_cut_off;
	atomic_uint n_listening; /* loops that still accept */
	unsigned n_threads;      /* that were started */
	atomic_bool is_stopping;
	atomic_llong stop_at;
	atomic_ullong n_accepted, n_requests, n_refusals, n_timeouts, n_turned_away, n_streams_cut;
};

/* hold.c */
void server_hold(struct server *);
void server_release(struct server *); /* the last one frees it */

/* ---- connection.c ---------------------------------------------------------------- */

enum connection_state { READ_HEAD, READ_BODY, WITH_HANDLER, WRITING, STREAMING, LINGERING, DEAD };

struct connection {
	struct source source;
	struct loop *loop;
	struct wire wire;
	enum connection_state state;
	uint32_t interest; /* what epoll watches for */
	bool closes;       /* after this answer */
	enum wait wait;
	int64_t deadline;
	struct connection *previous, *next; /* in the list of its wait; next also among the dead */
	struct buffer in;
	size_t in_at, seen; /* what is read; what of the rest was scanned for the head's end */
	struct buffer out;
	size_t out_at;
	uint64_t lingered;
	struct server_chunks chunks;
	struct server_request *request; /* being read, or with the handler */
	struct server_stream *stream;
	struct sockaddr_storage address;
	struct server_peer peer;
};

/* An accepted socket becomes a connection of this loop, or is turned away. */
void connection_accept(struct loop *, struct listener *, int fd, const struct sockaddr_storage *);
void connection_timeout(struct connection *);
void connection_drain(struct connection *); /* the server stops: ends it if nothing is under way */
void connection_close(struct connection *);
void connection_write(struct connection *); /* as much of out as the socket takes */
/* On the loop's thread, with the mail; the connection may be gone meanwhile. */
void connection_answered(struct server_request *);
void connection_news(struct server_stream *); /* bytes, the end, or a reader too slow */

/* ---- request.c: requests and their answers ------------------------------------------ */

struct server_request {
	struct mail mail;
	struct loop *loop;
	struct connection *connection; /* NULL: it is gone, or was told 500 */
	struct server_request *next;   /* among the spare ones */
	struct arena *arena;
	struct server_head head;
	struct server_peer peer;
	struct buffer body;
	struct buffer answer;
	bool answer_closes;
	struct server_stream *stream; /* the answer begins one */
};

struct server_request *request_new(struct loop *);
void request_free(
    struct server_request *); /* from the loop's thread, or where a post was refused */
void request_spares_free(struct loop *);

/* The bytes of an answer's head; `length` < 0: a stream. */
void answer_head(struct buffer *, unsigned status, const char *content_type, int64_t length,
    bool closes, const struct server_field *, size_t n_fields);
void answer_refusal(struct buffer *, const struct server *, const struct server_refusal *);

/* ---- stream.c ------------------------------------------------------------------------ */

struct server_stream {
	struct mail mail;
	struct loop *loop;
	struct connection *connection; /* the loop's thread only */
	bool is_chunked, is_head_only;
	atomic_uint references;
	pthread_mutex_t lock; /* of what follows */
	struct buffer pending;
	bool is_posted, is_ended, is_gone, is_too_slow;
};

/* Held twice: by the sender and by the loop, until it is detached. */
struct server_stream *stream_new(struct loop *, bool is_chunked, bool is_head_only);
void stream_attach(struct server_stream *, struct connection *); /* NULL: it is gone */
void stream_detach(struct connection *);
void stream_release(struct server_stream *);
void stream_stop(struct server_stream *);      /* ends it as if the sender did */
bool stream_read_news(struct server_stream *); /* false: the reader is too slow */
/* Moves what is pending to the connection's out; called when that is empty. */
void stream_refill(struct connection *);

#endif
