/*
 * main.c - the table of commands
 */
#include "caseroute/portal.h"
#include "cli/cli.h"
#include "portal/child_run.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command commands[] = {
	{ "init", NULL, init_run, "[--output DIR] [--key]",
	    "asks for accounts, programmes, roles, offers, IDs and writes a configuration" },
	{ "plan", NULL, plan_run, "[--facts FACTS.json] [FILE|-]",
	    "decides and explains; sends nothing (exit 0: allowed, 1: any other outcome)" },
	{ "submit", NULL, submit_run, "[FILE|-]",
	    "decides, records, links if needed, opens; ends with the ticket or a guide" },
	{ "classify", NULL, classify_run, "< LINES",
	    "JSON lines {id, text[, product]} in, product, environment and workload out" },
	{ "requests", "list", requests_list,
	    "[--state STATE] [--overdue] [--account A] [--portal P] [--limit N]", "the requests on record" },
	{ "requests", "show", requests_show, "ID [--show-ids]", "one request with its open guide" },
	{ "requests", "explain", requests_explain, "ID",
	    "why it was decided so, and all that has happened to it" },
	{ "requests", "trace", requests_trace, "ID",
	    "its steps as far as they are on record: guides, answers, the exchange under way" },
	{ "requests", "answer", requests_answer, "ID[.GUIDE] CODE|MEMBER=VALUE [NAME=VALUE]...",
	    "reports what a person did or knows" },
	{ "requests", "resume", requests_resume, "[ID]",
	    "carries on with what is due, or with one request" },
	{ "requests", "refresh", requests_refresh, "ID",
	    "asks the portal how the ticket is doing" },
	{ "requests", "message", requests_message, "ID [--subject TEXT] [FILE|-]",
	    "sends a message to the ticket's engineers" },
	{ "requests", "attach", requests_attach, "ID FILE...", "adds files to the ticket" },
	{ "requests", "change", requests_change, "ID [--severity A|B|C] [--close]",
	    "changes the ticket's severity or closes it" },
	{ "requests", "cancel", requests_cancel, "ID [--reason TEXT]",
	    "ends a request that has no ticket" },
	{ "requests", "replay", requests_replay, "ID --same-route|--reroute",
	    "takes up parked work again" },
	{ "requests", "forget", requests_forget,
	    "[--reference R] [--customer C] [--mentions TEXT] [--dry-run] [ID]...",
	    "erases what finished requests hold of people; the books stay" },
	{ "requests", "prune", requests_prune, "[--class CLASS [--older-than AGE]] [--dry-run]",
	    "erases what is older than [retention] keeps it; the service does it by itself" },
	{ "contracts", "list", contracts_list, "",
	    "contracts: usable, or why not; links; what remains" },
	{ "contracts", "add", contracts_add,
	    "ID --plan PLAN [--start D] [--end D] [--remaining N] [--ids-file FILE|-]",
	    "records a contract; its IDs come from a file or the prompt, never as arguments" },
	{ "contracts", "observe", contracts_observe, "ID [--remaining N] [--end D]",
	    "records what a portal showed" },
	{ "contracts", "remaining", contracts_remaining, "[ID]",
	    "what is left, and how to see it without creating anything" },
	{ "benefits", "list", benefits_list, "[--show-ids]",
	    "offers, who may activate them, and the IDs they gave" },
	{ "benefits", "activate", benefits_activate, "OFFER",
	    "records that a benefit was activated, or guides to it" },
	{ "portals", "list", portals_list, "", "configured portals and what they can do" },
	{ "portals", "describe", portals_describe, "PLUGIN",
	    "the INI section and manual of a plugin" },
	{ "portals", "check", portals_check,
	    "FILE.so [--transcripts DIR] [--fuzz SECONDS] [--seed N] | --list",
	    "is a plugin what it must be? (exit 0: nothing failed or crashed)" },
	{ "portals", "new", portals_new, "NAME [DIR]",
	    "writes a plugin of your own to begin with: it builds, and is tested, at once" },
	{ "config", "check", config_check, "[--strict] [FILE_OR_DIR]",
	    "everything that is wrong with the configuration, in one run" },
	{ "config", "dump", config_dump_run, "[FILE_OR_DIR]",
	    "effective values with their origin; secrets masked" },
	{ "config", "help", config_help, "CODE", "what a problem's code means" },
	{ "ledger", "backup", ledger_backup_run, "FILE",
	    "a verified copy in a new file, while others write; the key is not in it" },
	{ "ledger", "verify", ledger_verify_run, "[--head HEAD] [FILE]",
	    "looks over the ledger, or a copy of it: file, events, books, what is sealed" },
	{ "ledger", "compact", ledger_compact_run, "",
	    "writes the file anew, so that nothing of what was erased is left in it" },
	{ "ledger", "rekey", ledger_rekey_run, "[--key-file FILE]",
	    "seals everything anew with a new key; copies made before need the old one: keep it" },
	{ "serve", NULL, serve_run, "[--socket PATH] [--listen ADDRESS]... [--drain DURATION]",
	    "carries requests on and answers the HTTP API, until SIGTERM" },
	{ "reload", NULL, reload_command, "[--socket PATH]",
	    "puts the changed configuration into force in the running service" },
	{ "keys", "new", keys_new, "NAME [--role ROLE]... [--until DATE] [--output FILE]",
	    "makes a caller's API key: the key on stdout, its INI section on stderr" },
	{ "webhooks", "list", webhooks_list, "",
	    "who is told of events: how far, what is due again, dead letters" },
	{ "webhooks", "test", webhooks_test, "NAME", "posts an event that is not on record" },
	{ "webhooks", "resend", webhooks_resend, "NAME EVENT|--dead",
	    "has the service send an event, or all dead letters, once more" },
	{ "webhooks", "enable", webhooks_enable, "NAME",
	    "goes on with a webhook that its receiver's 410 has disabled" },
	{ "doctor", NULL, doctor_run, "",
	    "preflight of configuration, ledger, accounts and portals" },
};

enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *to)
{
	fputs("caseroute routes technical-support requests to the portal that takes them.\n\n"
	      "usage: caseroute [--config FILE_OR_DIR] COMMAND [ARGUMENTS]\n\n",
	    to);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		char name[40];

		snprintf(name, sizeof name, "%s%s%s", commands[i].noun, commands[i].verb ? " " : "",
		    commands[i].verb ? commands[i].verb : "");
		fprintf(to, "  %-20s %s\n", name, commands[i].help);
	}
	fputs("\n`caseroute COMMAND --help` tells more. Exit status: 0 done, 1 a proper no, 64 "
	      "usage, 65 data,\n"
	      "66 no input, 69 portal not to be had, 70 internal, 73/74 files, 75 later, 77 "
	      "permission, 78 configuration.\n",
	    to);
}

static int unknown(const char *noun, const char *verb)
{
	const char *words[N_COMMANDS], *nearest;
	size_t n = 0;
	bool is_noun = false;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		bool same = strcmp(commands[i].noun, noun) == 0;

		is_noun = is_noun || same;
		if (same && commands[i].verb)
			words[n++] = commands[i].verb;
	}
	for (size_t i = 0; !is_noun && i < N_COMMANDS; i++)
		words[n++] = commands[i].noun;
	nearest = text_nearest(is_noun ? verb ? verb : "" : noun, words, n);
	if (is_noun && !verb)
		fprintf(stderr, "caseroute: %s needs a verb:", noun);
	else
		fprintf(stderr, "caseroute: there is no command %s%s%s%s%s%s", noun,
		    is_noun ? " " : "", is_noun ? verb : "", nearest ? "; did you mean " : "",
		    nearest ? nearest : "", nearest ? "?" : "");
	for (size_t i = 0; is_noun && !verb && i < n; i++)
		fprintf(stderr, " %s", words[i]);
	fputs("\n`caseroute --help` lists the commands.\n", stderr);
	return FAILURE_USAGE;
}

/* Words before the command may only be global options; they are handed on to it. */
static int first_word(int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1]) {
		bool takes_argument = strcmp(argv[i], "--config") == 0 ||
		    strcmp(argv[i], "--colour") == 0 || strcmp(argv[i], "--color") == 0;

		i += takes_argument ? 2 : 1;
	}
	return i;
}

static const struct command *find(const char *noun, const char *verb)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].noun, noun) == 0 &&
		    (!commands[i].verb || (verb && strcmp(commands[i].verb, verb) == 0)))
			return &commands[i];
	return NULL;
}

static int run(struct cli *cli, int argc, char **argv, int at)
{
	const char *verb = at + 1 < argc ? argv[at + 1] : NULL;
	int words = 1;

	cli->command = find(argv[at], verb);
	if (!cli->command)
		return unknown(argv[at], verb);
	words += cli->command->verb != NULL;
	/* Take the command's own words out: what is left are options and arguments. */
	memmove(argv + at, argv + at + words, (size_t)(argc - at - words + 1) * sizeof *argv);
	return cli->command->run(cli, argc - words, argv);
}

int main(int argc, char **argv)
{
	struct cli cli = { 0 };
	int at, status;

	child_take_over(argc, argv);
	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_DFL);
	instant_pin(text_of(getenv("CASEROUTE_NOW")));
	at = first_word(argc, argv);
	if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		printf("caseroute %s, plugin ABI %d.%d\n", CASEROUTE_VERSION, PORTAL_ABI_MAJOR,
		    PORTAL_ABI_MINOR);
		return 0;
	}
	if (at >= argc) {
		bool asked = argc > 1 &&
		    (strcmp(argv[argc - 1], "--help") == 0 || strcmp(argv[argc - 1], "-h") == 0);

		print_help(asked ? stdout : stderr);
		return asked ? 0 : FAILURE_USAGE;
	}
	if (strcmp(argv[at], "help") == 0) {
		print_help(stdout);
		return 0;
	}
	status = run(&cli, argc, argv, at);
	if (fflush(stdout) != 0 && status == 0) {
		fputs("caseroute: cannot write the output\n", stderr);
		status = FAILURE_IO;
	}
	return status;
}
