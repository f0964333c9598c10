#include "catalogue_fixture.h"

#define SERVER "[product Exchange Server]\nenvironment = on-premises\nworkload = exchange-server\n"

static void what_is_wrong_is_told_with_its_place(void **state)
{
	static const struct {
		const char *ini;
		const char *said;
	} cases[] = {
		{ "[product A1]\nenvironment = cloud\n", "workload" },
		{ "[product A1]\nworkload = azure\n", "environment" },
		{ "[product A1]\nenvironment = clod\nworkload = azure\n",
		    "did you mean \"cloud\"" },
		{ "[product A1]\nenvironment = cloud\nworkload = azur\n",
		    "did you mean \"azure\"" },
		{ "[product A1]\nenvironment = cloud\nworkload = azure\naliasses = B\n",
		    "did you mean \"aliases\"" },
		{ "[product --]\nenvironment = cloud\nworkload = azure\n", "needs a name" },
		{ SERVER "[product exchange-server]\nenvironment = cloud\nworkload = azure\n",
		    "test.ini:4:1: error: [product exchange-server] is the same as [product "
		    "Exchange Server]" },
		{ SERVER "[release Exchange Servr]\nrelease.2019 = -, -, -\n",
		    "did you mean \"Exchange Server\"?" },
		{ SERVER "[release Exchange Server]\nrelease.2019 = 2018-10-22\n",
		    "test.ini:5:16: error: a release needs three dates" },
		{ SERVER "[release Exchange Server]\nrelease.2019 = 2018-13-22, -, -\n",
		    "\"2018-13-22\" is not a date" },
		{ SERVER "[release Exchange Server]\nrelease.2019 = 2024-01-09, 2018-10-22, -\n",
		    "out of order" },
		{ SERVER "[release Exchange Server]\nrelease.2019 = 2018-10-22, -, 2017-01-01\n",
		    "out of order" },
		{ SERVER "[release Exchange Server]\nrelease.2019/cu1 = -, -, -\n",
		    "release.2019/cu1 belongs to release.2019, which is not there" },
		{ SERVER "cloud = Exchange Onlin\n", "there is no [product Exchange Onlin]" },
		{ SERVER "between = Exchange Server\n", "between takes two products" },
		{ "[cue online]\neffect = clod\nwords.en = online\n", "did you mean \"cloud\"" },
		{ "[cue online]\nwords.en = online\n", "effect" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct fixture fixture = fixture_of(cases[i].ini);

		if (!strstr(fixture.said, cases[i].said))
			fail_msg("case %zu: \"%s\" is not in\n%s", i, cases[i].said, fixture.said);
		assert_int_not_equal(problems_count(fixture.problems, PROBLEM_ERROR), 0);
		fixture_free(&fixture);
	}
}

static void all_that_is_wrong_is_told_at_once(void **state)
{
	struct fixture fixture =
	    fixture_of(SERVER "[release Exchange Server]\n"
			      "release.2019 = soon, later, 2025-10-14\nrelease.2016 = 2015\n");

	(void)state;
	assert_int_equal(problems_count(fixture.problems, PROBLEM_ERROR), 3);
	fixture_free(&fixture);
}

static void an_empty_configuration_is_an_empty_catalogue(void **state)
{
	struct fixture fixture = fixture_of("");
	struct reading reading = tell(&fixture, NULL, NULL, "Exchange Server is down", NULL);

	(void)state;
	assert_int_equal(catalogue_count(fixture.catalogue), 0);
	assert_null(catalogue_at(fixture.catalogue, 0));
	assert_null(catalogue_find(fixture.catalogue, TEXT("Exchange")));
	assert_int_equal(reading.telling, TELLING_UNKNOWN);
	fixture_free(&fixture);
}

static void a_product_is_read_with_all_it_has(void **state)
{
	struct fixture fixture =
	    fixture_of("[product Finance & Operations (cloud)]\nenvironment = cloud\n"
		       "workload = dynamics365\nportal = lcs\nnote = opened in LCS\n");
	const struct product *product = catalogue_at(fixture.catalogue, 0);

	(void)state;
	assert_string_equal(fixture.said, "");
	assert_string_equal(product->id, "finance-operations-cloud");
	assert_string_equal(product->name, "Finance & Operations (cloud)");
	assert_int_equal(product->environment, ENVIRONMENT_CLOUD);
	assert_string_equal(product->workload, "dynamics365");
	assert_string_equal(product->portal, "lcs");
	assert_string_equal(product->note, "opened in LCS");
	assert_int_equal(product->n_releases, 0);
	fixture_free(&fixture);
}

static void environments_have_one_name_each(void **state)
{
	enum environment environment = ENVIRONMENT_UNKNOWN;

	(void)state;
	assert_null(environment_name(ENVIRONMENT_UNKNOWN));
	assert_true(environment_read(TEXT("hybrid"), &environment));
	assert_int_equal(environment, ENVIRONMENT_HYBRID);
	assert_string_equal(environment_name(environment), "hybrid");
	assert_false(environment_read(TEXT("unknown"), &environment));
	assert_false(environment_read(TEXT("Cloud"), &environment));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(all_that_is_wrong_is_told_at_once),
		cmocka_unit_test(an_empty_configuration_is_an_empty_catalogue),
		cmocka_unit_test(a_product_is_read_with_all_it_has),
		cmocka_unit_test(environments_have_one_name_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
