/*
 * ledger_bench - what a change costs: alone, in a batch, and among many stored requests
 *
 * Ratios travel between machines; the figures behind them do not. Runs in
 * $TMPDIR (or /tmp), which should be on the disk that will hold the ledger.
 */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define START ((instant)1796000000000)
#define MOST 64

static instant clock_now = START;

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void give_up(const char *what, const struct failure *why)
{
	fprintf(stderr, "ledger_bench: %s: %s\n", what, why->text);
	exit(1);
}

struct sample {
	char ids[MOST][ID_TEXT], references[MOST][40];
	struct ledger_row rows[MOST][2];
	struct ledger_change changes[MOST];
};

/* A new request as submit makes it: columns, a random reference, a body, an event. */
static void fill(struct sample *sample, size_t n)
{
	static const char body[] =
	    "{\"kind\":\"incident\",\"title\":\"Mail flow stops after the update\","
	    "\"description\":\"Since the update of last night no mail leaves the queue\","
	    "\"product\":\"Exchange Server\",\"release\":\"2019\",\"severity\":\"B\"}";

	for (size_t i = 0; i < n; i++) {
		uint64_t random;

		id_new(++clock_now, sample->ids[i]);
		random_bytes(&random, sizeof random);
		snprintf(sample->references[i], sizeof sample->references[i], "PSA-%016llx",
		    (unsigned long long)random);
		sample->rows[i][0] = (struct ledger_row){ .kind = ROW_REQUEST,
			.request = { .reference = sample->references[i],
			    .title = "Mail flow stops",
			    .account = "anna@contoso.example",
			    .portal = "support-for-business",
			    .due = clock_now } };
		sample->rows[i][1] = (struct ledger_row){ .kind = ROW_DECISION,
			.decision = { .request = body, .facts = body, .decision = body } };
		sample->changes[i] = (struct ledger_change){ .request = sample->ids[i],
			.state = STATE_READY,
			.rows = sample->rows[i],
			.n_rows = 2,
			.event = { .who = "anna", .what = "submitted" } };
	}
}

static void commit(struct ledger *ledger, struct sample *sample, size_t n)
{
	struct failure why = { 0 };

	if (!ledger_commit(ledger, clock_now, sample->changes, n, &why))
		give_up("commit", &why);
	for (size_t i = 0; i < n; i++)
		if (sample->changes[i].result != LEDGER_DONE)
			give_up("a change was not made", &why);
}

/* Microseconds for each new request: by the clock, and of the processor. */
static double insert(struct ledger *ledger, size_t total, size_t batch, double *cpu)
{
	static struct sample sample;
	double wall = seconds(CLOCK_MONOTONIC), used = seconds(CLOCK_PROCESS_CPUTIME_ID);

	for (size_t i = 0; i < total; i += batch) {
		fill(&sample, batch);
		commit(ledger, &sample, batch);
	}
	if (cpu)
		*cpu = (seconds(CLOCK_PROCESS_CPUTIME_ID) - used) * 1e6 / (double)total;
	return (seconds(CLOCK_MONOTONIC) - wall) * 1e6 / (double)total;
}

/* New requests become finished ones, so that a store grows old, not busy. */
static void store(struct ledger *ledger, size_t total)
{
	static struct sample sample;

	for (size_t i = 0; i < total; i += MOST) {
		fill(&sample, MOST);
		for (size_t j = 0; j < MOST; j++)
			sample.changes[j].state = STATE_CLOSED;
		commit(ledger, &sample, MOST);
	}
}

static double update(struct ledger *ledger, size_t rounds)
{
	static struct sample sample;
	double wall = 0;

	for (size_t i = 0; i < rounds; i++) {
		double start;

		fill(&sample, MOST);
		commit(ledger, &sample, MOST);
		for (size_t j = 0; j < MOST; j++)
			sample.changes[j] = (struct ledger_change){ .request = sample.ids[j],
				.expect = STATE_READY,
				.state = STATE_OPEN,
				.event = { .what = "opened" } };
		start = seconds(CLOCK_MONOTONIC);
		commit(ledger, &sample, MOST);
		wall += seconds(CLOCK_MONOTONIC) - start;
		for (size_t j = 0; j < MOST; j++) {
			sample.changes[j].expect = STATE_OPEN;
			sample.changes[j].state = STATE_CLOSED;
		}
		commit(ledger, &sample, MOST);
	}
	return wall * 1e6 / (double)(rounds * MOST);
}

static double poll_due(struct ledger *ledger, size_t rounds)
{
	struct arena *arena = arena_new();
	struct request_filter filter = {
		.due_before = clock_now + 1, .unclaimed_at = clock_now, .limit = 16
	};
	struct failure why = { 0 };
	double wall = seconds(CLOCK_MONOTONIC);

	for (size_t i = 0; i < rounds; i++) {
		struct request_row *rows;
		size_t n;

		if (!ledger_requests(ledger, &filter, arena, &rows, &n, &why))
			give_up("list", &why);
		arena_reset(arena);
	}
	arena_free(arena);
	return (seconds(CLOCK_MONOTONIC) - wall) * 1e6 / (double)rounds;
}

static double look_up(struct ledger *ledger, size_t rounds)
{
	static struct sample sample;
	struct arena *arena = arena_new();
	struct failure why = { 0 };
	struct request_row row;
	double wall;

	fill(&sample, MOST);
	commit(ledger, &sample, MOST);
	wall = seconds(CLOCK_MONOTONIC);
	for (size_t i = 0; i < rounds; i++) {
		if (!ledger_by_reference(ledger, sample.references[i % MOST], arena, &row, &why))
			give_up("look up", &why);
		arena_reset(arena);
	}
	arena_free(arena);
	return (seconds(CLOCK_MONOTONIC) - wall) * 1e6 / (double)rounds;
}

struct figures {
	double insert_1, insert_64, cpu_64, update, due, find;
};

static struct figures measure(struct ledger *ledger)
{
	struct figures f = { 0 };

	f.insert_1 = insert(ledger, 500, 1, NULL);
	f.insert_64 = insert(ledger, 200 * MOST, MOST, &f.cpu_64);
	f.update = update(ledger, 100);
	f.due = poll_due(ledger, 500);
	f.find = look_up(ledger, 20000);
	return f;
}

static void print(const char *what, double small, double large)
{
	printf("%-38s %10.1f %10.1f %9.2f\n", what, small, large, large / small);
}

int main(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[256], command[300];
	struct failure why = { 0 };
	struct ledger *ledger;
	struct figures small, large;

	snprintf(
	    path, sizeof path, "%s/ledger-bench.%d/ledger.db", tmp ? tmp : "/tmp", (int)getpid());
	ledger = ledger_open(path, LEDGER_CREATE, NULL, &why);
	if (!ledger)
		give_up("open", &why);
	store(ledger, 1000);
	small = measure(ledger);
	store(ledger, 100000);
	large = measure(ledger);
	ledger_close(ledger);
	printf("%-38s %10s %10s %9s\n", "microseconds each, with stored requests", "1,000",
	    "100,000", "ratio");
	print("new request, batch of 1", small.insert_1, large.insert_1);
	print("new request, batch of 64", small.insert_64, large.insert_64);
	print("new request, batch of 64, processor", small.cpu_64, large.cpu_64);
	print("state change with event, batch of 64", small.update, large.update);
	print("16 due requests", small.due, large.due);
	print("request by reference", small.find, large.find);
	printf("\nbatch of 1 / batch of 64: %.1f (1,000 stored), %.1f (100,000 stored)\n",
	    small.insert_1 / small.insert_64, large.insert_1 / large.insert_64);
	snprintf(command, sizeof command, "rm -rf '%.*s'", (int)(strrchr(path, '/') - path), path);
	return system(command) != 0;
}
