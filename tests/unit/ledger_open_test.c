#include "ledger_fixture.h"
#include "ledger_raw.h"

#include "base/file.h"
#include "ledger/lock.h"
#include "ledger/sqlite.h" /* to bound the number of pages */

#include <sys/file.h>
#include <sys/resource.h>

/* ---- helpers ---------------------------------------------------------------------------- */

static void read_bytes(struct buffer *bytes)
{
	struct failure none = { 0 };

	assert_true(file_read(path, (size_t)64 << 20, bytes, &none));
}

static void write_bytes(const void *bytes, size_t n)
{
	struct failure none = { 0 };

	assert_true(file_write(path, (struct text){ bytes, n }, 0600, true, &none));
}

static unsigned mode_of(const char *name)
{
	struct stat info;

	assert_int_equal(stat(name, &info), 0);
	return info.st_mode & 07777u;
}

static void assert_refused(enum ledger_mode mode, enum failure_kind kind, const char *says)
{
	struct ledger *ledger = open_with(mode, KEY);

	if (ledger || why.kind != kind || !strstr(why.text, says) || !strstr(why.text, folder))
		fail_msg("expected %d '%s', got %d '%s'", (int)kind, says, (int)why.kind, why.text);
}

/* ---- making it ---------------------------------------------------------------------------- */

static void a_ledger_that_is_not_there_is_made_only_when_asked(void **state)
{
	(void)state;
	assert_refused(LEDGER_READ, FAILURE_NO_INPUT, "there is no ledger yet");
	assert_refused(LEDGER_WRITE, FAILURE_NO_INPUT, "there is no ledger yet");
	assert_int_not_equal(access(path, F_OK), 0);
	ledger_close(create());
	ledger_close(open_with(LEDGER_READ, KEY));
	assert_int_equal(why.kind, FAILURE_NONE);
}

static void its_files_are_private_and_so_are_the_folders_made_for_it(void **state)
{
	char name[160];
	static const char *const endings[] = { "", "-wal", "-shm", ".lock" };
	mode_t old = umask(0);

	(void)state;
	snprintf(path, sizeof path, "%s/var/lib/ledger.db", folder);
	ledger_close(create());
	for (size_t i = 0; i < LENGTH(endings); i++) {
		snprintf(name, sizeof name, "%s%s", path, endings[i]);
		assert_int_equal(mode_of(name), 0600);
	}
	snprintf(name, sizeof name, "%s/var", folder);
	assert_int_equal(mode_of(name), 0700);
	umask(old);
}

static void a_file_left_empty_by_a_kill_becomes_a_ledger(void **state)
{
	char id[ID_TEXT];
	struct ledger *ledger;

	(void)state;
	write_bytes("", 0);
	assert_refused(LEDGER_READ, FAILURE_CONFIG, "an empty ledger");
	ledger = open_with(LEDGER_WRITE, KEY);
	assert_non_null(ledger);
	assert_int_equal(add_request(ledger, STATE_READY, NULL, id), LEDGER_DONE);
	ledger_close(ledger);
}

static void a_ledger_opened_for_reading_is_not_written(void **state)
{
	struct ledger_change change = { .request = "x", .state = STATE_READY };
	struct ledger *ledger;

	(void)state;
	ledger_close(create());
	ledger = open_with(LEDGER_READ, KEY);
	assert_false(ledger_commit(ledger, NOW, &change, 1, &why));
	assert_int_equal(why.kind, FAILURE_INTERNAL);
	ledger_close(ledger);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void a_folder_is_no_ledger(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(LEDGER_CREATE, FAILURE_CONFIG, "is a folder");
}

static void another_file_is_refused_and_not_touched(void **state)
{
	static const char text[] =
	    "[ledger]\npath = here\n; some hundred bytes of an INI file that are no ledger";
	struct buffer bytes = { 0 };

	(void)state;
	write_bytes(text, sizeof text);
	assert_refused(LEDGER_CREATE, FAILURE_IO, "not a ledger");
	read_bytes(&bytes);
	assert_int_equal(bytes.n, sizeof text);
	assert_memory_equal(bytes.p, text, bytes.n);
	buffer_free(&bytes);
}

static void the_database_of_another_program_is_refused_and_not_touched(void **state)
{
	struct buffer before = { 0 }, after = { 0 };

	(void)state;
	raw("CREATE TABLE meta (name); INSERT INTO meta VALUES ('theirs')");
	read_bytes(&before);
	assert_refused(LEDGER_CREATE, FAILURE_CONFIG, "another program");
	read_bytes(&after);
	assert_int_equal(before.n, after.n);
	assert_memory_equal(before.p, after.p, before.n);
	buffer_free(&before);
	buffer_free(&after);
}

static void a_ledger_of_a_newer_version_is_refused_with_both_versions(void **state)
{
	(void)state;
	ledger_close(create());
	raw("PRAGMA user_version = 99; UPDATE meta SET value = '7.1.0' WHERE name = 'version';");
	assert_refused(LEDGER_WRITE, FAILURE_CONFIG,
	    "made by version 7.1.0 of caseroute (tables 99); this is");
	assert_refused(LEDGER_READ, FAILURE_CONFIG, "made by version 7.1.0");
	assert_int_equal(raw_number("PRAGMA user_version"), 99);
	raw("DROP TABLE meta");
	assert_refused(LEDGER_WRITE, FAILURE_CONFIG, "made by version unknown");
}

static void a_ledger_migrated_under_our_feet_is_not_written(void **state)
{
	struct ledger *ledger = create();
	struct ledger_change change = { .request = "x", .state = STATE_READY };

	(void)state;
	raw("PRAGMA user_version = 99");
	assert_false(ledger_commit(ledger, NOW, &change, 1, &why));
	assert_int_equal(why.kind, FAILURE_CONFIG);
	assert_non_null(strstr(why.text, "newer version"));
	ledger_close(ledger);
}

static void a_migration_that_fails_leaves_the_old_tables(void **state)
{
	(void)state;
	/* An older ledger that has something in the way of the new tables. */
	raw("PRAGMA application_id = 1129534036; CREATE TABLE reservation (old TEXT);"
	    "INSERT INTO reservation VALUES ('kept')");
	assert_refused(LEDGER_WRITE, FAILURE_INTERNAL, "migrating");
	assert_int_equal(raw_number("SELECT count(*) FROM sqlite_schema"), 1);
	assert_int_equal(raw_number("SELECT count(*) FROM reservation WHERE old = 'kept'"), 1);
	assert_int_equal(raw_number("PRAGMA user_version"), 0);
	raw("DROP TABLE reservation");
	ledger_close(create());
}

/* ---- damage ------------------------------------------------------------------------------- */

static void flip(size_t at, size_t n)
{
	struct buffer bytes = { 0 };

	read_bytes(&bytes);
	assert_true(at + n <= bytes.n);
	for (size_t i = at; i < at + n; i++)
		bytes.p[i] = (char)~bytes.p[i];
	write_bytes(bytes.p, bytes.n);
	buffer_free(&bytes);
}

static void make_one_page_after_another(void)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];

	for (int i = 0; i < 200; i++)
		add_request(ledger, STATE_READY, NULL, id);
	ledger_close(ledger);
	raw("PRAGMA wal_checkpoint(TRUNCATE)");
}

static void a_damaged_head_is_named_with_what_to_do(void **state)
{
	(void)state;
	make_one_page_after_another();
	flip(0, 16);
	assert_refused(LEDGER_WRITE, FAILURE_IO, "restore a backup");
	flip(0, 16);
	flip(100, 8); /* the first page's own head */
	assert_refused(LEDGER_WRITE, FAILURE_IO, "the file is damaged");
}

static void damage_in_the_middle_is_found_by_verify(void **state)
{
	struct ledger *ledger;

	(void)state;
	make_one_page_after_another();
	flip(8192 * 3, 64);
	ledger = open_with(LEDGER_WRITE, KEY);
	if (ledger && ledger_verify(ledger, NULL, NULL, &why))
		fail_msg("the damage was not seen");
	assert_int_equal(why.kind, FAILURE_IO);
	assert_non_null(strstr(why.text, path));
	assert_non_null(strstr(why.text, "backup"));
	ledger_close(ledger);
}

static void a_file_cut_short_is_found(void **state)
{
	struct buffer bytes = { 0 };
	struct ledger *ledger;

	(void)state;
	make_one_page_after_another();
	read_bytes(&bytes);
	write_bytes(bytes.p, 4096 * 5 + 100);
	buffer_free(&bytes);
	ledger = open_with(LEDGER_WRITE, KEY);
	if (ledger && ledger_verify(ledger, NULL, NULL, &why))
		fail_msg("the loss was not seen");
	assert_int_equal(why.kind, FAILURE_IO);
	ledger_close(ledger);
}

static void books_that_do_not_balance_are_found(void **state)
{
	static const struct {
		const char *damage, *says;
	} cases[] = {
		{ "UPDATE request SET ticket = NULL", "without a ticket" },
		{ "INSERT INTO reservation VALUES (1, 'c2', 2, 5); UPDATE contract SET spent = "
		  "spent + 1"
		  " WHERE id = 'c2'",
		    "more than one incident was spent" },
		{ "INSERT INTO reservation VALUES (2, 'c1', 1, 5), (2, 'c2', 1, 5)",
		    "more than one incident is reserved" },
		{ "INSERT INTO reservation VALUES (2, 'c1', 1, 5); UPDATE request SET state = 11 "
		  "WHERE key = 2",
		    "still reserved for the finished request" },
		{ "UPDATE contract SET spent = 9 WHERE id = 'c2'",
		    "count of spent incidents is wrong for contract c2" },
		{ "UPDATE request SET decisions = 3", "decisions are missing" },
		{ "INSERT INTO decision (key, at) VALUES (9 << 20 | 1, 5)",
		    "belongs to no request: request with key 9" },
		{ "INSERT INTO guide (request, number, at, is_open) VALUES (1, 1, 5, 1), (1, 2, 5, "
		  "1)",
		    "more than one guide" },
		{ "UPDATE request SET holds_reference = 0", "the reference is not kept" },
		{ "UPDATE request SET state = 12 WHERE key = 2", "not given back" },
		{ "DROP INDEX request_reference; UPDATE request SET reference = 'PSA-1';"
		  "CREATE INDEX request_reference ON request (reference) WHERE holds_reference",
		    "held twice" },
		{ "PRAGMA foreign_keys = OFF; DELETE FROM contract WHERE id = 'c1'",
		    "belongs to nothing" },
		{ "UPDATE contract_ids SET access_id = x'0102'", "not a sealed value" },
	};
	struct ledger *ledger;
	char id[ID_TEXT];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		snprintf(path, sizeof path, "%s/%zu.db", folder, i);
		ledger = create();
		add_contract(ledger, "c1", 7);
		add_contract(ledger, "c2", 7);
		add_row(ledger, NULL,
		    (struct ledger_row){
			.kind = ROW_CONTRACT_IDS, .ids = { "c1", TEXT("access"), TEXT("no") } });
		add_request(ledger, STATE_OPEN, "PSA-1", id);
		spend(ledger, id, "c1", "2611230050001234");
		add_request(ledger, STATE_READY, "PSA-2", id);
		verify(ledger);
		raw(cases[i].damage);
		if (ledger_verify(ledger, NULL, NULL, &why) || !strstr(why.text, cases[i].says))
			fail_msg("%s: %s", cases[i].damage, why.text);
		why = (struct failure){ 0 };
		ledger_close(ledger);
	}
}

static void events_are_neither_changed_nor_removed(void **state)
{
	static const struct {
		const char *sql, *says;
	} attempts[] = {
		{ "UPDATE event SET who = 'nobody'", "only appended or erased" },
		{ "UPDATE event SET who = NULL, why = NULL, detail = NULL",
		    "only appended or erased" },
		{ "UPDATE event SET salt = NULL, digest = x'00', who = NULL, was = 4",
		    "only appended or erased" },
		{ "DELETE FROM event", "only pruned from the oldest on" },
	};
	struct ledger *ledger = create();
	char id[ID_TEXT], *message;
	sqlite3 *db;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	ledger_close(ledger);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < LENGTH(attempts); i++) {
		assert_int_equal(
		    sqlite3_exec(db, attempts[i].sql, NULL, NULL, &message), SQLITE_CONSTRAINT);
		assert_non_null(strstr(message, attempts[i].says));
		sqlite3_free(message);
	}
	sqlite3_close(db);
}

/* ---- permissions: as somebody who is not root ------------------------------------------------ */

static int open_as_nobody(void *data)
{
	const enum ledger_mode *mode = data;
	struct ledger *ledger;

	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 99;
	ledger = open_with(*mode, KEY);
	if (ledger)
		return 0;
	return strstr(why.text, folder) ? (int)why.kind : 98;
}

static void assert_nobody_gets(
    enum ledger_mode mode, unsigned folder_mode, unsigned file_mode, int expected)
{
	assert_int_equal(chmod(folder, folder_mode), 0);
	if (access(path, F_OK) == 0)
		assert_int_equal(chmod(path, file_mode), 0);
	assert_int_equal(in_child(open_as_nobody, &mode), expected);
	assert_int_equal(chmod(folder, 0700), 0);
}

static void what_may_not_be_written_says_so(void **state)
{
	(void)state;
	assert_nobody_gets(LEDGER_CREATE, 0555, 0, FAILURE_NO_PERMISSION);
	ledger_close(create());
	assert_nobody_gets(LEDGER_WRITE, 0777, 0444, FAILURE_NO_PERMISSION);
	assert_nobody_gets(LEDGER_WRITE, 0555, 0444, FAILURE_NO_PERMISSION);
	assert_nobody_gets(LEDGER_READ, 0777, 0000, FAILURE_NO_PERMISSION);
	if (geteuid() == 0) { /* nobody is not the owner here */
		char name[128];

		assert_nobody_gets(
		    LEDGER_WRITE, 0777, 0666, FAILURE_NO_PERMISSION); /* the lock is root's */
		snprintf(name, sizeof name, "%s.lock", path);
		assert_int_equal(remove(name), 0);
		assert_nobody_gets(LEDGER_WRITE, 0555, 0666, FAILURE_NO_PERMISSION);
	}
}

/* ---- a full disk ------------------------------------------------------------------------------
 */

static char big[1 << 20];

/* Commits ever more until it fails; 0 if it failed as it should. */
static int fill_the_disk(void *data)
{
	struct ledger_row row = { .kind = ROW_DECISION, .decision = { .request = big } };
	struct ledger_change change = {
		.request = data, .expect = STATE_ANY, .rows = &row, .n_rows = 1
	};
	struct rlimit limit = { 3 << 20, 3 << 20 };
	struct ledger *ledger = create();

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 97;
	memset(big, 'x', sizeof big - 1);
	for (int i = 0; i < 10; i++) {
		if (ledger_commit(ledger, NOW, &change, 1, &why))
			continue;
		if (strstr(why.text, "the disk is full") && why.kind == FAILURE_IO)
			return 10 + i;
		fprintf(stderr, "%s\n", why.text);
		return 96;
	}
	return 95;
}

static void a_full_disk_loses_nothing_and_leaves_nothing_half_done(void **state)
{
	struct ledger *ledger = create();
	char id[ID_TEXT];
	int done;

	(void)state;
	add_request(ledger, STATE_READY, NULL, id);
	ledger_close(ledger);
	done = in_child(fill_the_disk, id) - 10;
	assert_in_range(done, 1, 3);
	ledger = create();
	assert_int_equal(read_request(ledger, id).decisions, done);
	verify(ledger);
	assert_int_equal(move_to(ledger, id, STATE_READY, STATE_LINKING), LEDGER_DONE);
	ledger_close(ledger);
}

static void no_room_for_another_page_fails_the_whole_batch(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row row = { .kind = ROW_DECISION, .decision = { .request = big } };
	char ids[2][ID_TEXT];
	struct ledger_change changes[] = {
		{ .request = ids[0], .expect = STATE_READY, .state = STATE_LINKING },
		{ .request = ids[1],
		    .expect = STATE_READY,
		    .state = STATE_LINKING,
		    .rows = &row,
		    .n_rows = 1 },
	};

	(void)state;
	memset(big, 'x', sizeof big - 1);
	add_request(ledger, STATE_READY, NULL, ids[0]);
	add_request(ledger, STATE_READY, NULL, ids[1]);
	sqlite3_exec(ledger->db, "PRAGMA max_page_count = 100", NULL, NULL, NULL);
	assert_false(ledger_commit(ledger, NOW, changes, 2, &why));
	assert_int_equal(why.kind, FAILURE_IO);
	assert_non_null(strstr(why.text, "the disk is full; nothing was changed"));
	assert_int_equal(read_request(ledger, ids[0]).state, STATE_READY);
	assert_int_equal(row.decision.number, 0);
	sqlite3_exec(ledger->db, "PRAGMA max_page_count = 1000000", NULL, NULL, NULL);
	assert_true(ledger_commit(ledger, NOW, changes, 2, &why));
	assert_int_equal(row.decision.number, 1);
	verify(ledger);
	ledger_close(ledger);
}

/* ---- in use -------------------------------------------------------------------------------------
 */

static void a_ledger_in_use_for_too_long_says_try_later(void **state)
{
	struct ledger *ledger;
	struct ledger_change change = { .request = "x", .state = STATE_READY };
	char name[128];
	int other;
	sqlite3 *db;

	(void)state;
	lock_wait_ms = 200;
	ledger = create();
	snprintf(name, sizeof name, "%s.lock", path);
	other = open(name, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_false(ledger_commit(ledger, NOW, &change, 1, &why));
	assert_int_equal(why.kind, FAILURE_TRY_LATER);
	close(other);
	/* A program that knows nothing of our lock. */
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	why = (struct failure){ 0 };
	assert_false(ledger_commit(ledger, NOW, &change, 1, &why));
	assert_int_equal(why.kind, FAILURE_TRY_LATER);
	sqlite3_close(db);
	lock_wait_ms = 10000;
	assert_int_equal(commit(ledger, &change), LEDGER_DONE);
	ledger_close(ledger);
}

static void every_name_of_the_file_leads_to_the_same_lock(void **state)
{
	struct ledger *ledger = create(), *linked;
	struct ledger_change change = { .request = "x", .state = STATE_READY };
	char target[96];

	(void)state;
	lock_wait_ms = 100;
	snprintf(target, sizeof target, "%s", path);
	snprintf(path, sizeof path, "%s/link.db", folder);
	assert_int_equal(symlink(target, path), 0);
	linked = open_with(LEDGER_WRITE, KEY);
	assert_non_null(linked);
	assert_true(lock_take(ledger->lock, target, &why));
	assert_false(ledger_commit(linked, NOW, &change, 1, &why));
	assert_int_equal(why.kind, FAILURE_TRY_LATER);
	lock_give(ledger->lock);
	assert_int_equal(commit(linked, &change), LEDGER_DONE);
	lock_wait_ms = 10000;
	ledger_close(linked);
	ledger_close(ledger);
}

static void a_connection_syncs_fully_and_leaves_checkpoints_to_us(void **state)
{
	static const struct {
		const char *pragma;
		int64_t value;
	} cases[] = {
		{ "PRAGMA synchronous", 2 },
		{ "PRAGMA wal_autocheckpoint", 0 },
		{ "PRAGMA foreign_keys", 1 },
		{ "PRAGMA trusted_schema", 0 },
	};
	static const enum ledger_mode modes[] = { LEDGER_CREATE, LEDGER_WRITE, LEDGER_READ };
	int64_t value;

	(void)state;
	for (size_t i = 0; i < LENGTH(modes); i++) {
		struct ledger *ledger = open_with(modes[i], KEY);

		for (size_t j = 0; j < LENGTH(cases); j++) {
			assert_true(statement_number(
			    ledger, &why, cases[j].pragma, WITH_NOTHING, -1, &value));
			assert_int_equal(value, cases[j].value);
		}
		ledger_close(ledger);
	}
}

static int create_at_once(void *go)
{
	char byte;
	struct ledger *ledger;

	if (read(*(int *)go, &byte, 1) != 0)
		return 100;
	ledger = open_with(LEDGER_CREATE, KEY);
	if (!ledger)
		fprintf(stderr, "%s\n", why.text);
	return ledger ? 0 : 101;
}

static void start_together(pid_t *pids, size_t n)
{
	int go[2];

	assert_int_equal(pipe(go), 0);
	fflush(NULL);
	for (size_t i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		close(go[1]);
		_exit(create_at_once(&go[0]));
	}
	close(go[0]);
	close(go[1]);
}

static void processes_that_make_the_ledger_at_once_make_one(void **state)
{
	pid_t pids[6];
	int status;

	(void)state;
	for (int round = 0; round < 5; round++) {
		snprintf(path, sizeof path, "%s/new/%d/ledger.db", folder, round);
		start_together(pids, LENGTH(pids));
		for (size_t i = 0; i < LENGTH(pids); i++) {
			assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
			assert_int_equal(status, 0);
		}
		ledger_close(create());
		assert_int_equal(raw_number("SELECT count(*) FROM meta"), 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_ledger_that_is_not_there_is_made_only_when_asked),
		TEST(its_files_are_private_and_so_are_the_folders_made_for_it),
		TEST(a_file_left_empty_by_a_kill_becomes_a_ledger),
		TEST(a_ledger_opened_for_reading_is_not_written),
		TEST(a_folder_is_no_ledger),
		TEST(another_file_is_refused_and_not_touched),
		TEST(the_database_of_another_program_is_refused_and_not_touched),
		TEST(a_ledger_of_a_newer_version_is_refused_with_both_versions),
		TEST(a_ledger_migrated_under_our_feet_is_not_written),
		TEST(a_migration_that_fails_leaves_the_old_tables),
		TEST(a_damaged_head_is_named_with_what_to_do),
		TEST(damage_in_the_middle_is_found_by_verify),
		TEST(a_file_cut_short_is_found),
		TEST(books_that_do_not_balance_are_found),
		TEST(events_are_neither_changed_nor_removed),
		TEST(what_may_not_be_written_says_so),
		TEST(a_full_disk_loses_nothing_and_leaves_nothing_half_done),
		TEST(no_room_for_another_page_fails_the_whole_batch),
		TEST(a_ledger_in_use_for_too_long_says_try_later),
		TEST(every_name_of_the_file_leads_to_the_same_lock),
		TEST(a_connection_syncs_fully_and_leaves_checkpoints_to_us),
		TEST(processes_that_make_the_ledger_at_once_make_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
