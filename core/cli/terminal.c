#include "cli/cli.h"
#include "base/log.h"
#include "engine/generation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int cli_fail(const struct failure *why)
{
	const char *text = why->kind ? why->text : "something failed and did not say why";

	if (log_format() == LOG_TEXT)
		fprintf(stderr, "caseroute: %s\n", text);
	else
		log_line(LOG_ERROR, "%s", text);
	return why->kind ? (int)why->kind : FAILURE_INTERNAL;
}

static void tell_errors(unsigned n)
{
	const char *words = n == 1 ? "error" : "errors";

	if (log_format() == LOG_TEXT)
		fprintf(stderr, "%u %s in the configuration; nothing was done\n", n, words);
	else
		log_line(LOG_ERROR, "%u %s in the configuration; nothing was done", n, words);
}

struct generation *cli_load(const struct cli *cli, int *status)
{
	char *path = config_find(cli->config);
	struct problems *problems;
	struct generation *g = NULL;
	struct failure why = { 0 };

	if (!path) {
		failure_set(&why, FAILURE_NO_INPUT,
		    "there is no configuration; `caseroute init` makes one, --config names one");
		*status = cli_fail(&why);
		return NULL;
	}
	problems = problems_new();
	g = generation_load(path, problems);
	if (problems_count(problems, PROBLEM_ERROR)) {
		problems_log(problems);
		tell_errors(problems_count(problems, PROBLEM_ERROR));
		generation_free(g);
		g = NULL;
		*status = FAILURE_CONFIG;
	}
	problems_free(problems);
	free(path);
	return g;
}

void cli_paint(const struct cli *cli, enum paint paint, const char *format, ...)
{
	static const char *const codes[] = { "", "\033[1m", "\033[2m", "\033[32m", "\033[31m",
		"\033[33m" };
	va_list args;

	if (cli->colour && paint)
		fputs(codes[paint], stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (cli->colour && paint)
		fputs("\033[0m", stdout);
}

void cli_json(struct json *value)
{
	struct buffer text = { 0 };

	if (!value) /* there was a failure, which is told elsewhere */
		return;
	json_write(value, JSON_INDENTED, &text);
	printf("%s\n", text.p);
	buffer_free(&text);
	json_free(value);
}

void cli_text(struct text text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		putchar(c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f) ? c : '?');
	}
}
