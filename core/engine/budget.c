#include "engine/budget.h"
#include "engine/view.h"

#include <string.h>

enum { LOW, LOW_PERCENT, ENDS, ENDS_NEXT, N_OPTIONS };

static const struct option options[N_OPTIONS] = {
	[LOW] = { .name = "low",
	    .type = OPTION_INTEGER,
	    .fallback = "2",
	    .max = 1000000,
	    .help = "incidents left of a contract of which it is told" },
	[LOW_PERCENT] = { .name = "low_percent",
	    .type = OPTION_INTEGER,
	    .fallback = "10",
	    .max = 100,
	    .help = "the same as a part of what the contract had" },
	[ENDS] = { .name = "ends_soon",
	    .type = OPTION_DURATION,
	    .fallback = "30d",
	    .help = "how long before a contract's end it is told of it" },
	[ENDS_NEXT] = { .name = "ends_next",
	    .type = OPTION_DURATION,
	    .fallback = "7d",
	    .help = "and again" },
};

void budget_read(struct budget_limits *limits, struct config *config, struct problems *problems)
{
	struct config_section *section = config_find_section(config, "budget", "");
	struct value v[N_OPTIONS];

	if (section)
		option_read(config, section, options, N_OPTIONS, v, problems);
	else
		for (size_t i = 0; i < N_OPTIONS; i++)
			option_parse(&options[i], text_of(options[i].fallback), &v[i], NULL);
	*limits = (struct budget_limits){ .low = v[LOW].number,
		.low_percent = v[LOW_PERCENT].number,
		.ends_soon = v[ENDS].number,
		.ends_next = v[ENDS_NEXT].number };
}

/* ---- words ------------------------------------------------------------------------ */

static const char *const words[N_BUDGET_KINDS] = {
	[BALANCE_LOW] = "contract balance low",
	[ENDS_SOON] = "contract ends soon",
	[LINK_MISSING] = "link missing",
	[BENEFIT_NOT_ACTIVATED] = "benefit not activated",
};

const char *budget_word(enum budget_kind kind)
{
	return words[kind];
}

bool budget_is_event(const char *what)
{
	for (size_t i = 0; i < N_BUDGET_KINDS; i++)
		if (text_same(words[i], what))
			return true;
	return false;
}

/* ---- rules ------------------------------------------------------------------------- */

const char *budget_balance(const struct budget_limits *limits, int64_t left, int64_t granted)
{
	if (left == REMAINING_UNKNOWN || left == REMAINING_UNLIMITED)
		return NULL;
	if (left <= 0)
		return "none left";
	if (left <= limits->low)
		return "low";
	return granted > 0 && granted != REMAINING_UNLIMITED &&
		left <=
		    granted / 100 * limits->low_percent + granted % 100 * limits->low_percent / 100
	    ? "low"
	    : NULL;
}

const char *budget_end(
    const struct budget_limits *limits, instant end, instant now, struct arena *arena)
{
	char date[INSTANT_TEXT];

	if (end == INSTANT_UNKNOWN || now > end || end - now > limits->ends_soon)
		return NULL;
	return arena_format(arena, "%s %s", end - now > limits->ends_next ? "soon" : "next",
	    instant_write_date(end, date));
}

const char *budget_link(const struct contract_fact *contract, bool is_used, instant now)
{
	return is_used && contract->linked == TRI_NO &&
		text_same(view_condition(contract, now), "usable")
	    ? "missing"
	    : NULL;
}

const char *budget_benefit(enum tristate activated)
{
	return activated == TRI_NO ? "not activated" : NULL;
}
