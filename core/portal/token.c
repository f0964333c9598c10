#include "portal/token.h"
#include "base/json.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define LONGEST_MS (28 * 3600 * INSTANT_SECOND)
#define EARLY_MS (5 * 60 * INSTANT_SECOND)

struct token {
	struct token *next;
	char *tenant, *scope;
	struct secret value; /* empty: none was got yet */
	instant until, renew_from;
	struct http_door door; /* those that wait for it */
	uint64_t answers;      /* how often the authority was asked */
	struct failure last;   /* what came of it the last time */
};

/* One request for a token, while it is made. */
struct asking {
	struct credential *credential;
	const char *tenant, *scope;
	bool is_resource; /* the older address, which wants `resource` */
	struct http *http;
	const struct secret_source *source;
	instant now;
	struct buffer url, form;
	struct secret placed[2]; /* went along: blanked in a refusal */
	size_t n_placed;
};

/* ---- what is kept ----------------------------------------------------------------------- */

static struct token *find(struct credential *c, const char *tenant, const char *scope)
{
	struct token *t = c->tokens;

	while (t && !(text_same(t->tenant, tenant) && text_same(t->scope, scope)))
		t = t->next;
	if (t)
		return t;
	t = memory_new(sizeof *t);
	t->tenant = memory_copy_text(tenant);
	t->scope = memory_copy_text(scope);
	t->next = c->tokens;
	c->tokens = t;
	return t;
}

/* Stays until the credential ends. *answers: how often the authority was asked. */
static struct token *look_at(struct asking *a, uint64_t *answers, struct failure *last)
{
	struct token *t;

	pthread_mutex_lock(&a->credential->lock);
	t = find(a->credential, a->tenant, a->scope);
	*answers = t->answers;
	*last = t->last;
	pthread_mutex_unlock(&a->credential->lock);
	return t;
}

static void note(struct asking *a, struct token *t, const struct failure *result)
{
	pthread_mutex_lock(&a->credential->lock);
	t->answers++;
	t->last = *result;
	pthread_mutex_unlock(&a->credential->lock);
}

static bool take_kept(struct asking *a, bool is_fresh, struct secret *out)
{
	struct token *t;
	bool is_good;

	pthread_mutex_lock(&a->credential->lock);
	t = find(a->credential, a->tenant, a->scope);
	is_good = t->value.bytes.n && a->now < (is_fresh ? t->renew_from : t->until);
	if (is_good)
		buffer_append(&out->bytes, t->value.bytes.p, t->value.bytes.n);
	pthread_mutex_unlock(&a->credential->lock);
	return is_good;
}

static void keep(struct asking *a, struct text value, int64_t lasts_ms)
{
	int64_t early = lasts_ms / 10 < EARLY_MS ? lasts_ms / 10 : EARLY_MS;
	struct token *t;

	pthread_mutex_lock(&a->credential->lock);
	t = find(a->credential, a->tenant, a->scope);
	secret_free(&t->value);
	buffer_append(&t->value.bytes, value.p, value.n);
	t->until = a->now + lasts_ms;
	t->renew_from = t->until - early;
	pthread_mutex_unlock(&a->credential->lock);
}

void tokens_free(struct credential *credential)
{
	while (credential->tokens) {
		struct token *t = credential->tokens;

		credential->tokens = t->next;
		secret_free(&t->value);
		free(t->tenant);
		free(t->scope);
		free(t);
	}
}

/* ---- the form ---------------------------------------------------------------------------- */

static void add(struct asking *a, const char *name, struct text value)
{
	if (a->form.n)
		buffer_char(&a->form, '&');
	buffer_format(&a->form, "%s=", name);
	http_encode(&a->form, value);
}

/* Takes the value over. */
static void add_placed(struct asking *a, const char *name, struct secret *value)
{
	add(a, name, buffer_as_text(&value->bytes));
	a->placed[a->n_placed++] = *value;
}

static bool add_secret(
    struct asking *a, const char *name, const struct secret_place *place, struct failure *why)
{
	struct secret value = { 0 };

	if (!secret_read(place->reference, place->base_file, &value, why))
		return false;
	add_placed(a, name, &value);
	return true;
}

/* How the application proves who it is; one for a public client. */
static bool add_proof(struct asking *a, struct failure *why)
{
	struct credential *c = a->credential;
	struct secret assertion = { 0 };
	bool is_ok;

	if (c->secret.reference)
		return add_secret(a, "client_secret", &c->secret, why);
	if (!c->certificate || !c->key.reference)
		return true;
	is_ok = assertion_write(c, a->url.p, a->now, &assertion.bytes, why);
	if (is_ok) {
		add(a, "client_assertion_type",
		    TEXT("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
		add_placed(a, "client_assertion", &assertion);
	} else {
		secret_free(&assertion);
	}
	return is_ok;
}

/* The newest refresh token: as kept, else the one that the configuration names. */
static bool add_refresh_token(struct asking *a, struct failure *why)
{
	const struct secret_source *source = a->source;
	struct credential *c = a->credential;
	struct secret kept = { 0 };
	struct failure not_read = { 0 };

	if (source && source->refresh_token_get &&
	    source->refresh_token_get(source->context, c->name, &kept, &not_read)) {
		add_placed(a, "refresh_token", &kept);
		return true;
	}
	secret_free(&kept);
	if (not_read.kind)
		return failure_set(why, not_read.kind, "%s", not_read.text);
	if (c->token.reference)
		return add_secret(a, "refresh_token", &c->token, why);
	return failure_set(
	    why, FAILURE_NO_PERMISSION, "there is no refresh token; a person must sign in once");
}

static bool has_word(struct text words, const char *wanted)
{
	struct text word;

	while (text_split(&words, ' ', &word))
		if (text_is(word, wanted))
			return true;
	return false;
}

/* The newer address gives the next refresh token only to those who ask for it; one
 * that is never replaced ends after 90 days. */
static void add_scope(struct asking *a)
{
	bool is_refresh = a->credential->type == CREDENTIAL_REFRESH_TOKEN;
	struct buffer scope = { 0 };

	if (!a->scope[0])
		return;
	buffer_text(&scope, a->scope);
	if (is_refresh && !a->is_resource && !has_word(text_of(a->scope), "offline_access"))
		buffer_text(&scope, " offline_access");
	add(a, a->is_resource ? "resource" : "scope", buffer_as_text(&scope));
	buffer_free(&scope);
}

static bool build(struct asking *a, struct failure *why)
{
	struct credential *c = a->credential;
	bool is_refresh = c->type == CREDENTIAL_REFRESH_TOKEN;

	buffer_format(&a->url, "%s/", c->authority);
	http_encode(&a->url, text_of(a->tenant));
	buffer_text(&a->url, a->is_resource ? "/oauth2/token" : "/oauth2/v2.0/token");
	add(a, "grant_type", is_refresh ? TEXT("refresh_token") : TEXT("client_credentials"));
	add(a, "client_id", text_of(c->client_id));
	add_scope(a);
	return add_proof(a, why) && (!is_refresh || add_refresh_token(a, why));
}

/* ---- the answer ----------------------------------------------------------------------------- */

static enum failure_kind kind_of_error(unsigned status, const char *error)
{
	static const char *const by_person[] = { "invalid_grant", "interaction_required",
		"consent_required", "login_required" };

	if (status == 429 || status >= 500 || text_same(error, "temporarily_unavailable"))
		return FAILURE_UNAVAILABLE;
	for (size_t i = 0; i < sizeof by_person / sizeof by_person[0]; i++)
		if (text_same(error, by_person[i]))
			return FAILURE_NO_PERMISSION;
	return error ? FAILURE_CONFIG : FAILURE_UNAVAILABLE;
}

/* An authority that repeats what it was sent must not bring it into a log. One that
 * agrees may give the same refresh token again, so that is left as it is. */
static void blank_refusal(struct asking *a, struct http_reply *reply)
{
	for (size_t i = 0; i < a->n_placed && reply->status != 200; i++)
		secret_blank(&reply->body, buffer_as_text(&a->placed[i].bytes));
}

/* The authority's words, first line: it names trace ids on the others. */
static bool explain(const struct http_reply *reply, const struct json *answer, struct failure *why)
{
	const char *error = json_get_chars(answer, "error");
	struct text said = json_text(json_get(answer, "error_description"));
	const char *end = said.n ? memchr(said.p, '\r', said.n) : NULL;

	if (!end && said.n)
		end = memchr(said.p, '\n', said.n);
	if (end)
		said.n = (size_t)(end - said.p);
	if (said.n > 400)
		said.n = 400;
	return failure_set(why, kind_of_error(reply->status, error),
	    "the authority answered %u %s%s%.*s", reply->status, error ? error : "without a reason",
	    said.n ? ": " : "", TEXT_ARGS(said));
}

static int64_t lasts_ms(const struct json *answer)
{
	const struct json *value = json_get(answer, "expires_in");
	int64_t seconds = json_number(value, 0);

	if (json_kind(value) == JSON_IS_TEXT && !text_integer(json_text(value), &seconds))
		seconds = 0; /* the older address writes numbers as strings */
	if (seconds <= 0)
		return 300 * INSTANT_SECOND;
	return seconds > LONGEST_MS / INSTANT_SECOND ? LONGEST_MS : seconds * INSTANT_SECOND;
}

static void keep_rotated(struct asking *a, const struct json *answer)
{
	struct text rotated = json_text(json_get(answer, "refresh_token"));
	const struct secret_source *source = a->source;
	struct failure why = { 0 };

	if (a->credential->type != CREDENTIAL_REFRESH_TOKEN || !rotated.n || !source ||
	    !source->refresh_token_put)
		return;
	/* The one before stays valid, so this is no reason to stop. */
	if (!source->refresh_token_put(source->context, a->credential->name, rotated, &why))
		log_line(LOG_WARNING, "credential %s: the new refresh token is not kept: %s",
		    a->credential->name, why.text);
}

static bool read_answer(
    struct asking *a, const struct http_reply *reply, struct secret *out, struct failure *why)
{
	struct json *answer = json_read(buffer_as_text(&reply->body), "token", 0, NULL);
	struct text token = json_text(json_get(answer, "access_token"));
	bool is_ok = reply->status == 200 && token.n;

	if (is_ok) {
		keep(a, token, lasts_ms(answer));
		keep_rotated(a, answer);
		buffer_append(&out->bytes, token.p, token.n);
	} else {
		explain(reply, answer, why);
	}
	json_free(answer);
	return is_ok;
}

static bool fetch(struct asking *a, struct secret *out, struct failure *why)
{
	static const struct http_header headers[] = {
		{ { "Content-Type", 12 }, { "application/x-www-form-urlencoded", 33 } },
		{ { "Accept", 6 }, { "application/json", 16 } },
	};
	const char *origins[] = { a->credential->authority };
	struct http_reply reply = { 0 };
	struct http_request request = { .method = "POST",
		.origins = origins,
		.n_origins = 1,
		.headers = headers,
		.n_headers = 2,
		.has_body = true,
		.timeout_ms = 30000 };
	bool is_ok = build(a, why);

	if (is_ok) {
		request.url = a->url.p;
		request.body = buffer_as_text(&a->form);
		is_ok = http_exchange(a->http, &request, a->now, &reply, why);
		blank_refusal(a, &reply);
		is_ok = is_ok && read_answer(a, &reply, out, why);
		http_reply_free(&reply);
	}
	for (size_t i = 0; i < a->n_placed; i++)
		secret_free(&a->placed[i]);
	buffer_wipe(&a->form);
	buffer_free(&a->url);
	return is_ok || failure_context(why, "credential %s", a->credential->name);
}

/* ---- one at a time ----------------------------------------------------------------------------
 */

/* A refresh token is used by one at a time, or the next would use one that is replaced. */
static struct http_door *door_of(struct asking *a, struct token *t)
{
	return a->credential->type == CREDENTIAL_REFRESH_TOKEN ? &a->credential->door : &t->door;
}

/* Of many that want the same token at once, the first asks; what came of it holds for those
 * that waited meanwhile. */
static bool fetch_once(struct asking *a, bool is_renewal, struct secret *out, struct failure *why)
{
	struct failure last;
	uint64_t before, answers;
	struct token *t = look_at(a, &before, &last);
	struct http_place place;
	bool is_ok = false;

	http_door_enter(a->http, door_of(a, t), &place);
	look_at(a, &answers, &last);
	if (answers != before && last.kind) {
		failure_set(why, last.kind, "%s", last.text);
	} else if ((answers != before || !is_renewal) && take_kept(a, true, out)) {
		is_ok = true;
	} else {
		is_ok = fetch(a, out, why);
		note(a, t, why);
	}
	http_door_leave(a->http, door_of(a, t));
	return is_ok;
}

/* ---- asking ---------------------------------------------------------------------------------- */

bool token_get(struct credential *c, const struct token_wish *wish, struct http *http,
    const struct secret_source *source, instant now, struct secret *out, struct failure *why)
{
	bool has_scope = wish->scope && *wish->scope,
	     is_resource = !has_scope && !c->scope && c->resource;
	const char *own = c->scope ? c->scope : c->resource;
	struct asking a = { .credential = c,
		.http = http,
		.source = source,
		.now = now,
		.is_resource = is_resource,
		.tenant = wish->tenant && *wish->tenant ? wish->tenant : c->tenant,
		.scope = has_scope ? wish->scope : (own ? own : "") };
	struct failure not_now = { 0 };

	*out = (struct secret){ 0 };
	if (c->type == CREDENTIAL_BEARER_TOKEN)
		return secret_read(c->token.reference, c->token.base_file, out, why) ||
		    failure_context(why, "credential %s", c->name);
	if (!wish->is_renewal && take_kept(&a, true, out))
		return true;
	if (fetch_once(&a, wish->is_renewal, out, &not_now))
		return true;
	/* The authority is away for a moment; what we have is good for some minutes. */
	if (!wish->is_renewal && not_now.kind == FAILURE_UNAVAILABLE && take_kept(&a, false, out))
		return true;
	return failure_set(why, not_now.kind, "%s", not_now.text);
}
