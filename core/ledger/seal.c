#include "ledger/seal.h"
#include "base/memory.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT 1
#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD (1 + 4 + NONCE) /* format, key number (little endian), nonce */

struct seal {
	unsigned char data[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	unsigned char pair[crypto_generichash_KEYBYTES];
	unsigned char check[SEAL_HASH];
	int64_t number;
};

/* The label is BLAKE2b's key: one label, one key, none tells of another. */
static void derive(const struct secret *key, const char *label, unsigned char out[SEAL_HASH])
{
	crypto_generichash(out, SEAL_HASH, (const unsigned char *)key->bytes.p, key->bytes.n,
	    (const unsigned char *)label, strlen(label));
}

struct seal *seal_new(const struct secret *key, int64_t number, struct failure *why)
{
	struct seal *seal;

	if (sodium_init() < 0) {
		failure_set(why, FAILURE_INTERNAL, "libsodium cannot start");
		return NULL;
	}
	if (key->bytes.n < SEAL_KEY_BYTES) {
		failure_set(why, FAILURE_CONFIG,
		    "the ledger's key has %zu bytes; it needs %d or more", key->bytes.n,
		    SEAL_KEY_BYTES);
		return NULL;
	}
	seal = sodium_malloc(sizeof *seal); /* not swapped, not dumped */
	if (!seal) {
		failure_set(why, FAILURE_INTERNAL, "no memory for the ledger's key");
		return NULL;
	}
	derive(key, "caseroute ledger: sealed data 1", seal->data);
	derive(key, "caseroute ledger: pair of IDs 1", seal->pair);
	derive(key, "caseroute ledger: key check 1", seal->check);
	seal->number = number;
	return seal;
}

void seal_free(struct seal *seal)
{
	sodium_free(seal);
}

int64_t seal_number(const struct seal *seal)
{
	return seal->number;
}

void seal_set_number(struct seal *seal, int64_t number)
{
	seal->number = number;
}

void seal_check(const struct seal *seal, unsigned char out[SEAL_HASH])
{
	memcpy(out, seal->check, SEAL_HASH);
}

static void hash_text(crypto_generichash_state *state, struct text text)
{
	uint64_t n = text.n;
	unsigned char length[8];

	for (size_t i = 0; i < sizeof length; i++)
		length[i] = (unsigned char)(n >> 8 * i & 0xff);
	crypto_generichash_update(state, length, sizeof length);
	crypto_generichash_update(state, (const unsigned char *)text.p, text.n);
}

void seal_pair(
    const struct seal *seal, struct text first, struct text second, unsigned char out[SEAL_HASH])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, seal->pair, sizeof seal->pair, SEAL_HASH);
	hash_text(&state, first);
	hash_text(&state, second);
	crypto_generichash_final(&state, out, SEAL_HASH);
	sodium_memzero(&state, sizeof state);
}

void seal_close(const struct seal *seal, const char *place, struct text value, struct buffer *out)
{
	unsigned char head[HEAD] = { FORMAT };
	unsigned char *body = memory_new(value.n + TAG);
	unsigned long long n;

	for (size_t i = 0; i < 4; i++)
		head[1 + i] = (unsigned char)(seal->number >> 8 * i & 0xff);
	randombytes_buf(head + 5, NONCE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(body, &n, (const unsigned char *)value.p,
	    value.n, (const unsigned char *)place, strlen(place), NULL, head + 5, seal->data);
	buffer_append(out, (const char *)head, sizeof head);
	buffer_append(out, (const char *)body, (size_t)n);
	free(body);
}

static int64_t key_number(const unsigned char *head)
{
	return (int64_t)head[1] | (int64_t)head[2] << 8 | (int64_t)head[3] << 16 |
	    (int64_t)head[4] << 24;
}

static bool decrypt(
    const struct seal *seal, const char *place, struct text sealed, struct secret *out)
{
	const unsigned char *bytes = (const unsigned char *)sealed.p;
	size_t n = sealed.n - HEAD - TAG;
	unsigned char *plain = memory_new(n + 1);
	bool is_ok = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, bytes + HEAD,
			 sealed.n - HEAD, (const unsigned char *)place, strlen(place), bytes + 5,
			 seal->data) == 0;

	if (is_ok)
		buffer_append(&out->bytes, (const char *)plain, n);
	sodium_memzero(plain, n + 1);
	free(plain);
	return is_ok;
}

bool seal_open(const struct seal *seal, const char *place, struct text sealed, struct secret *out,
    struct failure *why)
{
	const unsigned char *head = (const unsigned char *)sealed.p;

	*out = (struct secret){ 0 };
	if (sealed.n < HEAD + TAG || head[0] != FORMAT)
		return failure_set(why, FAILURE_DATA, "%s: this is not a sealed value", place);
	if (key_number(head) != seal->number)
		return failure_set(why, FAILURE_CONFIG,
		    "%s: sealed with key number %lld; the one at hand is number %lld", place,
		    (long long)key_number(head), (long long)seal->number);
	if (decrypt(seal, place, sealed, out))
		return true;
	return failure_set(why, FAILURE_DATA,
	    "%s: the sealed value was changed or moved; restore it from a backup or enter it again",
	    place);
}
