/* How a product is told from text: the mechanism, on a small catalogue of its own. */
#include "catalogue_fixture.h"

static const char ini[] =
    "[product Windows]\nenvironment = on-premises\nworkload = windows\nkind = container\naliases = "
    "Win\n"
    "[product Windows Server]\nenvironment = on-premises\nworkload = windows-server\nkind = "
    "container\n"
    "dated = Windows\nexact = Server 2019\n"
    "[product Exchange Server]\nenvironment = on-premises\nworkload = exchange-server\nexact = "
    "Exchange, OWA\n"
    "dated = Exchange\ncmdlets = ExchangeServer, Mailbox\n"
    "[product Exchange Online]\nenvironment = cloud\nworkload = microsoft365\nexact = "
    "Exchange\naliases = EXO\n"
    "cmdlets = EXO, Mailbox\n"
    "[product Outlook on the web]\nenvironment = cloud\nworkload = microsoft365\nexact = OWA\n"
    "[product Hybrid Configuration Wizard]\nenvironment = hybrid\nworkload = microsoft365\nkind = "
    "component\n"
    "aliases = HCW\n"
    "[product Outlook]\nenvironment = unknown\nworkload = office-client\ncloud = Microsoft 365 "
    "Apps\n"
    "on-premises = Office\n"
    "[product Microsoft 365 Apps]\nenvironment = cloud\nworkload = microsoft365\n"
    "[product Office]\nenvironment = on-premises\nworkload = office-client\ndated = Outlook, Word\n"
    "[product Microsoft Teams]\nenvironment = cloud\nworkload = microsoft365\nexact = Teams\n"
    "[product Teams add-in for Outlook]\nenvironment = cloud\nworkload = microsoft365\nkind = "
    "component\n"
    "between = Microsoft Teams, Outlook\n"
    "[product Microsoft Access]\nenvironment = unknown\nworkload = office-client\nhints = Access\n"
    "[product SQL Server]\nenvironment = on-premises\nworkload = sql-server\nhosted = SQL Server "
    "on Azure\n"
    "[product SQL Server on Azure]\nenvironment = cloud\nworkload = azure\n"
    "[product Azure Virtual Machines]\nenvironment = cloud\nworkload = azure\naliases = Azure VM\n"
    "[product Power BI]\nenvironment = cloud\nworkload = power-platform\n"
    "[product Power BI Report Server]\nenvironment = on-premises\nworkload = sql-server\n"
    "[product SharePoint Online]\nenvironment = cloud\nworkload = microsoft365\ncmdlets = SPO\n"
    "aliases = SharePoint\n"
    "[product SharePoint Server]\nenvironment = on-premises\nworkload = sharepoint-server\naliases "
    "= SharePoint\n"
    "[product Entra ID]\nenvironment = cloud\nworkload = azure\ncodes = AADSTS?, azuread_\n"
    "[product Domain Services]\nenvironment = on-premises\nworkload = windows-server\nexact = AD\n"
    "aliases = ドメイン コントローラー, Domänencontroller\ncmdlets = AD\n"
    "[release Windows]\nrelease.10 = 2015-07-29, -, -\nrelease.10/1809 = 2018-11-13, -, -\n"
    "[release Windows Server]\nrelease.2019 = 2018-11-13, -, -\nrelease.2012-r2 = 2013-11-25, -, "
    "-, 2012 R2\n"
    "[release Exchange Server]\nrelease.2019 = 2018-10-22, -, -\n"
    "[release Office]\nrelease.2016 = 2015-09-22, -, -\n"
    "[cue online]\neffect = cloud\nwords.en = online, tenant\n"
    "[cue server]\neffect = on-premises\nwords.en = on-prem, farm\nwords.hu = helyszíni\n"
    "[cue host]\neffect = host\nproduct = Azure Virtual Machines\nwords.en = Azure VM\n"
    "[cue fail]\neffect = failure\nwords.en = fails, crashes\n"
    "[cue well]\neffect = healthy\nwords.en = works, fine\n"
    "[cue passes]\neffect = passes\nwords.en = goes through\n"
    "[cue no]\neffect = negation\nwords.en = not\n"
    "[cue but]\neffect = break\nwords.en = but\n"
    "[cue place]\neffect = inside\nwords.en = on, in\n"
    "[cue with]\neffect = beside\nwords.en = with, from, and\n"
    "[cue object]\neffect = object\nwords.en = problem with\n"
    "[cue articles]\neffect = skip\nwords.en = the, an, a, our\n"
    "[cue maker]\neffect = maker, skip\nwords.en = Microsoft\n"
    "[cue edition]\neffect = edition\nwords.en = Standard, version\n"
    "[cue behind]\neffect = after-beside, suffix\nwords.hu = ból\nwords.ja = から\n"
    "[cue endings]\neffect = suffix\nwords.en = s\n"
    "[cue verb]\neffect = verb\nwords.en = Get, Connect, Set\n"
    "[cue everyday]\neffect = ordinary\nwords.en = exchanged, windowed\n";

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	fixture = fixture_of(ini);
	if (*fixture.said)
		puts(fixture.said);
	return *fixture.said != 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(&fixture);
	return 0;
}

struct telling_case {
	const char *title, *id, *environment, *workload;
};

static void check(const struct telling_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct reading reading = tell(&fixture, NULL, NULL, cases[i].title, NULL);

		if (strcmp(id_of(reading.product), cases[i].id) != 0 ||
		    strcmp(environment_of(&reading), cases[i].environment) != 0 ||
		    !text_same(reading.workload, cases[i].workload))
			fail_msg("\"%s\" is %s, %s, %s", cases[i].title, id_of(reading.product),
			    environment_of(&reading),
			    reading.workload ? reading.workload : "(none)");
	}
}

#define CHECK(...)                                                                                 \
	do {                                                                                       \
		static const struct telling_case cases[] = { __VA_ARGS__ };                        \
		(void)state;                                                                       \
		check(cases, sizeof cases / sizeof cases[0]);                                      \
	} while (0)

static void a_longer_name_wins_over_a_shorter_one(void **state)
{
	CHECK({ "Power BI Report Server stops", "power-bi-report-server", "on-premises",
		  "sql-server" },
	    { "Power BI stops", "power-bi", "cloud", "power-platform" },
	    { "Windows Server stops", "windows-server", "on-premises", "windows-server" });
}

static void names_are_found_however_they_are_written(void **state)
{
	CHECK({ "POWERBI report server", "power-bi-report-server", "on-premises", "sql-server" },
	    { "power-bi", "power-bi", "cloud", "power-platform" },
	    { "Win10 hangs", "windows", "on-premises", "windows" },
	    { "Domanencontroller weg", "domain-services", "on-premises", "windows-server" },
	    { "DOMÄNENCONTROLLER", "domain-services", "on-premises", "windows-server" },
	    { "ドメインコントローラーの複製", "domain-services", "on-premises", "windows-server" },
	    { "Share Point Online", "sharepoint-online", "cloud", "microsoft365" });
}

static void a_name_inside_of_a_word_is_none(void **state)
{
	CHECK({ "rewindowsing the outlookish", "(none)", "unknown", NULL });
}

static void one_slip_in_a_long_name_is_forgiven(void **state)
{
	CHECK({ "Exchnage Server down", "exchange-server", "on-premises", "exchange-server" },
	    { "Sharepont Online", "sharepoint-online", "cloud", "microsoft365" },
	    { "we exchanged the server room keys", "(none)", "unknown", NULL },
	    { "Acess denied", "(none)", "unknown", NULL });
}

static void short_forms_count_only_as_they_are_spelled(void **state)
{
	CHECK({ "AD does not replicate", "domain-services", "on-premises", "windows-server" },
	    { "we ran an ad yesterday", "(none)", "unknown", NULL },
	    { "teams across the company", "(none)", "unknown", NULL });
}

static void ordinary_words_need_a_second_clue(void **state)
{
	CHECK({ "Access denied", "(none)", "unknown", NULL },
	    { "Microsoft Access is slow", "microsoft-access", "unknown", "office-client" });
}

static void a_year_behind_a_name_tells_its_world(void **state)
{
	CHECK({ "Exchange 2019 queue", "exchange-server", "on-premises", "exchange-server" },
	    { "Exchange 2030 queue", "exchange-server", "on-premises", "exchange-server" },
	    { "Outlook 2016 asks", "office", "on-premises", "office-client" },
	    { "Outlook asks", "outlook", "unknown", "office-client" },
	    { "Windows 2019 asks", "windows-server", "on-premises", "windows-server" },
	    { "Windows 1809 asks", "windows", "on-premises", "windows" });
}

static void a_name_of_two_worlds_is_settled_by_cues(void **state)
{
	CHECK({ "SharePoint is slow", "(none)", "unknown", NULL },
	    { "SharePoint of our tenant is slow", "sharepoint-online", "cloud", "microsoft365" },
	    { "SharePoint farm is slow", "sharepoint-server", "on-premises", "sharepoint-server" },
	    { "helyszini SharePoint", "sharepoint-server", "on-premises", "sharepoint-server" },
	    { "SharePoint: tenant and on-prem", "(none)", "unknown", NULL });
}

static void what_is_ambiguous_is_asked_with_its_candidates(void **state)
{
	struct reading reading = tell(&fixture, NULL, NULL, "Exchange is slow", NULL);

	(void)state;
	assert_int_equal(reading.telling, TELLING_AMBIGUOUS);
	assert_int_equal(reading.n_candidates, 2);
	assert_null(reading.product);
}

static void cmdlets_and_codes_name_their_product(void **state)
{
	CHECK(
	    { "Connect-SPOService cannot reach it", "sharepoint-online", "cloud", "microsoft365" },
	    { "get-exchangeserver returns nothing", "exchange-server", "on-premises",
		"exchange-server" },
	    { "Get-ADUser is slow", "domain-services", "on-premises", "windows-server" },
	    { "Get-Adventure is slow", "(none)", "unknown", NULL },
	    { "Get-Mailbox is slow", "(none)", "unknown", NULL },
	    { "AADSTS50020: no account", "entra-id", "cloud", "azure" },
	    { "azuread_group drifts", "entra-id", "cloud", "azure" });
}

static void a_container_loses_against_what_runs_in_it(void **state)
{
	CHECK({ "Windows Server 2019: Exchange Server crashes", "exchange-server", "on-premises",
		  "exchange-server" },
	    { "Exchange 2019 on Windows Server 2012 R2", "exchange-server", "on-premises",
		"exchange-server" });
}

static void a_component_wins_against_what_it_is_a_part_of(void **state)
{
	CHECK({ "Exchange Server and the HCW", "hybrid-configuration-wizard", "hybrid",
	    "microsoft365" });
}

static void the_part_that_a_name_plays_counts(void **state)
{
	CHECK({ "SQL Server with Exchange Server", "sql-server", "on-premises", "sql-server" },
	    { "In SharePoint Online from SQL Server: problem with Power BI", "power-bi", "cloud",
		"power-platform" });
}

static void what_works_is_not_what_fails(void **state)
{
	CHECK({ "Exchange Server works, SQL Server fails", "sql-server", "on-premises",
		  "sql-server" },
	    { "Exchange Server works but SQL Server crashes", "sql-server", "on-premises",
		"sql-server" },
	    { "SQL Server is fine, Power BI works not", "power-bi", "cloud", "power-platform" },
	    { "Exchange Server goes through, SQL Server fails", "sql-server", "on-premises",
		"sql-server" });
}

static void two_names_may_mean_what_stands_between_them(void **state)
{
	CHECK({ "Outlook shows no Teams button", "teams-add-in-for-outlook", "cloud",
		  "microsoft365" },
	    { "Teams button is gone from Outlook", "teams-add-in-for-outlook", "cloud",
		"microsoft365" },
	    { "Outlook works but Teams crashes", "microsoft-teams", "cloud", "microsoft365" });
}

static void words_behind_a_name_tell_its_part(void **state)
{
	CHECK({ "SQL Server から Power BI", "power-bi", "cloud", "power-platform" },
	    { "Outlookból Power BI", "power-bi", "cloud", "power-platform" });
}

static void in_an_azure_machine_it_is_azure(void **state)
{
	CHECK({ "SQL Server on an Azure VM fails", "sql-server-on-azure", "cloud", "azure" },
	    { "Exchange 2019 on our Azure VM", "azure-virtual-machines", "cloud", "azure" },
	    { "SQL Server fails", "sql-server", "on-premises", "sql-server" });
}

static void the_title_weighs_more_than_the_description(void **state)
{
	struct reading reading =
	    tell(&fixture, NULL, NULL, "SQL Server jobs", "We use Exchange Server and Power BI.");

	(void)state;
	assert_string_equal(id_of(reading.product), "sql-server");
}

static void the_release_beside_the_name_is_read(void **state)
{
	static const struct {
		const char *title, *text, *release;
	} cases[] = {
		{ "Exchange Server 2019 CU14", "2019", "2019" },
		{ "Exchange Server Standard 2019", "2019", "2019" },
		{ "Windows Server 2012R2 hangs", "2012R2", "2012 R2" },
		{ "Windows 10 1809", "10", "10" },
		{ "Exchange Server 2018", "2018", NULL },
		{ "Exchange Server down", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reading reading = tell(&fixture, NULL, NULL, cases[i].title, NULL);

		if (!text_is(reading.release_text, cases[i].text) ||
		    !text_same(reading.release ? reading.release->name : NULL, cases[i].release))
			fail_msg("%s: \"%.*s\"", cases[i].title, TEXT_ARGS(reading.release_text));
	}
}

static void a_release_at_another_name_of_the_product_is_read(void **state)
{
	struct reading reading = tell(&fixture, NULL, NULL,
	    "Exchange Server does not start since the update to Exchange 2019", NULL);

	(void)state;
	assert_non_null(reading.release);
	assert_string_equal(reading.release->name, "2019");
}

static void a_release_does_not_reach_into_another_text(void **state)
{
	struct reading reading =
	    tell(&fixture, NULL, NULL, "it is Exchange Server", "2019 was a good year");

	(void)state;
	assert_int_equal(reading.release_text.n, 0);
	assert_null(reading.release);
}

static void a_named_product_is_looked_up(void **state)
{
	static const struct {
		const char *product, *release, *title, *id;
		enum telling telling;
	} cases[] = {
		{ "Exchange Server", NULL, NULL, "exchange-server", TELLING_NAMED },
		{ "exchange-server", NULL, NULL, "exchange-server", TELLING_NAMED },
		{ "exo", NULL, NULL, "exchange-online", TELLING_NAMED },
		{ "Exchange", NULL, NULL, "(none)", TELLING_AMBIGUOUS },
		{ "exchange", "2019", NULL, "exchange-server", TELLING_NAMED },
		{ "Exchange 2019", NULL, NULL, "exchange-server", TELLING_NAMED },
		{ "Exchange", NULL, "in our tenant", "exchange-online", TELLING_NAMED },
		{ "Exchange on-prem", NULL, NULL, "exchange-server", TELLING_NAMED },
		{ "OWA", NULL, NULL, "(none)", TELLING_AMBIGUOUS },
		{ "owa", "2019", NULL, "exchange-server", TELLING_NAMED },
		{ "Outlook", NULL, NULL, "outlook", TELLING_NAMED },
		{ "Outlook", "2016", NULL, "office", TELLING_NAMED },
		{ "Windows Server 2019", NULL, NULL, "windows-server", TELLING_NAMED },
		{ "access", NULL, NULL, "microsoft-access", TELLING_NAMED },
		{ "Contoso Ledger", NULL, "Exchange Server fails", "(none)", TELLING_UNKNOWN },
		{ "Contoso Exchange Server tool", NULL, NULL, "(none)", TELLING_UNKNOWN },
		{ "SQL Server", NULL, "runs on an Azure VM", "sql-server-on-azure", TELLING_NAMED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reading reading =
		    tell(&fixture, cases[i].product, cases[i].release, cases[i].title, NULL);

		if (strcmp(id_of(reading.product), cases[i].id) != 0 ||
		    reading.telling != cases[i].telling)
			fail_msg("%s: %s, %d", cases[i].product, id_of(reading.product),
			    (int)reading.telling);
	}
}

static void the_agents_word_settles_the_world(void **state)
{
	static const struct {
		const char *product, *title, *id;
		enum environment said, environment;
	} cases[] = {
		{ "Exchange", NULL, "exchange-server", ENVIRONMENT_ON_PREMISES,
		    ENVIRONMENT_ON_PREMISES },
		{ "Exchange", NULL, "exchange-online", ENVIRONMENT_CLOUD, ENVIRONMENT_CLOUD },
		{ NULL, "Exchange is slow", "exchange-server", ENVIRONMENT_ON_PREMISES,
		    ENVIRONMENT_ON_PREMISES },
		{ NULL, "SharePoint", "sharepoint-online", ENVIRONMENT_CLOUD, ENVIRONMENT_CLOUD },
		{ "Outlook", NULL, "microsoft-365-apps", ENVIRONMENT_CLOUD, ENVIRONMENT_CLOUD },
		{ NULL, "it is slow", "(none)", ENVIRONMENT_CLOUD, ENVIRONMENT_CLOUD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct clue clue = { .product = text_of(cases[i].product),
			.release = TEXT(""),
			.title = text_of(cases[i].title),
			.description = TEXT(""),
			.environment = cases[i].said };
		struct reading reading;

		catalogue_tell(fixture.catalogue, &clue, fixture.arena, &reading);
		if (strcmp(id_of(reading.product), cases[i].id) != 0 ||
		    reading.environment != cases[i].environment)
			fail_msg("case %zu: %s", i, id_of(reading.product));
	}
}

static void it_is_shown_what_was_matched_where(void **state)
{
	struct reading reading =
	    tell(&fixture, NULL, NULL, "SharePoint in our tenant", "with Power BI");

	(void)state;
	assert_int_equal(reading.n_matches, 3);
	assert_true(text_is(reading.matches[0].text, "SharePoint"));
	assert_int_equal(reading.matches[0].place, CLUE_TITLE);
	assert_true(text_is(reading.matches[1].text, "Power BI"));
	assert_int_equal(reading.matches[1].place, CLUE_DESCRIPTION);
	assert_true(text_is(reading.matches[2].text, "tenant"));
	assert_string_equal(reading.matches[2].cue, "online");
	assert_null(reading.matches[2].product);
}

/* Bytes that are not text, and more of them than anyone reads, do no harm. */
static void any_bytes_are_survived(void **state)
{
	size_t n = 100000;
	char *bytes = malloc(n);
	uint32_t random = 1;

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct clue clue = {
			.product = TEXT(""), .release = TEXT("\xff 20\xc3"), .environment = 0
		};
		struct reading reading;

		for (size_t i = 0; i < n; i++) {
			random = random * 1664525u + 1013904223u;
			bytes[i] = (char)(round % 2 ? random >> 24 : (random >> 24) % 64 + 32);
		}
		clue.title = (struct text){ bytes, (size_t)round };
		clue.description = (struct text){ bytes, n };
		catalogue_tell(fixture.catalogue, &clue, fixture.arena, &reading);
		clue.product = (struct text){ bytes, 70 };
		catalogue_tell(fixture.catalogue, &clue, fixture.arena, &reading);
		arena_reset(fixture.arena);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_longer_name_wins_over_a_shorter_one),
		cmocka_unit_test(names_are_found_however_they_are_written),
		cmocka_unit_test(a_name_inside_of_a_word_is_none),
		cmocka_unit_test(one_slip_in_a_long_name_is_forgiven),
		cmocka_unit_test(short_forms_count_only_as_they_are_spelled),
		cmocka_unit_test(ordinary_words_need_a_second_clue),
		cmocka_unit_test(a_year_behind_a_name_tells_its_world),
		cmocka_unit_test(a_name_of_two_worlds_is_settled_by_cues),
		cmocka_unit_test(what_is_ambiguous_is_asked_with_its_candidates),
		cmocka_unit_test(cmdlets_and_codes_name_their_product),
		cmocka_unit_test(a_container_loses_against_what_runs_in_it),
		cmocka_unit_test(a_component_wins_against_what_it_is_a_part_of),
		cmocka_unit_test(the_part_that_a_name_plays_counts),
		cmocka_unit_test(what_works_is_not_what_fails),
		cmocka_unit_test(two_names_may_mean_what_stands_between_them),
		cmocka_unit_test(words_behind_a_name_tell_its_part),
		cmocka_unit_test(in_an_azure_machine_it_is_azure),
		cmocka_unit_test(the_title_weighs_more_than_the_description),
		cmocka_unit_test(the_release_beside_the_name_is_read),
		cmocka_unit_test(a_release_at_another_name_of_the_product_is_read),
		cmocka_unit_test(a_release_does_not_reach_into_another_text),
		cmocka_unit_test(a_named_product_is_looked_up),
		cmocka_unit_test(the_agents_word_settles_the_world),
		cmocka_unit_test(it_is_shown_what_was_matched_where),
		cmocka_unit_test(any_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
