#include "ledger_fixture.h"

#include "ledger/seal.h"

#include <sodium.h>

static struct seal *seal_of(const char *text, int64_t number)
{
	struct secret key = key_of(text);
	struct seal *seal = seal_new(&key, number, &why);

	secret_free(&key);
	assert_non_null(seal);
	return seal;
}

static bool opens(const struct seal *seal, const char *place, const struct buffer *sealed)
{
	struct secret out;
	bool is_ok;

	why = (struct failure){ 0 };
	is_ok = seal_open(seal, place, buffer_as_text(sealed), &out, &why);
	secret_free(&out);
	return is_ok;
}

static void a_sealed_value_opens_in_its_place_with_its_key_only(void **state)
{
	struct seal *seal = seal_of(KEY, 1), *next = seal_of(KEY, 2),
		    *other = seal_of(OTHER_KEY, 1);
	struct buffer sealed = { 0 };

	(void)state;
	seal_close(seal, "token:a:value", TEXT("secret"), &sealed);
	assert_true(opens(seal, "token:a:value", &sealed));
	assert_false(opens(seal, "token:b:value", &sealed));
	assert_int_equal(why.kind, FAILURE_DATA);
	assert_non_null(strstr(why.text, "changed or moved"));
	assert_false(opens(next, "token:a:value", &sealed));
	assert_int_equal(why.kind, FAILURE_CONFIG);
	assert_non_null(strstr(why.text, "key number 1"));
	assert_false(opens(other, "token:a:value", &sealed));
	assert_int_equal(why.kind, FAILURE_DATA);
	buffer_free(&sealed);
	seal_free(seal);
	seal_free(next);
	seal_free(other);
}

static void a_change_of_any_bit_and_any_cut_is_seen(void **state)
{
	struct seal *seal = seal_of(KEY, 1);
	struct buffer sealed = { 0 };

	(void)state;
	seal_close(seal, "p", TEXT("secret"), &sealed);
	for (size_t bit = 0; bit < sealed.n * 8; bit++) {
		sealed.p[bit / 8] = (char)(sealed.p[bit / 8] ^ 1 << bit % 8);
		assert_false(opens(seal, "p", &sealed));
		sealed.p[bit / 8] = (char)(sealed.p[bit / 8] ^ 1 << bit % 8);
	}
	assert_true(opens(seal, "p", &sealed));
	while (sealed.n > 0) {
		sealed.n--;
		assert_false(opens(seal, "p", &sealed));
	}
	buffer_free(&sealed);
	seal_free(seal);
}

static void the_same_value_is_sealed_differently_each_time(void **state)
{
	struct seal *seal = seal_of(KEY, 1);
	struct buffer one = { 0 }, two = { 0 };

	(void)state;
	seal_close(seal, "p", TEXT("secret"), &one);
	seal_close(seal, "p", TEXT("secret"), &two);
	assert_int_equal(one.n, two.n);
	assert_memory_not_equal(one.p, two.p, one.n);
	buffer_free(&one);
	buffer_free(&two);
	seal_free(seal);
}

static void pairs_are_equal_only_if_both_halves_are(void **state)
{
	static const struct {
		const char *a, *b;
	} pairs[] = { { "ab", "c" }, { "a", "bc" }, { "", "abc" }, { "abc", "" }, { "c", "ab" } };
	struct seal *seal = seal_of(KEY, 1), *other = seal_of(OTHER_KEY, 1);
	unsigned char hashes[LENGTH(pairs)][SEAL_HASH], again[SEAL_HASH];

	(void)state;
	for (size_t i = 0; i < LENGTH(pairs); i++) {
		seal_pair(seal, text_of(pairs[i].a), text_of(pairs[i].b), hashes[i]);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(hashes[i], hashes[j], SEAL_HASH);
	}
	seal_pair(seal, TEXT("ab"), TEXT("c"), again);
	assert_memory_equal(again, hashes[0], SEAL_HASH);
	seal_pair(other, TEXT("ab"), TEXT("c"), again);
	assert_memory_not_equal(again, hashes[0], SEAL_HASH);
	seal_free(seal);
	seal_free(other);
}

/* What is in a ledger must open with every later version of this program. */
static void a_value_sealed_by_the_first_release_still_opens(void **state)
{
	static const char hex[] = "010700000065c3e1b8c7ea0dfaabfccf3bf64d1ddeb790279a37a96f402a93d0"
				  "1547bd37ba186e004e231f9b52cc03848d1a4150de";
	struct seal *seal = seal_of(KEY, 7);
	struct buffer sealed = { 0 };
	struct secret out;
	unsigned char bytes[128];
	size_t n;

	(void)state;
	assert_int_equal(
	    sodium_hex2bin(bytes, sizeof bytes, hex, sizeof hex - 1, NULL, &n, NULL), 0);
	buffer_append(&sealed, (char *)bytes, n);
	why = (struct failure){ 0 };
	if (!seal_open(seal, "contract_ids:c1:access_id", buffer_as_text(&sealed), &out, &why))
		fail_msg("%s", why.text);
	assert_true(text_is(buffer_as_text(&out.bytes), "AX9-4711"));
	secret_free(&out);
	buffer_free(&sealed);
	seal_free(seal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sealed_value_opens_in_its_place_with_its_key_only),
		TEST(a_change_of_any_bit_and_any_cut_is_seen),
		TEST(the_same_value_is_sealed_differently_each_time),
		TEST(pairs_are_equal_only_if_both_halves_are),
		TEST(a_value_sealed_by_the_first_release_still_opens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
