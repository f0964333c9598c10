#include "service/jwt.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KID_MOST 256
#define SUBJECT_MOST 128
#define LAST_SECOND ((int64_t)253402300799) /* of the year 9999 */

static const struct {
	const char *name;
	enum issuer_algorithm algorithm;
} algorithms[] = {
	{ "RS256", ISSUER_RS256 },
	{ "PS256", ISSUER_PS256 },
	{ "ES256", ISSUER_ES256 },
};

static bool refuse(struct failure *why, const char *what)
{
	return failure_set(why, FAILURE_DATA, "%s", what);
}

/* ---- reading ------------------------------------------------------------------------ */

/* Strict: no padding, no other alphabet, no stray bits at the end. */
static bool decode(struct text part, unsigned char bytes[JWT_BYTES], size_t *n, struct failure *why)
{
	const char *end = NULL;

	return (part.n &&
		   sodium_base642bin(bytes, JWT_BYTES, part.p, part.n, NULL, n, &end,
		       sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
		   end == part.p + part.n) ||
	    refuse(why, "a part of it is not base64url");
}

static struct json *read_part(struct text part, const char *what, struct failure *why)
{
	unsigned char bytes[JWT_BYTES];
	struct json *value;
	size_t n = 0;

	if (!decode(part, bytes, &n, why))
		return NULL;
	value = json_read((struct text){ (const char *)bytes, n }, what, sizeof bytes, why);
	if (value && json_kind(value) == JSON_IS_OBJECT)
		return value;
	json_free(value);
	refuse(why, "its header or its claims are no JSON object");
	return NULL;
}

static bool has_type_of_token(const struct json *header)
{
	const char *type = json_get_chars(header, "typ");

	return json_kind(json_get(header, "typ")) == JSON_IS_NULL ||
	    (type && (strcasecmp(type, "JWT") == 0 || strcasecmp(type, "at+jwt") == 0));
}

/* Where it says what must be understood (crit) we do not; keys that it brings or points to
 * (jwk, jku, x5c, x5u) are never looked at. */
static bool read_header(struct jwt *jwt, struct failure *why)
{
	const struct json *header = jwt->header, *kid = json_get(header, "kid");
	const char *name = json_get_chars(header, "alg");

	for (size_t i = 0; name && i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (strcmp(algorithms[i].name, name) == 0)
			jwt->algorithm = algorithms[i].algorithm;
	jwt->kid = json_chars(kid);
	if (!jwt->algorithm)
		return refuse(why, "its algorithm is none that is taken");
	if (json_get(header, "crit") || json_get(header, "b64") || json_get(header, "enc") ||
	    json_get(header, "zip"))
		return refuse(why, "its header asks for what is not taken");
	if (!has_type_of_token(header))
		return refuse(why, "its type is not JWT");
	if (kid && (!jwt->kid || json_text(kid).n > KID_MOST))
		return refuse(why, "its kid is no text, or too long");
	return true;
}

/* Exactly three parts: an encrypted one has five. */
static bool split(struct text token, struct text parts[3])
{
	for (size_t i = 0; i < 3; i++) {
		const char *dot = memchr(token.p, '.', token.n);
		size_t n = dot ? (size_t)(dot - token.p) : token.n;

		parts[i] = (struct text){ token.p, n };
		if ((i < 2) != (dot != NULL) || !n)
			return false;
		token.p += dot ? n + 1 : n;
		token.n -= dot ? n + 1 : n;
	}
	return true;
}

bool jwt_read(struct jwt *jwt, struct text token, struct failure *why)
{
	unsigned char signature[JWT_BYTES];
	struct text parts[3];
	size_t n;

	*jwt = (struct jwt){ .token = token };
	if (token.n > JWT_BYTES)
		return refuse(why, "it is too long");
	if (!split(token, parts))
		return refuse(why, "it is no signed token of three parts");
	jwt->header = read_part(parts[0], "header", why);
	if (!jwt->header || !read_header(jwt, why))
		return false;
	jwt->claims = read_part(parts[1], "claims", why);
	return jwt->claims && decode(parts[2], signature, &n, why);
}

void jwt_free(struct jwt *jwt)
{
	json_free(jwt->header);
	json_free(jwt->claims);
	*jwt = (struct jwt){ 0 };
}

const char *jwt_issuer(const struct jwt *jwt)
{
	return json_get_chars(jwt->claims, "iss");
}

/* ---- what it claims --------------------------------------------------------------------- */

static bool is_for_us(const struct json *aud, struct text audiences)
{
	struct text rest = audiences, one;

	while (text_split(&rest, ',', &one)) {
		if (text_equal(json_text(aud), one))
			return true;
		for (size_t i = 0; json_kind(aud) == JSON_IS_ARRAY && i < json_length(aud); i++)
			if (text_equal(json_text(json_at(aud, i)), one))
				return true;
	}
	return false;
}

/* Whole seconds since 1970; false where it is absent or anything else. */
static bool read_time(const struct jwt *jwt, const char *name, instant *at)
{
	const struct json *value = json_get(jwt->claims, name);
	int64_t seconds = json_number(value, -1);

	if (json_kind(value) != JSON_IS_NUMBER || seconds < 0 || seconds > LAST_SECOND)
		return false;
	*at = seconds * INSTANT_SECOND;
	return true;
}

static bool is_in_force(
    const struct jwt *jwt, const struct issuer *issuer, instant now, struct failure *why)
{
	instant exp, iat, nbf = INSTANT_UNKNOWN;

	if (!read_time(jwt, "exp", &exp) || !read_time(jwt, "iat", &iat))
		return refuse(why, "exp or iat is missing or no time");
	if (json_get(jwt->claims, "nbf") && !read_time(jwt, "nbf", &nbf))
		return refuse(why, "nbf is no time");
	if (now >= exp + issuer->skew_ms)
		return refuse(why, "it has expired");
	if (iat > now + issuer->skew_ms)
		return refuse(why, "it was issued in the future");
	if (nbf > now + issuer->skew_ms)
		return refuse(why, "it is not in force yet");
	return true;
}

/* It stands in events and in the log. */
static bool has_subject(const struct jwt *jwt, const struct issuer *issuer)
{
	struct text subject = json_text(json_get(jwt->claims, issuer->subject));

	for (size_t i = 0; i < subject.n; i++)
		if (subject.p[i] <= ' ' || subject.p[i] > '~')
			return false;
	return subject.n >= 1 && subject.n <= SUBJECT_MOST;
}

bool jwt_fits(const struct jwt *jwt, const struct issuer *issuer, instant now, struct failure *why)
{
	if (!(jwt->algorithm & issuer->algorithms))
		return refuse(why, "its algorithm is not taken from this issuer");
	if (!text_same(jwt_issuer(jwt), issuer->url))
		return refuse(why, "it is another issuer's");
	if (!is_for_us(json_get(jwt->claims, "aud"), issuer->audiences))
		return refuse(why, "it is for another audience");
	if (!has_subject(jwt, issuer))
		return refuse(why, "its subject is missing, too long or not printable");
	return is_in_force(jwt, issuer, now, why);
}

/* A list of texts, or one text with blanks between (as the claim scope is). */
static bool has_value(const struct json *claim, const char *wanted)
{
	for (size_t i = 0; json_kind(claim) == JSON_IS_ARRAY && i < json_length(claim); i++)
		if (text_is(json_text(json_at(claim, i)), wanted))
			return true;
	return text_has_item(json_text(claim), ' ', wanted);
}

unsigned jwt_roles(const struct jwt *jwt, const struct issuer *issuer)
{
	const struct json *claim = *issuer->claim == '/' ? json_point(jwt->claims, issuer->claim)
							 : json_get(jwt->claims, issuer->claim);
	unsigned roles = 0;

	for (unsigned role = 0; role < CALLER_N_ROLES; role++) {
		struct text rest = issuer->values[role], one;

		while (text_split(&rest, ',', &one)) {
			char *wanted = memory_copy(one.p, one.n);

			if (has_value(claim, wanted))
				roles |= 1u << role;
			free(wanted);
		}
	}
	return roles;
}

const char *jwt_caller(const struct jwt *jwt, const struct issuer *issuer, struct arena *arena)
{
	return arena_format(
	    arena, "%s/%s", issuer->name, json_get_chars(jwt->claims, issuer->subject));
}
