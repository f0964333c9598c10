#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "engine/caller.h"
#include "service/api.h"
#include "service/rights.h"

#include <string.h>

static bool has_rights(const char *method, const char *path)
{
	const struct right *right;

	for (size_t i = 0; (right = rights_at(i)); i++)
		if (strcmp(right->method, method) == 0 && strcmp(right->path, path) == 0)
			return true;
	return rights_is_open(method, path);
}

static bool is_endpoint(const struct right *right)
{
	const char *method, *path;

	for (size_t i = 0; api_endpoint(i, &method, &path); i++)
		if (strcmp(right->method, method) == 0 && strcmp(right->path, path) == 0)
			return true;
	return false;
}

static void every_endpoint_has_a_line_and_every_line_an_endpoint(void **state)
{
	const char *method, *path;
	const struct right *right;

	(void)state;
	for (size_t i = 0; api_endpoint(i, &method, &path); i++)
		if (!has_rights(method, path))
			fail_msg("%s %s: who may?", method, path);
	for (size_t i = 0; (right = rights_at(i)); i++)
		if (!is_endpoint(right))
			fail_msg("%s %s is no endpoint", right->method, right->path);
}

static void only_livez_is_open(void **state)
{
	const char *method, *path;

	(void)state;
	for (size_t i = 0; api_endpoint(i, &method, &path); i++)
		assert_int_equal(rights_is_open(method, path), strcmp(path, "/livez") == 0);
}

static void what_is_not_in_the_table_is_denied(void **state)
{
	unsigned all = ~0u;

	(void)state;
	assert_int_equal(rights_reach(0, "GET", "/v1/requests"), REACH_NONE);
	assert_int_equal(rights_reach(all, "DELETE", "/v1/requests"), REACH_NONE);
	assert_int_equal(rights_reach(all, "GET", "/v1/nothing"), REACH_NONE);
	assert_int_equal(rights_reach(all & ~31u, "GET", "/v1/requests"), REACH_NONE);
}

static void several_roles_add_up(void **state)
{
	(void)state;
	assert_int_equal(rights_reach(CALLER_INTEGRATOR | CALLER_OPERATOR, "GET", "/v1/requests"),
	    REACH_OWN | REACH_STATE);
	assert_int_equal(
	    rights_reach(CALLER_OPERATOR | CALLER_AUDITOR, "GET", "/v1/requests/*/explain"),
	    REACH_ALL);
	assert_int_equal(rights_reach(CALLER_AGENT | CALLER_AUDITOR | CALLER_INTEGRATOR, "POST",
			     "/v1/requests/*/replay"),
	    REACH_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_endpoint_has_a_line_and_every_line_an_endpoint),
		cmocka_unit_test(only_livez_is_open),
		cmocka_unit_test(what_is_not_in_the_table_is_denied),
		cmocka_unit_test(several_roles_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
