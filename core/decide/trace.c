#include "decide/trace.h"

#include <string.h>

void trace_reason(struct deciding *s, const char *rule, const char *text)
{
	if (s->d->n_reasons < DECISION_REASONS)
		s->d->reasons[s->d->n_reasons++] = (struct reason){ .rule = rule, .text = text };
}

void trace_saw(struct deciding *s, const char *name, const char *value)
{
	struct reason *last = s->d->n_reasons ? &s->d->reasons[s->d->n_reasons - 1] : NULL;

	if (last && last->n_saw < sizeof last->saw / sizeof last->saw[0])
		last->saw[last->n_saw++] = (struct saw){ name, value ? value : "unknown" };
}

void trace_inform(struct deciding *s, const char *text)
{
	if (s->d->n_inform < DECISION_INFORMS)
		s->d->inform[s->d->n_inform++] = text;
}

static bool has_word(const char *const *words, unsigned n, const char *word)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

void trace_ask(struct deciding *s, const char *member)
{
	if (s->d->n_ask < DECISION_ASKS && !has_word(s->d->ask, s->d->n_ask, member))
		s->d->ask[s->d->n_ask++] = member;
}

/* The table doubles when it is full: at 8, 16, 32 ... */
static void make_room(struct deciding *s)
{
	unsigned n = s->d->n_unavailable;
	struct unavailable *bigger;

	if (n && (n < 8 || (n & (n - 1))))
		return;
	bigger = arena_take(s->arena, (n < 8 ? 8 : n * 2) * sizeof *bigger);
	if (n)
		memcpy(bigger, s->d->unavailable, n * sizeof *bigger);
	s->d->unavailable = bigger;
}

void trace_unavailable(
    struct deciding *s, enum plan_id plan, const char *contract, const char *cause)
{
	for (unsigned i = 0; i < s->d->n_unavailable; i++)
		if (s->d->unavailable[i].plan == plan &&
		    text_same(s->d->unavailable[i].contract, contract))
			return;
	make_room(s);
	s->d->unavailable[s->d->n_unavailable++] = (struct unavailable){ plan, contract, cause };
}

static void advise(struct deciding *s, const char *plan)
{
	if (s->d->n_advise < DECISION_ADVICE && !has_word(s->d->advise, s->d->n_advise, plan))
		s->d->advise[s->d->n_advise++] = plan;
}

void trace_advise(struct deciding *s, bool offers_first)
{
	bool is_cloud = s->d->environment == ENVIRONMENT_CLOUD;

	if (offers_first)
		advise(s, "purchase-offer");
	advise(s, "premier");
	advise(s, is_cloud ? "advanced" : "pay-per-incident");
	trace_reason(s, "R43", "Paid support can serve this request instead.");
	trace_reason(s, is_cloud ? "R45" : "R44",
	    is_cloud
		? "Advanced Support for Partners serves cloud products; Premier Support serves all."
		: "Premier Support serves on-premises products too.");
}

const char *trace_count(struct deciding *s, int64_t remaining)
{
	if (remaining == REMAINING_UNKNOWN)
		return "unknown";
	if (remaining == REMAINING_UNLIMITED)
		return "unlimited";
	return arena_format(s->arena, "%lld", (long long)remaining);
}

/* ---- ends --------------------------------------------------------------------- */

/* A plan tried before may have been refused: what it left behind stays in
 * `unavailable` and the reasons, not in the outcome. */
static void forget(struct decision *d)
{
	d->plan = PLAN_NONE;
	d->contract = d->message = d->cause = d->redirect = NULL;
	d->n_advise = d->n_ask = 0;
}

void settle_ask(struct deciding *s, const char *cause, const char *member)
{
	forget(s->d);
	s->d->outcome = OUTCOME_ASK;
	s->d->cause = cause;
	if (member)
		trace_ask(s, member);
}

void settle_deny(struct deciding *s, const char *cause, const char *message)
{
	forget(s->d);
	s->d->outcome = OUTCOME_DENY;
	s->d->cause = cause;
	s->d->message = message;
}

void settle_redirect(struct deciding *s, const char *cause, const char *goal)
{
	forget(s->d);
	s->d->outcome = OUTCOME_REDIRECT;
	s->d->cause = cause;
	s->d->redirect = goal;
}

void settle_allow(struct deciding *s, enum plan_id plan, enum link_state link)
{
	struct decision *d = s->d;

	forget(d);
	d->outcome = OUTCOME_ALLOW;
	d->plan = plan;
	d->link = link;
	d->steps = STEP_ALLOW | (link == LINK_LINK ? (unsigned)STEP_LINK : 0u);
}
