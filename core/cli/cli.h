/*
 * cli.h - what the commands share: options, terminal, configuration
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/failure.h"
#include "base/json.h"
#include "base/instant.h"
#include "base/memory.h"

struct generation; /* engine/generation.h; its option tables clash with getopt's name */
struct decision;

struct cli {
	const char *config; /* --config */
	bool json, quiet, colour;
	const struct command *command;
};

typedef int command_function(struct cli *, int argc, char **argv);

struct command {
	const char *noun, *verb; /* verb NULL: an everyday verb without a noun */
	command_function *run;
	const char *arguments; /* "[FILE|-]" */
	const char *help;      /* one line */
};

/* ---- options ------------------------------------------------------------------ */

struct cli_option {
	const char *name;     /* without "--" */
	const char *argument; /* "FILE"; "FILE...": may stand several times, joined by commas;
				 NULL: a flag */
	const char **value;   /* set to the argument, or */
	bool *flag;           /* set to true */
	const char *help;
};

/* Reads options (global ones too) wherever they stand; argv keeps the rest in
 * order, and their number is returned. -1: usage was reported, or help printed;
 * *status is the exit status then. At least `least` and at most `most` words. */
int cli_options(struct cli *, int argc, char **argv, const struct cli_option *, size_t n, int least,
    int most, int *status);
int cli_usage(const struct cli *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- ends ---------------------------------------------------------------------- */

/* Prints the failure to stderr; returns its exit status. */
int cli_fail(const struct failure *);

/* Loads the configuration; prints its problems to stderr and returns NULL with
 * *status set (78, or 66 if there is none) if it has errors. */
struct generation *cli_load(const struct cli *, int *status);

/* Where plugins are looked for, parted by ':'; also before there is a good configuration. */
const char *cli_plugin_path(const struct cli *, struct arena *);

/* The folder of what ships with the program, absolute: that of the two, as seen from the program's
 * own folder, which holds a file of that name; NULL if neither does. */
const char *cli_shipped(
    struct arena *, const char *in_tree, const char *installed, const char *holds);

/* ---- output ---------------------------------------------------------------------- */

enum paint { PAINT_PLAIN, PAINT_BOLD, PAINT_DIM, PAINT_GOOD, PAINT_BAD, PAINT_WARN };
/* Text in a colour if the terminal has them. */
void cli_paint(const struct cli *, enum paint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void cli_json(struct json *); /* prints it indented and frees it; NULL: nothing */
/* Prints text from outside on a terminal: control characters are shown as '?'. */
void cli_text(struct text);

/* Shows a decision as an agent reads it. `next` is the command to go on with, or NULL. */
void cli_decision(const struct cli *, const struct generation *, const struct decision *,
    instant now, const char *next);

/* ---- commands: one file a noun ------------------------------------------------------ */

command_function plan_run, classify_run, submit_run, init_run, doctor_run, config_check,
    config_dump_run, config_help, portals_list, portals_describe, portals_check, portals_new, requests_list, requests_show,
    requests_explain, requests_trace, requests_answer, requests_resume, requests_refresh, requests_message,
    requests_attach, requests_change, requests_cancel, requests_replay, requests_forget,
    requests_prune, contracts_list, contracts_add, contracts_observe, contracts_remaining,
    benefits_list, benefits_activate, serve_run, reload_command, keys_new, webhooks_list,
    webhooks_test, webhooks_resend, webhooks_enable, ledger_backup_run, ledger_verify_run,
    ledger_rekey_run, ledger_compact_run;

#endif
