/* Tests of exchanges with people, and of hops. */
#include "check/inside.h"

#include <string.h>

/* ---- answers ------------------------------------------------------------------------- */

#define ROUNDS 60

static bool try_answer(struct check *c, const struct visit *v, const struct json *answer)
{
	const char *code = json_get_chars(answer, "code");
	struct probe probe;
	bool is_ok;

	check_probe(c, v, NULL, check_answer(c, v->arena, v->step->guide, answer), &probe);
	is_ok = probe.step.fault == FAULT_NONE ||
	    check_tell(c, CHECK_FAIL, "an outcome, a failure, or what comes next",
		"handle each code that guide_answer() declares in the step that gets it",
		"the declared answer '%s' leads nowhere: %s", code, probe.step.failure_text);
	check_probe_free(&probe);
	return is_ok;
}

/* A guide that was changed meanwhile, or a fault of the host: never a success. */
static bool try_undeclared(struct check *c, const struct visit *v)
{
	struct probe probe;
	bool is_ok;

	check_probe(
	    c, v, NULL, "{\"code\":\"not_declared\",\"values\":{\"number\":\"1\"}}", &probe);
	is_ok = (probe.step.verdict != PORTAL_DONE && probe.step.verdict != PORTAL_GO) ||
	    check_tell(c, CHECK_FAIL, "a failure, or the guide again",
		"compare op->answer->code with each code, and fail() at the end",
		"an answer that no guide declares is taken for success");
	check_probe_free(&probe);
	return is_ok;
}

/* Does this answer, given again and again, lead out of asking? */
static bool leads_out(struct check *c, const struct visit *v, const struct json *answer)
{
	const char *given = check_answer(c, v->arena, v->step->guide, answer);
	struct visit at = *v;
	struct step_memory memory = check_remember(v->to);
	bool is_asking = true;

	for (unsigned i = 0; is_asking && i < ROUNDS; i++) {
		struct probe probe;

		at.to = &memory;
		check_probe(c, &at, NULL, given, &probe);
		is_asking = probe.step.verdict == PORTAL_ASK;
		buffer_free(&memory.note);
		memory = check_remember(&probe.memory);
		check_probe_free(&probe);
	}
	buffer_free(&memory.note);
	return !is_asking;
}

static bool has_way_out(struct check *c, const struct visit *v, const struct json *answers)
{
	for (size_t i = 0; i < json_length(answers); i++)
		if (leads_out(c, v, json_at(answers, i)))
			return true;
	return check_tell(c, CHECK_FAIL, "at least one answer that ends it",
	    "let one answer end the operation, if only with fail()",
	    "every answer leads back to the guide, %d times over", ROUNDS);
}

static bool visit_answers(struct check *c, const struct visit *v)
{
	const struct json *answers;

	if (v->step->verdict != PORTAL_ASK)
		return true;
	answers = json_get(v->step->guide, "answers");
	for (size_t i = 0; i < json_length(answers); i++)
		if (!try_answer(c, v, json_at(answers, i)))
			return false;
	return try_undeclared(c, v) && has_way_out(c, v, answers);
}

void check_answers(struct check *c)
{
	if (check_world(c))
		check_walks(c, 200, visit_answers);
}

/* ---- go ------------------------------------------------------------------------------ */

static bool visit_go(struct check *c, const struct visit *v)
{
	if (v->step->verdict == PORTAL_GO && !plugin_name_ok(v->step->go_portal, false))
		return check_tell(c, CHECK_FAIL,
		    "the name of a portal or workload: [a-z][a-z0-9-]*",
		    "go() takes a word as it stands in the INI file, not what people read",
		    "go() to '%.100s'", v->step->go_portal);
	return true;
}

/* The same after a hop: what the portal before has said comes along. */
static bool walk_after_hop(struct check *c, const struct scene *scene, size_t i)
{
	struct scene second = *scene;

	second.input.hops = 1;
	second.input.input_json = TEXT("{\"go\":{\"address\":\"https://portal.example/x\","
				       "\"tenant\":\"0c1d2e3f-2b3d-4e5f-8a9b-6b2e0f1c4a5b\"}}");
	return check_walk(c, &second, c->wish->seed + i, 14, visit_go);
}

void check_go(struct check *c)
{
	if (!check_world(c))
		return;
	for (size_t i = 0; i < c->n_scenes; i++)
		if (c->scenes[i].input.kind == OPERATION_OPEN &&
		    (!check_walk(c, &c->scenes[i], c->wish->seed + i, 14, visit_go) ||
			!walk_after_hop(c, &c->scenes[i], i)))
			return;
}
