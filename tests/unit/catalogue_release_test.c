#include "catalogue_fixture.h"

static const char ini[] =
    "[product Exchange Server]\nenvironment = on-premises\nworkload = exchange-server\n"
    "[product SQL Server]\nenvironment = on-premises\nworkload = sql-server\n"
    "[product Planner]\nenvironment = cloud\nworkload = microsoft365\n"
    "[release Exchange Server]\n"
    "release.2016 = 2015-10-01, 2020-10-13, 2025-10-14\n"
    "release.se = 2025-07-01, -, -, Subscription Edition, SE\n"
    "release.2019 = 2018-10-22, 2024-01-09, 2025-10-14\n"
    "release.2013 = 2013-01-09, 2018-04-10, 2023-04-11\n"
    "release.5.0 = 1997-05-23, 2003-12-31, 2006-01-10, 5.0, 5\n"
    "[release SQL Server]\n"
    "release.2017 = 2017-09-29, 2022-10-11, 2027-10-12\n"
    "release.2016 = 2016-06-01, 2021-07-13, 2026-07-14\n"
    "release.2016/sp1 = 2016-11-16, -, 2019-07-09, 2016 SP1\n"
    "release.2016/ltsc = 2016-06-01, 2024-01-01, 2026-07-14, 2016 LTSC\n"
    "release.2014 = 2014-06-05, 2019-07-09, 2024-07-09\n"
    "release.2012-r2 = 2013-06-05, 2019-07-09, 2024-07-09, 2012 R2\n"
    "release.8.1 = 2003-06-05, 2009-07-09, 2014-07-09\n";

static instant day(const char *date)
{
	instant at = INSTANT_UNKNOWN;

	assert_true(instant_read_date(text_of(date), &at));
	return at;
}

static void releases_are_found_by_what_people_write(void **state)
{
	static const struct {
		const char *product, *text, *name;
	} cases[] = {
		{ "Exchange Server", "2019", "2019" },
		{ "Exchange Server", "Exchange Server 2019", "2019" },
		{ "Exchange Server", "2019 CU14", "2019" },
		{ "Exchange Server", "version 2016", "2016" },
		{ "Exchange Server", "SE", "Subscription Edition" },
		{ "Exchange Server", "subscription edition", "Subscription Edition" },
		{ "Exchange Server", "2018", NULL },
		{ "Exchange Server", "2018 CU5", NULL }, /* not 5.0 */
		{ "Exchange Server", "", NULL },
		{ "Exchange Server", "new", NULL },
		{ "SQL Server", "SQL 2017", "2017" },
		{ "SQL Server", "2016 SP1", "2016 SP1" },
		{ "SQL Server", "2016SP1", "2016 SP1" },
		{ "SQL Server", "2012R2", "2012 R2" },
		{ "SQL Server", "2012 r2 Enterprise", "2012 R2" },
		{ "SQL Server", "8.1", "8.1" },
		{ "Planner", "2019", NULL },
	};
	struct fixture fixture = fixture_of(ini);

	(void)state;
	assert_string_equal(fixture.said, "");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct product *product =
		    catalogue_find(fixture.catalogue, text_of(cases[i].product));
		const struct release *release = release_find(product, text_of(cases[i].text));

		if (!text_same(release ? release->name : NULL, cases[i].name))
			fail_msg("%s \"%s\" is %s", cases[i].product, cases[i].text,
			    release ? release->name : "none");
	}
	fixture_free(&fixture);
}

static void releases_stand_newest_first(void **state)
{
	struct fixture fixture = fixture_of(ini);
	const struct product *product = catalogue_find(fixture.catalogue, TEXT("exchange-server"));

	(void)state;
	assert_int_equal(product->n_releases, 5);
	for (size_t i = 1; i < product->n_releases; i++)
		assert_true(product->releases[i - 1].released >= product->releases[i].released);
	fixture_free(&fixture);
}

static void support_covers_the_newest_two_majors_within_mainstream(void **state)
{
	static const struct {
		const char *product, *release, *now;
		enum standing standing;
	} cases[] = {
		{ "Exchange Server", "2019", "2021-06-01", STANDING_COVERED },
		{ "Exchange Server", "2016", "2020-10-13",
		    STANDING_COVERED }, /* through its last day */
		{ "Exchange Server", "2016", "2020-10-14", STANDING_ENDED },
		{ "Exchange Server", "2013", "2018-10-21", STANDING_ENDED },
		{ "Exchange Server", "2013", "2018-10-22",
		    STANDING_OLD }, /* the day 2019 comes out */
		{ "Exchange Server", "2019", "2024-01-10", STANDING_ENDED },
		{ "Exchange Server", "SE", "2026-01-01", STANDING_COVERED }, /* no end is given */
		{ "Exchange Server", "SE", "2025-06-30", STANDING_NOT_YET },
		{ "Exchange Server", "2016", "2025-07-01", STANDING_OLD },
		{ "SQL Server", "2017", "2021-06-01", STANDING_COVERED },
		{ "SQL Server", "2016", "2021-07-13", STANDING_COVERED },
		{ "SQL Server", "2016", "2021-07-14", STANDING_ENDED },
		{ "SQL Server", "2014", "2018-01-01", STANDING_OLD },
		/* A service pack is of its major release: not a step, not an end of its own. */
		{ "SQL Server", "2016 SP1", "2021-07-13", STANDING_COVERED },
		{ "SQL Server", "2016 SP1", "2021-07-14", STANDING_ENDED },
		{ "SQL Server", "2016 SP1", "2016-11-15", STANDING_NOT_YET },
		{ "SQL Server", "2014", "2016-12-01", STANDING_COVERED },
		/* An edition may live longer than its major release. */
		{ "SQL Server", "2016 LTSC", "2023-01-01", STANDING_COVERED },
	};
	struct fixture fixture = fixture_of(ini);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct product *product =
		    catalogue_find(fixture.catalogue, text_of(cases[i].product));
		const struct release *release = release_find(product, text_of(cases[i].release));

		assert_non_null(release);
		if (release_standing(product, release, day(cases[i].now)) != cases[i].standing)
			fail_msg("%s %s on %s: %d, not %d", cases[i].product, cases[i].release,
			    cases[i].now,
			    (int)release_standing(product, release, day(cases[i].now)),
			    (int)cases[i].standing);
	}
	fixture_free(&fixture);
}

static void a_product_without_releases_has_nothing_to_check(void **state)
{
	struct fixture fixture = fixture_of(ini);
	const struct product *planner = catalogue_find(fixture.catalogue, TEXT("planner"));

	(void)state;
	assert_int_equal(release_standing(planner, NULL, day("2021-01-01")), STANDING_UNRELEASED);
	fixture_free(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_are_found_by_what_people_write),
		cmocka_unit_test(releases_stand_newest_first),
		cmocka_unit_test(support_covers_the_newest_two_majors_within_mainstream),
		cmocka_unit_test(a_product_without_releases_has_nothing_to_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
