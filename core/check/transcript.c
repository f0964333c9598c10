#include "check/transcript.h"
#include "base/file.h"
#include "check/transcript_input.h"
#include "check/transcript_inside.h"
#include "portal/session.h"

#include <stdlib.h>
#include <string.h>

/* ---- the settings --------------------------------------------------------------------------- */

static bool set_struct(struct play *p, const struct block *b, struct text word, struct text rest)
{
	struct json *json = block_json(p, b, rest);
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
	return !why.kind || play_fail(p, b->line, "%s", why.text);
}

static bool set_number(struct play *p, const struct block *b, struct text rest)
{
	int64_t number;

	if (!text_integer(rest, &number))
		return play_fail(p, b->line, "'%.*s' is no number", TEXT_ARGS(rest));
	p->input.hops = (uint32_t)number;
	return true;
}

static bool read_operation(struct text name, enum operation_kind *kind)
{
	if (operation_read(name, kind))
		return true;
	*kind = OPERATION_LOGIN;
	return text_is(name, operation_name(OPERATION_LOGIN));
}

static bool set_memory(struct play *p, const struct block *b, struct text rest)
{
	struct json *json = block_json(p, b, rest);
	struct text note = json_text(json_get(json, "note"));
	struct step_memory *m = &p->memory;

	if (!json)
		return false;
	m->stage = (uint32_t)json_number(json_get(json, "stage"), 0);
	for (size_t i = 0; i < 3; i++)
		m->cursor[i] = (uint32_t)json_number(json_at(json_get(json, "cursor"), i), 0);
	m->steps = (uint32_t)json_number(json_get(json, "steps"), 0);
	m->sent = (uint32_t)json_number(json_get(json, "sent"), 0);
	buffer_append(&m->note, note.p, note.n);
	json_free(json);
	return true;
}

static bool set_one(struct play *p, const struct block *b)
{
	static const char *const structs[] = { "request", "contract", "customer", "account",
		"input" };
	struct text rest = b->head, word = play_word(&rest);

	for (size_t i = 0; i < sizeof structs / sizeof structs[0]; i++)
		if (text_is(word, structs[i]))
			return set_struct(p, b, word, rest);
	if (text_is(word, "option"))
		buffer_format(&p->config, "%.*s\n", TEXT_ARGS(rest));
	else if (text_is(word, "credential"))
		buffer_format(&p->credential, "%.*s\n", TEXT_ARGS(rest));
	else if (text_is(word, "plugin"))
		p->plugin = rest;
	else if (text_is(word, "memory"))
		return set_memory(p, b, rest);
	else if (text_is(word, "key"))
		p->input.key = rest;
	else if (text_is(word, "ticket"))
		p->input.ticket = rest;
	else if (text_is(word, "ticket_name"))
		p->input.ticket_name = rest;
	else if (text_is(word, "hops"))
		return set_number(p, b, rest);
	else if (text_is(word, "now"))
		return instant_read(rest, &p->input.now) ||
		    play_fail(p, b->line, "'%.*s' is no time", TEXT_ARGS(rest));
	else if (text_is(word, "operation"))
		return read_operation(rest, &p->input.kind) ||
		    play_fail(p, b->line, "'%.*s' is no operation", TEXT_ARGS(rest));
	else
		return play_fail(p, b->line, "unknown setting '%.*s'", TEXT_ARGS(word));
	return true;
}

/* The section before may have had the same keys: then its portal goes on, with what it keeps. */
static bool make_portal(struct play *p, const char *path, const char *plugin)
{
	struct buffer keys = { 0 };
	struct failure wrong = { 0 };
	size_t n;

	buffer_append(&keys, p->config.p ? p->config.p : "", p->config.n);
	buffer_text(&keys, p->more ? p->more : "");
	n = keys.n;
	buffer_append(&keys, p->credential.p ? p->credential.p : "", p->credential.n);
	if (p->alone.portal && text_equal(buffer_as_text(&keys), buffer_as_text(&p->made))) {
		buffer_free(&keys);
		return true;
	}
	buffer_free(&p->made);
	p->made = keys;
	alone_free(&p->alone);
	return alone_make(&p->alone, path, plugin, (struct text){ keys.p, n },
		   (struct text){ keys.p + n, keys.n - n }, p->file, &wrong) ||
	    play_fail(p, 0, "%s", wrong.text);
}

static void begin_operation(struct play *p)
{
	p->input = (struct step_input){ .kind = OPERATION_CREATE,
		.ticket = TEXT(""),
		.ticket_name = TEXT(""),
		.key = TEXT("r-0001"),
		.input_json = TEXT(""),
		.answer = TEXT("") };
	instant_read(TEXT("2026-11-24T06:00:00Z"), &p->input.now);
	buffer_free(&p->memory.note);
	p->memory = (struct step_memory){ 0 };
	p->config.n = p->credential.n = 0;
	p->plugin = TEXT("");
}

/* Here begins an operation, behind another one. */
static bool is_next(const struct play *p)
{
	return p->at < p->n && p->blocks[p->at].mark == '@' &&
	    text_starts(p->blocks[p->at].head, "operation ");
}

bool play_set_up(struct play *p, const char *path, const char *plugin)
{
	do {
		begin_operation(p);
		for (; p->at < p->n && p->blocks[p->at].mark == '@'; p->at++)
			if (!set_one(p, &p->blocks[p->at]))
				return false;
		p->is_ours = !p->plugin.n || text_is(p->plugin, plugin);
		while (!p->is_ours && p->at < p->n && !is_next(p))
			p->at++;
	} while (!p->is_ours && p->at < p->n);
	return !p->is_ours || make_portal(p, path, plugin);
}

/* ---- replies and answers ------------------------------------------------------------------------
 */

static bool set_reply(struct play *p, const struct block *b)
{
	struct text rest = b->head, status = play_word(&rest);
	int64_t number;

	if (!text_integer(status, &number) || number < 0 || number > 599)
		return play_fail(p, b->line, "'%.*s' is no status", TEXT_ARGS(status));
	p->reply = (struct http_reply){
		.status = (unsigned)number, .may_have_arrived = true, .retry_after_ms = -1
	};
	for (size_t i = 0; i < b->n_more; i++)
		buffer_format(&p->reply.headers, "%.*s\n", TEXT_ARGS(b->more[i]));
	p->reply.retry_after_ms =
	    http_retry_after(http_reply_header(&p->reply, "Retry-After"), p->input.now);
	buffer_append(&p->reply.body, b->body.p ? b->body.p : "", b->body.n);
	if (p->input.kind == OPERATION_LOGIN) {
		struct session_secrets taken;

		session_take(p->alone.portal, &p->reply, &taken);
		session_secrets_free(&taken);
	}
	p->input.reply = &p->reply;
	return true;
}

static struct text next_value(struct text *rest)
{
	struct text value;
	const char *end;

	if (!rest->n || rest->p[0] != '"')
		return play_word(rest);
	end = memchr(rest->p + 1, '"', rest->n - 1);
	value = (struct text){ rest->p + 1, end ? (size_t)(end - rest->p) - 1 : rest->n - 1 };
	*rest = end ? text_trim((struct text){ end + 1, rest->n - value.n - 2 }) : TEXT("");
	return value;
}

/* As it is stored. */
static bool set_json_answer(struct play *p, const struct block *b)
{
	struct json *answer = block_json(p, b, b->head);

	p->input.answer = answer ? play_write(p, answer) : TEXT("");
	json_free(answer);
	return answer != NULL;
}

static bool set_answer(struct play *p, const struct block *b)
{
	struct json *answer, *values;
	struct text rest = b->head, code = play_word(&rest);
	bool is_ok = true;

	if (text_starts(b->head, "{"))
		return set_json_answer(p, b);
	answer = json_new_object();
	values = json_new_object();
	while (rest.n && is_ok) {
		const char *mark = memchr(rest.p, '=', rest.n);
		struct text name = { rest.p, mark ? (size_t)(mark - rest.p) : 0 };

		is_ok = mark || play_fail(p, b->line, "a value is NAME=VALUE");
		rest = (struct text){ rest.p + name.n + is_ok, rest.n - name.n - is_ok };
		if (is_ok)
			json_set(values, arena_copy(p->arena, name.p, name.n),
			    json_new_text(next_value(&rest)));
	}
	json_set(answer, "code", json_new_text(code));
	json_set(answer, "values", values);
	p->input.answer = play_write(p, answer);
	json_free(answer);
	return is_ok;
}

/* ---- playing
 * -------------------------------------------------------------------------------------- */

/* Runs the step on a copy of the memory first: both must say the same. */
static bool run_twice(struct play *p, struct step *out)
{
	struct step_memory copy = p->memory;
	struct buffer told = { 0 }, again = { 0 };
	struct step first;
	bool is_same;

	copy.note = (struct buffer){ 0 };
	buffer_append(&copy.note, p->memory.note.p ? p->memory.note.p : "", p->memory.note.n);
	portal_step(p->alone.portal, &p->input, &copy, p->arena, &first);
	portal_step(p->alone.portal, &p->input, &p->memory, p->arena, out);
	play_tell(&first, &copy, &told);
	play_tell(out, &p->memory, &again);
	is_same = text_equal(buffer_as_text(&told), buffer_as_text(&again));
	if (p->told)
		buffer_append(p->told, again.p, again.n);
	buffer_free(&told);
	buffer_free(&again);
	buffer_free(&copy.note);
	step_free(&first);
	return is_same ||
	    play_fail(
		p, p->at < p->n ? p->blocks[p->at].line : 0, "the same step came out differently");
}

static struct block *expect(struct play *p, char mark, const struct step *step)
{
	struct block *b = p->at < p->n ? &p->blocks[p->at] : NULL;

	if (b && b->mark == mark) {
		p->at++;
		return b;
	}
	play_fail(p, b ? b->line : 0, "expected '%c', but the step is %s%s%s", b ? b->mark : '$',
	    step_verdict(p->arena, step), step->verdict == PORTAL_FAILED ? ": " : "",
	    step->verdict == PORTAL_FAILED ? step->failure_text : "");
	return NULL;
}

static bool take_given(struct play *p, const struct block *b)
{
	return b->mark == '<' ? set_reply(p, b) : set_answer(p, b);
}

/* Time goes on between two steps. */
static bool take_time(struct play *p)
{
	while (p->at < p->n && p->blocks[p->at].mark == '@' &&
	    text_starts(p->blocks[p->at].head, "now "))
		if (!set_one(p, &p->blocks[p->at++]))
			return false;
	return true;
}

/* "= waiting": the transcript ends before the operation does. */
static bool is_left(struct play *p)
{
	bool is_left = p->at < p->n && p->blocks[p->at].mark == '=' &&
	    text_is(p->blocks[p->at].head, "waiting");

	p->at += is_left;
	return is_left;
}

static bool go_on(struct play *p, const struct step *step, bool *is_over)
{
	bool is_fetch = step->verdict == PORTAL_FETCH;
	struct block *wanted = expect(p, is_fetch ? '>' : '?', step), *given;

	http_reply_free(&p->reply);
	p->input.reply = NULL;
	p->input.answer = TEXT("");
	if (!wanted ||
	    !(is_fetch ? compare_exchange(p, wanted, step->exchange)
		       : compare_guide(p, wanted, step->guide)))
		return false;
	*is_over = is_left(p);
	if (*is_over)
		return true;
	if (!take_time(p))
		return false;
	given = expect(p, is_fetch ? '<' : '!', step);
	return given && take_given(p, given);
}

static bool play_one_step(struct play *p, bool *is_over)
{
	struct step step;
	struct block *end;
	bool is_ok = run_twice(p, &step);

	*is_over = step.verdict != PORTAL_FETCH && step.verdict != PORTAL_ASK;
	if (p->seen)
		p->seen(p->context, p, &step);
	if (is_ok && !*is_over)
		is_ok = go_on(p, &step, is_over);
	else if (is_ok)
		is_ok = (end = expect(p, '=', &step)) != NULL && compare_end(p, end, &step);
	step_free(&step);
	return is_ok;
}

static bool play(struct play *p)
{
	bool is_over = false;

	/* It may begin within an operation, with what a step before had asked for. */
	if (p->at < p->n && strchr("<!", p->blocks[p->at].mark) &&
	    !take_given(p, &p->blocks[p->at++]))
		return false;
	while (!is_over)
		if (!play_one_step(p, &is_over))
			return false;
	http_reply_free(&p->reply);
	p->input.reply = NULL;
	return p->at == p->n || is_next(p) ||
	    play_fail(p, p->blocks[p->at].line, "the operation has ended before this");
}

void play_free(struct play *p)
{
	for (size_t i = 0; i < p->n; i++) {
		buffer_free(&p->blocks[i].body);
		free(p->blocks[i].more);
	}
	free(p->blocks);
	buffer_free(&p->text);
	buffer_free(&p->config);
	buffer_free(&p->made);
	buffer_free(&p->credential);
	buffer_free(&p->memory.note);
	http_reply_free(&p->reply);
	alone_free(&p->alone);
	arena_free(p->arena);
}

bool play_read_file(struct play *p)
{
	if (!file_read(p->file, (size_t)4 << 20, &p->text, p->why))
		return false;
	play_read(p, buffer_as_text(&p->text));
	return true;
}

bool play_all(struct play *p, const char *plugin_path, const char *plugin)
{
	while (p->at < p->n)
		if (!play_set_up(p, plugin_path, plugin) || (p->is_ours && !play(p)))
			return false;
	return true;
}

bool transcript_is_empty(const char *file)
{
	struct failure ignored = { 0 };
	struct play p = { .file = file, .why = &ignored, .arena = arena_new() };
	bool is_empty = play_read_file(&p) && p.n == 0;

	play_free(&p);
	return is_empty;
}

bool transcript_play(
    const char *plugin_path, const char *plugin, const char *file, struct failure *why)
{
	return transcript_play_told(plugin_path, plugin, file, NULL, why);
}

bool transcript_play_told(const char *plugin_path, const char *plugin, const char *file,
    struct buffer *told, struct failure *why)
{
	struct play p = { .file = file, .why = why, .arena = arena_new(), .told = told };
	bool is_ok = play_read_file(&p) && play_all(&p, plugin_path, plugin);

	play_free(&p);
	return is_ok;
}
