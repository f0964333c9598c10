/*
 * Any REQUEST and FACTS against the delivered policy, parted by a NUL byte: refused
 * or decided, twice with the same bytes, and never against the invariants.
 */
#include "config/config.h"
#include "decide/decide.h"
#include "decide/policy.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static const struct policy *delivered(void)
{
	static struct config *config; /* the policy's texts live in it */
	static struct policy *policy;
	struct problems *problems;

	if (policy)
		return policy;
	problems = problems_new();
	config = config_read(SOURCE_DIR "/conf", problems);
	policy = policy_read(config, problems);
	must(!problems_count(problems, PROBLEM_ERROR), "the delivered configuration is right");
	problems_free(problems);
	return policy;
}

static char *line_of_request(const struct request *r)
{
	struct buffer text = { 0 };

	request_write(r, &text);
	return buffer_steal(&text);
}

static char *line_of_facts(const struct facts *f)
{
	struct buffer text = { 0 };

	facts_write(f, &text);
	return buffer_steal(&text);
}

static char *line_of_decision(const struct decision *d)
{
	struct buffer text = { 0 };
	struct json *read;

	decision_write(d, &text);
	read = json_read(buffer_as_text(&text), "decision", 1 << 24, NULL);
	must(read != NULL, "a decision is written as JSON");
	json_free(read);
	return buffer_steal(&text);
}

/* What was read is written, and what was written is read as the same. */
static void check_round_trip(const struct request *r, const struct facts *f, struct arena *arena)
{
	char *request = line_of_request(r), *facts = line_of_facts(f), *again;
	struct json *a = json_read(text_of(request), "request", 1 << 24, NULL);
	struct json *b = json_read(text_of(facts), "facts", 1 << 24, NULL);
	struct request r2;
	struct facts f2;

	must(request_read(a, arena, &r2, NULL), "a written request is a request");
	must(facts_read(b, arena, &f2, NULL), "written facts are facts");
	again = line_of_request(&r2);
	must(strcmp(request, again) == 0, "a request is written as it was read");
	free(again);
	again = line_of_facts(&f2);
	must(strcmp(facts, again) == 0, "facts are written as they were read");
	free(again);
	free(request);
	free(facts);
	json_free(a);
	json_free(b);
}

static void check_invariants(const struct request *r, const struct decision *d)
{
	bool allows = d->outcome == OUTCOME_ALLOW;

	must(d->n_reasons > 0, "a decision has a reason");
	must(!allows || (d->portal && d->plan && !d->n_ask), "allow is complete");
	must(d->outcome != OUTCOME_ASK || d->n_ask, "ask asks");
	must(d->outcome != OUTCOME_DENY || d->cause, "deny has a cause");
	must(allows || d->outcome == OUTCOME_ACTIVATE_FIRST || !d->steps, "else no steps");
	must(r->kind != KIND_PROBE || (!d->steps && !d->uses.contract), "a probe uses nothing");
	for (unsigned i = 0; i < d->n_advise; i++)
		must(d->environment != ENVIRONMENT_ON_PREMISES ||
			strcmp(d->advise[i], "advanced") != 0,
		    "no Advanced Support on-premises");
}

static void check(const struct request *r, struct facts *f, struct arena *arena)
{
	struct decision first, second;
	char *a, *b;

	if (f->now == INSTANT_UNKNOWN)
		f->now = 1622538000000; /* 2021-06-01 */
	check_round_trip(r, f, arena);
	if (!decide(delivered(), f, r, arena, &first, NULL))
		return;
	must(decide(delivered(), f, r, arena, &second, NULL), "twice the same");
	check_invariants(r, &first);
	a = line_of_decision(&first);
	b = line_of_decision(&second);
	must(strcmp(a, b) == 0, "same input, same bytes");
	free(a);
	free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const uint8_t *end = n ? memchr(bytes, 0, n) : NULL;
	size_t first = end ? (size_t)(end - bytes) : n, rest = end ? n - first - 1 : 0;
	struct json *request =
	    json_read((struct text){ n ? (const char *)bytes : "", first }, "request", 0, NULL);
	struct json *facts =
	    json_read((struct text){ rest ? (const char *)end + 1 : "", rest }, "facts", 0, NULL);
	struct failure why = { 0 };
	struct arena *arena = arena_new();
	struct request r;
	struct facts f;

	if (request && facts && request_read(request, arena, &r, &why) &&
	    facts_read(facts, arena, &f, &why))
		check(&r, &f, arena);
	json_free(request);
	json_free(facts);
	arena_free(arena);
	return 0;
}
