/*
 * An issuer's public keys. The only file that knows cjose, and of it the signatures alone:
 * its encryption has had faults (CVE-2023-37464, CVE-2026-53938, CVE-2026-53939).
 */
#include "service/jwt.h"

#include <cjose/cjose.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SET_BYTES ((size_t)256 * 1024)
#define MOST_KEYS 64
#define RSA_LEAST 256 /* bytes of the modulus: 2048 bits */
#define RSA_MOST 1024

struct jwt_key {
	char *kid;           /* NULL: none */
	unsigned algorithms; /* that the key fits */
	cjose_jwk_t *key;
};

struct jwt_keys {
	struct jwt_key list[MOST_KEYS];
	size_t n;
};

/* ---- reading ------------------------------------------------------------------------ */

/* Bytes of an unsigned number in base64url, without leading zeroes; 0: it is none. */
static size_t number_bytes(const struct json *value, unsigned char *bytes, size_t most)
{
	struct text text = json_text(value);
	const char *end = NULL;
	size_t n = 0;

	if (sodium_base642bin(bytes, most, text.p, text.n, NULL, &n, &end,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    end != text.p + text.n || !n || !bytes[0])
		return 0;
	return n;
}

static bool is_good_rsa(const struct json *jwk)
{
	unsigned char n[RSA_MOST], e[8];
	size_t n_bytes = number_bytes(json_get(jwk, "n"), n, sizeof n),
	       e_bytes = number_bytes(json_get(jwk, "e"), e, sizeof e);

	return n_bytes >= RSA_LEAST && e_bytes && (e[e_bytes - 1] & 1) &&
	    (e_bytes > 1 || e[0] >= 3);
}

/* A number of the curve, 32 bytes (RFC 7518, 6.2.1.2). cjose ends the process at what is no
 * base64url. */
static bool is_coordinate(const struct json *value)
{
	struct text text = json_text(value);
	unsigned char bytes[32];
	const char *end = NULL;
	size_t n = 0;

	return text.n &&
	    sodium_base642bin(bytes, sizeof bytes, text.p, text.n, NULL, &n, &end,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
	    end == text.p + text.n && n == sizeof bytes;
}

static bool is_good_ec(const struct json *jwk)
{
	return text_same(json_get_chars(jwk, "crv"), "P-256") &&
	    is_coordinate(json_get(jwk, "x")) && is_coordinate(json_get(jwk, "y"));
}

/* By what the key is; what it says of itself can only make it less. */
static unsigned algorithms_of(const struct json *jwk)
{
	const char *type = json_get_chars(jwk, "kty"), *alg = json_get_chars(jwk, "alg");
	unsigned fits = 0;

	if (text_same(type, "RSA") && is_good_rsa(jwk))
		fits = ISSUER_RS256 | ISSUER_PS256;
	else if (text_same(type, "EC") && is_good_ec(jwk))
		fits = ISSUER_ES256;
	if (!json_get(jwk, "alg"))
		return fits;
	return fits &
	    (text_same(alg, "RS256")          ? ISSUER_RS256
		    : text_same(alg, "PS256") ? ISSUER_PS256
		    : text_same(alg, "ES256") ? ISSUER_ES256
					      : 0);
}

static bool is_to_verify(const struct json *jwk)
{
	const struct json *use = json_get(jwk, "use"), *uses = json_get(jwk, "key_ops");

	if (use && !text_is(json_text(use), "sig"))
		return false;
	for (size_t i = 0; i < json_length(uses); i++)
		if (text_is(json_text(json_at(uses, i)), "verify"))
			return true;
	return !uses;
}

/* Of its public members only: a set with private ones is somebody's mistake, not ours. */
static cjose_jwk_t *import(const struct json *jwk)
{
	static const char *const members[] = { "kty", "n", "e", "crv", "x", "y" };
	struct json *public = json_new_object();
	struct buffer text = { 0 };
	cjose_jwk_t *key;

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		json_set(public, members[i], json_clone(json_get(jwk, members[i])));
	json_write(public, JSON_LINE, &text);
	key = cjose_jwk_import(text.p, text.n, NULL);
	json_free(public);
	buffer_free(&text);
	return key;
}

static void add_key(struct jwt_keys *keys, const struct json *jwk)
{
	unsigned fits = algorithms_of(jwk);
	const struct json *kid = json_get(jwk, "kid");
	cjose_jwk_t *key = NULL;

	if (keys->n < MOST_KEYS && fits && is_to_verify(jwk) && (!kid || json_chars(kid)))
		key = import(jwk);
	if (key)
		keys->list[keys->n++] = (struct jwt_key){
			.kid = memory_copy_text(json_chars(kid)), .algorithms = fits, .key = key
		};
}

struct jwt_keys *jwt_keys_read(struct text text, struct failure *why)
{
	struct json *set = json_read(text, "keys", SET_BYTES, why);
	const struct json *list = json_get(set, "keys");
	struct jwt_keys *keys = NULL;

	if (set)
		keys = memory_new(sizeof *keys);
	for (size_t i = 0; keys && i < json_length(list); i++)
		add_key(keys, json_at(list, i));
	json_free(set);
	if (keys && keys->n)
		return keys;
	jwt_keys_free(keys);
	failure_set(why, FAILURE_DATA, "there is no key that can be used");
	return NULL;
}

void jwt_keys_free(struct jwt_keys *keys)
{
	for (size_t i = 0; keys && i < keys->n; i++) {
		cjose_jwk_release(keys->list[i].key);
		free(keys->list[i].kid);
	}
	free(keys);
}

size_t jwt_keys_count(const struct jwt_keys *keys)
{
	return keys->n;
}

/* ---- proving ---------------------------------------------------------------------------- */

/* The key that the token names and that fits its algorithm; without a name, the only one. */
static const struct jwt_key *find(const struct jwt *jwt, const struct jwt_keys *keys)
{
	const struct jwt_key *found = NULL;

	for (size_t i = 0; i < keys->n; i++) {
		const struct jwt_key *key = &keys->list[i];

		if (jwt->kid ? text_same(jwt->kid, key->kid) && (key->algorithms & jwt->algorithm)
			     : keys->n == 1 && (key->algorithms & jwt->algorithm))
			found = found ? found : key;
	}
	return found;
}

static bool has_kid(const struct jwt *jwt, const struct jwt_keys *keys)
{
	for (size_t i = 0; jwt->kid && i < keys->n; i++)
		if (text_same(jwt->kid, keys->list[i].kid))
			return true;
	return !jwt->kid;
}

static bool verify(struct text token, const struct jwt_key *key)
{
	cjose_jws_t *jws = cjose_jws_import(token.p, token.n, NULL);
	bool is_ok = jws && cjose_jws_verify(jws, key->key, NULL);

	if (jws)
		cjose_jws_release(jws);
	return is_ok;
}

enum jwt_proof jwt_prove(const struct jwt *jwt, const struct jwt_keys *keys)
{
	const struct jwt_key *key = find(jwt, keys);

	if (!key)
		return has_kid(jwt, keys) ? JWT_FORGED : JWT_NO_KEY;
	return verify(jwt->token, key) ? JWT_PROVEN : JWT_FORGED;
}
