/*
 * ledger_fixture.h - a ledger in a folder of its own, and short words for changes
 */
#ifndef LEDGER_FIXTURE_H
#define LEDGER_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ledger/ledger.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW ((instant)1796000000000)
#define MINUTE ((int64_t)60000)
#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

static char folder[64], path[96];
static struct arena *arena;
static struct failure why;

static inline int setup_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/ledger-test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/ledger.db", folder);
	arena = arena_new();
	why = (struct failure){ 0 };
	return 0;
}

static inline int remove_one(const char *name, const struct stat *info, int flag, struct FTW *at)
{
	(void)info, (void)flag, (void)at;
	return remove(name);
}

static inline int teardown_folder(void **state)
{
	(void)state;
	arena_free(arena);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}

static inline struct secret key_of(const char *text)
{
	struct secret key = { 0 };

	buffer_text(&key.bytes, text);
	return key;
}

#define KEY "0123456789abcdef0123456789abcdef"
#define OTHER_KEY "another key of more than thirty-two bytes"

static inline struct ledger *open_with(enum ledger_mode mode, const char *key_text)
{
	struct secret key = key_of(key_text ? key_text : "");
	struct ledger *ledger;

	why = (struct failure){ 0 };
	ledger = ledger_open(path, mode, key_text ? &key : NULL, &why);
	secret_free(&key);
	return ledger;
}

static inline struct ledger *create(void)
{
	struct ledger *ledger = open_with(LEDGER_CREATE, KEY);

	if (!ledger)
		fail_msg("%s", why.text);
	return ledger;
}

static inline enum ledger_result commit_at(
    struct ledger *ledger, instant now, struct ledger_change *change)
{
	why = (struct failure){ 0 };
	if (!ledger_commit(ledger, now, change, 1, &why))
		fail_msg("%s", why.text);
	return change->result;
}

static inline enum ledger_result commit(struct ledger *ledger, struct ledger_change *change)
{
	return commit_at(ledger, NOW, change);
}

static inline enum ledger_result add_rows(
    struct ledger *ledger, const char *request, struct ledger_row *rows, size_t n)
{
	struct ledger_change change = {
		.request = request, .expect = STATE_ANY, .rows = rows, .n_rows = n
	};

	return commit(ledger, &change);
}

static inline enum ledger_result add_row(
    struct ledger *ledger, const char *request, struct ledger_row row)
{
	return add_rows(ledger, request, &row, 1);
}

/* A new request in the state; id is made. */
static inline enum ledger_result add_request(
    struct ledger *ledger, enum request_state state, const char *reference, char id[ID_TEXT])
{
	struct ledger_row row = { .kind = ROW_REQUEST,
		.request = { .reference = reference,
		    .title = "Mail stops",
		    .account = "anna@contoso.example" } };
	struct ledger_change change = { .state = state,
		.rows = &row,
		.n_rows = 1,
		.event = { .who = "anna", .what = "submitted" } };

	id_new(NOW, id);
	change.request = id;
	return commit(ledger, &change);
}

static inline enum ledger_result move_to(
    struct ledger *ledger, const char *request, enum request_state from, enum request_state to)
{
	struct ledger_change change = { .request = request, .expect = from, .state = to };

	return commit(ledger, &change);
}

static inline void add_contract(struct ledger *ledger, const char *id, int64_t remaining)
{
	struct ledger_row rows[] = {
		{ .kind = ROW_CONTRACT,
		    .contract_row = { .id = id,
			.plan = "partner-support",
			.source = "contracts add" } },
		{ .kind = ROW_OBSERVATION,
		    .observation = { .contract = id,
			.remaining = remaining,
			.portal = "support-for-business" } },
	};

	assert_int_equal(add_rows(ledger, NULL, rows, LENGTH(rows)), LEDGER_DONE);
}

static inline enum ledger_result reserve(
    struct ledger *ledger, const char *request, const char *contract)
{
	return add_row(
	    ledger, request, (struct ledger_row){ .kind = ROW_RESERVE, .contract = contract });
}

static inline enum ledger_result spend(
    struct ledger *ledger, const char *request, const char *contract, const char *ticket)
{
	struct ledger_row rows[] = { { .kind = ROW_SPEND, .contract = contract },
		{ .kind = ROW_REQUEST, .request = { .ticket = ticket } } };

	return add_rows(ledger, request, rows, LENGTH(rows));
}

static inline struct request_row read_request(struct ledger *ledger, const char *id)
{
	struct request_row row = { 0 };

	why = (struct failure){ 0 };
	if (!ledger_request(ledger, id, arena, &row, &why))
		fail_msg("request %s: %s", id, why.kind ? why.text : "there is none");
	return row;
}

static inline struct balance read_balance(struct ledger *ledger, const char *contract)
{
	struct balance balance = { 0 };

	why = (struct failure){ 0 };
	assert_true(ledger_balance(ledger, contract, arena, &balance, &why));
	return balance;
}

static inline void verify(struct ledger *ledger)
{
	why = (struct failure){ 0 };
	if (!ledger_verify(ledger, NULL, NULL, &why))
		fail_msg("%s", why.text);
}

/* Runs in a child; its exit status, or 128 + the signal that ended it. */
static inline int in_child(int (*work)(void *), void *data)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(work(data));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_folder, teardown_folder)

#endif
