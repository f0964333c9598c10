#include "portal/child_run.h"
#include "base/json.h"
#include "portal/carried.h"
#include "portal/confine.h"

#include <errno.h>
#include <locale.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 16384u

struct living {
	struct arena *once, *arena; /* for good; of one step */
	struct buffer in, out;
	size_t taken; /* of in */
	struct plugin plugin;
	struct portal *portal;
};

static bool is_asked_for;

bool child_can_start(void)
{
	return is_asked_for;
}

/* ---- frames ------------------------------------------------------------------------------- */

/* At least `n` bytes more than are there. */
static bool read_more(struct living *l, size_t n)
{
	size_t room = n > READ_BYTES ? n : READ_BYTES;

	buffer_reserve(&l->in, room);
	for (size_t wanted = l->in.n + n; l->in.n < wanted;) {
		ssize_t got = read(CHILD_SOCKET, l->in.p + l->in.n, l->in.capacity - l->in.n);

		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		l->in.n += got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* The next frame, of which the fields are valid until the one after it. One read takes as many
 * frames as have come. */
static bool receive(struct living *l, enum frame_kind wanted, struct text *fields)
{
	size_t length, have;
	uint32_t kind;

	if (l->taken) {
		l->in.n -= l->taken;
		memmove(l->in.p, l->in.p + l->taken, l->in.n);
		l->taken = 0;
	}
	if (l->in.n < FRAME_HEAD && !read_more(l, FRAME_HEAD - l->in.n))
		return false;
	if (!frame_head(l->in.p, FRAME_TO_CHILD, &kind, &length) || kind != wanted)
		return false;
	have = l->in.n - FRAME_HEAD;
	if (have < length && !read_more(l, length - have))
		return false;
	l->taken = FRAME_HEAD + length;
	*fields = (struct text){ l->in.p + FRAME_HEAD, length };
	return true;
}

static bool send_out(struct living *l)
{
	struct text rest = buffer_as_text(&l->out);

	while (rest.n) {
		ssize_t n = write(CHILD_SOCKET, rest.p, rest.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		rest = (struct text){ rest.p + n, rest.n - (size_t)n };
	}
	l->out.n = 0;
	return true;
}

/* ---- before the filter ------------------------------------------------------------------- */

/* Whatever needs a system call the first time it is used. */
static void warm_up(struct living *l)
{
	struct json *value = json_read(TEXT("{\"a\":[1,\"b\"],\"c\":0.5}"), "warm-up", 0, NULL);
	char text[INSTANT_TEXT];

	json_seed();
	json_set(value, "time", json_new_string(instant_write(instant_now(), text)));
	json_write(value, JSON_LINE, &l->out);
	http_origin("https://localhost:1/", &l->out);
	buffer_format(&l->out, "%lld %s", (long long)json_number(value, 0), strerror(ENOMEM));
	json_free(value);
	l->out.n = 0;
}

static bool prepare(struct living *l, struct failure *why)
{
	struct carried_portal told;
	struct text fields;

	if (!receive(l, FRAME_PORTAL, &fields) ||
	    !frame_read(&record_portal, fields, l->once, &told, why))
		return failure_set(why, FAILURE_DATA, "it was not told its portal");
	if (!plugin_load_sealed(CHILD_PLUGIN, &l->plugin, why))
		return false;
	l->portal = carried_make_portal(&told, &l->plugin, l->once, why);
	if (!l->portal || !confine_limits((size_t)told.most_bytes, why))
		return false;
	close(CHILD_PLUGIN);
	mallopt(M_MMAP_MAX, 0); /* the heap grows by brk alone, and nothing of it moves */
	warm_up(l);
	return true;
}

/* What it answers: loaded or not, confined or not. */
static bool get_ready(struct living *l)
{
	struct failure why = { 0 }, unconfined = { 0 };
	bool is_ok = prepare(l, &why);
	struct carried_ready ready = { .failure = is_ok ? NULL : why.text };

	if (is_ok && !confine_calls(CHILD_SOCKET, &unconfined))
		ready.unconfined = unconfined.text;
	frame_write(&l->out, FRAME_READY, &record_ready, &ready);
	return send_out(l) && is_ok;
}

/* ---- and after it --------------------------------------------------------------------------- */

static bool one_step(struct living *l)
{
	struct carried_result result = { 0 };
	struct carried_step step;
	struct step_memory memory;
	struct http_reply reply;
	struct step_input in;
	struct text fields;

	if (!receive(l, FRAME_STEP, &fields) ||
	    !frame_read(&record_step, fields, l->arena, &step, NULL) ||
	    step.kind > OPERATION_OPTIONS_OK)
		return false;
	carried_make_step(&step, &in, &memory, &reply);
	result.number = step.number;
	step_run(l->portal, &in, &memory, l->arena, &result.result);
	frame_write(&l->out, FRAME_RESULT, &record_result, &result);
	result_free(&result.result);
	arena_reset(l->arena);
	return send_out(l);
}

static void live(void)
{
	struct living l = { .once = arena_new(), .arena = arena_new() };

	if (confine_descriptors(CHILD_SOCKET, CHILD_PLUGIN) && get_ready(&l))
		while (one_step(&l))
			;
}

void child_take_over(int argc, char **argv)
{
	is_asked_for = true;
	if (argc < 2 || strcmp(argv[1], CHILD_WORD) != 0)
		return;
	setlocale(LC_CTYPE, "C.UTF-8");
	live();
	_exit(0);
}
