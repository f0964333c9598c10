#include "portal/transcript.h"
#include "base/file.h"
#include "portal/exchange.h"
#include "portal/inside.h"
#include "portal/transcript_input.h"

#include <stdlib.h>
#include <string.h>

/* A mark with its line, and what follows up to the next mark. */
struct block {
	char mark;
	unsigned line;
	struct text head;       /* of the first line, without the mark */
	struct text *more;      /* further lines with the same mark, for > and < */
	size_t n_more, more_capacity;
	struct buffer body;     /* lines without a mark */
};

struct play {
	const char *file;
	struct arena *arena;
	struct block *blocks;
	size_t n, capacity, at;
	struct buffer config, credential;
	struct step_input input;
	struct step_memory memory;
	struct http_reply reply;
	struct portals *portals;
	struct portal *portal;
	struct failure *why;
};

static bool fail_at(struct play *p, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail_at(struct play *p, unsigned line, const char *format, ...)
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

/* ---- reading the file ------------------------------------------------------------------- */

static struct block *add_block(struct play *p, char mark, unsigned line, struct text head)
{
	p->blocks = memory_grow(p->blocks, p->n, &p->capacity, sizeof *p->blocks);
	p->blocks[p->n] = (struct block){ .mark = mark, .line = line, .head = head };
	return &p->blocks[p->n++];
}

static void take_line(struct play *p, unsigned number, struct text line)
{
	struct block *last = p->n ? &p->blocks[p->n - 1] : NULL;
	bool is_marked = line.n >= 2 && line.p[1] == ' ' && strchr("#@><?!=", line.p[0]);
	struct text head = is_marked ? text_trim((struct text){ line.p + 2, line.n - 2 }) : line;

	if (is_marked && line.p[0] == '#')
		return;
	if (is_marked && last && last->mark == line.p[0] && strchr("><", last->mark) && !last->body.n) {
		last->more = memory_grow(last->more, last->n_more, &last->more_capacity, sizeof *last->more);
		last->more[last->n_more++] = head;
	} else if (is_marked) {
		add_block(p, line.p[0], number, head);
	} else if (last && (last->body.n || text_trim(line).n)) {
		buffer_append(&last->body, line.p, line.n);
		buffer_char(&last->body, '\n');
	}
}

static void read_blocks(struct play *p, struct text rest)
{
	for (unsigned number = 1; rest.n; number++) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		take_line(p, number, (struct text){ rest.p, n });
		n += end != NULL;
		rest = (struct text){ rest.p + n, rest.n - n };
	}
	for (size_t i = 0; i < p->n; i++) { /* blank lines before the next mark are no body */
		struct buffer *body = &p->blocks[i].body;

		while (body->n && strchr(" \n\r\t", body->p[body->n - 1]))
			body->p[--body->n] = 0;
	}
}

static struct text next_word(struct text *rest)
{
	struct text word;

	*rest = text_trim(*rest);
	word = (struct text){ rest->p, 0 };
	while (word.n < rest->n && rest->p[word.n] != ' ')
		word.n++;
	*rest = text_trim((struct text){ rest->p + word.n, rest->n - word.n });
	return word;
}

static struct json *json_of(struct play *p, const struct block *b, struct text head)
{
	struct buffer text = { 0 };
	struct failure why = { 0 };
	struct json *value;

	buffer_append(&text, head.p, head.n);
	buffer_char(&text, '\n');
	buffer_append(&text, b->body.p ? b->body.p : "", b->body.n);
	value = json_read(buffer_as_text(&text), "JSON", 0, &why);
	if (!value)
		fail_at(p, b->line, "%s", why.text);
	buffer_free(&text);
	return value;
}

/* ---- the settings --------------------------------------------------------------------------- */

static bool set_struct(struct play *p, const struct block *b, struct text word, struct text rest)
{
	struct json *json = json_of(p, b, rest);
	struct failure why = { 0 };
	struct buffer text = { 0 };

	if (!json)
		return false;
	if (text_is(word, "request"))
		p->input.request = input_request(p->arena, json, &why);
	else if (text_is(word, "contract"))
		p->input.contract = input_contract(p->arena, json, &why);
	else if (text_is(word, "customer"))
		p->input.customer = input_customer(p->arena, json, &why);
	else if (text_is(word, "account"))
		p->input.account = input_account(p->arena, json, &why);
	json_write(json, JSON_LINE, &text);
	if (text_is(word, "input"))
		p->input.input_json = text_of(arena_copy(p->arena, text.p, text.n));
	buffer_free(&text);
	json_free(json);
	return !why.kind || fail_at(p, b->line, "%s", why.text);
}

static bool set_number(struct play *p, const struct block *b, struct text rest)
{
	int64_t number;

	if (!text_integer(rest, &number))
		return fail_at(p, b->line, "'%.*s' is no number", TEXT_ARGS(rest));
	p->input.hops = (uint32_t)number;
	return true;
}

static bool set_one(struct play *p, const struct block *b)
{
	static const char *const structs[] = { "request", "contract", "customer", "account", "input" };
	struct text rest = b->head, word = next_word(&rest);

	for (size_t i = 0; i < sizeof structs / sizeof structs[0]; i++)
		if (text_is(word, structs[i]))
			return set_struct(p, b, word, rest);
	if (text_is(word, "option"))
		buffer_format(&p->config, "%.*s\n", TEXT_ARGS(rest));
	else if (text_is(word, "credential"))
		buffer_format(&p->credential, "%.*s\n", TEXT_ARGS(rest));
	else if (text_is(word, "key"))
		p->input.key = rest;
	else if (text_is(word, "ticket"))
		p->input.ticket = rest;
	else if (text_is(word, "ticket_name"))
		p->input.ticket_name = rest;
	else if (text_is(word, "hops"))
		return set_number(p, b, rest);
	else if (text_is(word, "now"))
		return instant_read(rest, &p->input.now) || fail_at(p, b->line, "'%.*s' is no time", TEXT_ARGS(rest));
	else if (text_is(word, "operation"))
		return operation_read(rest, &p->input.kind) || fail_at(p, b->line, "'%.*s' is no operation", TEXT_ARGS(rest));
	else
		return fail_at(p, b->line, "unknown setting '%.*s'", TEXT_ARGS(word));
	return true;
}

static bool make_portal(struct play *p, const char *path, const char *plugin)
{
	struct buffer ini = { 0 };
	struct problems *problems = problems_new();
	struct config *config;
	char *printed = NULL;
	size_t n = 0;
	FILE *out;

	if (p->credential.n)
		buffer_format(&ini, "[credential test]\n%s", p->credential.p);
	buffer_format(&ini, "[portal test]\nplugin = %s\n%s%s", plugin, p->credential.n ? "credential = test\n" : "",
	    p->config.p ? p->config.p : "");
	config = config_read_text(p->file, buffer_as_text(&ini), problems);
	p->portals = portals_read(config, path, problems);
	p->portal = portals_find(p->portals, "test");
	if (!p->portal && (out = open_memstream(&printed, &n))) {
		problems_print(problems, out, false);
		fclose(out);
		fail_at(p, 0, "the portal cannot be configured:\n%s", printed);
		free(printed);
	}
	config_free(config);
	problems_free(problems);
	buffer_free(&ini);
	return p->portal != NULL;
}

static bool set_up(struct play *p, const char *path, const char *plugin)
{
	p->input = (struct step_input){ .kind = OPERATION_CREATE, .ticket = TEXT(""), .ticket_name = TEXT(""),
		.key = TEXT("r-0001"), .input_json = TEXT(""), .answer = TEXT("") };
	instant_read(TEXT("2026-11-24T06:00:00Z"), &p->input.now);
	for (; p->at < p->n && p->blocks[p->at].mark == '@'; p->at++)
		if (!set_one(p, &p->blocks[p->at]))
			return false;
	return make_portal(p, path, plugin);
}

/* ---- comparing ----------------------------------------------------------------------------- */

static bool differ(struct play *p, unsigned line, const char *what, struct text wanted, struct text got)
{
	return fail_at(p, line, "%s: expected %.*s, got %.*s", what, TEXT_ARGS(wanted), TEXT_ARGS(got));
}

static struct text write_json(struct play *p, const struct json *value)
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
static bool compare_members(struct play *p, unsigned line, const struct json *wanted, const struct json *got)
{
	struct json *value;
	const char *name;
	void *cursor = NULL;

	while (json_next(wanted, &cursor, &name, &value))
		if (!json_same(value, json_get(got, name)))
			return differ(p, line, name, write_json(p, value), write_json(p, json_get(got, name)));
	return true;
}

static struct text url_of(struct play *p, const struct json *exchange)
{
	const char *address = json_get_chars(exchange, "address"), *query = json_get_chars(exchange, "query");

	if (address)
		return text_of(address);
	return text_of(arena_format(p->arena, "%s%s%s%s", json_get_chars(exchange, "origin"),
	    json_get_chars(exchange, "path"), query ? "?" : "", query ? query : ""));
}

static bool compare_target(struct play *p, const struct block *b, const struct json *exchange)
{
	struct text rest = b->head, method = next_word(&rest), got = url_of(p, exchange);
	size_t origin = rest.n && rest.p[0] == '/' ? strlen(json_get_chars(exchange, "origin") ?
	    json_get_chars(exchange, "origin") : "") : 0;

	if (!text_is(method, json_get_chars(exchange, "method")))
		return differ(p, b->line, "method", method, json_text(json_get(exchange, "method")));
	got = (struct text){ got.p + origin, got.n - origin };
	return text_equal(rest, got) || differ(p, b->line, "address", rest, got);
}

/* "{session}" for a secret; options' names without "option:"? They keep it. */
static const char *braced(struct play *p, const struct json *entry)
{
	return arena_format(p->arena, "{%s}", json_get_chars(entry, "secret"));
}

static struct text header_of(struct play *p, const struct json *exchange, struct text name)
{
	const struct json *plain = json_get(exchange, "headers"), *secret = json_get(exchange, "secret_headers");
	const char *wanted = arena_copy(p->arena, name.p, name.n);

	for (size_t i = 0; i < json_length(plain); i++)
		if (text_same_fold(json_chars(json_at(json_at(plain, i), 0)), wanted))
			return json_text(json_at(json_at(plain, i), 1));
	for (size_t i = 0; i < json_length(secret); i++)
		if (text_same_fold(json_get_chars(json_at(secret, i), "name"), wanted))
			return text_of(arena_format(p->arena, "%s%s", json_get_chars(json_at(secret, i), "prefix"),
			    braced(p, json_at(secret, i))));
	return TEXT("nothing");
}

static struct text auth_text(struct play *p, const struct json *auth)
{
	const char *credential = json_get_chars(auth, "credential");

	if (!auth)
		return TEXT("nothing");
	return text_trim(text_of(arena_format(p->arena, "%s %s %s", !credential ? "none" : *credential ? credential : "-",
	    json_get_chars(auth, "tenant"), json_get_chars(auth, "scope"))));
}

/* "~ repeat never" and the like. */
static bool compare_trait(struct play *p, const struct block *b, struct text rest, const struct json *exchange)
{
	struct text trait = next_word(&rest), got;
	const struct json *more = json_get(exchange, "auxiliary");

	if (text_is(trait, "repeat"))
		got = json_text(json_get(exchange, "repeat"));
	else if (text_is(trait, "wait"))
		got = write_json(p, json_get(exchange, "wait_ms"));
	else if (text_is(trait, "auth"))
		got = auth_text(p, json_get(exchange, "auth"));
	else if (text_is(trait, "auxiliary"))
		got = auth_text(p, json_at(more, 0));
	else
		return fail_at(p, b->line, "unknown trait '%.*s'", TEXT_ARGS(trait));
	return text_equal(rest, got) || differ(p, b->line, arena_copy(p->arena, trait.p, trait.n), rest, got);
}

static bool compare_line(struct play *p, const struct block *b, struct text line, const struct json *exchange)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct text name, value, got;

	if (text_starts(line, "~ "))
		return compare_trait(p, b, (struct text){ line.p + 2, line.n - 2 }, exchange);
	if (!colon)
		return fail_at(p, b->line, "'%.*s' is no header", TEXT_ARGS(line));
	name = (struct text){ line.p, (size_t)(colon - line.p) };
	value = text_trim((struct text){ colon + 1, line.n - name.n - 1 });
	got = header_of(p, exchange, name);
	return text_equal(value, got) || differ(p, b->line, arena_copy(p->arena, name.p, name.n), value, got);
}

/* The body with its places named. */
static struct json *shown_body(struct play *p, const struct json *exchange)
{
	struct json *body = json_clone(json_get(exchange, "body"));
	const struct json *secrets = json_get(exchange, "body_secrets"), *files = json_get(exchange, "body_files");

	for (size_t i = 0; i < json_length(secrets); i++)
		json_put(body, json_get_chars(json_at(secrets, i), "pointer"),
		    json_new_string(braced(p, json_at(secrets, i))));
	for (size_t i = 0; i < json_length(files); i++) {
		const struct json *f = json_at(files, i);

		json_put(body, json_get_chars(f, "pointer"), json_new_string(arena_format(p->arena, "{file %lld %lld %lld}",
		    (long long)json_number(json_get(f, "file"), 0), (long long)json_number(json_get(f, "offset"), 0),
		    (long long)json_number(json_get(f, "length"), 0))));
	}
	return body;
}

static struct text shown_form(struct play *p, const struct json *form)
{
	struct buffer text = { 0 };
	struct text copy;

	for (size_t i = 0; i < json_length(form); i++) {
		const struct json *entry = json_at(form, i);

		buffer_text(&text, i ? "&" : "");
		http_encode(&text, json_text(json_get(entry, "name")));
		buffer_char(&text, '=');
		if (json_get(entry, "secret"))
			buffer_text(&text, braced(p, entry));
		else
			http_encode(&text, json_text(json_get(entry, "value")));
	}
	copy = (struct text){ arena_copy(p->arena, text.p, text.n), text.n };
	buffer_free(&text);
	return copy;
}

static bool compare_body(struct play *p, const struct block *b, const struct json *exchange)
{
	struct text wanted = buffer_as_text(&b->body), got;
	struct json *body, *json;
	bool is_same;

	if (!json_get(exchange, "body")) {
		got = json_get(exchange, "form") ? shown_form(p, json_get(exchange, "form")) :
		    json_get(exchange, "file") ? text_of(arena_format(p->arena, "{file %lld}",
			(long long)json_number(json_get(exchange, "file"), 0))) : TEXT("");
		return text_equal(wanted, got) || differ(p, b->line, "body", wanted, got);
	}
	json = wanted.n ? json_of(p, b, TEXT("")) : NULL;
	body = shown_body(p, exchange);
	is_same = json && json_same(json, body);
	if (!is_same)
		differ(p, b->line, "body", write_json(p, json), write_json(p, body));
	json_free(json);
	json_free(body);
	return is_same;
}

static bool compare_exchange(struct play *p, const struct block *b, const struct json *exchange)
{
	if (!compare_target(p, b, exchange))
		return false;
	for (size_t i = 0; i < b->n_more; i++)
		if (!compare_line(p, b, b->more[i], exchange))
			return false;
	return compare_body(p, b, exchange);
}

static bool compare_guide(struct play *p, const struct block *b, const struct json *guide)
{
	struct json *wanted = b->body.n ? json_of(p, b, TEXT("")) : json_new_object();
	bool is_same = wanted && compare_members(p, b->line, wanted, guide);

	json_free(wanted);
	return is_same;
}

/* ---- replies and answers ------------------------------------------------------------------------ */

static bool set_reply(struct play *p, const struct block *b)
{
	struct text rest = b->head, status = next_word(&rest);
	int64_t number;

	if (!text_integer(status, &number) || number < 0 || number > 599)
		return fail_at(p, b->line, "'%.*s' is no status", TEXT_ARGS(status));
	p->reply = (struct http_reply){ .status = (unsigned)number, .may_have_arrived = true, .retry_after_ms = -1 };
	for (size_t i = 0; i < b->n_more; i++)
		buffer_format(&p->reply.headers, "%.*s\n", TEXT_ARGS(b->more[i]));
	buffer_append(&p->reply.body, b->body.p ? b->body.p : "", b->body.n);
	p->input.reply = &p->reply;
	return true;
}

static struct text next_value(struct text *rest)
{
	struct text value;
	const char *end;

	if (!rest->n || rest->p[0] != '"')
		return next_word(rest);
	end = memchr(rest->p + 1, '"', rest->n - 1);
	value = (struct text){ rest->p + 1, end ? (size_t)(end - rest->p) - 1 : rest->n - 1 };
	*rest = end ? text_trim((struct text){ end + 1, rest->n - value.n - 2 }) : TEXT("");
	return value;
}

static bool set_answer(struct play *p, const struct block *b)
{
	struct json *answer = json_new_object(), *values = json_new_object();
	struct text rest = b->head, code = next_word(&rest);
	bool is_ok = true;

	while (rest.n && is_ok) {
		const char *mark = memchr(rest.p, '=', rest.n);
		struct text name = { rest.p, mark ? (size_t)(mark - rest.p) : 0 };

		is_ok = mark || fail_at(p, b->line, "a value is NAME=VALUE");
		rest = (struct text){ rest.p + name.n + is_ok, rest.n - name.n - is_ok };
		if (is_ok)
			json_set(values, arena_copy(p->arena, name.p, name.n), json_new_text(next_value(&rest)));
	}
	json_set(answer, "code", json_new_text(code));
	json_set(answer, "values", values);
	p->input.answer = write_json(p, answer);
	json_free(answer);
	return is_ok;
}

/* ---- the end ----------------------------------------------------------------------------------- */

static struct json *time_json(int64_t seconds)
{
	char text[INSTANT_TEXT];

	return seconds ? json_new_string(instant_write(seconds * INSTANT_SECOND, text)) : json_new_null();
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
	json_set(done, "remaining", o->remaining == PORTAL_UNLIMITED ? json_new_string("unlimited") :
	    o->remaining == PORTAL_UNKNOWN ? json_new_null() : json_new_number(o->remaining));
	json_set(done, "until", time_json(o->until));
	json_set(done, "start", time_json(o->start));
	json_set(done, "observations", step->extra ? json_clone(json_get(step->extra, "observations")) : NULL);
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

static const char *verdict_text(struct play *p, const struct step *step)
{
	static const char *const names[] = { "failed", "fetch", "done", "ask", "go" };
	static const char *const classes[] = { "", "request", "contract", "spent", "denied", "busy", "unsure", "portal" };

	if (step->verdict != PORTAL_FAILED)
		return names[step->verdict];
	return arena_format(p->arena, "failed %s%s%s", classes[step->failure_class],
	    step->failure_message ? " " : "", step->failure_message ? step->failure_message : "");
}

static bool compare_failure(struct play *p, const struct block *b, const struct step *step)
{
	struct text wanted = buffer_as_text(&b->body);
	struct json *json = NULL;
	bool is_ok;

	if (!text_is(b->head, verdict_text(p, step)))
		return differ(p, b->line, step->failure_text, b->head, text_of(verdict_text(p, step)));
	if (wanted.n && wanted.p[0] == '{') {
		struct json *got = json_new_object();

		json_set(got, "missing", step->missing ? json_clone(step->missing) : NULL);
		json = json_of(p, b, TEXT(""));
		is_ok = json && compare_members(p, b->line, json, got);
		json_free(got);
		json_free(json);
		return is_ok;
	}
	return !wanted.n || strstr(step->failure_text, wanted.p) ||
	    differ(p, b->line, "sentence", wanted, text_of(step->failure_text));
}

static bool compare_end(struct play *p, const struct block *b, const struct step *step)
{
	struct text rest = b->head, word = next_word(&rest);
	struct json *wanted, *got;
	bool is_same;

	if (text_is(word, "failed"))
		return compare_failure(p, b, step);
	if (!text_is(word, verdict_text(p, step)))
		return fail_at(p, b->line, "expected %.*s, got %s%s%s", TEXT_ARGS(word), verdict_text(p, step),
		    step->verdict == PORTAL_FAILED ? ": " : "", step->verdict == PORTAL_FAILED ? step->failure_text : "");
	wanted = rest.n || b->body.n ? json_of(p, b, rest) : json_new_object();
	got = step->verdict == PORTAL_DONE ? done_json(step) : go_json(step);
	is_same = wanted && compare_members(p, b->line, wanted, got);
	json_free(wanted);
	json_free(got);
	return is_same;
}

/* ---- playing -------------------------------------------------------------------------------------- */

/* Runs the step on a copy of the memory first: both must say the same. */
static bool run_twice(struct play *p, struct step *out)
{
	struct step_memory copy = p->memory;
	struct step first;
	bool is_same;

	copy.note = (struct buffer){ 0 };
	buffer_append(&copy.note, p->memory.note.p ? p->memory.note.p : "", p->memory.note.n);
	portal_step(p->portal, &p->input, &copy, p->arena, &first);
	portal_step(p->portal, &p->input, &p->memory, p->arena, out);
	is_same = first.verdict == out->verdict && copy.stage == p->memory.stage &&
	    memcmp(copy.cursor, p->memory.cursor, sizeof copy.cursor) == 0 &&
	    text_equal(buffer_as_text(&copy.note), buffer_as_text(&p->memory.note)) &&
	    json_same(first.exchange, out->exchange) && json_same(first.guide, out->guide);
	buffer_free(&copy.note);
	step_free(&first);
	return is_same || fail_at(p, p->at < p->n ? p->blocks[p->at].line : 0, "the same step came out differently");
}

static struct block *expect(struct play *p, char mark, const struct step *step)
{
	struct block *b = p->at < p->n ? &p->blocks[p->at] : NULL;

	if (b && b->mark == mark) {
		p->at++;
		return b;
	}
	fail_at(p, b ? b->line : 0, "expected '%c', but the step is %s%s%s", b ? b->mark : '$', verdict_text(p, step),
	    step->verdict == PORTAL_FAILED ? ": " : "", step->verdict == PORTAL_FAILED ? step->failure_text : "");
	return NULL;
}

static bool go_on(struct play *p, const struct step *step)
{
	bool is_fetch = step->verdict == PORTAL_FETCH;
	struct block *wanted = expect(p, is_fetch ? '>' : '?', step), *given;

	http_reply_free(&p->reply);
	p->input.reply = NULL;
	p->input.answer = TEXT("");
	if (!wanted || !(is_fetch ? compare_exchange(p, wanted, step->exchange) : compare_guide(p, wanted, step->guide)))
		return false;
	given = expect(p, is_fetch ? '<' : '!', step);
	return given && (is_fetch ? set_reply(p, given) : set_answer(p, given));
}

static bool play(struct play *p)
{
	for (;;) {
		struct step step;
		struct block *end;
		bool is_ok = run_twice(p, &step), is_over = step.verdict != PORTAL_FETCH && step.verdict != PORTAL_ASK;

		if (is_ok && !is_over)
			is_ok = go_on(p, &step);
		else if (is_ok)
			is_ok = (end = expect(p, '=', &step)) != NULL && compare_end(p, end, &step);
		step_free(&step);
		if (!is_ok)
			return false;
		if (is_over)
			return p->at == p->n || fail_at(p, p->blocks[p->at].line, "the operation has ended before this");
	}
}

static void play_free(struct play *p)
{
	for (size_t i = 0; i < p->n; i++) {
		buffer_free(&p->blocks[i].body);
		free(p->blocks[i].more);
	}
	free(p->blocks);
	buffer_free(&p->config);
	buffer_free(&p->credential);
	buffer_free(&p->memory.note);
	http_reply_free(&p->reply);
	portals_free(p->portals);
	arena_free(p->arena);
}

bool transcript_play(const char *plugin_path, const char *plugin, const char *file, struct failure *why)
{
	struct play p = { .file = file, .why = why, .arena = arena_new() };
	struct buffer text = { 0 };
	bool is_ok;

	is_ok = file_read(file, (size_t)4 << 20, &text, why);
	if (is_ok) {
		read_blocks(&p, buffer_as_text(&text));
		is_ok = set_up(&p, plugin_path, plugin) && play(&p);
	}
	play_free(&p);
	buffer_free(&text);
	return is_ok;
}
