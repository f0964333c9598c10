/* JSON lines {"id", "text"[, "product"]} in, what the catalogue tells of them out. */
#include "base/json.h"
#include "catalogue/catalogue.h"

#include <stdlib.h>

static void read_into(struct text line, const struct catalogue *catalogue)
{
	struct failure why = { 0 };
	struct buffer out = { 0 };
	struct json *request = json_read(line, "stdin", 0, &why), *answer;

	if (!request) {
		fprintf(stderr, "%s\n", why.text);
		return;
	}
	answer = catalogue_classify(catalogue, json_get_chars(request, "id"),
	    json_text(json_get(request, "text")), json_text(json_get(request, "product")));
	json_write(answer, JSON_LINE, &out);
	puts(out.p);
	buffer_free(&out);
	json_free(answer);
	json_free(request);
}

int main(int argc, char **argv)
{
	struct problems *problems = problems_new();
	struct config *config =
	    config_read(argc > 1 ? argv[1] : SOURCE_DIR "/tests/data/catalogue.ini", problems);
	struct catalogue *catalogue = catalogue_read(config, problems);
	char *line = NULL;
	size_t capacity = 0;
	ssize_t n;

	config_finish(config, problems);
	problems_print(problems, stderr, false);
	while ((n = getline(&line, &capacity, stdin)) > 0)
		read_into(text_trim((struct text){ line, (size_t)n }), catalogue);
	free(line);
	catalogue_free(catalogue);
	config_free(config);
	problems_free(problems);
	return 0;
}
