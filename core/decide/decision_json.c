/* The decision as JSON: design 4.1, stable; other programs depend on it. */
#include "decide/decide.h"
#include "decide/words.h"
#include "decide/write.h"

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

static void write_steps(struct json_out *out, unsigned steps)
{
	json_out_open(out, "steps", '[');
	if (steps & STEP_ACTIVATE)
		json_out_string(out, NULL, "activate");
	if (steps & STEP_LINK)
		json_out_string(out, NULL, "link");
	if (steps & STEP_ALLOW)
		json_out_string(out, NULL, "allow");
	json_out_close(out, ']');
}

static void write_strings(
    struct json_out *out, const char *name, const char *const *strings, unsigned n)
{
	json_out_open(out, name, '[');
	for (unsigned i = 0; i < n; i++)
		json_out_string(out, NULL, strings[i]);
	json_out_close(out, ']');
}

static void write_unavailable(struct json_out *out, const struct decision *d)
{
	json_out_open(out, "unavailable", '[');
	for (unsigned i = 0; i < d->n_unavailable; i++) {
		json_out_open(out, NULL, '{');
		json_out_string(out, "plan", plan_name(d->unavailable[i].plan));
		json_out_string(out, "contract", d->unavailable[i].contract);
		json_out_string(out, "cause", d->unavailable[i].cause);
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

static void write_reasons(struct json_out *out, const struct decision *d)
{
	json_out_open(out, "reasons", '[');
	for (unsigned i = 0; i < d->n_reasons; i++) {
		const struct reason *r = &d->reasons[i];

		json_out_open(out, NULL, '{');
		json_out_string(out, "rule", r->rule);
		json_out_string(out, "text", r->text);
		json_out_open(out, "saw", '{');
		for (unsigned k = 0; k < r->n_saw; k++)
			json_out_string(out, r->saw[k].name, r->saw[k].value);
		json_out_close(out, '}');
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

static void write_uses(struct json_out *out, const struct decision *d)
{
	if (!d->uses.contract || d->outcome != OUTCOME_ALLOW) {
		json_out_null(out, "uses");
		return;
	}
	json_out_open(out, "uses", '{');
	json_out_string(out, "contract", d->uses.contract);
	json_out_number(out, "incidents", d->uses.incidents);
	write_count(out, "remaining", d->uses.remaining);
	json_out_close(out, '}');
}

static void write_entitled(struct json_out *out, const struct decision *d)
{
	json_out_open(out, "entitled", '{');
	write_count(out, "on_premises", d->entitled.on_premises);
	write_count(out, "cloud", d->entitled.cloud);
	json_out_close(out, '}');
}

void decision_write(const struct decision *d, struct buffer *to)
{
	struct json_out out = { to, false };

	json_out_open(&out, NULL, '{');
	json_out_string(&out, "schema", "caseroute.decision/1");
	json_out_string(&out, "outcome", outcome_name(d->outcome));
	write_steps(&out, d->steps);
	json_out_string(&out, "portal", d->portal);
	json_out_string(&out, "workload", d->workload);
	json_out_string(&out, "environment", word_of(environment_words, (int)d->environment));
	json_out_string(&out, "plan", plan_name(d->plan));
	json_out_string(&out, "contract", d->contract);
	json_out_string(&out, "link", link_name(d->link));
	json_out_string(&out, "message", d->message);
	json_out_string(&out, "cause", d->cause);
	write_strings(&out, "ask", d->ask, d->n_ask);
	json_out_string(&out, "redirect", d->redirect);
	write_strings(&out, "advise", d->advise, d->n_advise);
	write_strings(&out, "inform", d->inform, d->n_inform);
	write_unavailable(&out, d);
	json_out_string(&out, "route", d->route);
	write_entitled(&out, d);
	write_uses(&out, d);
	write_reasons(&out, d);
	json_out_close(&out, '}');
}

struct json *decision_json(const struct decision *d)
{
	struct buffer text = { 0 };

	decision_write(d, &text);
	return json_from(&text);
}
