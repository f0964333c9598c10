/* The decision as JSON: design 4.1, stable; other programs depend on it. */
#include "decide/decide.h"
#include "decide/words.h"

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = { "allow", "ask", "deny", "redirect", "activate-first",
		"inform" };

	return names[outcome];
}

const char *link_name(enum link_state link)
{
	static const char *const names[] = { "none", "link", "skip" };

	return names[link];
}

static struct json *steps_json(unsigned steps)
{
	struct json *list = json_new_array();

	if (steps & STEP_ACTIVATE)
		json_append(list, json_new_string("activate"));
	if (steps & STEP_LINK)
		json_append(list, json_new_string("link"));
	if (steps & STEP_ALLOW)
		json_append(list, json_new_string("allow"));
	return list;
}

static struct json *strings_json(const char *const *strings, unsigned n)
{
	struct json *list = json_new_array();

	for (unsigned i = 0; i < n; i++)
		json_append(list, json_new_string(strings[i]));
	return list;
}

static struct json *count_json(int64_t count)
{
	if (count == REMAINING_UNKNOWN)
		return json_new_null();
	return count == REMAINING_UNLIMITED ? json_new_string("unlimited") : json_new_number(count);
}

static struct json *unavailable_json(const struct decision *d)
{
	struct json *list = json_new_array();

	for (unsigned i = 0; i < d->n_unavailable; i++) {
		struct json *one = json_new_object();

		json_set(one, "plan", json_new_string(plan_name(d->unavailable[i].plan)));
		json_set(one, "contract", json_new_string(d->unavailable[i].contract));
		json_set(one, "cause", json_new_string(d->unavailable[i].cause));
		json_append(list, one);
	}
	return list;
}

static struct json *reasons_json(const struct decision *d)
{
	struct json *list = json_new_array();

	for (unsigned i = 0; i < d->n_reasons; i++) {
		const struct reason *r = &d->reasons[i];
		struct json *one = json_new_object(), *saw = json_new_object();

		for (unsigned k = 0; k < r->n_saw; k++)
			json_set(saw, r->saw[k].name, json_new_string(r->saw[k].value));
		json_set(one, "rule", json_new_string(r->rule));
		json_set(one, "text", json_new_string(r->text));
		json_set(one, "saw", saw);
		json_append(list, one);
	}
	return list;
}

static struct json *uses_json(const struct decision *d)
{
	struct json *uses;

	if (!d->uses.contract || d->outcome != OUTCOME_ALLOW)
		return json_new_null();
	uses = json_new_object();
	json_set(uses, "contract", json_new_string(d->uses.contract));
	json_set(uses, "incidents", json_new_number(d->uses.incidents));
	json_set(uses, "remaining", count_json(d->uses.remaining));
	return uses;
}

static struct json *entitled_json(const struct decision *d)
{
	struct json *entitled = json_new_object();

	json_set(entitled, "on_premises", count_json(d->entitled.on_premises));
	json_set(entitled, "cloud", count_json(d->entitled.cloud));
	return entitled;
}

struct json *decision_write(const struct decision *d)
{
	struct json *o = json_new_object();

	json_set(o, "schema", json_new_string("caseroute.decision/1"));
	json_set(o, "outcome", json_new_string(outcome_name(d->outcome)));
	json_set(o, "steps", steps_json(d->steps));
	json_set(o, "portal", json_new_string(d->portal));
	json_set(o, "workload", json_new_string(d->workload));
	json_set(
	    o, "environment", json_new_string(word_of(environment_words, (int)d->environment)));
	json_set(o, "plan", json_new_string(plan_name(d->plan)));
	json_set(o, "contract", json_new_string(d->contract));
	json_set(o, "link", json_new_string(link_name(d->link)));
	json_set(o, "message", json_new_string(d->message));
	json_set(o, "cause", json_new_string(d->cause));
	json_set(o, "ask", strings_json(d->ask, d->n_ask));
	json_set(o, "redirect", json_new_string(d->redirect));
	json_set(o, "advise", strings_json(d->advise, d->n_advise));
	json_set(o, "inform", strings_json(d->inform, d->n_inform));
	json_set(o, "unavailable", unavailable_json(d));
	json_set(o, "route", json_new_string(d->route));
	json_set(o, "entitled", entitled_json(d));
	json_set(o, "uses", uses_json(d));
	json_set(o, "reasons", reasons_json(d));
	return o;
}
