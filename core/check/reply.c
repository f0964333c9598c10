/*
 * Replies and answers, made up. What a plugin reads of a reply is watched, and the next reply
 * holds it: so a walk gets on, whatever portal the plugin is for. Words come from the plugin's
 * own file, where the states and codes that it knows stand.
 */
#include "check/inside.h"
#include "portal/pointer.h"

#include <stdlib.h>
#include <string.h>

#define MOST_KNOWN 400
#define MOST_WORDS 4000

struct known {
	struct known *next;
	enum watch_kind kind;
	const char *pointer, *inner, *value;
};

/* ---- words --------------------------------------------------------------------------- */

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static void note_asked(
    void *, enum watch_kind, const char *pointer, const char *inner, struct text value);

void check_look_on(struct check *c)
{
	size_t begin = 0;

	c->watch = (struct step_watch){ c, note_asked };
	for (size_t i = 0; i <= c->bytes.n && c->n_words < MOST_WORDS; i++) {
		if (i < c->bytes.n && is_printable(c->bytes.p[i]))
			continue;
		if (i - begin >= 2 && i - begin <= 60) {
			c->words =
			    memory_grow(c->words, c->n_words, &c->words_capacity, sizeof *c->words);
			c->words[c->n_words++] =
			    arena_copy(c->arena, c->bytes.p + begin, i - begin);
		}
		begin = i + 1;
	}
}

const char *check_word(struct check *c)
{
	return c->n_words ? c->words[check_random(c, (uint32_t)c->n_words)] : "word";
}

/* ---- what the plugin asks for -------------------------------------------------------- */

static void note_asked(
    void *context, enum watch_kind kind, const char *pointer, const char *inner, struct text value)
{
	struct check *c = context;
	struct known **at = &c->known;

	for (; *at; at = &(*at)->next)
		if ((*at)->kind == kind && strcmp((*at)->pointer, pointer) == 0 &&
		    text_is(value, (*at)->value))
			return;
	if (c->n_known == MOST_KNOWN)
		return;
	c->n_known++;
	*at = arena_take(c->arena, sizeof **at);
	**at = (struct known){ .kind = kind,
		.pointer = arena_format(c->arena, "%s", pointer),
		.inner = arena_format(c->arena, "%s", inner),
		.value = arena_copy(c->arena, value.p, value.n) };
}

/* ---- values -------------------------------------------------------------------------- */

static const char *origin_of(const struct scene *scene)
{
	const char *own = portal_origin(scene->portal);

	return own ? own : "https://portal.check.example";
}

static bool ends_like(const char *pointer, const char *const *words)
{
	const char *last = strrchr(pointer, '/');
	char name[64];
	size_t n = 0;

	for (last = last ? last + 1 : pointer; last[n] && n < 63; n++)
		name[n] = portal_lower(last[n]);
	name[n] = 0;
	for (; *words; words++)
		if (strstr(name, *words))
			return true;
	return false;
}

/* What a reply to login may hold and nobody may repeat. */
static bool is_secret(const struct scene *scene, const char *pointer)
{
	static const char *const secrets[] = { "token", "secret", "session", "password", "cookie",
		NULL };

	return scene->input.kind == OPERATION_LOGIN && ends_like(pointer, secrets);
}

static const char *text_for(struct check *c, const struct scene *scene, const char *pointer)
{
	static const char *const addresses[] = { "link", "url", "uri", "href", "location",
		"address", "next", NULL };
	static const char *const states[] = { "state", "status", "result", "code", "type", "kind",
		"severity", "plan", "service", NULL };
	static const char *const times[] = { "time", "date", "until", "end", "start", "created",
		NULL };

	if (is_secret(scene, pointer))
		return arena_format(c->walk, CHECK_MARK "%s", pointer);
	if (ends_like(pointer, addresses) && check_random(c, 4))
		return arena_format(c->walk, "%s/next/%u", origin_of(scene), check_random(c, 9));
	if (ends_like(pointer, states) && check_random(c, 4))
		return check_word(c);
	if (ends_like(pointer, times) && check_random(c, 4))
		return "2027-01-31T00:00:00Z";
	switch (check_random(c, 4)) {
	case 0: return check_word(c);
	case 1: return "2611230050001234";
	case 2: return "true";
	default: return "some text";
	}
}

static struct json *odd_value(struct check *c)
{
	struct json *list;

	switch (check_random(c, 8)) {
	case 0: return json_new_null();
	case 1: return json_new_number(-1);
	case 2: return json_new_number(INT64_MAX);
	case 3: return json_new_boolean(true);
	case 4: return json_new_string("");
	case 5: return json_new_object();
	case 6: return json_new_string("9999999999999999999999");
	default:
		list = json_new_array();
		json_append(list, json_new_string(check_word(c)));
		return list;
	}
}

static struct json *long_text(void)
{
	static char text[60001];

	memset(text, 'x', sizeof text - 1);
	return json_new_text((struct text){ text, sizeof text - 1 });
}

static struct json *list_of(const struct known *k, enum body_way way)
{
	struct json *list = json_new_array();

	for (int i = 0; i < (way == BODY_LARGE ? 5000 : 2); i++) {
		struct json *one = json_new_object();

		if (k->kind == WATCH_FIND && *k->inner)
			json_put(one, k->inner, json_new_string(k->value));
		json_append(list, one);
	}
	return list;
}

static struct json *value_for(
    struct check *c, const struct scene *scene, const struct known *k, enum body_way way)
{
	bool is_list = k->kind == WATCH_LIST || k->kind == WATCH_FIND;
	struct json *odd;

	if (way == BODY_ODD && check_random(c, 4) == 0)
		return odd_value(c);
	if (way == BODY_WRONG_TYPES) {
		if (is_list)
			return json_new_string("no list");
		odd = json_new_object();
		json_set(odd, "no", json_new_string("text"));
		return odd;
	}
	if (is_list)
		return list_of(k, way);
	if (k->kind == WATCH_NUMBER)
		return json_new_number(check_random(c, 5));
	return way == BODY_LARGE ? long_text() : json_new_string(text_for(c, scene, k->pointer));
}

/* Values first, so that lists with members are there before lists without. */
static void put_kind(
    struct check *c, const struct scene *scene, struct json *body, bool lists, enum body_way way)
{
	unsigned n = 0;

	for (const struct known *k = c->known; k; k = k->next) {
		bool is_list = k->kind == WATCH_LIST || k->kind == WATCH_FIND;

		if (k->kind == WATCH_HEADER || is_list != lists || !*k->pointer ||
		    point_loosely(body, k->pointer))
			continue;
		if (way == BODY_LARGE && n++ >= 12)
			return;
		json_put(body, k->pointer, value_for(c, scene, k, way));
	}
}

static bool is_list_at_root(const struct check *c)
{
	unsigned lists = 0, others = 0;

	for (const struct known *k = c->known; k; k = k->next) {
		lists += !*k->pointer && k->kind == WATCH_LIST;
		others += k->pointer[0] == '/' && !(k->pointer[1] >= '0' && k->pointer[1] <= '9');
	}
	return lists > others;
}

struct json *check_body(struct check *c, const struct scene *scene, enum body_way way)
{
	struct json *body = is_list_at_root(c) ? json_new_array() : json_new_object();

	put_kind(c, scene, body, false, way);
	put_kind(c, scene, body, true, way);
	return body;
}

/* ---- replies ------------------------------------------------------------------------- */

static char *headers_by_chance(struct check *c, const struct scene *scene, bool all)
{
	struct buffer headers = { 0 };
	char *copy;

	for (const struct known *k = c->known; k; k = k->next)
		if (k->kind == WATCH_HEADER && is_secret(scene, k->pointer))
			buffer_format(&headers, "%s: " CHECK_MARK "%s\n", k->pointer, k->pointer);
		else if (k->kind == WATCH_HEADER && (all || check_random(c, 2)))
			buffer_format(&headers, "%s: %s/operations/%u\n", k->pointer,
			    origin_of(scene), check_random(c, 9));
	copy = arena_copy(c->walk, headers.p ? headers.p : "", headers.n);
	buffer_free(&headers);
	return copy;
}

static void reply_with(struct check *c, const struct scene *scene, unsigned status,
    enum body_way way, struct http_reply *reply)
{
	struct json *body = check_body(c, scene, way);
	struct buffer text = { 0 };

	json_write(body, JSON_LINE, &text);
	check_reply(
	    reply, status, headers_by_chance(c, scene, status == 202), buffer_as_text(&text));
	buffer_free(&text);
	json_free(body);
}

void check_reply_by_chance(struct check *c, const struct visit *v, struct http_reply *reply)
{
	static const unsigned bad[] = { 400, 401, 403, 404, 409, 412, 422, 500, 502 };
	uint32_t chance = check_random(c, 20);

	if (chance < 11)
		reply_with(c, v->scene, 200, BODY_USEFUL, reply);
	else if (chance < 14)
		reply_with(c, v->scene, 201, BODY_USEFUL, reply);
	else if (chance < 16)
		reply_with(c, v->scene, 202, BODY_USEFUL, reply);
	else if (chance < 17)
		check_reply(reply, 204, headers_by_chance(c, v->scene, true), TEXT(""));
	else
		reply_with(c, v->scene, bad[check_random(c, 9)], BODY_USEFUL, reply);
}

void check_learn(struct check *c, const struct visit *v)
{
	size_t before;
	unsigned rounds = 0;

	do {
		struct http_reply reply;
		struct probe probe;

		before = c->n_known;
		reply_with(c, v->scene, 200, BODY_USEFUL, &reply);
		check_probe(c, v, &reply, NULL, &probe);
		check_probe_free(&probe);
		http_reply_free(&reply);
	} while (c->n_known > before && ++rounds < 4);
}

/* ---- answers ------------------------------------------------------------------------- */

static const char *answer_value(struct check *c, const struct json *guide, const char *name)
{
	static const char *const dates[] = { "end", "date", "until", "start", NULL };
	static const char *const counts[] = { "remaining", "count", "left", "incidents", "hours",
		NULL };
	static const char *const addresses[] = { "address", "page", "link", "url", NULL };
	const struct json *choices = json_get(guide, "choices");
	size_t n = json_length(choices);

	if (ends_like(name, dates))
		return "2027-01-31";
	if (ends_like(name, counts))
		return "3";
	if (ends_like(name, addresses))
		return "https://portal.check.example/tickets/1";
	if (n && check_random(c, 2))
		return json_get_chars(json_at(choices, check_random(c, (uint32_t)n)), "value");
	return "2611230050001234";
}

static void add_values(struct check *c, const struct json *guide, const struct json *names,
    bool all, struct json *values)
{
	for (size_t i = 0; i < json_length(names); i++) {
		const char *name = json_chars(json_at(names, i));

		if (all || check_random(c, 2))
			json_set(values, name, json_new_string(answer_value(c, guide, name)));
	}
}

const char *check_answer(
    struct check *c, struct arena *arena, const struct json *guide, const struct json *answer)
{
	struct json *made = json_new_object(), *values = json_new_object();
	struct buffer text = { 0 };
	const char *copy;

	add_values(c, guide, json_get(answer, "values"), true, values);
	add_values(c, guide, json_get(answer, "optional"), false, values);
	json_set(made, "code", json_new_string(json_get_chars(answer, "code")));
	json_set(made, "values", values);
	json_write(made, JSON_LINE, &text);
	copy = arena_copy(arena, text.p, text.n);
	buffer_free(&text);
	json_free(made);
	return copy;
}

const char *check_answer_by_chance(struct check *c, struct arena *arena, const struct json *guide)
{
	const struct json *answers = json_get(guide, "answers");

	return check_answer(
	    c, arena, guide, json_at(answers, check_random(c, (uint32_t)json_length(answers))));
}
