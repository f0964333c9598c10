#include "check/transcript_write.h"
#include "check/transcript_input.h"
#include "check/transcript_inside.h"

#include <stdlib.h>
#include <string.h>

struct transcript {
	FILE *file;
	char *portal, *key; /* of the operation that is written; NULL: none is */
	enum operation_kind kind;
	instant now;
};

struct transcript *transcript_new(FILE *file)
{
	struct transcript *t = memory_new(sizeof *t);

	t->file = file;
	return t;
}

static void end_operation(struct transcript *t)
{
	free(t->portal);
	free(t->key);
	t->portal = t->key = NULL;
}

void transcript_free(struct transcript *t)
{
	if (!t)
		return;
	if (t->key)
		fputs("= waiting\n", t->file);
	end_operation(t);
	free(t);
}

/* ---- lines --------------------------------------------------------------------------- */

static void put_json(struct transcript *t, const char *before, struct json *value)
{
	struct buffer text = { 0 };

	json_write(value, JSON_LINE, &text);
	fprintf(t->file, "%s%s\n", before, text.p);
	buffer_free(&text);
	json_free(value);
}

static void put_setting(struct transcript *t, const char *name, struct text value)
{
	if (value.n)
		fprintf(t->file, "@ %s %.*s\n", name, TEXT_ARGS(value));
}

/* No byte of a body may look like a mark, or end the line that it is in. */
static void put_lines(struct transcript *t, struct text body)
{
	struct text line;

	while (text_split(&body, '\n', &line)) {
		if (line.n > 1 && line.p[1] == ' ' && strchr("#@><?!=", line.p[0]))
			fputc(' ', t->file);
		for (size_t i = 0; i < line.n; i++)
			fputc((unsigned char)line.p[i] < ' ' ? ' ' : line.p[i], t->file);
		fputc('\n', t->file);
	}
}

static void put_body(struct transcript *t, struct text body)
{
	struct json *json = body.n ? json_read(body, "body", body.n, NULL) : NULL;

	if (json && (json_kind(json) == JSON_IS_OBJECT || json_kind(json) == JSON_IS_ARRAY)) {
		put_json(t, "", json);
		return;
	}
	json_free(json);
	put_lines(t, body);
}

/* ---- the section of the portal ------------------------------------------------------- */

/* As an INI file has to have it. */
static void put_key(struct transcript *t, const char *name, struct text value)
{
	bool is_bare = value.n && !memchr(value.p, ';', value.n) &&
	    !memchr(value.p, '#', value.n) && value.p[0] != '"' && value.p[0] != '\'' &&
	    text_trim(value).n == value.n;
	const char *quote = is_bare ? "" : memchr(value.p, '"', value.n) ? "'" : "\"";

	fprintf(t->file, "@ option %s = %s%.*s%s\n", name, quote, TEXT_ARGS(value), quote);
}

static void put_option(
    void *context, const char *name, const struct portal_option *option, struct text value)
{
	if (option && option->type == PORTAL_SECRET)
		value = TEXT("env:SECRET");
	if (option && option->type == PORTAL_CREDENTIAL)
		value = TEXT("test");
	put_key(context, name, value);
}

static void put_section(struct transcript *t, const struct portal *p)
{
	portal_tell_keys(p, t, put_option);
	if (portal_uses_credential(p))
		fputs(
		    "@ credential type = bearer-token\n@ credential token = env:SECRET\n", t->file);
}

/* ---- the operation ------------------------------------------------------------------- */

static void put_now(struct transcript *t, instant now)
{
	char text[INSTANT_TEXT];

	fprintf(t->file, "@ now %s\n", instant_write(now, text));
	t->now = now;
}

static void put_struct(struct transcript *t, const char *before, struct json *value)
{
	if (json_length(value))
		put_json(t, before, value);
	else
		json_free(value);
}

static struct json *memory_json(const struct step_memory *m)
{
	struct json *all = json_new_object(), *cursor = json_new_array();

	for (int i = 0; i < 3; i++)
		json_append(cursor, json_new_number(m->cursor[i]));
	json_set(all, "stage", json_new_number(m->stage));
	json_set(all, "cursor", cursor);
	json_set(all, "steps", json_new_number(m->steps));
	json_set(all, "sent", json_new_number(m->sent));
	json_set(all, "note", json_new_text(buffer_as_text(&m->note)));
	return all;
}

static void put_operation(struct transcript *t, const struct portal *p, const struct step_input *in,
    const struct step_memory *m)
{
	fprintf(t->file, "\n@ operation %s\n@ plugin %s\n", operation_name(in->kind),
	    portal_plugin_name(p));
	put_section(t, p);
	put_setting(t, "key", in->key);
	put_setting(t, "ticket", in->ticket);
	put_setting(t, "ticket_name", in->ticket_name);
	if (in->hops)
		fprintf(t->file, "@ hops %u\n", in->hops);
	if (in->request)
		put_struct(t, "@ request ", output_request(in->request));
	if (in->contract)
		put_struct(t, "@ contract ", output_contract(in->contract));
	if (in->customer)
		put_struct(t, "@ customer ", output_customer(in->customer));
	if (in->account)
		put_struct(t, "@ account ", output_account(in->account));
	put_setting(t, "input", in->input_json);
	if (m->steps || m->sent || m->stage || m->note.n)
		put_json(t, "@ memory ", memory_json(m));
	t->portal = memory_copy_text(portal_name(p));
	t->key = memory_copy(in->key.p, in->key.n);
	t->kind = in->kind;
}

static bool is_same_operation(
    const struct transcript *t, const struct portal *p, const struct step_input *in)
{
	return t->key && t->kind == in->kind && text_is(in->key, t->key) &&
	    text_same(t->portal, portal_name(p));
}

/* Headers that may hold what is not for a file. */
static bool is_private(struct text line)
{
	static const char *const names[] = {
		"set-cookie:", "authorization:", "cookie:", "proxy-authorization:"
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (line.n >= strlen(names[i]) &&
		    portal_same((portal_str){ line.p, strlen(names[i]) }, names[i]))
			return true;
	return false;
}

static void put_reply(struct transcript *t, const struct http_reply *reply)
{
	struct text rest = buffer_as_text(&reply->headers), line;

	fprintf(t->file, "< %u\n", reply->status);
	while (text_split(&rest, '\n', &line))
		if (!is_private(line))
			fprintf(t->file, "< %.*s\n", TEXT_ARGS(line));
	put_body(t, buffer_as_text(&reply->body));
}

void transcript_before(struct transcript *t, const struct portal *p, const struct step_input *in,
    const struct step_memory *m)
{
	bool is_new = !is_same_operation(t, p, in);

	if (is_new && t->key)
		fputs("= waiting\n", t->file);
	if (is_new) {
		end_operation(t);
		put_operation(t, p, in, m);
	}
	if (is_new || in->now / INSTANT_SECOND != t->now / INSTANT_SECOND)
		put_now(t, in->now);
	if (in->reply)
		put_reply(t, in->reply);
	else if (in->answer.n)
		fprintf(t->file, "! %.*s\n", TEXT_ARGS(in->answer));
}

/* ---- what the step wants ------------------------------------------------------------- */

static void put_traits(struct transcript *t, struct arena *arena, const struct json *exchange)
{
	const struct json *auth = json_get(exchange, "auth");
	int64_t wait = json_number(json_get(exchange, "wait_ms"), 0);

	fprintf(t->file, "> ~ repeat %s\n", json_get_chars(exchange, "repeat"));
	if (wait)
		fprintf(t->file, "> ~ wait %lld\n", (long long)wait);
	if (auth)
		fprintf(t->file, "> ~ auth %.*s\n", TEXT_ARGS(shown_auth(arena, auth)));
	auth = json_at(json_get(exchange, "auxiliary"), 0);
	if (auth)
		fprintf(t->file, "> ~ auxiliary %.*s\n", TEXT_ARGS(shown_auth(arena, auth)));
}

static void put_exchange(struct transcript *t, struct arena *arena, const struct json *exchange)
{
	const struct json *plain = json_get(exchange, "headers"),
			  *secret = json_get(exchange, "secret_headers");

	fprintf(t->file, "> %s %.*s\n", json_get_chars(exchange, "method"),
	    TEXT_ARGS(shown_address(arena, exchange)));
	for (size_t i = 0; i < json_length(plain); i++)
		fprintf(t->file, "> %s: %s\n", json_chars(json_at(json_at(plain, i), 0)),
		    json_chars(json_at(json_at(plain, i), 1)));
	for (size_t i = 0; i < json_length(secret); i++)
		fprintf(t->file, "> %s: %s%s\n", json_get_chars(json_at(secret, i), "name"),
		    json_get_chars(json_at(secret, i), "prefix"),
		    shown_secret(arena, json_at(secret, i)));
	put_traits(t, arena, exchange);
	put_lines(t, shown_body(arena, exchange));
}

static void put_failure(struct transcript *t, struct arena *arena, const struct step *step)
{
	struct json *more = step_failure(step);
	const char *text = step->failure_text;
	/* Of a fault it names the portal; what is missing says it all. */
	bool is_told = !step->fault && !step->missing && text[0] != '{' && !strchr(text, '\n');

	fprintf(t->file, "= %s\n", step_verdict(arena, step));
	if (is_told)
		put_lines(t, text_of(text));
	put_struct(t, "", more);
}

void transcript_after(struct transcript *t, const struct step *step)
{
	struct arena *arena = arena_new();

	switch (step->verdict) {
	case PORTAL_FETCH: put_exchange(t, arena, step->exchange); break;
	case PORTAL_ASK: put_json(t, "? guide\n", json_hold(step->guide)); break;
	case PORTAL_FAILED: put_failure(t, arena, step); break;
	default:
		fprintf(t->file, "= %s ", step_verdict(arena, step));
		put_json(t, "", step_end(step));
		break;
	}
	if (step->verdict != PORTAL_FETCH && step->verdict != PORTAL_ASK)
		end_operation(t);
	fflush(t->file);
	arena_free(arena);
}

void transcript_exchange(FILE *file, const struct json *exchange)
{
	struct transcript t = { .file = file };
	struct arena *arena = arena_new();

	put_exchange(&t, arena, exchange);
	arena_free(arena);
}
