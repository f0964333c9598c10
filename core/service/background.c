#include "service/background.h"

#include <stdlib.h>

#define AGAIN_MS 1000

struct background {
	struct loop *loop;
	background_round *round;
	void *context;
};

static bool is_stopping(const struct engine *e)
{
	return atomic_load(e->is_stopping);
}

static bool is_in_force(const struct background *b, const struct engine *e)
{
	struct generation *g = loop_generation(b->loop);
	bool is_same = g == e->generation;

	generation_free(g);
	return is_same;
}

/* A task has the generation that it began with: for another one, another task. */
static void run(struct engine *e, void *argument)
{
	struct background *b = argument;

	while (!is_stopping(e) && is_in_force(b, e))
		e->runner->sleep(e->runner->context, b->round(e, b->context));
	if (is_stopping(e))
		b->round(e, b->context);
	while (!is_stopping(e) && !loop_do(b->loop, "service", run, b))
		e->runner->sleep(e->runner->context, AGAIN_MS);
}

struct background *background_start(struct loop *loop, background_round *round, void *context)
{
	struct background *b = memory_new(sizeof *b);

	*b = (struct background){ loop, round, context };
	loop_do(loop, "service", run, b);
	return b;
}

void background_free(struct background *b)
{
	free(b);
}
