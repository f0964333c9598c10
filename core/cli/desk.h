/*
 * desk.h - commands that work on the ledger: open, do, print, close
 */
#ifndef CLI_DESK_H
#define CLI_DESK_H

#include "cli/cli.h"
#include "engine/engine.h"

#include <stdio.h>

struct desk {
	struct cli *cli;
	struct generation *generation;
	struct engine engine;
	struct arena *arena;
	struct failure why;
	FILE *trace; /* of --trace; NULL: none */
};

/* Loads the configuration and opens the ledger. False: *status is set and nothing is open. */
bool desk_open(struct desk *, struct cli *, enum ledger_mode, int *status);
/* --trace FILE: the steps from now on, in a new file (0600). What is done is done here then, also
 * where a service runs. path NULL: nothing. */
bool desk_trace(struct desk *, const char *path);
/* Why it ends here, where there is no reply that tells. Without a trace or text: nothing. */
void desk_trace_remark(struct desk *, const char *text);
/* Closes; prints the failure if one is set. Returns the exit status. */
int desk_close(struct desk *, int status);

/* The request as a person or program reads it, with its open guide. */
bool desk_show(struct desk *, const char *id, bool show_ids);
/* open 0, handed off 0, asking or refused 1, waiting, parked, unsure 75 */
int desk_status_of(enum request_state);
/* Prints a guide; ids: both IDs to show, or NULL. */
void guide_print(struct desk *, const struct request_row *, const struct guide_row *,
    const char *access_id, const char *contract_id);

#endif
