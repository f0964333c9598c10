/* The files in conf/ as they are delivered. */
#include "catalogue_fixture.h"
#include "base/json.h"

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	fixture = fixture_delivered();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

static void the_files_are_without_fault(void **state)
{
	(void)state;
	assert_string_equal(fixture.said, "");
}

static void they_hold_enough_to_work_with(void **state)
{
	size_t releases = 0;

	(void)state;
	for (size_t i = 0; i < catalogue_count(fixture.catalogue); i++)
		releases += catalogue_at(fixture.catalogue, i)->n_releases;
	assert_true(catalogue_count(fixture.catalogue) >= 300);
	assert_true(releases >= 300);
}

static void each_product_is_found_by_its_id_and_named_by_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalogue_count(fixture.catalogue); i++) {
		const struct product *product = catalogue_at(fixture.catalogue, i);
		struct reading reading = tell(&fixture, product->name, NULL, NULL, NULL);

		if (catalogue_find(fixture.catalogue, text_of(product->id)) != product)
			fail_msg("%s is not found by its id", product->id);
		if (reading.telling != TELLING_NAMED || reading.product != product)
			fail_msg(
			    "%s is named, and read as %s", product->name, id_of(reading.product));
	}
}

static void each_release_is_found_by_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalogue_count(fixture.catalogue); i++) {
		const struct product *product = catalogue_at(fixture.catalogue, i);

		for (size_t k = 0; k < product->n_releases; k++)
			if (release_find(product, text_of(product->releases[k].name)) !=
			    &product->releases[k])
				fail_msg("%s: %s is not found", product->name,
				    product->releases[k].name);
	}
}

static void what_was_covered_in_2021_is_what_the_programme_said(void **state)
{
	static const struct {
		const char *product, *release, *now;
		enum standing standing;
	} cases[] = {
		{ "Windows Server", "2019", "2021-06-01", STANDING_COVERED },
		{ "Windows Server", "2016", "2021-06-01", STANDING_COVERED },
		{ "Windows Server", "2016", "2022-01-12", STANDING_OLD },
		{ "Windows Server", "2012 R2", "2021-06-01", STANDING_OLD },
		{ "Windows Server", "2022", "2021-06-01", STANDING_NOT_YET },
		{ "Exchange Server", "2019", "2021-06-01", STANDING_COVERED },
		{ "Exchange Server", "2016", "2020-10-13", STANDING_COVERED },
		{ "Exchange Server", "2016", "2021-06-01", STANDING_ENDED },
		{ "SQL Server", "2019", "2021-06-01", STANDING_COVERED },
		{ "SQL Server", "2017", "2021-06-01", STANDING_COVERED },
		{ "SQL Server", "2016", "2021-06-01", STANDING_OLD },
		{ "SharePoint Server", "2019", "2021-06-01", STANDING_COVERED },
		{ "SharePoint Server", "2016", "2021-06-01", STANDING_COVERED },
		{ "Windows 10", "21H1", "2021-06-01", STANDING_COVERED },
		{ "Windows 7", "7", "2021-06-01", STANDING_OLD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct product *product =
		    catalogue_find(fixture.catalogue, text_of(cases[i].product));
		const struct release *release =
		    product ? release_find(product, text_of(cases[i].release)) : NULL;
		instant now = 0;

		assert_true(instant_read_date(text_of(cases[i].now), &now));
		if (!release || release_standing(product, release, now) != cases[i].standing)
			fail_msg("%s %s on %s: %d", cases[i].product, cases[i].release,
			    cases[i].now,
			    release ? (int)release_standing(product, release, now) : -1);
	}
}

static void names_in_use_reach_their_product(void **state)
{
	static const struct {
		const char *product, *release, *id, *release_name;
	} cases[] = {
		{ "Windows 10", "21H1", "windows", "10 21H1" },
		{ "Windows 10", "22H2", "windows", "10 22H2" },
		{ "Windows 11", "22H2", "windows", "11 22H2" },
		{ "Windows", "10 22H2", "windows", "10 22H2" },
		{ "Windows Server 2019", NULL, "windows-server", "2019" },
		{ "WS2019", NULL, "windows-server", "2019" },
		{ "Exchange", "2019", "exchange-server", "2019" },
		{ "SQL 2019", NULL, "sql-server", "2019" },
		{ "SP2016", NULL, "sharepoint-server", "2016" },
		{ "Azure Active Directory", NULL, "microsoft-entra-id", NULL },
		{ "AAD Connect", NULL, "microsoft-entra-connect-sync", NULL },
		{ "SCCM", NULL, "microsoft-configuration-manager", NULL },
		{ "WVD", NULL, "azure-virtual-desktop", NULL },
		{ "Yammer", NULL, "viva-engage", NULL },
		{ "TFS 2018", NULL, "azure-devops-server", "2018" },
		{ "Word", "2016", "microsoft-office-perpetual", "2016" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reading reading =
		    tell(&fixture, cases[i].product, cases[i].release, NULL, NULL);

		if (strcmp(id_of(reading.product), cases[i].id) != 0 ||
		    !text_same(
			reading.release ? reading.release->name : NULL, cases[i].release_name))
			fail_msg("%s: %s %s", cases[i].product, id_of(reading.product),
			    reading.release ? reading.release->name : "");
	}
}

static void a_line_of_classify_says_what_was_matched(void **state)
{
	struct json *line = catalogue_classify(
	    fixture.catalogue, "x1", TEXT("Exchange: mail in our tenant stuck"), TEXT(""));
	struct buffer out = { 0 };

	(void)state;
	json_write(line, JSON_LINE, &out);
	assert_string_equal(out.p,
	    "{\"id\":\"x1\",\"environment\":\"cloud\",\"workload\":\"microsoft365\","
	    "\"product\":\"exchange-online\",\"matched\":[{\"text\":\"Exchange\","
	    "\"product\":\"exchange-online\",\"where\":\"title\"},{\"text\":\"tenant\","
	    "\"cue\":\"tenant\",\"where\":\"title\"}]}");
	buffer_free(&out);
	json_free(line);
}

static void what_is_not_told_is_called_unknown(void **state)
{
	struct json *line =
	    catalogue_classify(fixture.catalogue, "x2", TEXT("connecting fails"), TEXT(""));

	(void)state;
	assert_string_equal(json_get_chars(line, "environment"), "unknown");
	assert_string_equal(json_get_chars(line, "workload"), "unknown");
	assert_string_equal(json_get_chars(line, "product"), "unknown");
	json_free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_files_are_without_fault),
		cmocka_unit_test(they_hold_enough_to_work_with),
		cmocka_unit_test(each_product_is_found_by_its_id_and_named_by_its_name),
		cmocka_unit_test(each_release_is_found_by_its_name),
		cmocka_unit_test(what_was_covered_in_2021_is_what_the_programme_said),
		cmocka_unit_test(names_in_use_reach_their_product),
		cmocka_unit_test(a_line_of_classify_says_what_was_matched),
		cmocka_unit_test(what_is_not_told_is_called_unknown),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
