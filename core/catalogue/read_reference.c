/* A name of a product in another section. */
#include "catalogue/read.h"
#include "catalogue/words.h"

#include <stdlib.h>

const struct product *product_named(const struct catalogue *catalogue, struct text name)
{
	uint32_t node = catalogue_phrase(catalogue, name);

	for (uint32_t i = node ? catalogue->node_names[node] : 0; i; i = catalogue->names[i].next) {
		const struct product *product =
		    &catalogue->items[catalogue->names[i].product].product;

		if (catalogue_phrase(catalogue, text_of(product->name)) == node)
			return product;
	}
	return NULL;
}

static const char *nearest_name(const struct catalogue *catalogue, struct text name)
{
	const char **names = memory_array(catalogue->n, sizeof *names), *nearest;
	char *wrong = memory_copy(name.p, name.n);

	for (size_t i = 0; i < catalogue->n; i++)
		names[i] = catalogue->items[i].product.name;
	nearest = text_nearest(wrong, names, catalogue->n);
	free(wrong);
	free(names);
	return nearest;
}

uint32_t reference_read(const struct catalogue *catalogue, struct text name, struct place place,
    struct problems *problems)
{
	const struct product *product = product_named(catalogue, name);
	const char *nearest;

	if (product)
		return (uint32_t)((const struct item *)product - catalogue->items) + 1;
	nearest = nearest_name(catalogue, name);
	problem_add(problems, PROBLEM_ERROR, E_REFERENCE, place, "there is no [product %.*s]%s%s%s",
	    TEXT_ARGS(name), nearest ? "; did you mean \"" : "", nearest ? nearest : "",
	    nearest ? "\"?" : "");
	return 0;
}
