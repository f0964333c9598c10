/* What signs an event, and how: Standard Webhooks 1.0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/signature.h"

#include <stdlib.h>
#include <string.h>

static struct failure why;

static bool key_of(const char *secret, struct buffer *key)
{
	buffer_free(key);
	*key = (struct buffer){ 0 };
	why = (struct failure){ 0 };
	return signature_key(text_of(secret), key, &why);
}

/* The vector of the specification's own libraries. */
static void the_known_vector_is_signed_as_known(void **state)
{
	struct buffer key = { 0 }, out = { 0 };

	(void)state;
	assert_true(key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &key));
	signature_write(&out, buffer_as_text(&key), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
	    TEXT("{\"test\": 2432232314}"));
	assert_string_equal(out.p, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	buffer_free(&out);
	buffer_wipe(&key);
}

static void the_prefix_of_a_secret_may_be_left_out(void **state)
{
	struct buffer with = { 0 }, without = { 0 };

	(void)state;
	assert_true(key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &with));
	assert_true(key_of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &without));
	assert_true(text_equal(buffer_as_text(&with), buffer_as_text(&without)));
	assert_int_equal(with.n, 24);
	buffer_wipe(&with);
	buffer_wipe(&without);
}

static void secrets_of_another_size_or_form_are_refused_and_not_shown(void **state)
{
	static const char *const wrong[] = { "", "whsec_", "whsec_AAAA",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", /* 23 bytes */
		"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ",
		"not base64, but of a good length", "MfKQ9r8GKYqrTwjUPD8ILPZIo2La-aSw" };
	struct buffer key = { 0 };
	char many[128];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		if (key_of(wrong[i], &key))
			fail_msg("%s", wrong[i]);
		assert_int_equal(why.kind, FAILURE_CONFIG);
		assert_null(strstr(why.text, "MfKQ"));
		assert_int_equal(key.n, 0);
	}
	memset(many, 'A', 88);
	many[88] = 0;
	assert_false(key_of(many, &key)); /* 66 bytes */
	memcpy(many + 86, "==", 3);
	assert_true(key_of(many, &key)); /* 64 */
	assert_int_equal(key.n, 64);
	buffer_wipe(&key);
}

static void all_secrets_of_a_webhook_sign_the_first_one_first(void **state)
{
	struct webhook_secret secrets[] = { { "env:HOOK_NEW", NULL }, { "env:HOOK_OLD", NULL } };
	struct webhook w = { .secrets = secrets, .n_secrets = 2 };
	struct buffer out = { 0 };
	char *blank;

	(void)state;
	setenv("HOOK_NEW", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 1);
	setenv("HOOK_OLD", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1);
	why = (struct failure){ 0 };
	assert_true(signature_all(&out, &w, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
	    TEXT("{\"test\": 2432232314}"), &why));
	blank = strchr(out.p, ' ');
	assert_non_null(blank);
	assert_string_equal(blank + 1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_memory_equal(out.p, "v1,", 3);
	unsetenv("HOOK_OLD");
	assert_false(signature_all(&out, &w, "id", 1, TEXT(""), &why));
	assert_non_null(strstr(why.text, "HOOK_OLD"));
	buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_known_vector_is_signed_as_known),
		cmocka_unit_test(the_prefix_of_a_secret_may_be_left_out),
		cmocka_unit_test(secrets_of_another_size_or_form_are_refused_and_not_shown),
		cmocka_unit_test(all_secrets_of_a_webhook_sign_the_first_one_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
