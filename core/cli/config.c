#include "cli/cli.h"
#include "engine/generation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_summary(const struct problems *problems, const char *path)
{
	unsigned errors = problems_count(problems, PROBLEM_ERROR),
		 warnings = problems_count(problems, PROBLEM_WARNING);

	if (!errors && !warnings)
		printf("%s: good\n", path);
	else
		printf("%s: %u error%s, %u warning%s\n", path, errors, errors == 1 ? "" : "s",
		    warnings, warnings == 1 ? "" : "s");
}

static int check(const struct cli *cli, const char *path, bool strict)
{
	struct problems *problems = problems_new();
	struct generation *g = generation_load(path, problems);
	int status;

	policy_check(g->policy, problems);
	problems_print(problems, cli->json ? stdout : stderr, cli->json);
	if (!cli->json && !cli->quiet)
		print_summary(problems, path);
	status = problems_count(problems, PROBLEM_ERROR)          ? FAILURE_CONFIG
	    : strict && problems_count(problems, PROBLEM_WARNING) ? FAILURE_NEGATIVE
								  : 0;
	generation_free(g);
	problems_free(problems);
	return status;
}

static char *find(const struct cli *cli, const char *word)
{
	char *path = config_find(word ? word : cli->config);

	if (!path)
		fputs("caseroute: there is no configuration; `caseroute init` makes one, --config "
		      "names one\n",
		    stderr);
	return path;
}

int config_check(struct cli *cli, int argc, char **argv)
{
	bool strict = false;
	const struct cli_option options[] = { { "strict", NULL, NULL, &strict,
	    "warnings count: exit 1" } };
	char *path;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 0, 1, &status) < 0)
		return status;
	path = find(cli, argv[0]);
	if (!path)
		return FAILURE_NO_INPUT;
	status = check(cli, path, strict);
	free(path);
	return status;
}

int config_dump_run(struct cli *cli, int argc, char **argv)
{
	struct problems *problems;
	struct generation *g;
	char *path;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 1, &status) < 0)
		return status;
	path = find(cli, argv[0]);
	if (!path)
		return FAILURE_NO_INPUT;
	problems = problems_new();
	g = generation_load(path, problems);
	problems_print(problems, stderr, false);
	config_dump(g->config, stdout, cli->json);
	status = problems_count(problems, PROBLEM_ERROR) ? FAILURE_CONFIG : 0;
	generation_free(g);
	problems_free(problems);
	free(path);
	return status;
}

int config_help(struct cli *cli, int argc, char **argv)
{
	const char *help, *digits;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1, &status) < 0)
		return status;
	digits = argv[0][0] == 'E' || argv[0][0] == 'e' ? argv[0] + 1 : argv[0];
	help = problem_help((enum problem_code)strtol(digits, NULL, 10));
	if (!help)
		return cli_usage(cli, "there is no problem %s", argv[0]);
	printf("%s\n", help);
	return 0;
}
