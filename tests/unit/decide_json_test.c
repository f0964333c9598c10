/* The decision's JSON: its members, their order, and the same bytes for the same input. */
#include "support/decisions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *const members[] = { "schema", "outcome", "steps", "portal", "workload",
	"environment", "plan", "contract", "link", "message", "cause", "ask", "redirect", "advise",
	"inform", "unavailable", "route", "entitled", "uses", "reasons" };

static void must_have(const char *id, const struct json *object, const char *const *names, size_t n)
{
	void *cursor = NULL;
	struct json *value;
	const char *name;
	size_t i = 0;

	while (json_next(object, &cursor, &name, &value)) {
		if (i == n || strcmp(name, names[i]) != 0)
			fail_msg("%s: member %zu is %s", id, i, name);
		i++;
	}
	if (i != n)
		fail_msg("%s: %zu members of %zu", id, i, n);
}

static void check(void *context, const char *id, const struct json *vector,
    const struct json *decision, const struct failure *why)
{
	static const char *const reason[] = { "rule", "text", "saw" };
	static const char *const unavailable[] = { "plan", "contract", "cause" };
	static const char *const entitled[] = { "on_premises", "cloud" };
	static const char *const uses[] = { "contract", "incidents", "remaining" };
	static const char *const lists[] = { "steps", "ask", "advise", "inform" };

	(void)context;
	(void)vector;
	(void)why;
	if (!decision)
		return;
	must_have(id, decision, members, sizeof members / sizeof members[0]);
	assert_string_equal(json_get_chars(decision, "schema"), "caseroute.decision/1");
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		assert_int_equal(json_kind(json_get(decision, lists[i])), JSON_IS_ARRAY);
	for (size_t i = 0; i < json_length(json_get(decision, "reasons")); i++)
		must_have(id, json_at(json_get(decision, "reasons"), i), reason, 3);
	for (size_t i = 0; i < json_length(json_get(decision, "unavailable")); i++)
		must_have(id, json_at(json_get(decision, "unavailable"), i), unavailable, 3);
	must_have(id, json_get(decision, "entitled"), entitled, 2);
	if (json_kind(json_get(decision, "uses")) != JSON_IS_NULL)
		must_have(id, json_get(decision, "uses"), uses, 3);
}

static void every_decision_has_all_members_in_order(void **state)
{
	(void)state;
	desk_vectors("decision-vectors.jsonl", check, NULL);
	desk_vectors("decision-more.jsonl", check, NULL);
}

/* The same object with its members the other way round, at every depth. */
static struct json *backwards(const struct json *value)
{
	const char *names[64];
	struct json *values[64], *turned;
	void *cursor = NULL;
	size_t n = 0;

	if (json_kind(value) == JSON_IS_ARRAY) {
		turned = json_new_array();
		for (size_t i = 0; i < json_length(value); i++)
			json_append(turned, backwards(json_at(value, i)));
		return turned;
	}
	if (json_kind(value) != JSON_IS_OBJECT)
		return json_clone(value);
	while (n < 64 && json_next(value, &cursor, &names[n], &values[n]))
		n++;
	turned = json_new_object();
	while (n--)
		json_set(turned, names[n], backwards(values[n]));
	return turned;
}

/* And without what is null. */
static struct json *pruned(const struct json *value)
{
	void *cursor = NULL;
	struct json *member, *kept;
	const char *name;

	if (json_kind(value) == JSON_IS_ARRAY) {
		kept = json_new_array();
		for (size_t i = 0; i < json_length(value); i++)
			json_append(kept, pruned(json_at(value, i)));
		return kept;
	}
	if (json_kind(value) != JSON_IS_OBJECT)
		return json_clone(value);
	kept = json_new_object();
	while (json_next(value, &cursor, &name, &member))
		if (json_kind(member) != JSON_IS_NULL)
			json_set(kept, name, pruned(member));
	return kept;
}

static char *bytes_of(const struct json *value)
{
	struct buffer text = { 0 };

	json_write(value, JSON_INDENTED, &text);
	return buffer_steal(&text);
}

static void check_same(const struct policy *policy, const char *id, const struct json *vector,
    const char *wanted, struct json *(*change)(const struct json *))
{
	struct json *request = change(json_get(vector, "request")),
		    *facts = change(json_get(vector, "facts")), *again;
	struct failure why = { 0 };
	char *got;

	again = desk_decide(policy, request, facts, &why);
	got = bytes_of(again);
	if (strcmp(wanted, got) != 0)
		fail_msg("%s: other bytes", id);
	free(got);
	json_free(again);
	json_free(request);
	json_free(facts);
}

static void check_bytes(void *context, const char *id, const struct json *vector,
    const struct json *decision, const struct failure *why)
{
	const struct desk_policy *desk = context;
	char *wanted;

	(void)why;
	if (!decision || json_get(vector, "policy"))
		return;
	wanted = bytes_of(decision);
	check_same(desk->policy, id, vector, wanted, json_clone);
	check_same(desk->policy, id, vector, wanted, backwards);
	check_same(desk->policy, id, vector, wanted, pruned);
	free(wanted);
}

static void order_and_null_of_the_input_change_no_byte(void **state)
{
	struct desk_policy desk;

	(void)state;
	desk_policy_read(&desk, SOURCE_DIR "/conf");
	desk_vectors("decision-vectors.jsonl", check_bytes, &desk);
	desk_vectors("decision-more.jsonl", check_bytes, &desk);
	desk_policy_free(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_decision_has_all_members_in_order),
		cmocka_unit_test(order_and_null_of_the_input_change_no_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
