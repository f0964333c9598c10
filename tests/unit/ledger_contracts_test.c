#include "ledger_fixture.h"

#include "base/file.h"

#define ACCESS_ID "AX9-planted-access-4711"
#define CONTRACT_ID "CX7-planted-contract-0815"
#define TOKEN "RT-planted-refresh-token"

static enum ledger_result store_ids(
    struct ledger *ledger, const char *contract, const char *access_id, const char *contract_id)
{
	return add_row(ledger, NULL,
	    (struct ledger_row){ .kind = ROW_CONTRACT_IDS,
		.ids = { contract, text_of(access_id), text_of(contract_id) } });
}

static enum ledger_result store_token(struct ledger *ledger, const char *value)
{
	return add_row(ledger, NULL,
	    (struct ledger_row){ .kind = ROW_TOKEN, .token = { "azure-login", text_of(value) } });
}

static void assert_ids(
    struct ledger *ledger, const char *contract, const char *access_id, const char *contract_id)
{
	struct secret a, c;

	why = (struct failure){ 0 };
	if (!ledger_contract_ids(ledger, contract, &a, &c, &why))
		fail_msg("%s", why.text);
	assert_true(text_is(buffer_as_text(&a.bytes), access_id));
	assert_true(text_is(buffer_as_text(&c.bytes), contract_id));
	secret_free(&a);
	secret_free(&c);
}

static void a_contract_is_changed_only_where_something_is_given(void **state)
{
	struct ledger *ledger = create();
	struct contract_row row, *rows;
	size_t n;

	(void)state;
	add_row(ledger, NULL,
	    (struct ledger_row){ .kind = ROW_CONTRACT,
		.contract_row = { .id = "c1",
		    .plan = "partner-support",
		    .is_personal = true,
		    .end = NOW + INSTANT_DAY,
		    .source = "configuration",
		    .has_access_id = true } });
	add_row(ledger, NULL,
	    (struct ledger_row){
		.kind = ROW_CONTRACT, .contract_row = { .id = "c1", .start = NOW } });
	assert_true(ledger_contract(ledger, "c1", arena, &row, &why));
	assert_string_equal(row.plan, "partner-support");
	assert_int_equal(row.start, NOW);
	assert_int_equal(row.end, NOW + INSTANT_DAY);
	assert_false(row.is_personal || row.has_access_id || row.has_contract_id);
	assert_false(ledger_contract(ledger, "c2", arena, &row, &why));
	add_contract(ledger, "a0", 1);
	assert_true(ledger_contracts(ledger, arena, &rows, &n, &why));
	assert_int_equal(n, 2);
	assert_string_equal(rows[0].id, "a0");
	ledger_close(ledger);
}

static void a_link_is_kept_once_for_each_contract_and_account(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row row = { .kind = ROW_LINK,
		.link = { .contract = "c1",
		    .account = "anna",
		    .mark = LINK_MARK_DOUBTFUL,
		    .source = "M3 at azure" } };
	struct link_row link, *links;
	size_t n;

	(void)state;
	assert_int_equal(add_rows(ledger, NULL, &row, 1), LEDGER_MISSING);
	add_contract(ledger, "c1", 0); /* R16: a spent contract stays linked */
	add_rows(ledger, NULL, &row, 1);
	row.link.mark = LINK_MARK_LINKED;
	row.link.source = NULL;
	add_rows(ledger, NULL, &row, 1);
	row.link.account = "bela";
	add_rows(ledger, NULL, &row, 1);
	assert_true(ledger_link(ledger, "c1", "anna", arena, &link, &why));
	assert_int_equal(link.mark, LINK_MARK_LINKED);
	assert_string_equal(link.source, "M3 at azure");
	assert_int_equal(link.at, NOW);
	assert_true(ledger_links(ledger, "c1", arena, &links, &n, &why));
	assert_int_equal(n, 2);
	assert_true(ledger_links(ledger, NULL, arena, &links, &n, &why));
	assert_int_equal(n, 2);
	assert_false(ledger_link(ledger, "c1", "cili", arena, &link, &why));
	ledger_close(ledger);
}

static void ids_are_sealed_trimmed_masked_and_found_again(void **state)
{
	struct ledger *ledger = create();
	struct contract_row row;
	const char *id;

	(void)state;
	add_contract(ledger, "c1", 7);
	assert_int_equal(store_ids(ledger, "c9", ACCESS_ID, CONTRACT_ID), LEDGER_MISSING);
	assert_int_equal(store_ids(ledger, "c1", " " ACCESS_ID "\n", CONTRACT_ID), LEDGER_DONE);
	assert_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	assert_true(ledger_contract(ledger, "c1", arena, &row, &why));
	assert_true(row.has_access_id && row.has_contract_id);
	assert_string_equal(row.masked_access_id, "********4711");
	assert_true(ledger_contract_by_ids(
	    ledger, TEXT(ACCESS_ID " "), TEXT(CONTRACT_ID), arena, &id, &why));
	assert_string_equal(id, "c1");
	assert_false(
	    ledger_contract_by_ids(ledger, TEXT(CONTRACT_ID), TEXT(ACCESS_ID), arena, &id, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	verify(ledger);
	ledger_close(ledger);
}

/* O3: the pair is the contract. */
static void the_same_pair_is_not_taken_for_a_second_contract(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row row = { .kind = ROW_CONTRACT_IDS,
		.ids = { "c2", TEXT(ACCESS_ID), TEXT(CONTRACT_ID) } };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };
	struct secret a, c;

	(void)state;
	add_contract(ledger, "c1", 7);
	add_contract(ledger, "c2", 7);
	store_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	assert_int_equal(store_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID), LEDGER_DONE);
	assert_int_equal(commit(ledger, &change), LEDGER_EXISTS);
	assert_string_equal(change.conflict, "c1");
	assert_false(ledger_contract_ids(ledger, "c2", &a, &c, &why));
	assert_int_equal(store_ids(ledger, "c2", ACCESS_ID, "other"), LEDGER_DONE);
	ledger_close(ledger);
}

static void half_a_pair_is_kept_and_completed_later(void **state)
{
	struct ledger *ledger = create();
	struct contract_row row;
	const char *id;

	(void)state;
	add_contract(ledger, "c1", 7);
	store_ids(ledger, "c1", NULL, CONTRACT_ID);
	assert_true(ledger_contract(ledger, "c1", arena, &row, &why));
	assert_true(!row.has_access_id && row.has_contract_id);
	assert_null(row.masked_access_id);
	assert_ids(ledger, "c1", "", CONTRACT_ID);
	store_ids(ledger, "c1", ACCESS_ID, NULL);
	assert_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	assert_true(
	    ledger_contract_by_ids(ledger, TEXT(ACCESS_ID), TEXT(CONTRACT_ID), arena, &id, &why));
	ledger_close(ledger);
}

static void a_token_is_replaced_by_the_rotated_one(void **state)
{
	struct ledger *ledger = create();
	struct secret token;

	(void)state;
	assert_false(ledger_token(ledger, "azure-login", &token, &why));
	assert_int_equal(why.kind, FAILURE_NONE);
	store_token(ledger, "first");
	store_token(ledger, TOKEN);
	assert_true(ledger_token(ledger, "azure-login", &token, &why));
	assert_true(text_is(buffer_as_text(&token.bytes), TOKEN));
	secret_free(&token);
	ledger_close(ledger);
}

static bool stands_in(const char *file, const char *needle)
{
	struct buffer bytes = { 0 };
	struct failure none = { 0 };
	bool found;

	if (!file_read(file, (size_t)64 << 20, &bytes, &none))
		return false;
	found = memmem(bytes.p, bytes.n, needle, strlen(needle)) != NULL;
	buffer_free(&bytes);
	return found;
}

static void no_secret_stands_in_the_files(void **state)
{
	static const char *const secrets[] = { "planted", "PLANTED", KEY, "caseroute ledger: " };
	static const char *const endings[] = { "", "-wal", "-shm", ".lock" };
	struct ledger *ledger = create();
	char file[128];

	(void)state;
	add_contract(ledger, "c1", 7);
	store_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	store_token(ledger, TOKEN);
	ledger_close(ledger);
	snprintf(file, sizeof file, "%s-wal", path);
	assert_true(stands_in(file, "********4711")); /* the search does find what is there */
	for (size_t i = 0; i < LENGTH(endings); i++)
		for (size_t j = 0; j < LENGTH(secrets); j++) {
			snprintf(file, sizeof file, "%s%s", path, endings[i]);
			if (stands_in(file, secrets[j]))
				fail_msg("'%s' stands in LEDGER%s", secrets[j], endings[i]);
		}
}

/* ---- keys ------------------------------------------------------------------------------- */

static void a_wrong_key_is_refused_and_changes_nothing(void **state)
{
	struct ledger *ledger = create();

	(void)state;
	add_contract(ledger, "c1", 7);
	store_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	ledger_close(ledger);
	for (enum ledger_mode mode = LEDGER_READ; mode <= LEDGER_CREATE; mode++) {
		assert_null(open_with(mode, OTHER_KEY));
		assert_int_equal(why.kind, FAILURE_CONFIG);
		assert_non_null(strstr(why.text, "another key"));
	}
	ledger = create();
	assert_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	ledger_close(ledger);
}

static void without_a_key_all_works_but_the_secrets(void **state)
{
	struct ledger *ledger = create();
	struct ledger_row row = { .kind = ROW_CONTRACT_IDS,
		.ids = { "c1", TEXT("new-access"), TEXT("new-contract") } };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };
	struct secret a, c;
	char id[ID_TEXT];

	(void)state;
	add_contract(ledger, "c1", 7);
	store_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	ledger_close(ledger);
	ledger = open_with(LEDGER_WRITE, NULL);
	assert_int_equal(add_request(ledger, STATE_READY, NULL, id), LEDGER_DONE);
	assert_int_equal(reserve(ledger, id, "c1"), LEDGER_DONE);
	assert_false(ledger_contract_ids(ledger, "c1", &a, &c, &why));
	assert_int_equal(why.kind, FAILURE_CONFIG);
	assert_non_null(strstr(why.text, "needs the ledger's key"));
	why = (struct failure){ 0 };
	assert_false(ledger_commit(ledger, NOW, &change, 1, &why));
	assert_int_equal(why.kind, FAILURE_CONFIG);
	verify(ledger);
	ledger_close(ledger);
	ledger = create();
	assert_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	ledger_close(ledger);
}

static void a_short_key_is_refused(void **state)
{
	(void)state;
	assert_null(open_with(LEDGER_CREATE, "too short"));
	assert_int_equal(why.kind, FAILURE_CONFIG);
	assert_non_null(strstr(why.text, "32"));
}

static void the_first_key_becomes_the_ledgers(void **state)
{
	(void)state;
	ledger_close(open_with(LEDGER_CREATE, NULL));
	ledger_close(create());
	assert_null(open_with(LEDGER_WRITE, OTHER_KEY));
	assert_int_equal(why.kind, FAILURE_CONFIG);
}

static void rekeying_seals_everything_anew(void **state)
{
	struct ledger *ledger = create(), *other;
	struct secret key = key_of(OTHER_KEY), token;
	const char *id;

	(void)state;
	add_contract(ledger, "c1", 7);
	add_contract(ledger, "c2", 7);
	store_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	store_ids(ledger, "c2", ACCESS_ID, NULL);
	store_token(ledger, TOKEN);
	other = open_with(LEDGER_WRITE, KEY);
	if (!ledger_rekey(ledger, &key, &why))
		fail_msg("%s", why.text);
	secret_free(&key);
	assert_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	assert_ids(ledger, "c2", ACCESS_ID, "");
	verify(ledger);
	/* Whoever still holds the old key neither reads nor writes sealed values. */
	assert_false(ledger_token(other, "azure-login", &token, &why));
	assert_int_equal(why.kind, FAILURE_CONFIG);
	assert_non_null(strstr(why.text, "meanwhile"));
	ledger_close(other);
	ledger_close(ledger);
	assert_null(open_with(LEDGER_WRITE, KEY));
	ledger = open_with(LEDGER_WRITE, OTHER_KEY);
	assert_non_null(ledger);
	assert_ids(ledger, "c1", ACCESS_ID, CONTRACT_ID);
	assert_true(
	    ledger_contract_by_ids(ledger, TEXT(ACCESS_ID), TEXT(CONTRACT_ID), arena, &id, &why));
	ledger_close(ledger);
}

static void rekeying_needs_the_present_key(void **state)
{
	struct secret key = key_of(OTHER_KEY);
	struct ledger *ledger;

	(void)state;
	ledger_close(create());
	ledger = open_with(LEDGER_WRITE, NULL);
	assert_false(ledger_rekey(ledger, &key, &why));
	assert_int_equal(why.kind, FAILURE_CONFIG);
	secret_free(&key);
	ledger_close(ledger);
	ledger_close(create());
}

/* ---- values -------------------------------------------------------------------------------- */

static void masks_show_four_characters_of_long_access_ids_only(void **state)
{
	static const struct {
		const char *id, *mask;
	} cases[] = {
		{ "123456789", "********6789" },
		{ " 123456789 ", "********6789" },
		{ "12345678", "********" },
		{ "1", "********" },
		{ "", "********" },
		{ "\u0171\u0171\u0171\u0171\u0171\u0171\u0171\u0171", "********" },
		{ "1234\u01715678\u0171", "********678\u0171" },
		{ "1234567890\xff\x80\x80\x80\x80\x80", "********" },
	};
	char mask[LEDGER_MASK];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(
		    ledger_mask_access_id(text_of(cases[i].id), mask), cases[i].mask);
}

static void ids_are_opaque_but_not_empty_long_or_with_control_characters(void **state)
{
	static char long_id[130];
	const struct {
		const char *id;
		const char *says; /* NULL: fine */
	} cases[] = {
		{ "0004711", NULL },
		{ "  with space inside  ", NULL },
		{ "\u0171rlap/4711", NULL },
		{ long_id + 1, NULL },
		{ long_id, "129 bytes" },
		{ "", "empty" },
		{ " \t\n", "empty" },
		{ "a\tb", "control character" },
		{ "a\x7f", "control character" },
	};

	(void)state;
	memset(long_id, 'x', sizeof long_id - 1);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		why = (struct failure){ 0 };
		assert_int_equal(
		    ledger_id_ok(text_of(cases[i].id), "Access ID", &why), !cases[i].says);
		if (cases[i].says)
			assert_non_null(strstr(why.text, cases[i].says));
		assert_int_equal(why.kind, cases[i].says ? FAILURE_DATA : FAILURE_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_contract_is_changed_only_where_something_is_given),
		TEST(a_link_is_kept_once_for_each_contract_and_account),
		TEST(ids_are_sealed_trimmed_masked_and_found_again),
		TEST(the_same_pair_is_not_taken_for_a_second_contract),
		TEST(half_a_pair_is_kept_and_completed_later),
		TEST(a_token_is_replaced_by_the_rotated_one),
		TEST(no_secret_stands_in_the_files),
		TEST(a_wrong_key_is_refused_and_changes_nothing),
		TEST(without_a_key_all_works_but_the_secrets),
		TEST(a_short_key_is_refused),
		TEST(the_first_key_becomes_the_ledgers),
		TEST(rekeying_seals_everything_anew),
		TEST(rekeying_needs_the_present_key),
		TEST(masks_show_four_characters_of_long_access_ids_only),
		TEST(ids_are_opaque_but_not_empty_long_or_with_control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
