#include "check/transcript_inside.h"

#include <string.h>

bool play_fail(struct play *p, unsigned line, const char *format, ...)
{
	struct buffer text = { 0 };
	va_list args;

	va_start(args, format);
	buffer_vformat(&text, format, args);
	va_end(args);
	failure_set(p->why, FAILURE_DATA, "%s:%u: %s", p->file, line, text.p ? text.p : "");
	buffer_free(&text);
	return false;
}

struct json *block_json(struct play *p, const struct block *b, struct text head)
{
	struct buffer text = { 0 };
	struct failure why = { 0 };
	struct json *value;

	buffer_append(&text, head.p, head.n);
	buffer_char(&text, '\n');
	buffer_append(&text, b->body.p ? b->body.p : "", b->body.n);
	value = json_read(buffer_as_text(&text), "JSON", 0, &why);
	if (!value)
		play_fail(p, b->line, "%s", why.text);
	buffer_free(&text);
	return value;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static bool differ(
    struct play *p, unsigned line, const char *what, struct text wanted, struct text got)
{
	return play_fail(
	    p, line, "%s: expected %.*s, got %.*s", what, TEXT_ARGS(wanted), TEXT_ARGS(got));
}

struct text play_write(struct play *p, const struct json *value)
{
	struct buffer text = { 0 };
	struct text copy;

	if (!value)
		return TEXT("nothing");
	json_write(value, JSON_LINE, &text);
	copy = (struct text){ arena_copy(p->arena, text.p, text.n), text.n };
	buffer_free(&text);
	return copy;
}

/* Members that are expected must be there and equal; others do not matter. */
static bool compare_members(
    struct play *p, unsigned line, const struct json *wanted, const struct json *got)
{
	struct json *value;
	const char *name;
	void *cursor = NULL;

	while (json_next(wanted, &cursor, &name, &value))
		if (!json_same(value, json_get(got, name)) &&
		    (json_kind(value) != JSON_IS_NULL || json_get(got, name)))
			return differ(p, line, name, play_write(p, value),
			    play_write(p, json_get(got, name)));
	return true;
}

struct text shown_address(struct arena *arena, const struct json *exchange)
{
	const char *address = json_get_chars(exchange, "address"),
		   *query = json_get_chars(exchange, "query");

	if (address)
		return text_of(address);
	return text_of(arena_format(arena, "%s%s%s%s", json_get_chars(exchange, "origin"),
	    json_get_chars(exchange, "path"), query ? "?" : "", query ? query : ""));
}

static bool compare_target(struct play *p, const struct block *b, const struct json *exchange)
{
	struct text rest = b->head, method = play_word(&rest),
		    got = shown_address(p->arena, exchange);
	size_t origin = rest.n && rest.p[0] == '/'
	    ? strlen(json_get_chars(exchange, "origin") ? json_get_chars(exchange, "origin") : "")
	    : 0;

	if (!text_is(method, json_get_chars(exchange, "method")))
		return differ(
		    p, b->line, "method", method, json_text(json_get(exchange, "method")));
	got = (struct text){ got.p + origin, got.n - origin };
	return text_equal(rest, got) || differ(p, b->line, "address", rest, got);
}

/* "{session}" for a secret; options' names without "option:"? They keep it. */
const char *shown_secret(struct arena *arena, const struct json *entry)
{
	return arena_format(arena, "{%s}", json_get_chars(entry, "secret"));
}

static struct text header_of(struct play *p, const struct json *exchange, struct text name)
{
	const struct json *plain = json_get(exchange, "headers"),
			  *secret = json_get(exchange, "secret_headers");
	const char *wanted = arena_copy(p->arena, name.p, name.n);

	for (size_t i = 0; i < json_length(plain); i++)
		if (text_same_fold(json_chars(json_at(json_at(plain, i), 0)), wanted))
			return json_text(json_at(json_at(plain, i), 1));
	for (size_t i = 0; i < json_length(secret); i++)
		if (text_same_fold(json_get_chars(json_at(secret, i), "name"), wanted))
			return text_of(arena_format(p->arena, "%s%s",
			    json_get_chars(json_at(secret, i), "prefix"),
			    shown_secret(p->arena, json_at(secret, i))));
	return TEXT("nothing");
}

struct text shown_auth(struct arena *arena, const struct json *auth)
{
	const char *credential = json_get_chars(auth, "credential");

	if (!auth)
		return TEXT("nothing");
	return text_trim(text_of(arena_format(arena, "%s %s %s",
	    !credential       ? "none"
		: *credential ? credential
			      : "-",
	    json_get_chars(auth, "tenant"), json_get_chars(auth, "scope"))));
}

/* "~ repeat never" and the like. */
static bool compare_trait(
    struct play *p, const struct block *b, struct text rest, const struct json *exchange)
{
	struct text trait = play_word(&rest), got;
	const struct json *more = json_get(exchange, "auxiliary");

	if (text_is(trait, "repeat"))
		got = json_text(json_get(exchange, "repeat"));
	else if (text_is(trait, "wait"))
		got = play_write(p, json_get(exchange, "wait_ms"));
	else if (text_is(trait, "auth"))
		got = shown_auth(p->arena, json_get(exchange, "auth"));
	else if (text_is(trait, "auxiliary"))
		got = shown_auth(p->arena, json_at(more, 0));
	else
		return play_fail(p, b->line, "unknown trait '%.*s'", TEXT_ARGS(trait));
	return text_equal(rest, got) ||
	    differ(p, b->line, arena_copy(p->arena, trait.p, trait.n), rest, got);
}

static bool compare_line(
    struct play *p, const struct block *b, struct text line, const struct json *exchange)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct text name, value, got;

	if (text_starts(line, "~ "))
		return compare_trait(p, b, (struct text){ line.p + 2, line.n - 2 }, exchange);
	if (!colon)
		return play_fail(p, b->line, "'%.*s' is no header", TEXT_ARGS(line));
	name = (struct text){ line.p, (size_t)(colon - line.p) };
	value = text_trim((struct text){ colon + 1, line.n - name.n - 1 });
	got = header_of(p, exchange, name);
	return text_equal(value, got) ||
	    differ(p, b->line, arena_copy(p->arena, name.p, name.n), value, got);
}

/* The body with its places named. */
static struct json *body_json(struct arena *arena, const struct json *exchange)
{
	struct json *body = json_clone(json_get(exchange, "body"));
	const struct json *secrets = json_get(exchange, "body_secrets"),
			  *files = json_get(exchange, "body_files");

	for (size_t i = 0; i < json_length(secrets); i++)
		json_put(body, json_get_chars(json_at(secrets, i), "pointer"),
		    json_new_string(shown_secret(arena, json_at(secrets, i))));
	for (size_t i = 0; i < json_length(files); i++) {
		const struct json *f = json_at(files, i);

		json_put(body, json_get_chars(f, "pointer"),
		    json_new_string(arena_format(arena, "{file %lld %lld %lld}",
			(long long)json_number(json_get(f, "file"), 0),
			(long long)json_number(json_get(f, "offset"), 0),
			(long long)json_number(json_get(f, "length"), 0))));
	}
	return body;
}

static struct text form_text(struct arena *arena, const struct json *form)
{
	struct buffer text = { 0 };
	struct text copy;

	for (size_t i = 0; i < json_length(form); i++) {
		const struct json *entry = json_at(form, i);

		buffer_text(&text, i ? "&" : "");
		http_encode(&text, json_text(json_get(entry, "name")));
		buffer_char(&text, '=');
		if (json_get(entry, "secret"))
			buffer_text(&text, shown_secret(arena, entry));
		else
			http_encode(&text, json_text(json_get(entry, "value")));
	}
	copy = (struct text){ arena_copy(arena, text.p, text.n), text.n };
	buffer_free(&text);
	return copy;
}

struct text shown_body(struct arena *arena, const struct json *exchange)
{
	struct buffer text = { 0 };
	struct json *body;
	const char *copy;

	if (json_get(exchange, "form"))
		return form_text(arena, json_get(exchange, "form"));
	if (json_get(exchange, "file"))
		return text_of(arena_format(
		    arena, "{file %lld}", (long long)json_number(json_get(exchange, "file"), 0)));
	if (!json_get(exchange, "body"))
		return TEXT("");
	body = body_json(arena, exchange);
	json_write(body, JSON_LINE, &text);
	copy = arena_copy(arena, text.p, text.n);
	json_free(body);
	buffer_free(&text);
	return text_of(copy);
}

static bool compare_body(struct play *p, const struct block *b, const struct json *exchange)
{
	struct text wanted = buffer_as_text(&b->body), got = shown_body(p->arena, exchange);
	struct json *body, *json;
	bool is_same;

	if (!json_get(exchange, "body"))
		return text_equal(wanted, got) || differ(p, b->line, "body", wanted, got);
	json = wanted.n ? block_json(p, b, TEXT("")) : NULL;
	body = body_json(p->arena, exchange);
	is_same = json && json_same(json, body);
	if (!is_same)
		differ(p, b->line, "body", play_write(p, json), got);
	json_free(json);
	json_free(body);
	return is_same;
}

bool compare_exchange(struct play *p, const struct block *b, const struct json *exchange)
{
	if (!compare_target(p, b, exchange))
		return false;
	for (size_t i = 0; i < b->n_more; i++)
		if (!compare_line(p, b, b->more[i], exchange))
			return false;
	return compare_body(p, b, exchange);
}

bool compare_guide(struct play *p, const struct block *b, const struct json *guide)
{
	struct json *wanted = b->body.n ? block_json(p, b, TEXT("")) : json_new_object();
	bool is_same = wanted && compare_members(p, b->line, wanted, guide);

	json_free(wanted);
	return is_same;
}

/* ---- the end -----------------------------------------------------------------------------------
 */

static struct json *time_json(int64_t seconds)
{
	char text[INSTANT_TEXT];

	return seconds ? json_new_string(instant_write(seconds * INSTANT_SECOND, text))
		       : json_new_null();
}

static struct json *done_json(const struct step *step)
{
	static const char *const states[] = { "", "open", "waiting", "solved", "closed" };
	const struct portal_outcome *o = &step->outcome;
	struct json *done = json_new_object();

	json_set(done, "state", json_new_string(states[o->state]));
	json_set(done, "ticket", json_new_string(o->ticket.p));
	json_set(done, "ticket_name", json_new_string(o->ticket_name.p));
	json_set(done, "address", json_new_string(o->address.p));
	json_set(done, "detail", json_new_string(o->detail.p));
	json_set(done, "remaining",
	    o->remaining == PORTAL_UNLIMITED     ? json_new_string("unlimited")
		: o->remaining == PORTAL_UNKNOWN ? json_new_null()
						 : json_new_number(o->remaining));
	json_set(done, "until", time_json(o->until));
	json_set(done, "start", time_json(o->start));
	json_set(done, "kept", step->kept ? json_new_string(step->kept) : NULL);
	json_set(done, "kept_until", time_json(step->kept_until));
	json_set(done, "observations",
	    step->extra ? json_clone(json_get(step->extra, "observations")) : NULL);
	return done;
}

static struct json *go_json(const struct step *step)
{
	struct json *go = json_new_object();

	json_set(go, "portal", json_new_string(step->go_portal));
	json_set(go, "address", json_new_string(step->go_address));
	json_set(go, "tenant", json_new_string(step->go_tenant));
	return go;
}

const char *step_verdict(struct arena *arena, const struct step *step)
{
	static const char *const names[] = { "failed", "fetch", "done", "ask", "go", "by_hand" };
	static const char *const classes[] = { "", "request", "contract", "spent", "denied", "busy",
		"unsure", "portal" };

	if (step->verdict != PORTAL_FAILED)
		return names[step->verdict];
	return arena_format(arena, "failed %s%s%s", classes[step->failure_class],
	    step->failure_message ? " " : "", step->failure_message ? step->failure_message : "");
}

struct json *step_end(const struct step *step)
{
	return step->verdict == PORTAL_DONE ? done_json(step)
	    : step->verdict == PORTAL_GO    ? go_json(step)
	    : step->guide                   ? json_clone(step->guide)
					    : json_new_object();
}

struct json *step_failure(const struct step *step)
{
	struct json *failure = json_new_object();
	const struct json *seen = json_get(step->extra, "observations");

	json_set(failure, "missing", step->missing ? json_clone(step->missing) : NULL);
	json_set(failure, "observations", seen ? json_clone(seen) : NULL);
	return failure;
}

/* Where the JSON begins, behind a sentence if there is one; the end: there is none. */
static size_t json_place(struct text body)
{
	size_t at = 0;

	while (at < body.n && (body.p[at] != '{' || (at && body.p[at - 1] != '\n')))
		at++;
	return at;
}

static bool compare_seen(
    struct play *p, const struct block *b, struct text text, const struct step *step)
{
	struct failure why = { 0 };
	struct json *json = json_read(text, "JSON", 0, &why), *got = step_failure(step);
	bool is_ok =
	    json ? compare_members(p, b->line, json, got) : play_fail(p, b->line, "%s", why.text);

	json_free(got);
	json_free(json);
	return is_ok;
}

static bool compare_failure(struct play *p, const struct block *b, const struct step *step)
{
	struct text body = buffer_as_text(&b->body), sentence = { body.p, json_place(body) },
		    json = { body.p + sentence.n, body.n - sentence.n };
	const char *wanted;

	if (!text_is(b->head, step_verdict(p->arena, step)))
		return differ(
		    p, b->line, step->failure_text, b->head, text_of(step_verdict(p->arena, step)));
	sentence = text_trim(sentence);
	wanted = arena_copy(p->arena, sentence.p, sentence.n);
	if (!strstr(step->failure_text, wanted))
		return differ(p, b->line, "sentence", sentence, text_of(step->failure_text));
	return !json.n || compare_seen(p, b, json, step);
}

static bool is_end(struct text word)
{
	static const char *const ends[] = { "done", "go", "by_hand", "waiting" };

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (text_is(word, ends[i]))
			return true;
	return false;
}

bool compare_end(struct play *p, const struct block *b, const struct step *step)
{
	struct text rest = b->head, word = play_word(&rest);
	struct json *wanted, *got;
	bool is_same;

	if (text_is(word, "failed"))
		return compare_failure(p, b, step);
	if (!is_end(word))
		return play_fail(p, b->line,
		    "unknown end '%.*s': it is done, go, by_hand, failed or waiting",
		    TEXT_ARGS(word));
	if (!text_is(word, step_verdict(p->arena, step)))
		return play_fail(p, b->line, "expected %.*s, got %s%s%s", TEXT_ARGS(word),
		    step_verdict(p->arena, step), step->verdict == PORTAL_FAILED ? ": " : "",
		    step->verdict == PORTAL_FAILED ? step->failure_text : "");
	wanted = rest.n || b->body.n ? block_json(p, b, rest) : json_new_object();
	got = step_end(step);
	is_same = wanted && compare_members(p, b->line, wanted, got);
	json_free(wanted);
	json_free(got);
	return is_same;
}
