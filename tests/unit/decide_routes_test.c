/* Routes: bit sets find what a plain matcher finds; what is never reached is told. */
#include "support/decisions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

#define FIELDS 8

static const char *const fields[FIELDS] = { "kind", "product", "release", "environment", "workload",
	"severity", "account", "customer" };

/* ---- a plain matcher ------------------------------------------------------------------- */

static uint64_t seed = 7;

static unsigned below(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static bool fits(const char *pattern, const char *value)
{
	size_t n = strlen(pattern), m = value ? strlen(value) : 0;

	if (!value)
		return false;
	if (strcmp(pattern, "*") == 0)
		return true;
	if (pattern[0] == '*')
		return m >= n - 1 && strcasecmp(value + m - (n - 1), pattern + 1) == 0;
	if (pattern[n - 1] == '*')
		return m >= n - 1 && strncasecmp(value, pattern, n - 1) == 0;
	return strcasecmp(pattern, value) == 0;
}

struct plain_route {
	const char *positive[FIELDS][2], *negative[FIELDS][2];
};

static bool any(const char *const patterns[2], const char *value)
{
	return (patterns[0] && fits(patterns[0], value)) ||
	    (patterns[1] && fits(patterns[1], value));
}

static bool takes(const struct plain_route *route, const char *const values[FIELDS])
{
	for (size_t f = 0; f < FIELDS; f++) {
		if (route->positive[f][0] && !any(route->positive[f], values[f]))
			return false;
		if (any(route->negative[f], values[f]))
			return false;
	}
	return true;
}

static size_t first_plain(
    const struct plain_route *routes, size_t n, const char *const values[FIELDS])
{
	size_t i = 0;

	while (i < n && !takes(&routes[i], values))
		i++;
	return i;
}

/* ---- random routes ------------------------------------------------------------------------ */

static const char *const patterns[] = { "a", "ab", "abc", "B", "bc", "a*", "ab*", "*c", "*bc", "*",
	"c*", "*a", "ABC*", "x" };
static const char *const words[] = { "a", "ab", "abc", "b", "bc", "c", "ABC", "xyz", "abcabc", "",
	NULL };

static void pick(const char *into[2])
{
	into[0] = patterns[below(sizeof patterns / sizeof patterns[0])];
	into[1] = below(2) ? patterns[below(sizeof patterns / sizeof patterns[0])] : NULL;
}

static void write_condition(
    struct buffer *ini, const char *field, const char *suffix, const char *const p[2])
{
	if (p[0])
		buffer_format(ini, "match.%s%s = %s%s%s\n", field, suffix, p[0], p[1] ? ", " : "",
		    p[1] ? p[1] : "");
}

static void make_route(struct plain_route *route, struct buffer *ini, size_t number)
{
	*route = (struct plain_route){ 0 };
	buffer_format(ini, "[route %zu]\n", number);
	for (size_t f = 0; f < FIELDS; f++) {
		if (below(4) == 0)
			pick(route->positive[f]);
		if (below(6) == 0)
			pick(route->negative[f]);
		write_condition(ini, fields[f], "", route->positive[f]);
		write_condition(ini, fields[f], ".not", route->negative[f]);
	}
}

static void compare(const struct policy *policy, const struct plain_route *routes, size_t n)
{
	struct arena *arena = arena_new();

	for (unsigned i = 0; i < 2000; i++) {
		const char *v[FIELDS];
		struct route_key key;
		const struct route *found;
		size_t wanted;

		for (size_t f = 0; f < FIELDS; f++)
			v[f] = words[below(sizeof words / sizeof words[0])];
		key = (struct route_key){ v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] };
		wanted = first_plain(routes, n, v);
		found = policy_route(policy, &key, NULL, NULL, arena);
		if ((wanted == n) != !found || (found && strtoul(found->name, NULL, 10) != wanted))
			fail_msg("[route %zu] is the first, not %s", wanted,
			    found ? found->name : "none");
		arena_reset(arena);
	}
	arena_free(arena);
}

static void bit_sets_find_what_a_plain_matcher_finds(void **state)
{
	static const size_t sizes[] = { 1, 2, 63, 64, 65, 127, 511, 512, 513, 3000 };
	struct plain_route *routes = memory_array(3000, sizeof *routes);

	(void)state;
	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		struct buffer ini = { 0 };
		struct desk_policy desk;

		for (size_t i = 0; i < sizes[s]; i++)
			make_route(&routes[i], &ini, i);
		buffer_text(&ini, "[profile paid]\n");
		desk_policy_text(&desk, ini.p, false);
		assert_int_equal(policy_route_count(desk.policy), sizes[s]);
		compare(desk.policy, routes, sizes[s]);
		desk_policy_free(&desk);
		buffer_free(&ini);
	}
	free(routes);
}

static void the_right_one_of_ten_thousand_is_found(void **state)
{
	struct buffer ini = { 0 };
	struct desk_policy desk;
	struct arena *arena = arena_new();

	(void)state;
	for (unsigned i = 0; i < 10000; i++)
		buffer_format(&ini,
		    "[route %u]\nmatch.customer = c%u, site-%u-*\nmatch.severity.not = C\n"
		    "match.workload = %s\n",
		    i, i, i, i % 2 ? "azure" : "windows-server");
	buffer_text(&ini, "[route rest]\n[profile paid]\n");
	desk_policy_text(&desk, ini.p, false);
	for (unsigned i = 0; i < 10000; i += 97) {
		char customer[32], name[32];
		struct route_key key = { .severity = i % 3 ? "B" : "C",
			.customer = customer,
			.workload = i % 2 ? "azure" : "windows-server" };

		snprintf(customer, sizeof customer, i % 5 ? "C%u" : "site-%u-budapest", i);
		snprintf(name, sizeof name, "%u", i);
		assert_string_equal(
		    policy_route(desk.policy, &key, NULL, NULL, arena)->name, i % 3 ? name : "rest");
	}
	arena_free(arena);
	desk_policy_free(&desk);
	buffer_free(&ini);
}

static void accents_and_case_are_one(void **state)
{
	struct desk_policy desk;
	struct arena *arena = arena_new();
	struct route_key key = { .customer = "\xc3\x81rv\xc3\xadzt\xc5\xb1r\xc5\x91 Kft" };

	(void)state;
	desk_policy_text(&desk,
	    "[route one]\nmatch.customer = ARVIZTURO*\n[route two]\n[profile paid]\n", false);
	assert_string_equal(policy_route(desk.policy, &key, NULL, NULL, arena)->name, "one");
	arena_free(arena);
	desk_policy_free(&desk);
}

/* ---- checking -------------------------------------------------------------------------------- */

static char *said_of(const char *ini, bool check)
{
	struct problems *problems = problems_new();
	struct config *config = config_read_text("routes.ini", text_of(ini), problems);
	struct policy *policy = policy_read(config, problems);
	char *said = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&said, &n);

	if (check)
		policy_check(policy, problems);
	problems_print(problems, to, false);
	fclose(to);
	policy_free(policy);
	config_free(config);
	problems_free(problems);
	return said;
}

#define PAID "[profile paid]\n"

static void what_a_route_can_never_see_is_told(void **state)
{
	static const struct {
		const char *ini, *said; /* "": nothing is wrong */
	} cases[] = {
		{ PAID "[route a]\nmatch.kind = x\n[route b]\n", "" },
		{ PAID "[route a]\n[route b]\nmatch.kind = x\n",
		    "[route b] is never reached: [route a] (line 2) takes all its requests "
		    "[E022]" },
		{ PAID "[route a]\nmatch.product = win*\n[route b]\nmatch.product = windows\n"
		       "[route c]\n",
		    "[route b] is never reached" },
		{ PAID "[route a]\nmatch.product = *server\n[route b]\nmatch.product = sql server\n"
		       "match.severity = A\n[route c]\n",
		    "[route b] is never reached" },
		{ PAID "[route a]\nmatch.product = a, b\n[route b]\nmatch.product = B, c\n"
		       "[route c]\n",
		    "[route b] never sees product \"b\": [route a] (line 2) takes it before "
		    "[E023]" },
		{ PAID "[route a]\nmatch.product = a\nmatch.severity = A\n[route b]\n"
		       "match.product = a\n[route c]\n",
		    "" },
		{ PAID
		    "[route a]\nmatch.product.not = a\n[route b]\nmatch.product = a\n[route c]\n",
		    "" },
		{ PAID "[route a]\nmatch.product.not = a\n[route b]\nmatch.product.not = a, b\n"
		       "[route c]\n",
		    "[route b] is never reached" },
		{ PAID
		    "[route a]\nmatch.product = abc*\n[route b]\nmatch.product = ab*\n[route c]\n",
		    "" },
		{ PAID "[route a]\nmatch.customer = *\n[route b]\nmatch.customer = x\n[route c]\n",
		    "[route b] is never reached" },
		{ PAID "[route a]\nmatch.kind = x\n",
		    "routes.ini:2:1: error: [route a] is the last and does not take everything" },
		{ PAID, "caseroute: error: there is no [route NAME]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *said = said_of(cases[i].ini, true);

		if (*cases[i].said ? !strstr(said, cases[i].said) : *said)
			fail_msg("case %zu: \"%s\" is not in\n%s", i, cases[i].said, said);
		free(said);
	}
}

static void what_a_route_cannot_mean_is_an_error(void **state)
{
	static const struct {
		const char *ini, *said;
	} cases[] = {
		{ PAID "[route a]\nmatch.prodct = x\n", "did you mean \"match.product\"?" },
		{ PAID "[route a]\nmatch.zzz.not = x\n", "fields are kind product release" },
		{ PAID "[route a]\nmatch.product = a*b\n",
		    "may hold one '*', at its beginning or" },
		{ PAID "[route a]\nmatch.product = *a*\n", "may hold one '*'" },
		{ PAID "[route a]\nmatch.product = ,\n", "match.product names nothing to match" },
		{ PAID "[route a]\nmatch.product =\n", "names nothing to match" },
		{ PAID "[route a]\nmatch = cloud\n", "match must be written match.NAME" },
		{ PAID "[route]\n", "a route needs a name" },
		{ PAID "[route a]\nportal = azur\n[portal azure]\nplugin = azure\n",
		    "routes.ini:3:10: error: [route a] portal \"azur\" is not defined; did you "
		    "mean" },
		{ PAID "[route a]\nportal = nowhere\n", "there is no [portal nowhere]" },
		{ PAID "[route a]\nplan = csp, contrat\n", "did you mean \"contract\"?" },
		{ PAID "[route a]\n[ROUTE A]\n", "stands already" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *said = said_of(cases[i].ini, false);

		if (!strstr(said, cases[i].said))
			fail_msg("case %zu: \"%s\" is not in\n%s", i, cases[i].said, said);
		free(said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bit_sets_find_what_a_plain_matcher_finds),
		cmocka_unit_test(the_right_one_of_ten_thousand_is_found),
		cmocka_unit_test(accents_and_case_are_one),
		cmocka_unit_test(what_a_route_can_never_see_is_told),
		cmocka_unit_test(what_a_route_cannot_mean_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
