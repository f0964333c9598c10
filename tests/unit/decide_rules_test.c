/* Every rule that fixes something is among the reasons of some vector. */
#include "support/decisions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define RULES 46

/* Rules that no decision can give as its reason, and why. */
static const struct {
	unsigned rule;
	const char *why;
} silent[] = {
	{ 3, "names the roles; R11, R24 and R41 say what each may do" },
	{ 5, "where benefits are viewed: nothing follows from it but R6 and R9" },
	{ 32, "points to a page" },
	{ 33, "who may use the cloud plan: R19 counts it" },
	{ 36, "what Azure shows on a second link: R15 and R37 act on it" },
	{ 42, "sends to R38, R39 and R21" },
};

/* Switches, readings and routes that must be seen as well. */
static const char *const others[] = { "V1", "V3", "O1", "O6", "route" };

struct seen {
	unsigned rules[RULES + 1];
	unsigned others[sizeof others / sizeof others[0]];
};

static void note(struct seen *seen, const char *rule)
{
	unsigned number;

	if (sscanf(rule, "R%u", &number) == 1 && number >= 1 && number <= RULES)
		seen->rules[number]++;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		seen->others[i] += strcmp(others[i], rule) == 0;
}

static void collect(void *context, const char *id, const struct json *vector,
    const struct json *decision, const struct failure *why)
{
	const struct json *reasons = json_get(decision, "reasons");

	(void)vector;
	(void)why;
	if (decision && !json_length(reasons))
		fail_msg("%s is decided without a reason", id);
	for (size_t i = 0; i < json_length(reasons); i++)
		note(context, json_get_chars(json_at(reasons, i), "rule"));
}

static const char *silence_of(unsigned rule)
{
	for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
		if (silent[i].rule == rule)
			return silent[i].why;
	return NULL;
}

static void every_rule_is_the_reason_of_a_vector(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	desk_vectors("decision-vectors.jsonl", collect, &seen);
	desk_vectors("decision-more.jsonl", collect, &seen);
	for (unsigned rule = 1; rule <= RULES; rule++) {
		if (!seen.rules[rule] && !silence_of(rule))
			fail_msg("no vector has R%u among its reasons", rule);
		if (seen.rules[rule] && silence_of(rule))
			fail_msg("R%u is a reason after all: it %s", rule, silence_of(rule));
	}
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (!seen.others[i])
			fail_msg("no vector has %s among its reasons", others[i]);
}

struct covered {
	struct buffer words; /* "|allow|deny|..." of one member */
	const char *member;
};

static void gather(void *context, const char *id, const struct json *vector,
    const struct json *decision, const struct failure *why)
{
	struct covered *covered = context;
	const char *word = json_get_chars(decision, covered->member);

	(void)id;
	(void)vector;
	(void)why;
	if (word)
		buffer_format(&covered->words, "|%s|", word);
}

static void every_word_of_the_answer_is_seen(void **state)
{
	static const struct {
		const char *member, *words;
	} cases[] = {
		{ "outcome", "allow ask deny redirect activate-first inform" },
		{ "link", "link skip none" },
		{ "message", "M1 M2" },
		{ "plan", "partner-support signature-cloud csp premier advanced included" },
		{ "cause",
		    "expired exhausted old-product not-included not-entitled no-offers "
		    "wrong-account csp-only no-role not-activated half-pair not-an-incident "
		    "unknown-product ambiguous-product unknown-release unknown-validity no-route" },
		{ "redirect",
		    "tpd partner-admin mpn-account other-account provider regional-activation "
		    "billing partner-center other-desk" },
		{ "environment", "on-premises cloud" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct covered covered = { .member = cases[i].member };
		struct text rest = text_of(cases[i].words), word;

		desk_vectors("decision-vectors.jsonl", gather, &covered);
		desk_vectors("decision-more.jsonl", gather, &covered);
		while (text_split(&rest, ' ', &word)) {
			char wanted[64];

			snprintf(wanted, sizeof wanted, "|%.*s|", TEXT_ARGS(word));
			if (!strstr(covered.words.p, wanted))
				fail_msg("no vector ends with %s %s", cases[i].member, wanted);
		}
		buffer_free(&covered.words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_is_the_reason_of_a_vector),
		cmocka_unit_test(every_word_of_the_answer_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
