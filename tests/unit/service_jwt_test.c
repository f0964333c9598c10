/* Tokens against keys and claims: the examples of RFC 7515, and what is no token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/jwt.h"

#include <stdio.h>
#include <string.h>

#define X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC(more) "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" Y "\"" more "}"
#define SET(keys) "{\"keys\":[" keys "]}"

/* RFC 7515, A.3: signed with ES256, {"iss":"joe","exp":1300819380,...}, no kid. */
#define HEADER "eyJhbGciOiJFUzI1NiJ9"
#define CLAIMS                                                                                     \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0" \
	"cnVlfQ"
#define SIGNATURE                                                                                  \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define TOKEN HEADER "." CLAIMS "." SIGNATURE

static enum jwt_proof prove(const char *token, const char *set)
{
	struct jwt_keys *keys = jwt_keys_read(text_of(set), NULL);
	struct jwt jwt;
	enum jwt_proof proof;

	assert_non_null(keys);
	assert_true(jwt_read(&jwt, text_of(token), NULL));
	proof = jwt_prove(&jwt, keys);
	jwt_free(&jwt);
	jwt_keys_free(keys);
	return proof;
}

static void the_example_of_the_standard_is_proven(void **state)
{
	(void)state;
	assert_int_equal(prove(TOKEN, SET(EC(""))), JWT_PROVEN);
	assert_int_equal(prove(HEADER "." CLAIMS "."
				      "EtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8I"
				      "SlSApmWQxfKTUJqPP3-Kg6NU1Q",
			     SET(EC(""))),
	    JWT_FORGED);
}

static void without_a_kid_there_must_be_one_key_only(void **state)
{
	(void)state;
	assert_int_equal(
	    prove(TOKEN, SET(EC(",\"kid\":\"a\"") "," EC(",\"kid\":\"b\""))), JWT_FORGED);
}

static void what_is_no_token_is_not_read(void **state)
{
	static const char *const wrong[] = { "", ".", "..", "...", "a.b.c", HEADER "." CLAIMS,
		HEADER "." CLAIMS ".", HEADER "." CLAIMS "." SIGNATURE "=", TOKEN ".", "." TOKEN,
		HEADER ".." SIGNATURE, " " TOKEN, TOKEN " ", HEADER "=." CLAIMS "." SIGNATURE,
		"eyJhbGciOiJFUzI1NiK9." CLAIMS "." SIGNATURE, HEADER ".W10." SIGNATURE,
		/* {"alg":"none"} {"alg":"HS256"} {"alg":"es256"} {"alg":["ES256"]} {} */
		"eyJhbGciOiJub25lIn0." CLAIMS "." SIGNATURE,
		"eyJhbGciOiJIUzI1NiJ9." CLAIMS "." SIGNATURE,
		"eyJhbGciOiJlczI1NiJ9." CLAIMS "." SIGNATURE,
		"eyJhbGciOlsiRVMyNTYiXX0." CLAIMS "." SIGNATURE, "e30." CLAIMS "." SIGNATURE };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct failure why = { 0 };
		struct jwt jwt;

		if (jwt_read(&jwt, text_of(wrong[i]), &why))
			fail_msg("was read: %s", wrong[i]);
		assert_int_not_equal(why.kind, FAILURE_NONE);
		jwt_free(&jwt);
	}
}

static void a_set_holds_only_keys_that_can_be_used(void **state)
{
	static const struct {
		const char *set;
		size_t n; /* 0: refused */
	} cases[] = {
		{ SET(EC("")), 1 },
		{ SET(EC(",\"use\":\"sig\",\"alg\":\"ES256\",\"key_ops\":[\"verify\"]")), 1 },
		{ SET(EC(",\"x5t\":\"unknown members are fine\"")), 1 },
		{ SET(EC(",\"use\":\"enc\"")), 0 },
		{ SET(EC(",\"key_ops\":[\"sign\"]")), 0 },
		{ SET(EC(",\"alg\":\"ES384\"")), 0 },
		{ SET(EC(",\"alg\":7")), 0 },
		{ SET(EC(",\"kid\":7")), 0 },
		{ SET("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" X "\",\"y\":\"" Y "\"}"), 0 },
		/* not on the curve */
		{ SET("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" X "\"}"), 0 },
		{ SET("{\"kty\":\"oct\",\"k\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"),
		    0 },
		{ SET("{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}"), 0 }, /* far too small */
		{ SET("7,null,[],{}," EC("")), 1 },
		{ "{\"keys\":[]}", 0 },
		{ "{\"keys\":{}}", 0 },
		{ "{}", 0 },
		{ "[]", 0 },
		{ "", 0 },
		{ "<html>", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct failure why = { 0 };
		struct jwt_keys *keys = jwt_keys_read(text_of(cases[i].set), &why);

		if ((keys ? jwt_keys_count(keys) : 0) != cases[i].n)
			fail_msg("%s", cases[i].set);
		assert_int_equal(why.kind == FAILURE_NONE, cases[i].n > 0);
		jwt_keys_free(keys);
	}
}

/* Claims alone; bats has them signed. */
static bool fits(const char *claims, instant now)
{
	struct issuer issuer = { .url = "i",
		.audiences = TEXT("a, b"),
		.algorithms = ISSUER_ES256,
		.skew_ms = 30000,
		.subject = "sub" };
	struct jwt jwt = { .algorithm = ISSUER_ES256 };
	bool is_ok;

	jwt.claims = json_read(text_of(claims), "claims", 0, NULL);
	assert_non_null(jwt.claims);
	is_ok = jwt_fits(&jwt, &issuer, now, NULL);
	jwt_free(&jwt);
	return is_ok;
}

static void a_token_is_in_force_from_its_beginning_to_its_end_give_or_take_the_skew(void **state)
{
	static const char claims[] =
	    "{\"iss\":\"i\",\"aud\":\"b\",\"sub\":\"s\",\"iat\":1000,\"nbf\":1100,\"exp\":2000}";

	(void)state;
	assert_false(fits(claims, 1069999));
	assert_true(fits(claims, 1070000));
	assert_true(fits(claims, 2029999));
	assert_false(fits(claims, 2030000));
}

static void times_that_are_no_whole_seconds_are_refused(void **state)
{
	static const char *const wrong[] = { "1999.5", "\"2000\"", "-1", "null", "true", "[2000]",
		"9223372036854775807", "253402300800", "1e99" };
	char claims[200];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(claims, sizeof claims,
		    "{\"iss\":\"i\",\"aud\":\"b\",\"sub\":\"s\",\"iat\":1000,\"exp\":%s}",
		    wrong[i]);
		if (fits(claims, 1500000))
			fail_msg("%s", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_standard_is_proven),
		cmocka_unit_test(without_a_kid_there_must_be_one_key_only),
		cmocka_unit_test(what_is_no_token_is_not_read),
		cmocka_unit_test(a_set_holds_only_keys_that_can_be_used),
		cmocka_unit_test(
		    a_token_is_in_force_from_its_beginning_to_its_end_give_or_take_the_skew),
		cmocka_unit_test(times_that_are_no_whole_seconds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
