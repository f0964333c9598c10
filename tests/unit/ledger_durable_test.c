#include "ledger_fixture.h"

#include "base/file.h"

/* ---- a scenario that can be killed anywhere and started again ------------------------------- */

/* Each step looks at the ledger for whether it is done, as the engine does after
 * a crash, and is noted in a file once the ledger has said so. */
#define REQUEST "0193a7c2-1111-7000-8000-00000000abcd"

static char notes[96];

static void note(int step)
{
	char byte = (char)('0' + step);
	int fd = open(notes, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, &byte, 1) != 1)
		_exit(90);
	close(fd);
}

/* How many steps were answered "done"; steps are noted in order, once more after a restart. */
static int noted(void)
{
	struct buffer bytes = { 0 };
	struct failure none = { 0 };
	int last = 0;

	if (file_read(notes, 1000, &bytes, &none) && bytes.n)
		for (size_t i = 0; i < bytes.n; i++)
			last = bytes.p[i] - '0' > last ? bytes.p[i] - '0' : last;
	buffer_free(&bytes);
	return last;
}

static char body[(size_t)5 << 20]; /* more than the log may hold without a checkpoint */

static int steps_done(struct ledger *ledger)
{
	struct contract_row contract;
	struct request_row row;
	struct secret token;
	bool has_token;

	if (!ledger_contract(ledger, "c1", arena, &contract, &why))
		return 0;
	if (!ledger_request(ledger, REQUEST, arena, &row, &why))
		return 1;
	if (row.decisions == 0)
		return 2;
	if (row.state != STATE_OPEN)
		return row.fence == 0 ? 3 : 4;
	has_token = ledger_token(ledger, "login", &token, &why);
	secret_free(&token);
	return has_token ? 6 : 5;
}

#define STEPS 6

static bool one_change(struct ledger *ledger, enum request_state expect, enum request_state to,
    struct ledger_row *rows, size_t n)
{
	struct ledger_change change = { .request = REQUEST,
		.expect = expect,
		.state = to,
		.rows = rows,
		.n_rows = n,
		.event = { .who = "test", .what = "stepped" } };

	return ledger_commit(ledger, NOW, &change, 1, &why) && change.result == LEDGER_DONE;
}

static bool step_contract(struct ledger *ledger)
{
	struct ledger_row rows[] = {
		{ .kind = ROW_CONTRACT, .contract_row = { .id = "c1", .plan = "partner-support" } },
		{ .kind = ROW_OBSERVATION, .observation = { .contract = "c1", .remaining = 1 } },
		{ .kind = ROW_CONTRACT_IDS,
		    .ids = { "c1", TEXT("access-4711"), TEXT("contract-4711") } },
	};
	struct ledger_change change = { .rows = rows, .n_rows = LENGTH(rows) };

	return ledger_commit(ledger, NOW, &change, 1, &why);
}

static bool step_request(struct ledger *ledger)
{
	struct ledger_row rows[] = { { .kind = ROW_REQUEST, .request = { .reference = "PSA-1" } },
		{ .kind = ROW_RESERVE, .contract = "c1" } };

	return one_change(ledger, STATE_NONE, STATE_READY, rows, LENGTH(rows));
}

static bool step_decision(struct ledger *ledger)
{
	struct ledger_row row = { .kind = ROW_DECISION, .decision = { .request = body } };

	return one_change(ledger, STATE_READY, STATE_READY, &row, 1);
}

static bool step_claim(struct ledger *ledger)
{
	int64_t fence;

	return ledger_claim(ledger, REQUEST, "test", NOW, MINUTE, &fence, &why) == LEDGER_DONE;
}

static bool step_ticket(struct ledger *ledger)
{
	struct ledger_row rows[] = { { .kind = ROW_SPEND, .contract = "c1" },
		{ .kind = ROW_REQUEST, .request = { .ticket = "2611230050001234" } } };

	return one_change(ledger, STATE_READY, STATE_OPEN, rows, LENGTH(rows));
}

static bool step_token(struct ledger *ledger)
{
	struct ledger_row row = { .kind = ROW_TOKEN, .token = { "login", TEXT("token") } };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };

	return ledger_commit(ledger, NOW, &change, 1, &why);
}

static bool (*const steps[STEPS])(struct ledger *) = { step_contract, step_request, step_decision,
	step_claim, step_ticket, step_token };

static int play(void *kill_at)
{
	struct ledger *ledger;

	if (kill_at)
		setenv("CASEROUTE_KILL_AT", kill_at, 1);
	memset(body, 'x', sizeof body - 1);
	ledger = open_with(LEDGER_CREATE, KEY);
	for (int i = ledger ? steps_done(ledger) : STEPS; i < STEPS; i++) {
		if (!steps[i](ledger)) {
			fprintf(stderr, "step %d: %s\n", i, why.text);
			return 91;
		}
		note(i + 1);
	}
	ledger_close(ledger);
	return ledger ? 0 : 92;
}

static int count_points(void)
{
	char log[96];
	struct buffer lines = { 0 };
	int n = 0;

	snprintf(log, sizeof log, "%s/points", folder);
	setenv("CASEROUTE_KILL_LOG", log, 1);
	assert_int_equal(in_child(play, NULL), 0);
	unsetenv("CASEROUTE_KILL_LOG");
	assert_true(file_read(log, 10000, &lines, &why));
	for (size_t i = 0; i < lines.n; i++)
		n += lines.p[i] == '\n';
	assert_non_null(strstr(lines.p, "checkpointed\n"));
	buffer_free(&lines);
	return n;
}

static void use_a_new_ledger(int number)
{
	snprintf(path, sizeof path, "%s/%d.db", folder, number);
	snprintf(notes, sizeof notes, "%s/%d.notes", folder, number);
}

/* What was answered is there; at most the step under way is there besides. */
static void assert_nothing_lost(int point)
{
	struct ledger *ledger = create();
	int done = steps_done(ledger), told = noted();

	verify(ledger);
	if (done < told || done > told + 1)
		fail_msg(
		    "killed at point %d: %d steps were answered, %d are there", point, told, done);
	ledger_close(ledger);
}

static void a_kill_at_any_durable_point_loses_nothing_that_was_answered(void **state)
{
	struct ledger *ledger;
	char number[16];
	int points;

	(void)state;
	use_a_new_ledger(0);
	points = count_points();
	assert_in_range(points, 2 * STEPS + 4, 100);
	for (int point = 1; point <= points; point++) {
		use_a_new_ledger(point);
		snprintf(number, sizeof number, "%d", point);
		assert_int_equal(in_child(play, number), 128 + SIGKILL);
		if (access(path, F_OK) == 0)
			assert_nothing_lost(point);
		assert_int_equal(in_child(play, NULL), 0);
		ledger = create();
		assert_int_equal(steps_done(ledger), STEPS);
		assert_int_equal(read_balance(ledger, "c1").spent_ever, 1);
		verify(ledger);
		ledger_close(ledger);
	}
}

/* ---- another key, killed in between ------------------------------------------------------------
 */

static int rekey(void *kill_at)
{
	struct secret key = key_of(OTHER_KEY);
	struct ledger *ledger = open_with(LEDGER_WRITE, KEY);
	bool is_ok;

	setenv("CASEROUTE_KILL_AT", kill_at, 1);
	is_ok = ledger && ledger_rekey(ledger, &key, &why);
	secret_free(&key);
	ledger_close(ledger);
	return is_ok ? 0 : 94;
}

static void assert_all_opens_with(const char *key)
{
	struct ledger *ledger = open_with(LEDGER_WRITE, key);

	assert_non_null(ledger);
	verify(ledger);
	assert_int_equal(steps_done(ledger), STEPS);
	ledger_close(ledger);
}

static void a_kill_while_rekeying_leaves_the_old_key_or_the_new_one(void **state)
{
	static const struct {
		const char *kill_at, *key, *wrong;
	} cases[] = { { "1", KEY, OTHER_KEY }, { "2", OTHER_KEY, KEY } };

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		use_a_new_ledger((int)i);
		assert_int_equal(in_child(play, NULL), 0);
		assert_int_equal(
		    in_child(rekey, (void *)(uintptr_t)cases[i].kill_at), 128 + SIGKILL);
		assert_null(open_with(LEDGER_WRITE, cases[i].wrong));
		assert_all_opens_with(cases[i].key);
	}
}

/* ---- kills at no particular point --------------------------------------------------------------
 */

struct writer {
	int told; /* a pipe: one int64_t for each commit that was answered */
	int name;
	int64_t first, count;
};

static const char *id_of(int name, int64_t number)
{
	return arena_format(arena, "%08d-0000-7000-8000-%012lld", name, (long long)number);
}

static int write_on(const struct writer *writer)
{
	struct ledger *ledger = open_with(LEDGER_WRITE, KEY);

	for (int64_t i = writer->first; ledger && i < writer->first + writer->count; i++) {
		struct ledger_row row = { .kind = ROW_DECISION, .decision = { .request = "{}" } };
		struct ledger_change change = { .request = id_of(writer->name, i),
			.state = STATE_READY,
			.rows = &row,
			.n_rows = 1,
			.event = { .what = "submitted" } };

		if (!ledger_commit(ledger, NOW, &change, 1, &why) || change.result != LEDGER_DONE)
			break;
		if (writer->told >= 0 && write(writer->told, &i, sizeof i) != sizeof i)
			break;
	}
	if (why.kind != FAILURE_NONE)
		fprintf(stderr, "%s\n", why.text);
	ledger_close(ledger);
	return ledger && why.kind == FAILURE_NONE ? 0 : 93;
}

static pid_t start_writer(struct writer writer)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(write_on(&writer));
	return pid;
}

static int64_t last_told(int fd, int64_t otherwise)
{
	int64_t number;

	while (read(fd, &number, sizeof number) == sizeof number)
		otherwise = number;
	return otherwise;
}

static void a_kill_at_any_moment_loses_nothing_that_was_answered(void **state)
{
	struct request_row row;
	struct ledger *ledger;
	int64_t next = 0;
	int status;

	(void)state;
	ledger_close(create());
	for (int round = 0; round < 25; round++) {
		int told[2];
		pid_t pid;
		int64_t last;

		assert_int_equal(pipe(told), 0);
		pid = start_writer((struct writer){ told[1], 7, next, 1000000 });
		close(told[1]);
		usleep((useconds_t)(3000 + random_below(30000)));
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WTERMSIG(status), SIGKILL);
		last = last_told(told[0], next - 1);
		close(told[0]);
		ledger = create();
		for (; next <= last; next++)
			assert_int_equal(read_request(ledger, id_of(7, next)).decisions, 1);
		why = (struct failure){ 0 };
		next += ledger_request(
		    ledger, id_of(7, next), arena, &row, &why); /* committed, not yet told */
		verify(ledger);
		ledger_close(ledger);
	}
	assert_true(next > 20);
}

/* ---- several at once
 * ------------------------------------------------------------------------------ */

#define WRITERS 4
#define EACH 150

static void processes_write_side_by_side_while_one_is_killed_and_one_reads(void **state)
{
	struct request_row *rows;
	struct ledger *ledger;
	pid_t pids[WRITERS], victim;
	size_t n, before = 0;
	int status;

	(void)state;
	ledger_close(create());
	for (int i = 0; i < WRITERS; i++)
		pids[i] = start_writer((struct writer){ -1, i + 1, 0, EACH });
	victim = start_writer((struct writer){ -1, 99, 0, 1000000 });
	ledger = open_with(LEDGER_READ, KEY);
	for (int i = 0; i < 50; i++) {
		struct request_filter filter = { .state = STATE_ANY, .limit = 100000 };

		assert_true(ledger_requests(ledger, &filter, arena, &rows, &n, &why));
		assert_true(n >= before);
		before = n;
		if (i == 25)
			kill(victim, SIGKILL);
		usleep(2000);
	}
	verify(ledger);
	ledger_close(ledger);
	for (int i = 0; i < WRITERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(waitpid(victim, &status, 0), victim);
	ledger = create();
	verify(ledger);
	for (int i = 0; i < WRITERS; i++)
		for (int64_t j = 0; j < EACH; j++)
			assert_int_equal(read_request(ledger, id_of(i + 1, j)).decisions, 1);
	ledger_close(ledger);
}

static off_t log_bytes(void)
{
	char name[128];
	struct stat info;

	snprintf(name, sizeof name, "%s-wal", path);
	return stat(name, &info) == 0 ? info.st_size : 0;
}

static void the_log_stays_bounded_and_a_reader_only_delays_it(void **state)
{
	struct ledger *ledger, *reader;

	(void)state;
	ledger_close(create());
	write_on(&(struct writer){ -1, 1, 0, 400 });
	assert_in_range(log_bytes(), 1, 6 << 20);
	reader = open_with(LEDGER_READ, KEY); /* between its calls it holds nothing */
	read_request(reader, "00000001-0000-7000-8000-000000000001");
	write_on(&(struct writer){ -1, 2, 0, 400 });
	assert_in_range(log_bytes(), 1, 6 << 20);
	assert_int_equal(
	    read_request(reader, "00000002-0000-7000-8000-000000000399").state, STATE_READY);
	ledger_close(reader);
	ledger = create();
	verify(ledger);
	ledger_close(ledger);
}

/* System calls that write, made by this process. */
static long writes(void)
{
	struct buffer text = { 0 };
	long n = -1;

	assert_true(file_read("/proc/self/io", 10000, &text, &why));
	sscanf(strstr(text.p, "syscw:"), "syscw: %ld", &n);
	buffer_free(&text);
	return n;
}

static void what_a_commit_adds_is_written_at_once(void **state)
{
	static char long_body[400001];
	struct ledger *ledger = create();
	struct ledger_row row = { .kind = ROW_DECISION, .decision = { .request = long_body } };
	struct ledger *reader;
	struct decision_row read;
	char id[ID_TEXT];
	long before;

	(void)state;
	memset(long_body, 'x', sizeof long_body - 1); /* some fifty pages */
	add_request(ledger, STATE_READY, NULL, id);
	before = writes();
	assert_int_equal(add_row(ledger, id, row), LEDGER_DONE);
	assert_in_range(writes() - before, 1, 12);
	reader = open_with(LEDGER_READ, KEY);
	assert_true(ledger_decision(reader, id, 0, arena, &read, &why));
	assert_string_equal(read.request, long_body);
	ledger_close(reader);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_commit_adds_is_written_at_once),
		TEST(a_kill_at_any_durable_point_loses_nothing_that_was_answered),
		TEST(a_kill_while_rekeying_leaves_the_old_key_or_the_new_one),
		TEST(a_kill_at_any_moment_loses_nothing_that_was_answered),
		TEST(processes_write_side_by_side_while_one_is_killed_and_one_reads),
		TEST(the_log_stays_bounded_and_a_reader_only_delays_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
