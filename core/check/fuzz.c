/* Tests of the whole: transcripts, the confined child, and chance for as long as is wanted. */
#include "check/inside.h"
#include "check/transcript.h"
#include "portal/confine.h"

#include <glob.h>
#include <string.h>

/* ---- transcripts --------------------------------------------------------------------- */

/* The first failure is told, with how many more there are. */
static void tell_plays(struct check *c, const char *first, size_t failed, const char *empty)
{
	if (failed > 1)
		check_tell(c, CHECK_FAIL, "what the transcript says",
		    "correct the plugin, or the transcript", "%s\nand %zu more fail", first,
		    failed - 1);
	else if (failed)
		check_tell(c, CHECK_FAIL, "what the transcript says",
		    "correct the plugin, or the transcript", "%s", first);
	else if (empty)
		check_tell(
		    c, CHECK_PASS, "", "", "left out, as it holds nothing but remarks: %s", empty);
}

static void play_each(struct check *c, const glob_t *found)
{
	const char *first = NULL, *empty = NULL;
	size_t failed = 0;

	for (size_t i = 0; i < found->gl_pathc; i++) {
		struct failure why = { 0 };

		if (transcript_is_empty(found->gl_pathv[i])) {
			empty = arena_format(c->arena, "%s%s%s", empty ? empty : "",
			    empty ? ", " : "", found->gl_pathv[i]);
		} else if (!transcript_play(c->folder, c->plugin_name, found->gl_pathv[i], &why)) {
			failed++;
			first = first ? first : arena_format(c->arena, "%s", why.text);
		}
	}
	tell_plays(c, first, failed, empty);
}

void check_transcripts(struct check *c)
{
	const char *folder = c->wish->transcripts;
	glob_t found;

	if (!folder) {
		check_tell(c, CHECK_SKIP, "", "", "no folder was given: --transcripts DIR");
		return;
	}
	if (glob(arena_format(c->arena, "%s/*.http", folder), 0, NULL, &found) != 0) {
		check_tell(c, CHECK_FAIL, "files *.http",
		    "see section 6 of the guide (share/caseroute/sdk/README.md) for what stands "
		    "in them",
		    "%s holds none", folder);
		return;
	}
	play_each(c, &found);
	globfree(&found);
}

/* ---- confined ------------------------------------------------------------------------ */

static struct alone twin; /* the scene's portal, its plugin in a child */

static bool tell_other(struct check *c, const struct step *there)
{
	return check_tell(c, CHECK_FAIL, "the same as in this process",
	    "a plugin that keeps the rules needs no system call and no memory but its stack",
	    "%s: %s", check_verdict(there),
	    there->failure_text ? there->failure_text : "another outcome");
}

/* The same step in both homes, with nothing kept from before: both must come to the same. */
static bool visit_both(struct check *c, const struct visit *v)
{
	struct scene confined = *v->scene;
	struct step_memory here = check_remember(v->from), there = check_remember(v->from);
	struct step a, b;
	bool is_same;

	confined.portal = twin.portal;
	portal_forget(v->scene->portal);
	portal_forget(twin.portal);
	check_step(c, v->scene, &v->input, &here, v->arena, &a);
	check_step(c, &confined, &v->input, &there, v->arena, &b);
	is_same = check_sum(&a, &here) == check_sum(&b, &there) || tell_other(c, &b);
	step_free(&a);
	step_free(&b);
	buffer_free(&here.note);
	buffer_free(&there.note);
	return is_same;
}

static bool make_twin(struct check *c, const struct scene *scene)
{
	struct failure why = { 0 };

	return check_make(c, &twin, scene->keys, scene->credential, "process", &why) ||
	    check_tell(c, CHECK_FAIL, "the same as in this process",
		"options_ok() needs no system call either", "%s", why.text);
}

void check_confined(struct check *c)
{
	if (confine_missing()) {
		check_tell(c, CHECK_SKIP, "", "", "%s", confine_missing());
		return;
	}
	if (!check_world(c))
		return;
	for (size_t i = 0; i < c->n_scenes && c->shared->result == CHECK_PASS; i++) {
		const struct scene *scene = &c->scenes[i];

		/* Scenes of one section stand together: one child serves them. */
		if (i == 0 || scene->portal != scene[-1].portal) {
			alone_free(&twin);
			if (!make_twin(c, scene))
				return;
		}
		check_walk(c, scene, c->wish->seed + i, 14, visit_both);
	}
	alone_free(&twin);
}

/* ---- fuzz ---------------------------------------------------------------------------- */

#define LEAST_WALKS 300 /* however slow the machine is */

static const unsigned statuses[] = { 0, 100, 200, 200, 200, 200, 201, 202, 202, 204, 206, 301, 400,
	401, 403, 404, 409, 412, 422, 429, 500, 502, 503, 504, 599 };

/* Cuts, adds, or changes a byte. */
static void bend(struct check *c, struct buffer *body)
{
	uint32_t n = (uint32_t)body->n;

	if (!n)
		return;
	switch (check_random(c, 3)) {
	case 0: body->n = check_random(c, n); break;
	case 1: body->p[check_random(c, n)] = (char)check_random(c, 256); break;
	default: buffer_text(body, "\\u0000\"}]"); break;
	}
	body->p[body->n] = 0;
}

static void bent_reply(struct check *c, const struct visit *v, struct http_reply *reply)
{
	struct json *body =
	    check_body(c, v->scene, check_random(c, 3) ? BODY_ODD : BODY_WRONG_TYPES);
	unsigned status = statuses[check_random(c, sizeof statuses / sizeof statuses[0])];
	struct buffer text = { 0 };

	json_write(body, JSON_LINE, &text);
	if (check_random(c, 8) == 0)
		bend(c, &text);
	check_reply(reply, status || !v->step->is_repeat_safe ? status : 200,
	    check_random(c, 2) ? "Location: /x\nRetry-After: 1\n" : "Location: \nLink: <x>\n",
	    buffer_as_text(&text));
	buffer_free(&text);
	json_free(body);
}

/* A walk goes on as it would; beside it, this step's replies are bent. */
static bool visit_bent(struct check *c, const struct visit *v)
{
	if (v->step->verdict != PORTAL_FETCH)
		return true;
	for (unsigned i = 0; i < 6; i++) {
		struct http_reply reply;
		struct probe probe;

		bent_reply(c, v, &reply);
		check_probe(c, v, &reply, NULL, &probe);
		if (probe.step.fault == FAULT_VERDICT)
			check_tell(c, CHECK_FAIL, "a verdict that is prepared",
			    "the same --seed repeats it", "%s", probe.step.failure_text);
		check_probe_free(&probe);
		http_reply_free(&reply);
	}
	return c->shared->result == CHECK_PASS;
}

void check_fuzz(struct check *c)
{
	int64_t until = instant_monotonic() + c->wish->fuzz_ms;

	if (!c->wish->fuzz_ms) {
		check_tell(c, CHECK_SKIP, "", "", "not asked for: --fuzz SECONDS");
		return;
	}
	if (!check_world(c))
		return;
	for (uint64_t i = 0;
	     c->shared->result == CHECK_PASS && (i < LEAST_WALKS || instant_monotonic() < until);
	     i++)
		check_walk(c, &c->scenes[i % c->n_scenes], c->wish->seed + i, 30, visit_bent);
}
