/* Profiles: what offers entitle to, in each generation, and what a profile cannot mean. */
#include "support/decisions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define UNLIMITED REMAINING_UNLIMITED

static struct desk_policy desk;

static int begin(void **state)
{
	(void)state;
	desk_policy_read(&desk, SOURCE_DIR "/conf");
	return 0;
}

static int end(void **state)
{
	(void)state;
	desk_policy_free(&desk);
	return 0;
}

static void offers_entitle_as_their_generation_says(void **state)
{
	static const struct {
		const char *profile;
		struct held_offer held[3];
		int64_t on_premises, cloud;
	} cases[] = {
		{ "mpn-2021-03", { { "action-pack", NULL } }, 10, 0 },
		{ "mpn-2021-03", { { "action-pack", "Security" } }, 10, 0 },
		{ "mpn-2021-03", { { "silver", "Cloud Platform" } }, 15, UNLIMITED },
		{ "mpn-2021-03", { { "silver", "Datacenter" } }, 15, 5 },
		{ "mpn-2021-03", { { "silver", NULL } }, 15, 5 },
		{ "mpn-2021-03", { { "gold", "Enterprise Mobility Management" } }, 20, UNLIMITED },
		{ "mpn-2021-03", { { "gold", "Data Analytics" } }, 20, 10 },
		{ "mpn-2021-03", { { "gold", "Cloud Business Applications" } }, 20, UNLIMITED },
		{ "mpn-2021-03", { { "gold", "cloud  PRODUCTIVITY competency" } }, 20, UNLIMITED },
		{ "mpn-2021-03", { { "gold", "Cloud" } }, 20, 10 },
		{ "mpn-2021-03", { { "gold", "Security|Cloud Platform" } }, 20, 10 },
		{ "mpn-2021-03", { { "gold", "" } }, 20, 10 },
		{ "mpn-2021-03", { { "gold", "Data" }, { "silver", "Security" } }, 20, UNLIMITED },
		{ "mpn-2021-03", { { "gold", "Data" }, { "gold", "Hosting" } }, 20, 10 },
		{ "mpn-2021-03", { { "solutions-partner", NULL } }, 0, 0 },
		{ "maicpp-2023-10", { { "solutions-partner", NULL } }, 20, UNLIMITED },
		{ "maicpp-2023-10", { { "SPD", "Security" }, { "MAPS", NULL } }, 20, UNLIMITED },
		{ "maicpp-2023-10", { { "legacy-silver", "Data" } }, 15, 5 },
		{ "maicpp-2026", { { "solutions-partner", "Security" } }, 20, 50 },
		{ "maicpp-2026", { { "SPD", "Security" }, { "SPD", "Data" } }, 40, 100 },
		{ "maicpp-2026", { { "SPD", "Security" }, { "solutions-partner", "security" } }, 20,
		    50 },
		{ "maicpp-2026", { { "success-core", NULL }, { "success-expanded", NULL } }, 0, 7 },
		{ "maicpp-2026", { { "launch", NULL }, { "gold", NULL } }, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n = cases[i].held[2].offer ? 3 : cases[i].held[1].offer ? 2 : 1;
		struct entitlement got;
		struct failure why = { 0 };

		if (!profile_entitlement(desk.policy, policy_profile(desk.policy, cases[i].profile),
			cases[i].held, n, &got, &why))
			fail_msg("case %zu: %s", i, why.text);
		if (got.on_premises != cases[i].on_premises || got.cloud != cases[i].cloud)
			fail_msg("case %zu: %lld and %lld", i, (long long)got.on_premises,
			    (long long)got.cloud);
	}
}

static void an_offer_that_nobody_knows_is_refused(void **state)
{
	static const char *const names[] = { "platinum", "", " ", "gold|silver", "gol" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct held_offer held = { names[i], NULL };
		struct entitlement got;
		struct failure why = { 0 };

		assert_false(profile_entitlement(
		    desk.policy, policy_profile(desk.policy, "mpn-2021-03"), &held, 1, &got, &why));
		assert_int_equal(why.kind, FAILURE_DATA);
		assert_non_null(strstr(why.text, "is in no profile"));
	}
}

static void plans_have_the_names_of_their_generation(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(profile_plan_title(policy_profile(desk.policy, "mpn-2021-03"),
				PLAN_SIGNATURE_CLOUD, arena),
	    "Partner Signature");
	assert_string_equal(profile_plan_title(policy_profile(desk.policy, "maicpp-2026"),
				PLAN_SIGNATURE_CLOUD, arena),
	    "Partner Cloud Support");
	assert_string_equal(
	    profile_plan_title(policy_profile(desk.policy, "paid"), PLAN_INCLUDED, arena),
	    "included");
	arena_free(arena);
}

static void the_partner_s_own_profile_is_used_when_none_is_named(void **state)
{
	struct desk_policy own;

	(void)state;
	desk_policy_text(&own,
	    "[partner]\nprofile = b\n[profile a]\n[profile b]\n[profile c]\n[route x]\n", false);
	assert_string_equal(policy_profile(own.policy, NULL)->id, "b");
	assert_string_equal(policy_profile(own.policy, "c")->id, "c");
	assert_null(policy_profile(own.policy, "d"));
	assert_int_equal(policy_profile_count(own.policy), 3);
	assert_null(policy_profile_at(own.policy, 3));
	desk_policy_free(&own);
	desk_policy_text(&own, "[profile a]\n[profile b]\n[route x]\n", false);
	assert_string_equal(policy_profile(own.policy, NULL)->id, "b"); /* the newest */
	desk_policy_free(&own);
}

static void what_a_profile_cannot_mean_is_told(void **state)
{
	static const struct {
		const char *ini, *said;
	} cases[] = {
		{ "", "there is no [profile NAME]" },
		{ "[partner]\nprofile = b\n[profile a]\n",
		    "test.ini:2:11: error: [partner] profile "
		    "\"b\" is not defined" },
		{ "[profile a]\noffer.gold = 20\n", "test.ini:2:14: error: offer.gold must be" },
		{ "[profile a]\noffer.gold = 20, many\n", "offer.gold must be" },
		{ "[profile a]\noffer.gold = -1, 2\n", "offer.gold must be" },
		{ "[profile a]\noffer.gold = 1, 2, 3, 4\n", "offer.gold must be" },
		{ "[profile a]\noffer = 1, 2\n", "offer must be written offer.NAME" },
		{ "[profile a]\nalias.gold = Au\n", "this profile has no offer.gold" },
		{ "[profile a]\nplan.gold = Au\n", "plans are partner-support" },
		{ "[profile a]\nstack = add\n", "allowed are: best sum" },
		{ "[profile a]\nazure_csp = direct\n", "did you mean \"direct-bill\"" },
		{ "[profile a]\nazure_cps = direct-bill\n", "did you mean \"azure_csp\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct problems *problems = problems_new();
		struct config *config =
		    config_read_text("test.ini", text_of(cases[i].ini), problems);
		struct policy *policy = policy_read(config, problems);
		char *said = NULL;
		size_t n = 0;
		FILE *to = open_memstream(&said, &n);

		config_finish(config, problems);
		problems_print(problems, to, false);
		fclose(to);
		if (!strstr(said, cases[i].said))
			fail_msg("case %zu: \"%s\" is not in\n%s", i, cases[i].said, said);
		free(said);
		policy_free(policy);
		config_free(config);
		problems_free(problems);
	}
}

static void the_portal_map_goes_by_file_order(void **state)
{
	(void)state;
	assert_string_equal(
	    policy_portal_for(desk.policy, "azure", ENVIRONMENT_CLOUD)->name, "azure");
	assert_string_equal(
	    policy_portal_for(desk.policy, "windows", ENVIRONMENT_ON_PREMISES)->name,
	    "support-for-business");
	assert_string_equal(policy_portal_for(desk.policy, "dynamics365", ENVIRONMENT_CLOUD)->name,
	    "power-platform-admin");
	assert_null(policy_portal_for(desk.policy, "nobody", ENVIRONMENT_CLOUD));
	assert_null(policy_portal_for(desk.policy, NULL, ENVIRONMENT_CLOUD));
	assert_string_equal(policy_portal_for_customers(desk.policy)->name, "csp");
	assert_non_null(policy_portal(desk.policy, "AZURE"));
	assert_null(policy_portal(desk.policy, "none"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_entitle_as_their_generation_says),
		cmocka_unit_test(an_offer_that_nobody_knows_is_refused),
		cmocka_unit_test(plans_have_the_names_of_their_generation),
		cmocka_unit_test(the_partner_s_own_profile_is_used_when_none_is_named),
		cmocka_unit_test(what_a_profile_cannot_mean_is_told),
		cmocka_unit_test(the_portal_map_goes_by_file_order),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
