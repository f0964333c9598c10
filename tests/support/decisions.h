/*
 * decisions.h - policies, requests and facts for tests, and what a decision must be
 *
 * A vector is one line of JSON: { "id", "request", "facts", "expect" } and, where
 * the delivered configuration is not meant, "policy": a file of tests/data/policies.
 */
#ifndef TESTS_SUPPORT_DECISIONS_H
#define TESTS_SUPPORT_DECISIONS_H

#include "config/config.h"
#include "decide/decide.h"
#include "decide/policy.h"

struct desk_policy {
	struct config *config;
	struct problems *problems;
	struct policy *policy;
};

/* The configuration that is delivered (conf/), or any other; fails the test on errors. */
void desk_policy_read(struct desk_policy *, const char *path);
/* The same from INI text, with the delivered profiles, portals and catalogue if `with_conf`. */
void desk_policy_text(struct desk_policy *, const char *ini, bool with_conf);
void desk_policy_free(struct desk_policy *);

/* Decides two JSON texts; NULL and *why when they are refused. free with json_free. */
struct json *desk_decide(
    const struct policy *, const struct json *request, const struct json *facts, struct failure *);
struct json *desk_json(const char *text); /* fails the test if it is not JSON */

/* Does the decision (NULL: refused because of `why`) fit? What does not is added to `said`. */
bool desk_expect(const struct json *decision, const struct failure *why, const struct json *expect,
    struct buffer *said);

/* Every vector of a file below tests/data, in order; returns how many. */
typedef void desk_visitor(void *context, const char *id, const struct json *vector,
    const struct json *decision, const struct failure *why);
unsigned desk_vectors(const char *file, desk_visitor *, void *context);

#endif
