#include "check/alone.h"

#include <stdlib.h>

static void tell(struct problems *problems, struct failure *why)
{
	char *printed = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&printed, &n);

	if (!out)
		return;
	problems_print(problems, out, false);
	fclose(out);
	failure_set(why, FAILURE_DATA, "the portal cannot be configured:\n%s", printed);
	free(printed);
}

bool alone_make(struct alone *a, const char *plugin_path, const char *plugin, struct text keys,
    struct text credential, const char *what, struct failure *why)
{
	struct buffer ini = { 0 };
	struct problems *problems = problems_new();
	struct config *config;

	if (credential.n)
		buffer_format(&ini, "[credential test]\n%.*s", TEXT_ARGS(credential));
	buffer_format(&ini, "[portal test]\nplugin = %s\n%s%.*s", plugin,
	    credential.n ? "credential = test\n" : "", TEXT_ARGS(keys));
	config = config_read_text(what, buffer_as_text(&ini), problems);
	a->portals = portals_read(config, plugin_path, problems);
	a->portal =
	    problems_count(problems, PROBLEM_ERROR) ? NULL : portals_find(a->portals, "test");
	if (!a->portal) {
		tell(problems, why);
		alone_free(a);
	}
	config_free(config);
	problems_free(problems);
	buffer_free(&ini);
	return a->portal != NULL;
}

void alone_free(struct alone *a)
{
	portals_free(a->portals);
	*a = (struct alone){ 0 };
}
