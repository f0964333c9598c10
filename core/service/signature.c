#include "service/signature.h"
#include "config/secret.h"

#include <sodium.h>
#include <string.h>

#define PREFIX "whsec_"
#define LEAST_BYTES 24
#define MOST_BYTES 64

bool signature_key(struct text secret, struct buffer *key, struct failure *why)
{
	unsigned char bytes[MOST_BYTES + 1];
	const char *end = NULL;
	size_t n = 0;
	bool is_ok;

	if (text_starts(secret, PREFIX))
		secret = (struct text){ secret.p + strlen(PREFIX), secret.n - strlen(PREFIX) };
	is_ok = sodium_base642bin(bytes, sizeof bytes, secret.p, secret.n, NULL, &n, &end,
		    sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    end == secret.p + secret.n && n >= LEAST_BYTES && n <= MOST_BYTES;
	if (is_ok)
		buffer_append(key, (const char *)bytes, n);
	sodium_memzero(bytes, sizeof bytes);
	return is_ok ||
	    failure_set(why, FAILURE_CONFIG,
		"the secret must be " PREFIX " and the base64 of %d to %d bytes", LEAST_BYTES,
		MOST_BYTES);
}

void signature_write(
    struct buffer *out, struct text key, const char *id, int64_t seconds, struct text body)
{
	char base64[sodium_base64_ENCODED_LEN(
	    crypto_auth_hmacsha256_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	struct buffer head = { 0 };

	buffer_format(&head, "%s.%lld.", id, (long long)seconds);
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.p, key.n);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)head.p, head.n);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)body.p, body.n);
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_memzero(&state, sizeof state);
	sodium_bin2base64(base64, sizeof base64, mac, sizeof mac, sodium_base64_VARIANT_ORIGINAL);
	buffer_format(out, "v1,%s", base64);
	buffer_free(&head);
}

bool signature_all(struct buffer *out, const struct webhook *w, const char *id, int64_t seconds,
    struct text body, struct failure *why)
{
	bool is_ok = true;

	for (size_t i = 0; is_ok && i < w->n_secrets; i++) {
		struct secret secret = { 0 };
		struct buffer key = { 0 };

		is_ok = secret_read(w->secrets[i].reference, w->secrets[i].file, &secret, why) &&
		    (signature_key(buffer_as_text(&secret.bytes), &key, why) ||
			failure_context(why, "%s", w->secrets[i].reference));
		if (is_ok && out->n)
			buffer_char(out, ' ');
		if (is_ok)
			signature_write(out, buffer_as_text(&key), id, seconds, body);
		buffer_wipe(&key);
		secret_free(&secret);
	}
	return is_ok;
}
