#include "support/decisions.h"
#include "base/file.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* ---- policies -------------------------------------------------------------------- */

static void finish(struct desk_policy *desk)
{
	desk->policy = policy_read(desk->config, desk->problems);
	if (problems_count(desk->problems, PROBLEM_ERROR)) {
		problems_print(desk->problems, stderr, false);
		fail_msg("the policy has errors");
	}
}

void desk_policy_read(struct desk_policy *desk, const char *path)
{
	desk->problems = problems_new();
	desk->config = config_read(path, desk->problems);
	finish(desk);
}

static void add_file(struct buffer *all, const char *name)
{
	struct buffer path = { 0 }, bytes = { 0 };

	buffer_format(&path, "%s/conf/%s", SOURCE_DIR, name);
	if (!file_read(path.p, (size_t)1 << 22, &bytes, NULL))
		fail_msg("cannot read %s", path.p);
	buffer_append(all, bytes.p, bytes.n);
	buffer_char(all, '\n');
	buffer_free(&bytes);
	buffer_free(&path);
}

void desk_policy_text(struct desk_policy *desk, const char *ini, bool with_conf)
{
	static const char *const files[] = { "profiles.ini", "portals.ini", "products.ini",
		"lifecycle.ini", "cues.ini" };
	struct buffer all = { 0 };

	buffer_text(&all, ini);
	buffer_char(&all, '\n');
	for (size_t i = 0; with_conf && i < sizeof files / sizeof files[0]; i++)
		add_file(&all, files[i]);
	desk->problems = problems_new();
	desk->config = config_read_text("desk.ini", buffer_as_text(&all), desk->problems);
	buffer_free(&all);
	finish(desk);
}

void desk_policy_free(struct desk_policy *desk)
{
	policy_free(desk->policy);
	config_free(desk->config);
	problems_free(desk->problems);
	*desk = (struct desk_policy){ 0 };
}

/* ---- deciding -------------------------------------------------------------------- */

struct json *desk_json(const char *text)
{
	struct failure why = { 0 };
	struct json *value = json_read(text_of(text), "test", 0, &why);

	if (!value)
		fail_msg("%s", why.text);
	return value;
}

struct json *desk_decide(const struct policy *policy, const struct json *request,
    const struct json *facts, struct failure *why)
{
	struct arena *arena = arena_new();
	struct json *written = NULL;
	struct decision decision;
	struct request r;
	struct facts f;

	if (request_read(request, arena, &r, why) && facts_read(facts, arena, &f, why) &&
	    decide(policy, &f, &r, arena, &decision, why))
		written = decision_json(&decision);
	arena_free(arena);
	return written;
}

/* ---- expecting ------------------------------------------------------------------- */

struct expecting {
	const struct json *decision, *expect;
	struct buffer *said;
	bool is_ok;
};

static void differ(struct expecting *e, const char *word, const struct json *want)
{
	e->is_ok = false;
	buffer_format(e->said, "\n    %s: expected ", word);
	json_write(want, JSON_LINE, e->said);
}

static bool is_among(const struct json *list, const char *word)
{
	for (size_t i = 0; i < json_length(list); i++)
		if (text_same(json_chars(json_at(list, i)), word))
			return true;
	return false;
}

static bool has_rule(const struct json *reasons, struct text rule)
{
	for (size_t i = 0; i < json_length(reasons); i++)
		if (text_is(rule, json_get_chars(json_at(reasons, i), "rule")))
			return true;
	return false;
}

/* "R14|R29": one of them. */
static bool has_any(const struct json *list, const char *group, bool as_rules)
{
	struct text rest = text_of(group), one;

	while (text_split(&rest, '|', &one)) {
		char word[128];

		snprintf(word, sizeof word, "%.*s", TEXT_ARGS(one));
		if (as_rules ? has_rule(list, one) : is_among(list, word))
			return true;
	}
	return false;
}

static bool each_is_there(const struct json *want, const struct json *list, bool as_rules)
{
	for (size_t i = 0; i < json_length(want); i++)
		if (!has_any(list, json_chars(json_at(want, i)), as_rules))
			return false;
	return true;
}

static bool none_is_there(const struct json *want, const struct json *list, bool as_rules)
{
	for (size_t i = 0; i < json_length(want); i++)
		if (has_any(list, json_chars(json_at(want, i)), as_rules))
			return false;
	return true;
}

/* Every member that is named has the value that is named. */
static bool holds_members(const struct json *have, const struct json *want)
{
	const char *name;
	struct json *value;
	void *cursor = NULL;

	while (json_next(want, &cursor, &name, &value))
		if (!json_same(json_get(have, name), value))
			return false;
	return true;
}

static bool is_unavailable(const struct json *list, const struct json *want)
{
	for (size_t i = 0; i < json_length(list); i++)
		if (holds_members(json_at(list, i), want))
			return true;
	return false;
}

static bool all_unavailable(const struct json *list, const struct json *want)
{
	for (size_t i = 0; i < json_length(want); i++)
		if (!is_unavailable(list, json_at(want, i)))
			return false;
	return true;
}

static bool some_text_holds(const struct json *list, const char *part)
{
	for (size_t i = 0; i < json_length(list); i++)
		if (strstr(json_chars(json_at(list, i)), part))
			return true;
	return false;
}

static bool all_told(const struct json *want, const struct json *list)
{
	for (size_t i = 0; i < json_length(want); i++)
		if (!some_text_holds(list, json_chars(json_at(want, i))))
			return false;
	return true;
}

static bool is_not(const struct json *decision, const char *member, const struct json *want)
{
	if (json_kind(want) == JSON_IS_ARRAY) {
		for (size_t i = 0; i < json_length(want); i++)
			if (json_same(json_get(decision, member), json_at(want, i)))
				return false;
		return true;
	}
	return !json_same(json_get(decision, member), want);
}

static bool is_plain(const char *word)
{
	static const char *const plain[] = { "outcome", "portal", "environment", "plan", "contract",
		"link", "message", "cause", "redirect", "workload", "steps", "route", "uses" };

	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (strcmp(plain[i], word) == 0)
			return true;
	return false;
}

/* The words that look at one list of the decision. */
static int in_list(const struct json *d, const char *word, const struct json *want)
{
	if (strcmp(word, "ask") == 0)
		return each_is_there(want, json_get(d, "ask"), false);
	if (strcmp(word, "ask_is") == 0)
		return json_same(json_get(d, "ask"), want);
	if (strcmp(word, "ask_empty") == 0)
		return !json_length(json_get(d, "ask"));
	if (strcmp(word, "steps_exclude") == 0)
		return none_is_there(want, json_get(d, "steps"), false);
	if (strcmp(word, "advise") == 0)
		return json_length(json_get(d, "advise")) == json_length(want) &&
		    each_is_there(want, json_get(d, "advise"), false);
	if (strcmp(word, "advise_include") == 0)
		return each_is_there(want, json_get(d, "advise"), false);
	if (strcmp(word, "not_advise") == 0)
		return none_is_there(want, json_get(d, "advise"), false);
	if (strcmp(word, "unavailable") == 0)
		return all_unavailable(json_get(d, "unavailable"), want);
	if (strcmp(word, "n_unavailable") == 0)
		return (int64_t)json_length(json_get(d, "unavailable")) == json_number(want, -1);
	if (strcmp(word, "rules_include") == 0)
		return each_is_there(want, json_get(d, "reasons"), true);
	if (strcmp(word, "rules_exclude") == 0)
		return none_is_there(want, json_get(d, "reasons"), true);
	if (strcmp(word, "inform_include") == 0)
		return all_told(want, json_get(d, "inform"));
	return -1;
}

static void expect_word(struct expecting *e, const char *word, const struct json *want)
{
	size_t n = strlen(word);
	char member[64];
	int is_there = in_list(e->decision, word, want);

	if (is_there < 0 && is_plain(word))
		is_there = json_same(json_get(e->decision, word), want);
	else if (is_there < 0 && strcmp(word, "entitled") == 0)
		is_there = holds_members(json_get(e->decision, word), want);
	else if (is_there < 0 && n > 4 && strcmp(word + n - 4, "_not") == 0) {
		snprintf(member, sizeof member, "%.*s", (int)(n - 4), word);
		is_there = is_not(e->decision, member, want);
	}
	if (is_there < 0)
		fail_msg("nobody knows the expectation \"%s\"", word);
	if (!is_there)
		differ(e, word, want);
}

static bool expect_refusal(
    const struct failure *why, const struct json *expect, bool is_refused, struct buffer *said)
{
	const char *part = json_get_chars(expect, "error_includes");

	if (!is_refused) {
		buffer_text(said, "\n    expected a refusal");
		return false;
	}
	if (why->kind == FAILURE_DATA && (!part || strstr(why->text, part)))
		return true;
	buffer_format(said, "\n    refused with %d \"%s\", not \"%s\"", why->kind, why->text, part);
	return false;
}

bool desk_expect(const struct json *decision, const struct failure *why, const struct json *expect,
    struct buffer *said)
{
	struct expecting e = { decision, expect, said, true };
	const char *word;
	struct json *want;
	void *cursor = NULL;

	if (json_truth(json_get(expect, "error")))
		return expect_refusal(why, expect, !decision, said);
	if (!decision) {
		buffer_format(said, "\n    refused: %s", why->text);
		return false;
	}
	while (json_next(expect, &cursor, &word, &want))
		expect_word(&e, word, want);
	if (!e.is_ok) {
		buffer_text(said, "\n    got ");
		json_write(decision, JSON_LINE, said);
	}
	return e.is_ok;
}

/* ---- files of vectors -------------------------------------------------------------- */

#define POLICIES 16

struct policies {
	char name[POLICIES][40];
	struct desk_policy read[POLICIES];
	unsigned n;
};

static const struct policy *policy_named(struct policies *all, const char *name)
{
	struct buffer path = { 0 };

	for (unsigned i = 0; i < all->n; i++)
		if (strcmp(all->name[i], name) == 0)
			return all->read[i].policy;
	assert_true(all->n < POLICIES);
	snprintf(all->name[all->n], sizeof all->name[0], "%s", name);
	if (*name)
		buffer_format(&path, "%s/tests/data/policies/%s.ini", SOURCE_DIR, name);
	else
		buffer_format(&path, "%s/conf", SOURCE_DIR);
	desk_policy_read(&all->read[all->n], path.p);
	buffer_free(&path);
	return all->read[all->n++].policy;
}

static void visit(struct policies *all, struct text line, desk_visitor *visitor, void *context)
{
	struct failure why = { 0 };
	struct json *vector = json_read(line, "vector", 0, &why), *decision;
	const char *policy = json_get_chars(vector, "policy");

	if (!vector)
		fail_msg("%s in %.*s", why.text, TEXT_ARGS(line));
	decision = desk_decide(policy_named(all, policy ? policy : ""), json_get(vector, "request"),
	    json_get(vector, "facts"), &why);
	visitor(context, json_get_chars(vector, "id"), vector, decision, &why);
	json_free(decision);
	json_free(vector);
}

unsigned desk_vectors(const char *file, desk_visitor *visitor, void *context)
{
	static struct policies all; /* read once for all files of a program */
	struct buffer path = { 0 }, bytes = { 0 };
	struct text rest, line;
	unsigned n = 0;

	buffer_format(&path, "%s/tests/data/%s", SOURCE_DIR, file);
	if (!file_read(path.p, (size_t)1 << 24, &bytes, NULL))
		fail_msg("cannot read %s", path.p);
	for (rest = buffer_as_text(&bytes); text_split(&rest, '\n', &line); n++)
		visit(&all, line, visitor, context);
	buffer_free(&bytes);
	buffer_free(&path);
	return n;
}
