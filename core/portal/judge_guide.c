/* Is a guide one that exchange.h describes, of a length that a person can read? */
#include "http/http.h"
#include "portal/exchange.h"
#include "portal/result.h"
#include "portal/rules.h"

#include <string.h>

typedef bool rule(const struct step_input *, const struct json *value);

static bool all_are(const struct step_input *in, const struct json *list, size_t most, rule *is)
{
	if (json_kind(list) != JSON_IS_ARRAY || json_length(list) > most)
		return false;
	for (size_t i = 0; i < json_length(list); i++)
		if (!is(in, json_at(list, i)))
			return false;
	return true;
}

static bool is_text(const struct step_input *in, const struct json *value)
{
	(void)in;
	return json_chars(value) != NULL;
}

static bool is_link(const struct step_input *in, const struct json *value)
{
	struct buffer origin = { 0 };
	bool is = json_chars(value) && http_origin(json_chars(value), &origin);

	(void)in;
	buffer_free(&origin);
	return is;
}

static bool are_steps(const struct step_input *in, const struct json *value)
{
	return all_are(in, value, GUIDE_STEPS, is_text);
}

static bool has_two(const struct json *entry, const char *first, const char *second)
{
	return json_length(entry) == 2 && json_get_chars(entry, first) &&
	    json_get_chars(entry, second);
}

static bool is_field(const struct step_input *in, const struct json *value)
{
	(void)in;
	return has_two(value, "name", "value");
}

static bool are_fields(const struct step_input *in, const struct json *value)
{
	return all_are(in, value, GUIDE_FIELDS, is_field);
}

static bool is_choice(const struct step_input *in, const struct json *value)
{
	(void)in;
	return has_two(value, "value", "text");
}

static bool are_choices(const struct step_input *in, const struct json *value)
{
	return all_are(in, value, GUIDE_CHOICES, is_choice);
}

/* Only the contract's two IDs, and only those in hand. */
static bool is_secret(const struct step_input *in, const struct json *value)
{
	uint32_t has = in->contract ? in->contract->flags : 0;

	return (text_is(json_text(value), "access_id") && (has & PORTAL_HAS_ACCESS_ID)) ||
	    (text_is(json_text(value), "contract_id") && (has & PORTAL_HAS_CONTRACT_ID));
}

static bool are_secrets(const struct step_input *in, const struct json *value)
{
	return all_are(in, value, 2, is_secret);
}

static bool is_word(const struct step_input *in, const struct json *value)
{
	(void)in;
	return is_answer_word(json_text(value));
}

static bool is_answer(const struct step_input *in, const struct json *value)
{
	const struct json *optional = json_get(value, "optional");

	return json_length(value) == (optional ? 4u : 3u) && is_word(in, json_get(value, "code")) &&
	    json_get_chars(value, "meaning") &&
	    all_are(in, json_get(value, "values"), 100, is_word) &&
	    (!optional || all_are(in, optional, 100, is_word));
}

/* Every guide can be answered by taken_over: that code is the host's. */
static bool is_told_apart(const struct json *answers)
{
	for (size_t i = 0; i < json_length(answers); i++) {
		if (text_same(json_get_chars(json_at(answers, i), "code"), "taken_over"))
			return false;
		for (size_t k = 0; k < i; k++)
			if (text_same(json_get_chars(json_at(answers, i), "code"),
				json_get_chars(json_at(answers, k), "code")))
				return false;
	}
	return true;
}

static bool are_answers(const struct step_input *in, const struct json *value)
{
	return all_are(in, value, GUIDE_ANSWERS, is_answer) && is_told_apart(value);
}

static bool is_due(const struct step_input *in, const struct json *value)
{
	int64_t ms = json_number(value, 0);

	(void)in;
	return ms > 0 && ms <= 90 * INSTANT_DAY;
}

static const struct {
	const char *name;
	rule *is_right;
} members[] = {
	{ "title", is_text },
	{ "sign_in", is_text },
	{ "link", is_link },
	{ "steps", are_steps },
	{ "fields", are_fields },
	{ "secrets", are_secrets },
	{ "choices", are_choices },
	{ "answers", are_answers },
	{ "due_ms", is_due },
};

static bool is_member(const struct step_input *in, const char *name, const struct json *value)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (strcmp(members[i].name, name) == 0)
			return members[i].is_right(in, value);
	return false;
}

const char *guide_judge_by_hand(
    const struct step_input *in, const struct json *guide, struct arena *arena)
{
	static const char *const hosts[] = { "title", "fields", "secrets", "choices", "answers" };

	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		if (json_get(guide, hosts[i]))
			return arena_format(
			    arena, "with BY_HAND the guide's member '%s' is the host's", hosts[i]);
	return guide_judge(in, guide, arena);
}

const char *guide_judge(const struct step_input *in, const struct json *guide, struct arena *arena)
{
	const char *name;
	struct json *value;
	void *cursor = NULL;

	while (json_next(guide, &cursor, &name, &value))
		if (!is_member(in, name, value))
			return arena_format(
			    arena, "the guide's '%.40s' is not what it may be", name);
	return NULL;
}
