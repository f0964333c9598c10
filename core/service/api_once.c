/* Idempotency-Key: a client that does not know whether its request arrived may repeat it. */
#include "service/api_inside.h"

#include <sodium.h>

#define KEY_MOST 255

/* Whatever the client makes of it, quotes included: it is compared, not read. */
static bool is_key(struct text key)
{
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] <= ' ' || key.p[i] > '~')
			return false;
	return key.n >= 1 && key.n <= KEY_MOST;
}

/* Of the bytes as they came: a repetition is one, not something that means the same. */
static struct text digest_of(struct call *call)
{
	struct text body = server_body(call->request);
	unsigned char *digest = arena_take(call->arena, crypto_hash_sha256_BYTES);

	crypto_hash_sha256(digest, (const unsigned char *)body.p, body.n);
	return (struct text){ (const char *)digest, crypto_hash_sha256_BYTES };
}

bool api_once(struct call *call, struct engine_once *once)
{
	struct text key;

	*once = (struct engine_once){ 0 };
	if (!server_header(call->request, "Idempotency-Key", &key))
		return true;
	if (!is_key(key)) {
		api_refuse(call, 400, "idempotency-key",
		    "An Idempotency-Key is 1 to 255 visible ASCII characters.");
		return false;
	}
	once->key = arena_copy(call->arena, key.p, key.n);
	once->digest = digest_of(call);
	return true;
}
