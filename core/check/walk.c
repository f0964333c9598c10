/* Walks: one step after the other, with a reply or an answer between them. */
#include "check/inside.h"

#define MOST_STEPS 14

struct walk {
	struct step_memory memory;
	struct http_reply reply;
	const struct json *answered; /* what reply or answer of the input answer */
	struct step last;
};

/* The reply or answer to what the step wants. */
static void go_on(struct check *c, struct walk *w, const struct visit *v, struct step_input *input)
{
	bool is_fetch = v->step->verdict == PORTAL_FETCH;

	http_reply_free(&w->reply);
	w->reply = (struct http_reply){ 0 };
	input->reply = NULL;
	input->answer = TEXT("");
	if (is_fetch) {
		check_learn(c, v);
		check_reply_by_chance(c, v, &w->reply);
		input->reply = &w->reply;
	} else {
		input->answer = text_of(check_answer_by_chance(c, v->arena, v->step->guide));
	}
}

bool check_walk(
    struct check *c, const struct scene *scene, uint64_t seed, unsigned most, visit_function *visit)
{
	struct walk w = { 0 };
	struct step_input input = scene->input;
	struct arena *arena = arena_new();
	bool goes_on = true, is_ok = true;

	c->random = seed;
	c->walk = arena;
	portal_forget(scene->portal);
	for (unsigned depth = 0; goes_on && depth < most; depth++) {
		struct step_memory from = check_remember(&w.memory);
		struct step step;
		struct visit v = { scene, input, NULL, &from, &w.memory, &step, depth, arena };

		v.before = depth ? w.last.exchange ? w.last.exchange : w.last.guide : NULL;
		check_step(c, scene, &input, &w.memory, arena, &step);
		is_ok = visit(c, &v);
		goes_on = is_ok && (step.verdict == PORTAL_FETCH || step.verdict == PORTAL_ASK);
		if (goes_on)
			go_on(c, &w, &v, &input);
		buffer_free(&from.note);
		step_free(&w.last);
		w.last = step;
	}
	step_free(&w.last);
	http_reply_free(&w.reply);
	buffer_free(&w.memory.note);
	arena_free(arena);
	return is_ok;
}

void check_walks(struct check *c, unsigned walks, visit_function *visit)
{
	size_t n = walks > c->n_scenes ? walks : c->n_scenes;

	for (size_t i = 0; i < n; i++)
		if (!check_walk(
			c, &c->scenes[i % c->n_scenes], c->wish->seed + i, MOST_STEPS, visit))
			return;
}
