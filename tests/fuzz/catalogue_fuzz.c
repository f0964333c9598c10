/* Any text against the delivered catalogue: product, title and description parted by NUL. */
#include "catalogue/catalogue.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct catalogue *delivered(void)
{
	struct problems *problems = problems_new();
	struct config *config = config_read(SOURCE_DIR "/tests/data/catalogue.ini", problems);
	struct catalogue *catalogue = catalogue_read(config, problems);

	config_free(config);
	problems_free(problems);
	return catalogue;
}

static struct text next(struct text *rest)
{
	const char *end = rest->n ? memchr(rest->p, 0, rest->n) : NULL;
	size_t n = end ? (size_t)(end - rest->p) : rest->n;
	struct text item = { rest->p, n };

	rest->p += end ? n + 1 : n;
	rest->n -= end ? n + 1 : n;
	return item;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct catalogue *catalogue;
	struct text rest = { (const char *)data, size };
	struct clue clue = { .product = next(&rest), .release = next(&rest), .title = next(&rest) };
	struct arena *arena = arena_new();
	struct reading reading;

	if (!catalogue)
		catalogue = delivered();
	clue.description = rest;
	catalogue_tell(catalogue, &clue, arena, &reading);
	clue.title = clue.product;
	clue.product = TEXT("");
	catalogue_tell(catalogue, &clue, arena, &reading);
	catalogue_find(catalogue, clue.title);
	arena_free(arena);
	return 0;
}
