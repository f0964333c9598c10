/* The description tells of exactly the endpoints that there are, and of who may use them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "engine/caller.h"
#include "service/api.h"
#include "service/openapi.h"
#include "service/rights.h"

#include <stdio.h>
#include <string.h>

static struct json *doc;

static int setup(void **state)
{
	struct failure why = { 0 };

	(void)state;
	doc = json_read(openapi, "openapi.json", 0, &why);
	if (!doc)
		print_error("%s\n", why.text);
	return doc ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	json_free(doc);
	return 0;
}

/* "/v1/requests/{id}/explain" as "/v1/requests/" "*" "/explain" */
static void with_stars(const char *path, char out[128])
{
	size_t n = 0;

	for (; *path; path++) {
		out[n++] = *path == '{' ? '*' : *path;
		if (*path == '{')
			path = strchr(path, '}');
	}
	out[n] = 0;
}

static bool same_word(const char *upper, const char *lower)
{
	return strcasecmp(upper, lower) == 0;
}

/* The operation that describes an endpoint; NULL. */
static const struct json *operation(const char *method, const char *path)
{
	void *cursor = NULL, *inner = NULL;
	struct json *item, *found;
	const char *name, *verb;
	char stars[128];

	while (json_next(json_get(doc, "paths"), &cursor, &name, &item)) {
		with_stars(name, stars);
		if (strcmp(stars, path) != 0)
			continue;
		while (json_next(item, &inner, &verb, &found))
			if (same_word(method, verb))
				return found;
	}
	return NULL;
}

static bool is_endpoint(const char *method, const char *path)
{
	const char *m, *p;

	for (size_t i = 0; api_endpoint(i, &m, &p); i++)
		if (same_word(m, method) && strcmp(p, path) == 0)
			return true;
	return false;
}

static void it_is_openapi_3_1(void **state)
{
	(void)state;
	assert_string_equal(json_get_chars(doc, "openapi"), "3.1.0");
	assert_non_null(json_point(doc, "/info/title"));
	assert_non_null(json_point(doc, "/components/securitySchemes/key"));
}

static void every_endpoint_is_described_and_nothing_else(void **state)
{
	void *cursor = NULL, *inner;
	const char *method, *path, *name, *verb;
	struct json *item, *found;
	char stars[128];

	(void)state;
	for (size_t i = 0; api_endpoint(i, &method, &path); i++)
		if (!operation(method, path))
			fail_msg("%s %s is not described", method, path);
	while (json_next(json_get(doc, "paths"), &cursor, &name, &item)) {
		with_stars(name, stars);
		inner = NULL;
		while (json_next(item, &inner, &verb, &found))
			if (!is_endpoint(verb, stars))
				fail_msg("%s %s is described, but not there", verb, name);
	}
}

static const char *word_of(unsigned reach)
{
	return reach == REACH_ALL ? "all" : reach == REACH_OWN ? "own" : reach ? "state" : NULL;
}

static void the_roles_are_those_of_the_rights(void **state)
{
	struct text rest, role;
	const char *method, *path;

	(void)state;
	for (size_t i = 0; api_endpoint(i, &method, &path); i++) {
		const struct json *roles = json_get(operation(method, path), "x-roles");
		unsigned bit = 1;

		rest = text_of(CALLER_ROLES);
		while (text_split(&rest, ' ', &role)) {
			char name[32];

			snprintf(name, sizeof name, "%.*s", TEXT_ARGS(role));
			if (!text_same(json_get_chars(roles, name),
				word_of(rights_reach(bit, method, path))))
				fail_msg("%s %s: %s", method, path, name);
			bit <<= 1;
		}
	}
}

static bool has_path_parameter(const struct json *op)
{
	const struct json *list = json_get(op, "parameters");

	for (size_t i = 0; i < json_length(list); i++)
		if (text_same(json_get_chars(json_at(list, i), "$ref"),
			"#/components/parameters/Id") ||
		    text_same(json_get_chars(json_at(list, i), "$ref"),
			"#/components/parameters/Webhook"))
			return true;
	return false;
}

static void every_operation_is_whole(void **state)
{
	const char *method, *path, *m, *p;

	(void)state;
	for (size_t i = 0; api_endpoint(i, &method, &path); i++) {
		const struct json *op = operation(method, path);
		bool is_open = rights_is_open(method, path);

		assert_non_null(json_get_chars(op, "summary"));
		assert_non_null(json_point(op, "/responses/200"));
		assert_non_null(json_point(op, "/responses/default"));
		assert_int_equal(json_point(op, "/responses/401") != NULL, !is_open);
		assert_int_equal(json_point(op, "/responses/403") != NULL, !is_open);
		assert_int_equal(json_get(op, "security") != NULL, is_open);
		assert_int_equal(has_path_parameter(op), strchr(path, '*') != NULL);
		for (size_t k = 0; k < i; k++) {
			api_endpoint(k, &m, &p);
			assert_string_not_equal(json_get_chars(op, "operationId"),
			    json_get_chars(operation(m, p), "operationId"));
		}
	}
}

static void check_references(const struct json *value)
{
	const char *ref = json_get_chars(value, "$ref"), *name;
	void *cursor = NULL;
	struct json *member;

	if (ref && (ref[0] != '#' || !json_point(doc, ref + 1)))
		fail_msg("%s leads nowhere", ref);
	for (size_t i = 0; json_kind(value) == JSON_IS_ARRAY && i < json_length(value); i++)
		check_references(json_at(value, i));
	while (json_kind(value) == JSON_IS_OBJECT && json_next(value, &cursor, &name, &member))
		check_references(member);
}

static void every_reference_leads_somewhere(void **state)
{
	(void)state;
	check_references(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_openapi_3_1),
		cmocka_unit_test(every_endpoint_is_described_and_nothing_else),
		cmocka_unit_test(the_roles_are_those_of_the_rights),
		cmocka_unit_test(every_operation_is_whole),
		cmocka_unit_test(every_reference_leads_somewhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
