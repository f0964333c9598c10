/*
 * Any bytes as a token, and as a JWK set, parted by a NUL byte: what is read is held against an
 * issuer and a set of good keys. Nothing that a fuzzer can make is ever proven: the keys are
 * nobody's.
 */
#include "service/jwt.h"
#include "service/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char good_set[] =
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"e\","
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}"; /* RFC 7515, A.3 */

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void try_token(struct text token, const struct jwt_keys *keys)
{
	struct issuer issuer = { .name = "i",
		.url = "https://i.example",
		.audiences = TEXT("a"),
		.algorithms = 7,
		.subject = "sub",
		.claim = "roles",
		.values = { TEXT("A"), TEXT("B"), TEXT(""), TEXT(""), TEXT("") } };
	struct failure why = { 0 }, ignored = { 0 };
	struct arena *arena = arena_new();
	struct jwt jwt;

	if (jwt_read(&jwt, token, &why)) {
		must(jwt.algorithm != 0, "an algorithm is known");
		if (jwt_fits(&jwt, &issuer, 1700000000000, &ignored))
			must(strlen(jwt_caller(&jwt, &issuer, arena)) <= 130, "a name is short");
		must(jwt_roles(&jwt, &issuer) < 4, "roles are those that are mapped");
		must(jwt_prove(&jwt, keys) != JWT_PROVEN, "nothing is proven");
	} else {
		must(why.kind != FAILURE_NONE, "a refusal says why");
	}
	jwt_free(&jwt);
	arena_free(arena);
}

static void try_trace(struct text field)
{
	struct trace trace = trace_begin(field);
	char out[TRACE_TEXT];

	must(strlen(trace_write(&trace, out)) == TRACE_TEXT - 1, "a trace has its length");
	must(!trace_begin(text_of(out)).is_new, "what is written is read");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const uint8_t *end = n ? memchr(bytes, 0, n) : NULL;
	size_t first = end ? (size_t)(end - bytes) : n;
	char *token = memory_copy(n ? (const void *)bytes : "", first);
	struct text rest = { end ? (const char *)end + 1 : "", end ? n - first - 1 : 0 };
	struct failure why = { 0 };
	struct jwt_keys *good = jwt_keys_read(text_of(good_set), NULL),
			*keys = jwt_keys_read(rest, &why);

	must(good != NULL, "the good set is read");
	must((keys != NULL) == (why.kind == FAILURE_NONE), "a refusal says why");
	try_token((struct text){ token, first }, good);
	try_trace((struct text){ token, first });
	jwt_keys_free(keys);
	jwt_keys_free(good);
	free(token);
	return 0;
}
