#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/file.h"
#include "engine/caller.h"
#include "service/api.h"
#include "service/rights.h"

#include <stdio.h>
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

/* ---- the manual ------------------------------------------------------------------------- */

static const char *word_of(unsigned reach)
{
	return reach == REACH_ALL  ? "yes"
	    : reach == REACH_STATE ? "state only"
	    : reach == REACH_OWN   ? "its own"
				   : "";
}

/* Is it the endpoint as the manual writes it: `GET /v1/requests/ID`, perhaps with a query? */
static bool names(struct text row, const char *method, const char *path)
{
	char wanted[128];
	size_t n = (size_t)snprintf(wanted, sizeof wanted, "`%s ", method);

	for (; *path; path++)
		n += (size_t)snprintf(wanted + n, sizeof wanted - n, "%.*s", *path == '*' ? 2 : 1,
		    *path == '*' ? "ID" : path);
	for (size_t i = 0; i + n < row.n; i++)
		if (memcmp(row.p + i, wanted, n) == 0 && strchr("`?", row.p[i + n]))
			return true;
	return false;
}

/* Its columns: agent and admin-agent, operator, auditor, integrator. */
static void check_row(struct text row, const char *method, const char *path)
{
	static const unsigned columns[] = { CALLER_AGENT, CALLER_OPERATOR, CALLER_AUDITOR,
		CALLER_INTEGRATOR };

	assert_int_equal(rights_reach(CALLER_AGENT, method, path),
	    rights_reach(CALLER_ADMIN_AGENT, method, path));
	row.n--; /* the bar at its end */
	for (size_t i = 4; i-- > 0;) {
		unsigned reach = rights_is_open(method, path)
		    ? REACH_ALL
		    : rights_reach(columns[i], method, path);
		struct text cell = row;

		while (cell.n && cell.p[cell.n - 1] != '|')
			cell.n--;
		row.n = cell.n - 1;
		cell = text_trim((struct text){ cell.p + cell.n, strcspn(cell.p + cell.n, "|") });
		if (!text_is(cell, word_of(reach)) &&
		    !(rights_is_open(method, path) && text_is(cell, "yes")))
			fail_msg("README: %s %s has \"%.*s\", not \"%s\"", method, path,
			    TEXT_ARGS(cell), word_of(reach));
	}
}

static void the_manual_tells_every_right_as_it_is(void **state)
{
	struct buffer bytes = { 0 };
	const char *method, *path;
	struct text rest, row;

	(void)state;
	assert_true(file_read(SOURCE_DIR "/README.md", 1 << 20, &bytes, NULL));
	for (size_t i = 0; api_endpoint(i, &method, &path); i++) {
		unsigned n = 0;

		rest = buffer_as_text(&bytes);
		while (text_split(&rest, '\n', &row))
			if (text_starts(row, "| `") && names(row, method, path)) {
				check_row(row, method, path);
				n++;
			}
		if (n != 1)
			fail_msg("README: %s %s stands in %u rows", method, path, n);
	}
	buffer_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_endpoint_has_a_line_and_every_line_an_endpoint),
		cmocka_unit_test(only_livez_is_open),
		cmocka_unit_test(what_is_not_in_the_table_is_denied),
		cmocka_unit_test(several_roles_add_up),
		cmocka_unit_test(the_manual_tells_every_right_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
