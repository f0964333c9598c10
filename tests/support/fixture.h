/*
 * fixture.h - a portal whose plugin is a table in the test itself
 */
#ifndef TESTS_SUPPORT_FIXTURE_H
#define TESTS_SUPPORT_FIXTURE_H

#include "portal/inside.h"

struct fixture {
	struct portals *portals;
	struct portal *portal;
	struct plugin plugin;
	struct problems *problems;
	struct config *config;
	struct arena *arena;
	/* What a step gets; fill what the test is about. */
	struct portal_contact contact;
	struct portal_request request;
	struct portal_contract contract;
	struct portal_account account;
	struct step_input input;
	struct step_memory memory;
	struct step step;
};

/* `ini` holds a [portal test] and any [credential NAME]. Fails the test on errors. */
void fixture_open(struct fixture *, const struct portal_plugin *, const char *ini);
/* What a step gets, alone: for a portal of another making. */
void fixture_inputs(struct fixture *);
void fixture_close(struct fixture *);
/* Runs one step; the last one's results are freed. */
struct step *fixture_step(struct fixture *, enum operation_kind);
const struct portal_file *const *fixture_files(void); /* two: a.txt of 5 bytes, b.bin of 9 */

/* Table with the given options and steps; size and version are set. */
struct portal_plugin fixture_table(const struct portal_option *, uint32_t n);
/* Does a JSON value read so when written on one line? Fails the test if not. */
void assert_json(const struct json *, const char *text);
/* Fails the test unless the file or text holds it. */
void assert_has(const char *text, const char *part);

#endif
