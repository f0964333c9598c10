/*
 * A stream has two holders: who sends, on any thread, and the loop of the reader's
 * connection. What is sent gathers in `pending` and is taken when all before it
 * has gone out, so at most twice the limit waits for one reader.
 */
#include "server/inside.h"

#include <stdlib.h>

void stream_release(struct server_stream *stream)
{
	struct server *server = stream->loop->server;

	if (atomic_fetch_sub(&stream->references, 1) != 1)
		return;
	pthread_mutex_destroy(&stream->lock);
	buffer_free(&stream->pending);
	free(stream);
	server_release(server);
}

struct server_stream *stream_new(struct loop *loop, bool is_chunked, bool is_head_only)
{
	struct server_stream *stream = memory_new(sizeof *stream);

	stream->mail.kind = MAIL_NEWS;
	stream->loop = loop;
	stream->is_chunked = is_chunked;
	stream->is_head_only = is_head_only;
	stream->is_ended = is_head_only;
	atomic_init(&stream->references, 2);
	pthread_mutex_init(&stream->lock, NULL);
	server_hold(loop->server);
	return stream;
}

/* ---- the sender's side --------------------------------------------------------------------- */

/* Called with the lock; true if the mail is to be posted. */
static bool claim_mail(struct server_stream *stream)
{
	bool is_first = !stream->is_posted;

	stream->is_posted = true;
	if (is_first)
		atomic_fetch_add(&stream->references, 1);
	return is_first;
}

static void post(struct server_stream *stream)
{
	if (!mail_post(stream->loop, &stream->mail))
		stream_release(stream);
}

bool server_stream_send(struct server_stream *stream, struct text text)
{
	bool fits, posts = false;

	pthread_mutex_lock(&stream->lock);
	fits = !stream->is_gone && !stream->is_ended;
	if (fits && text.n > stream->loop->server->options.stream_bytes - stream->pending.n) {
		stream->is_gone = stream->is_too_slow = true;
		posts = claim_mail(stream);
		fits = false;
	}
	if (fits && text.n) {
		buffer_append(&stream->pending, text.p, text.n);
		posts = claim_mail(stream);
	}
	pthread_mutex_unlock(&stream->lock);
	if (posts)
		post(stream);
	return fits;
}

void server_stream_end(struct server_stream *stream)
{
	bool posts;

	if (!stream)
		return;
	pthread_mutex_lock(&stream->lock);
	stream->is_ended = true;
	posts = !stream->is_gone && claim_mail(stream);
	pthread_mutex_unlock(&stream->lock);
	if (posts)
		post(stream);
	stream_release(stream);
}

/* ---- the loop's side ------------------------------------------------------------------------- */

static void lose_reader(struct server_stream *stream)
{
	pthread_mutex_lock(&stream->lock);
	stream->is_gone = true;
	buffer_free(&stream->pending);
	pthread_mutex_unlock(&stream->lock);
	stream->connection = NULL;
	stream_release(stream);
}

void stream_attach(struct server_stream *stream, struct connection *c)
{
	if (!c) {
		lose_reader(stream);
		return;
	}
	stream->connection = c;
	c->stream = stream;
}

void stream_detach(struct connection *c)
{
	struct server_stream *stream = c->stream;

	c->stream = NULL;
	if (stream)
		lose_reader(stream);
}

void stream_stop(struct server_stream *stream)
{
	pthread_mutex_lock(&stream->lock);
	stream->is_ended = true;
	pthread_mutex_unlock(&stream->lock);
}

bool stream_read_news(struct server_stream *stream)
{
	bool is_in_time;

	pthread_mutex_lock(&stream->lock);
	stream->is_posted = false;
	is_in_time = !stream->is_too_slow;
	pthread_mutex_unlock(&stream->lock);
	return is_in_time;
}

static void frame(struct buffer *out, const struct buffer *bytes, bool is_chunked)
{
	if (is_chunked)
		buffer_format(out, "%zx\r\n", bytes->n);
	buffer_append(out, bytes->p, bytes->n);
	if (is_chunked)
		buffer_append(out, "\r\n", 2);
}

void stream_refill(struct connection *c)
{
	struct server_stream *stream = c->stream;
	struct buffer pending;
	bool is_ended;

	pthread_mutex_lock(&stream->lock);
	pending = stream->pending;
	stream->pending = (struct buffer){ 0 };
	is_ended = stream->is_ended;
	pthread_mutex_unlock(&stream->lock);
	if (pending.n)
		frame(&c->out, &pending, stream->is_chunked);
	buffer_free(&pending);
	if (!is_ended)
		return;
	if (stream->is_chunked && !stream->is_head_only)
		buffer_text(&c->out, "0\r\n\r\n");
	stream_detach(c);
}
