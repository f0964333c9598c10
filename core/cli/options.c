#include "cli/cli.h"
#include "base/log.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GLOBALS = 7, MOST_OPTIONS = 32 };

static const struct cli_option global_help[] = {
	{ "config", "FILE_OR_DIR", NULL, NULL,
	    "configuration; else $CASEROUTE_CONFIG, XDG, /etc/caseroute" },
	{ "json", NULL, NULL, NULL, "machine-readable output with a stable schema" },
	{ "colour", "auto|always|never", NULL, NULL, "colours (also --color)" },
	{ "quiet", NULL, NULL, NULL, "-q: errors only" },
	{ "verbose", NULL, NULL, NULL, "-v, -vv: say more on stderr" },
	{ "help", NULL, NULL, NULL, "-h: this text" },
};

static void print_option(const struct cli_option *o)
{
	char left[64];

	snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument ? " " : "",
	    o->argument ? o->argument : "");
	printf("  %-28s %s\n", left, o->help);
}

static void print_help(const struct cli *cli, const struct cli_option *options, size_t n)
{
	const struct command *c = cli->command;

	printf("usage: caseroute %s%s%s %s\n\n%s\n\noptions:\n", c->noun, c->verb ? " " : "",
	    c->verb ? c->verb : "", c->arguments, c->help);
	for (size_t i = 0; i < n; i++)
		print_option(&options[i]);
	for (size_t i = 0; i < sizeof global_help / sizeof global_help[0]; i++)
		print_option(&global_help[i]);
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
	const struct command *c = cli->command;
	va_list args;

	fputs("caseroute: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nusage: caseroute %s%s%s %s   (--help tells more)\n", c->noun,
	    c->verb ? " " : "", c->verb ? c->verb : "", c->arguments);
	return FAILURE_USAGE;
}

static bool wants_colour(const char *when)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	if (when && strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(STDOUT_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

struct parse {
	struct cli *cli;
	const struct cli_option *options;
	size_t n;
	const char *colour;
	int verbosity;
	bool wants_help;
};

static void take_global(struct parse *p, int code)
{
	switch (code) {
	case 'C': p->cli->config = optarg; break;
	case 'j': p->cli->json = true; break;
	case 'o': p->colour = optarg; break;
	case 'q': p->cli->quiet = true; break;
	case 'v': p->verbosity++; break;
	case 'h': p->wants_help = true; break;
	}
}

static bool is_list(const struct cli_option *o)
{
	return o->argument && strlen(o->argument) > 3 &&
	    strcmp(o->argument + strlen(o->argument) - 3, "...") == 0;
}

/* Kept until the process ends, as the arguments themselves are. */
static const char *join(const char *list, const char *more)
{
	static struct buffer joined[MOST_OPTIONS];
	static size_t n;
	struct buffer *b = &joined[n < MOST_OPTIONS ? n++ : 0];

	b->n = 0;
	buffer_format(b, "%s,%s", list, more);
	return b->p;
}

static void take(struct parse *p, int code)
{
	const struct cli_option *o;

	if (code < 1000) {
		take_global(p, code);
		return;
	}
	o = &p->options[code - 1000];
	if (o->flag)
		*o->flag = true;
	else
		*o->value = is_list(o) && *o->value ? join(*o->value, optarg) : optarg;
}

static void fill_long(struct option *all, const struct cli_option *options, size_t n)
{
	static const struct option globals[] = { { "config", required_argument, NULL, 'C' },
		{ "json", no_argument, NULL, 'j' }, { "colour", required_argument, NULL, 'o' },
		{ "color", required_argument, NULL, 'o' }, { "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' }, { "help", no_argument, NULL, 'h' } };

	memcpy(all, globals, sizeof globals);
	for (size_t i = 0; i < n; i++)
		all[GLOBALS + i] = (struct option){ options[i].name,
			options[i].argument ? required_argument : no_argument, NULL,
			1000 + (int)i };
	all[GLOBALS + n] = (struct option){ 0 };
}

/* getopt permutes argv so that the words that are no options stand at its end. */
static int parse(struct parse *p, int argc, char **argv)
{
	struct option all[GLOBALS + MOST_OPTIONS + 1];
	int code;

	fill_long(all, p->options, p->n);
	optind = 0;
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":qvh", all, NULL)) != -1) {
		if (code == '?' || code == ':')
			return cli_usage(p->cli,
			    code == '?' ? "unknown option %s" : "option %s needs an argument",
			    argv[optind - 1]);
		take(p, code);
	}
	return 0;
}

int cli_options(struct cli *cli, int argc, char **argv, const struct cli_option *options, size_t n,
    int least, int most, int *status)
{
	struct parse p = { cli, options, n, NULL, 0, false };
	int words;

	*status = parse(&p, argc, argv);
	if (*status)
		return -1;
	if (p.wants_help) {
		print_help(cli, options, n);
		return -1;
	}
	if (p.colour && strcmp(p.colour, "auto") != 0 && strcmp(p.colour, "always") != 0 &&
	    strcmp(p.colour, "never") != 0) {
		*status = cli_usage(cli, "--colour is auto, always or never");
		return -1;
	}
	cli->colour = wants_colour(p.colour);
	log_set_level(cli->quiet  ? LOG_ERROR
		: p.verbosity > 1 ? LOG_DETAIL
		: p.verbosity     ? LOG_NOTICE
				  : LOG_WARNING);
	words = argc - optind;
	if (words < least || (most >= 0 && words > most)) {
		*status = cli_usage(cli, words < least ? "too few words" : "too many words");
		return -1;
	}
	memmove(argv, argv + optind, (size_t)words * sizeof *argv);
	argv[words] = NULL;
	return words;
}
