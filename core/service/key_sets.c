#include "service/key_sets.h"
#include "base/log.h"
#include "http/http.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define FRESH_MS ((int64_t)3600 * 1000)     /* then it is fetched anew, beside its use */
#define KEEP_MS ((int64_t)24 * 3600 * 1000) /* then it is not used any more */
#define UNKNOWN_MS ((int64_t)60 * 1000)     /* between two fetches for keys we do not know */
#define RETRY_MS ((int64_t)5 * 1000)        /* after a fetch, when there is nothing to use */
#define FETCH_MS ((int64_t)5 * 1000)        /* one exchange; a fetch has one or two */
#define LOOK_MS 200                         /* whether to break off */
#define DOCUMENT_BYTES ((size_t)256 * 1024)
#define MOST_WAITING 256 /* for one set */

struct waiter {
	struct waiter *next;
	key_sets_again *again;
	void *argument;
};

/* All instants are monotonic; 0: never. */
struct key_set {
	struct key_set *next;
	struct key_sets *all;
	char *name, *issuer, *jwks; /* jwks NULL: by discovery */
	struct jwt_keys *keys;      /* NULL: none */
	instant got_at, tried_at, unknown_at;
	bool is_wanted; /* or being fetched */
	struct waiter *waiting;
	size_t n_waiting;
	pthread_t thread;
	pthread_cond_t wish;
};

struct key_sets {
	pthread_mutex_t lock;
	struct key_set *list;
	atomic_bool is_stopping;
};

struct key_sets *key_sets_new(void)
{
	struct key_sets *all = memory_new(sizeof *all);

	pthread_mutex_init(&all->lock, NULL);
	return all;
}

/* ---- fetching: on the set's own thread, without the lock -------------------------------- */

struct fetch {
	struct key_set *set;
	struct http *http;
	struct http_reply reply;
	struct failure why;
	bool is_done, has_reply;
};

static void take_reply(
    void *context, bool has_reply, struct http_reply *reply, const struct failure *why)
{
	struct fetch *f = context;

	f->is_done = true;
	f->has_reply = has_reply;
	if (!has_reply) {
		failure_set(&f->why, why->kind, "%s", why->text);
		return;
	}
	f->reply = *reply;
	*reply = (struct http_reply){ 0 };
}

/* A JSON document from there; its bytes are in f->reply until the next one. */
static bool get(struct fetch *f, const char *url)
{
	static const struct http_header accept[] = { { { "Accept", 6 },
	    { "application/json", 16 } } };
	struct buffer origin = { 0 };
	const char *origins[1];
	struct http_request request = { .method = "GET",
		.url = url,
		.origins = origins,
		.n_origins = 1,
		.headers = accept,
		.n_headers = 1,
		.timeout_ms = FETCH_MS,
		.connect_timeout_ms = FETCH_MS,
		.max_bytes = DOCUMENT_BYTES };

	http_reply_free(&f->reply);
	f->reply = (struct http_reply){ 0 };
	f->is_done = f->has_reply = false;
	if (!http_origin(url, &origin))
		failure_set(&f->why, FAILURE_CONFIG, "%.200s is no https address", url);
	origins[0] = origin.p;
	if (origin.p && http_begin(f->http, &request, instant_now(), take_reply, f, &f->why))
		while (!f->is_done && !atomic_load(&f->set->all->is_stopping))
			http_run(f->http, LOOK_MS);
	buffer_free(&origin);
	if (f->has_reply && f->reply.status != 200)
		failure_set(
		    &f->why, FAILURE_UNAVAILABLE, "%.200s answers %u", url, f->reply.status);
	return f->has_reply && f->reply.status == 200;
}

/* Plain http reaches this machine only, and then only where the issuer is there itself: a
 * document from elsewhere cannot have us ask a neighbour. */
static bool is_good_address(const char *url, const char *issuer)
{
	struct buffer of_url = { 0 }, of_issuer = { 0 };
	bool is_good = url && http_origin(url, &of_url) && http_origin(issuer, &of_issuer) &&
	    (text_starts(text_of(url), "https://") || strcmp(of_url.p, of_issuer.p) == 0);

	buffer_free(&of_url);
	buffer_free(&of_issuer);
	return is_good;
}

/* OpenID Connect Discovery 1.0, 4: the document must name the issuer that it was asked for. */
static char *discover(struct fetch *f)
{
	const char *issuer = f->set->issuer, *found;
	struct buffer url = { 0 };
	struct json *document = NULL;
	char *address = NULL;
	size_t n = strlen(issuer);

	buffer_append(&url, issuer, n && issuer[n - 1] == '/' ? n - 1 : n);
	buffer_text(&url, "/.well-known/openid-configuration");
	if (get(f, url.p))
		document =
		    json_read(buffer_as_text(&f->reply.body), "discovery", DOCUMENT_BYTES, &f->why);
	found = json_get_chars(document, "jwks_uri");
	if (document && !text_same(json_get_chars(document, "issuer"), issuer))
		failure_set(&f->why, FAILURE_DATA, "its discovery document is another issuer's");
	else if (document && !is_good_address(found, issuer))
		failure_set(&f->why, FAILURE_DATA, "its discovery document has no good jwks_uri");
	else
		address = memory_copy_text(found);
	json_free(document);
	buffer_free(&url);
	return address;
}

static struct jwt_keys *fetch(struct key_set *set)
{
	struct http_options options = { .ca_file = getenv("CASEROUTE_CA_FILE") };
	struct fetch f = { .set = set, .http = http_new(&options) };
	struct jwt_keys *keys = NULL;
	char *address = set->jwks ? memory_copy_text(set->jwks) : discover(&f);

	if (address && get(&f, address))
		keys = jwt_keys_read(buffer_as_text(&f.reply.body), &f.why);
	if (!keys && !atomic_load(&set->all->is_stopping))
		log_line(
		    LOG_WARNING, "issuer %s: its keys cannot be had: %s", set->name, f.why.text);
	http_reply_free(&f.reply);
	http_free(f.http);
	free(address);
	return keys;
}

/* ---- the set's thread -------------------------------------------------------------------- */

static struct waiter *take_waiting(struct key_set *set)
{
	struct waiter *first = set->waiting;

	set->waiting = NULL;
	set->n_waiting = 0;
	return first;
}

static void call_again(struct waiter *w)
{
	while (w) {
		struct waiter *next = w->next;

		w->again(w->argument);
		free(w);
		w = next;
	}
}

static void serve_wish(struct key_set *set)
{
	struct key_sets *all = set->all;
	struct waiter *waiting;
	struct jwt_keys *keys;

	pthread_mutex_unlock(&all->lock);
	keys = fetch(set);
	pthread_mutex_lock(&all->lock);
	if (keys) {
		jwt_keys_free(set->keys);
		set->keys = keys;
		set->got_at = instant_monotonic();
	}
	set->is_wanted = false;
	waiting = take_waiting(set);
	pthread_mutex_unlock(&all->lock);
	call_again(waiting);
	pthread_mutex_lock(&all->lock);
}

static void *run(void *argument)
{
	struct key_set *set = argument;
	struct key_sets *all = set->all;

	pthread_mutex_lock(&all->lock);
	while (!atomic_load(&all->is_stopping)) {
		if (set->is_wanted)
			serve_wish(set);
		else
			pthread_cond_wait(&set->wish, &all->lock);
	}
	pthread_mutex_unlock(&all->lock);
	return NULL;
}

static void set_free(struct key_set *set)
{
	pthread_cond_destroy(&set->wish);
	jwt_keys_free(set->keys);
	free(set->name);
	free(set->issuer);
	free(set->jwks);
	free(set);
}

/* Those that wait ask again, and are told that nothing can be had. */
static void stop(struct key_sets *all)
{
	pthread_mutex_lock(&all->lock);
	atomic_store(&all->is_stopping, true);
	for (struct key_set *s = all->list; s; s = s->next)
		pthread_cond_signal(&s->wish);
	pthread_mutex_unlock(&all->lock);
	for (struct key_set *s = all->list; s; s = s->next) {
		pthread_join(s->thread, NULL);
		call_again(take_waiting(s));
	}
}

void key_sets_free(struct key_sets *all)
{
	stop(all);
	while (all->list) {
		struct key_set *set = all->list;

		all->list = set->next;
		set_free(set);
	}
	pthread_mutex_destroy(&all->lock);
	free(all);
}

/* ---- asking: under the lock ----------------------------------------------------------------- */

/* A reload may bring other addresses; sets that nobody asks for any more just stay. NULL: there
 * is no thread to be had. */
static struct key_set *find(struct key_sets *all, const struct issuer *issuer)
{
	struct key_set *s = all->list;

	while (s && !(text_same(s->issuer, issuer->url) && text_same(s->jwks, issuer->jwks)))
		s = s->next;
	if (s)
		return s;
	s = memory_new(sizeof *s);
	s->all = all;
	s->name = memory_copy_text(issuer->name);
	s->issuer = memory_copy_text(issuer->url);
	s->jwks = memory_copy_text(issuer->jwks);
	pthread_cond_init(&s->wish, NULL);
	if (pthread_create(&s->thread, NULL, run, s) == 0) {
		s->next = all->list;
		return all->list = s;
	}
	set_free(s);
	return NULL;
}

static bool is_over(instant since, int64_t ms, instant now)
{
	return !since || now - since >= ms;
}

static void want(struct key_set *set, instant now)
{
	set->is_wanted = true;
	set->tried_at = now;
	pthread_cond_signal(&set->wish);
}

/* May the set be fetched for a token whose key it has not? */
static bool want_unknown(struct key_set *set, instant now)
{
	if (set->is_wanted)
		return true;
	if (!is_over(set->tried_at, RETRY_MS, now) && !set->keys)
		return false;
	if (set->keys && !is_over(set->unknown_at, UNKNOWN_MS, now))
		return false;
	if (set->keys)
		set->unknown_at = now;
	want(set, now);
	return true;
}

static enum key_answer wait_for(struct key_set *set, key_sets_again *again, void *argument)
{
	struct waiter *w;

	if (set->n_waiting == MOST_WAITING)
		return KEYS_AWAY;
	w = memory_new(sizeof *w);
	*w = (struct waiter){ .next = set->waiting, .again = again, .argument = argument };
	set->waiting = w;
	set->n_waiting++;
	return KEYS_LATER;
}

static void drop_old(struct key_set *set, instant now)
{
	if (!set->keys || now - set->got_at < KEEP_MS)
		return;
	jwt_keys_free(set->keys);
	set->keys = NULL;
}

static enum key_answer prove(
    struct key_set *set, const struct jwt *jwt, key_sets_again *again, void *argument)
{
	instant now = instant_monotonic();
	enum jwt_proof proof;

	drop_old(set, now);
	proof = set->keys ? jwt_prove(jwt, set->keys) : JWT_NO_KEY;
	if (proof == JWT_NO_KEY && again && want_unknown(set, now))
		return wait_for(set, again, argument);
	if (proof == JWT_NO_KEY)
		return set->keys ? KEYS_REFUSE : KEYS_AWAY;
	if (now - set->got_at >= FRESH_MS && is_over(set->tried_at, UNKNOWN_MS, now) &&
	    !set->is_wanted)
		want(set, now);
	return proof == JWT_PROVEN ? KEYS_PROVE : KEYS_REFUSE;
}

enum key_answer key_sets_prove(struct key_sets *all, const struct issuer *issuer,
    const struct jwt *jwt, key_sets_again *again, void *argument)
{
	struct key_set *set;
	enum key_answer answer;

	pthread_mutex_lock(&all->lock);
	set = atomic_load(&all->is_stopping) ? NULL : find(all, issuer);
	answer = set ? prove(set, jwt, again, argument) : KEYS_AWAY;
	pthread_mutex_unlock(&all->lock);
	return answer;
}
