/* Tests of replies that no portal should give, of what agents write, and of secrets. */
#include "check/inside.h"

#include <string.h>

/* ---- bodies -------------------------------------------------------------------------- */

/* What the reply to each exchange is; made anew each time, as more becomes known. */
static void (*make_body)(struct check *, const struct visit *, struct buffer *);
static unsigned bodies_left;

static bool visit_body(struct check *c, const struct visit *v)
{
	struct buffer body = { 0 };
	struct http_reply reply;
	struct probe probe;

	if (v->step->verdict != PORTAL_FETCH || !bodies_left)
		return bodies_left > 0;
	bodies_left--;
	check_learn(c, v);
	make_body(c, v, &body);
	check_reply(&reply, 200, "", buffer_as_text(&body));
	check_probe(c, v, &reply, NULL, &probe);
	if (probe.step.fault == FAULT_VERDICT)
		check_tell(c, CHECK_FAIL, "a failure that says why",
		    "end with fail() or reject() where the reply is not what it should be", "%s",
		    probe.step.failure_text);
	check_probe_free(&probe);
	http_reply_free(&reply);
	buffer_free(&body);
	return true;
}

static void run_bodies(struct check *c, unsigned most,
    void (*make)(struct check *, const struct visit *, struct buffer *))
{
	make_body = make;
	bodies_left = most;
	if (check_world(c))
		check_walks(c, 0, visit_body);
}

static void make_useful(
    struct check *c, const struct visit *v, enum body_way way, struct buffer *out)
{
	struct json *body = check_body(c, v->scene, way);

	json_write(body, JSON_LINE, out);
	json_free(body);
}

static void make_empty(struct check *c, const struct visit *v, struct buffer *out)
{
	(void)c;
	(void)v;
	buffer_append(out, "", 0);
}

void check_body_empty(struct check *c)
{
	run_bodies(c, 1000, make_empty);
}

static void make_cut(struct check *c, const struct visit *v, struct buffer *out)
{
	make_useful(c, v, BODY_USEFUL, out);
	buffer_text(out, "   ");
	out->n = 1 + check_random(c, (uint32_t)out->n - 4);
	out->p[out->n] = 0;
}

void check_body_cut(struct check *c)
{
	run_bodies(c, 1000, make_cut);
}

static void make_deep(struct check *c, const struct visit *v, struct buffer *out)
{
	(void)v;
	for (uint32_t i = 0, n = check_random(c, 2) ? JSON_MAX_DEPTH - 1 : 100000; i < n; i++)
		buffer_char(out, '[');
	for (size_t i = 0, n = out->n < JSON_MAX_DEPTH ? out->n : 0; i < n; i++)
		buffer_char(out, ']');
}

void check_body_deep(struct check *c)
{
	run_bodies(c, 200, make_deep);
}

/* As large as it may be: blanks before its last bracket fill it up. */
static void make_huge(struct check *c, const struct visit *v, struct buffer *out)
{
	char last;

	make_useful(c, v, BODY_LARGE, out);
	last = out->p[--out->n];
	while (out->n < 1000000)
		buffer_text(out, "                                                            ");
	buffer_char(out, last);
}

void check_body_huge(struct check *c)
{
	run_bodies(c, 20, make_huge);
}

static void make_page(struct check *c, const struct visit *v, struct buffer *out)
{
	(void)c;
	(void)v;
	buffer_text(out, "<!DOCTYPE html>\n<title>502 Bad Gateway</title>\xff\n");
}

void check_body_not_json(struct check *c)
{
	run_bodies(c, 1000, make_page);
}

static void make_wrong(struct check *c, const struct visit *v, struct buffer *out)
{
	make_useful(c, v, BODY_WRONG_TYPES, out);
}

void check_body_wrong_types(struct check *c)
{
	run_bodies(c, 1000, make_wrong);
}

/* ---- injection ----------------------------------------------------------------------- */

#define BAD "\",\"x\":\"\\ /../?a=b&c#d{}{y}%s%n%00'<b>\r\nX-Y: z\n\xe2\x80\xae"

static portal_str bad_text(void)
{
	return (portal_str){ BAD, sizeof BAD - 1 };
}

static void bend(portal_str *text)
{
	if (text->n)
		*text = bad_text();
}

/* The same request, as somebody would write it who wants more than a ticket. */
static struct step_input bent(const struct visit *v)
{
	struct step_input in = v->input;
	struct portal_request *r;
	struct portal_contact *contact;

	if (in.ticket.n)
		in.ticket = TEXT("1/../2?a=b&c=\"d\"#{}");
	if (!in.request)
		return in;
	r = arena_take(v->arena, sizeof *r);
	contact = arena_take(v->arena, sizeof *contact);
	memcpy(r, in.request, sizeof *r);
	memcpy(contact, r->contact, sizeof *contact);
	bend(&r->title);
	bend(&r->text);
	bend(&r->reference);
	bend(&r->product);
	bend(&contact->first_name);
	bend(&contact->last_name);
	bend(&contact->phone);
	r->contact = contact;
	in.request = r;
	return in;
}

/* Members, nesting and lists of the one stand in the other too: what is wrong may be left out, but
 * nothing may be added. NULL, or the member that was. */
static const char *added(const char *at, const struct json *bad, const struct json *plain)
{
	const char *name, *more = NULL;
	struct json *member;
	void *cursor = NULL;
	size_t n = json_length(plain);

	if (json_kind(bad) != JSON_IS_OBJECT && json_kind(bad) != JSON_IS_ARRAY)
		return NULL;
	if (json_kind(bad) != json_kind(plain))
		return at;
	while (!more && json_kind(bad) == JSON_IS_OBJECT && json_next(bad, &cursor, &name, &member))
		more = json_get(plain, name) ? added(name, member, json_get(plain, name)) : name;
	for (size_t i = 0; !more && json_kind(bad) == JSON_IS_ARRAY && i < json_length(bad); i++)
		more = n ? added(at, json_at(bad, i), json_at(plain, i < n ? i : n - 1)) : at;
	return more;
}

static size_t count(const struct json *exchange, const char *name, const char *marks)
{
	const char *text = json_get_chars(exchange, name);
	size_t n = 0;

	for (; text && *text; text++)
		n += strchr(marks, *text) != NULL;
	return n;
}

/* What of the exchange has another shape than that with plain texts; NULL: nothing. */
static const char *changed(const struct json *bad, const struct json *plain)
{
	if (!text_same(json_get_chars(bad, "origin"), json_get_chars(plain, "origin")))
		return "the origin";
	if (count(bad, "path", "/?#") != count(plain, "path", "/?#"))
		return "the path";
	if (count(bad, "query", "&=#") > count(plain, "query", "&=#"))
		return "the query";
	if (json_length(json_get(bad, "headers")) > json_length(json_get(plain, "headers")))
		return "the headers";
	if (json_length(json_get(bad, "form")) > json_length(json_get(plain, "form")))
		return "the form";
	return added("the body", json_get(bad, "body"), json_get(plain, "body"));
}

static bool tell_injection(struct check *c, const char *what, const char *came)
{
	return check_tell(c, CHECK_FAIL, "an exchange of the same shape, whatever the texts hold",
	    "give texts to put(), query(), form(), header() and the {} of a path as they are; "
	    "never "
	    "format() them into JSON or an address",
	    "%s: %s", what, came);
}

static bool compare_shapes(struct check *c, const struct step *plain, const struct step *bad)
{
	struct buffer text = { 0 };
	const char *what;

	if (bad->fault == FAULT_CALL && !plain->fault)
		return tell_injection(c, "the exchange could not be built", bad->failure_text);
	if (!plain->exchange || !bad->exchange)
		return true;
	what = changed(bad->exchange, plain->exchange);
	if (what) {
		json_write(bad->exchange, JSON_LINE, &text);
		tell_injection(c, what, text.p);
	}
	buffer_free(&text);
	return !what;
}

static bool visit_injection(struct check *c, const struct visit *v)
{
	struct step_input input = bent(v);
	struct step_memory memory = check_remember(v->from);
	struct step step;
	bool is_ok;

	check_step(c, v->scene, &input, &memory, v->arena, &step);
	is_ok = compare_shapes(c, v->step, &step);
	step_free(&step);
	buffer_free(&memory.note);
	return is_ok;
}

void check_injection(struct check *c)
{
	if (check_world(c))
		check_walks(c, 100, visit_injection);
}

/* ---- no-secret ----------------------------------------------------------------------- */

static bool has_mark(const struct json *value)
{
	struct buffer text = { 0 };
	bool is_there;

	if (value)
		json_write(value, JSON_LINE, &text);
	is_there = text.p && strstr(text.p, CHECK_MARK);
	buffer_free(&text);
	return is_there;
}

/* Where a secret of a reply to login can be read; NULL: nowhere. */
static const char *leak(const struct visit *v)
{
	const struct step *s = v->step;

	if (has_mark(s->log))
		return "the log";
	if (v->to->note.p && strstr(v->to->note.p, CHECK_MARK))
		return "op->note";
	if (s->failure_text && strstr(s->failure_text, CHECK_MARK))
		return "the sentence of the failure";
	if (s->verdict == PORTAL_DONE && strstr(s->outcome.detail.p, CHECK_MARK))
		return "op->out->detail";
	return has_mark(s->exchange) ? "an exchange, as plain text" : NULL;
}

/* Of all walks through login. */
static bool has_kept;
static char login_fault[300];

static bool visit_secret(struct check *c, const struct visit *v)
{
	const char *where = leak(v);

	if (v->scene->input.kind == OPERATION_LOGIN) {
		has_kept |= v->step->kept != NULL;
		if (v->step->fault)
			snprintf(login_fault, sizeof login_fault, ": %s", v->step->failure_text);
	}
	return !where ||
	    check_tell(c, CHECK_FAIL, "keep_secret() for it, and no other use",
		"name its place in session_secrets, so that the host takes it out; place what "
		"was kept with header_secret(PORTAL_SESSION)",
		"a secret of a reply to login stands in %s", where);
}

void check_no_secret(struct check *c)
{
	if (!check_world(c))
		return;
	check_walks(c, 200, visit_secret);
	check_plays(c, visit_secret);
	if (c->plugin->table.login && !has_kept) {
		snprintf(c->shared->at.operation, sizeof c->shared->at.operation, "login");
		check_tell(c, CHECK_WARN, "a login that keeps a session",
		    "call keep_secret() with a place as it stands in session_secrets; or give "
		    "--transcripts with a login that succeeds",
		    "no login has kept a session%s", login_fault);
	}
}
