#include "cli/cli.h"
#include "engine/generation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line of input: {"id", "text"[, "product"]}. */
static bool classify_line(
    const struct catalogue *catalogue, struct text line, size_t number, struct failure *why)
{
	char what[64];
	struct json *in;
	struct buffer out = { 0 };
	struct json *answer;

	snprintf(what, sizeof what, "standard input, line %zu", number);
	in = json_read(line, what, 0, why);
	if (!in)
		return false;
	if (json_kind(in) != JSON_IS_OBJECT || !json_get_chars(in, "id") ||
	    !json_get_chars(in, "text")) {
		json_free(in);
		return failure_set(
		    why, FAILURE_DATA, "%s: needs an object with the strings id and text", what);
	}
	answer = catalogue_classify(catalogue, json_get_chars(in, "id"),
	    json_text(json_get(in, "text")), json_text(json_get(in, "product")));
	json_write(answer, JSON_LINE, &out);
	printf("%s\n", out.p);
	buffer_free(&out);
	json_free(answer);
	json_free(in);
	return true;
}

static int classify_all(const struct catalogue *catalogue)
{
	struct failure why = { 0 };
	char *line = NULL;
	size_t capacity = 0, number = 0;
	ssize_t n;

	while ((n = getline(&line, &capacity, stdin)) > 0 && why.kind == FAILURE_NONE) {
		struct text text = text_trim((struct text){ line, (size_t)n });

		number++;
		if (text.n)
			classify_line(catalogue, text, number, &why);
	}
	free(line);
	return why.kind == FAILURE_NONE ? 0 : cli_fail(&why);
}

int classify_run(struct cli *cli, int argc, char **argv)
{
	struct generation *g;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 0, &status) < 0)
		return status;
	g = cli_load(cli, &status);
	if (!g)
		return status;
	status = classify_all(policy_catalogue(g->policy));
	generation_free(g);
	return status;
}
