/* Test of polling: a portal that never comes further is asked with pauses, or not for ever. */
#include "check/inside.h"
#include "portal/pointer.h"

#include <string.h>

#define MOST_POLLS 2000
#define LEAST_PAUSE_MS 100
#define SAME_DEPTH 6
#define SHOWN 200 /* bytes of a reply */

static bool ends_with(const char *address, struct text end)
{
	size_t n = strlen(address);

	return end.n && end.n <= n && memcmp(address + n - end.n, end.p, end.n) == 0;
}

/* Does a member called "next" or the like hold the address, or its path? */
static bool names_next(const struct json *at, const char *address)
{
	const char *name;
	struct json *value;
	void *cursor = NULL;

	while (json_kind(at) == JSON_IS_OBJECT && json_next(at, &cursor, &name, &value))
		if ((strcasestr(name, "next") && ends_with(address, json_text(value))) ||
		    names_next(value, address))
			return true;
	return false;
}

/* Further pages of a list are asked for one after the other; the host ends those, too. */
static bool is_page(const struct step *step, const struct http_reply *reply)
{
	const char *address = json_get_chars(step->exchange, "address");
	struct json *body = address ? json_read(body_of(reply), "body", 0, NULL) : NULL;
	bool is = names_next(body, address);

	json_free(body);
	return is;
}

/* The host has ended it: a sign that it would have gone on. */
static bool is_without_pause(const struct step *step, const struct step_memory *before)
{
	return step->fault == FAULT_MEMORY && before->steps + 1 >= STEPS_WITHOUT_WAIT;
}

/* Replies always the same, until it ends or has asked very often. */
static bool poll_on(struct check *c, const struct visit *v, const struct http_reply *reply)
{
	struct visit at = *v;
	struct step_memory memory = check_remember(v->to);
	int64_t waited = 0;
	unsigned polls = 0;
	bool goes_on = true, is_stopped = false;

	for (; goes_on && polls < MOST_POLLS; polls++) {
		struct arena *arena = arena_new();
		struct probe probe;

		at.arena = arena;
		at.to = &memory;
		check_probe(c, &at, reply, NULL, &probe);
		goes_on = probe.step.verdict == PORTAL_FETCH && !is_page(&probe.step, reply);
		is_stopped = is_without_pause(&probe.step, &memory);
		waited += probe.step.wait_ms;
		buffer_free(&memory.note);
		memory = check_remember(&probe.memory);
		check_probe_free(&probe);
		arena_free(arena);
	}
	buffer_free(&memory.note);
	return (!goes_on && !is_stopped) || (goes_on && waited / polls >= LEAST_PAUSE_MS) ||
	    check_tell(c, CHECK_FAIL, "an end, or a pause of 100 ms or more between two exchanges",
		"call wait() before PORTAL_FETCH where the portal is not done yet, or count rounds "
		"in op->cursor and fail() with PORTAL_E_BUSY",
		"%u exchanges with %lld ms of waiting in all, and no end: the portal always "
		"answers "
		"%u %.*s",
		polls, (long long)waited, reply->status, SHOWN, reply->body.p ? reply->body.p : "");
}

/* As if the portal never came further than the reply that has led here. */
static bool visit_same(struct check *c, const struct visit *v)
{
	return v->step->verdict != PORTAL_FETCH || !v->input.reply || poll_on(c, v, v->input.reply);
}

static bool visit_end(struct check *c, const struct visit *v)
{
	static const unsigned statuses[] = { 200, 202 };
	bool is_ok = visit_same(c, v);

	if (v->step->verdict != PORTAL_FETCH)
		return true;
	for (size_t i = 0; i < 2 && is_ok; i++) {
		struct json *body = check_body(c, v->scene, BODY_USEFUL);
		struct buffer text = { 0 };
		struct http_reply reply;

		json_write(body, JSON_LINE, &text);
		check_reply(&reply, statuses[i], "Location: /operations/1\nRetry-After: 0\n",
		    buffer_as_text(&text));
		is_ok = poll_on(c, v, &reply);
		http_reply_free(&reply);
		buffer_free(&text);
		json_free(body);
	}
	return is_ok;
}

void check_ends(struct check *c)
{
	if (!check_world(c))
		return;
	check_plays(c, visit_same);
	for (size_t i = 0; i < c->n_scenes; i++)
		if (!check_walk(c, &c->scenes[i], c->wish->seed + i, 2, visit_end) ||
		    !check_walk(c, &c->scenes[i], c->wish->seed + i, SAME_DEPTH, visit_same))
			return;
}
