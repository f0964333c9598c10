/*
 * jwt.h - a signed token of an issuer: read, held against what is wanted, proven
 *
 * Signed tokens in compact form only (RFC 7515, 7519, and RFC 8725 for what to
 * refuse): never encrypted ones, never `none`, never a shared secret, and no key
 * that a token brings or points to. Pure: no I/O, no clock. What is read is not
 * proven until jwt_prove() says so.
 */
#ifndef SERVICE_JWT_H
#define SERVICE_JWT_H

#include "base/json.h"
#include "engine/issuer.h"

#define JWT_BYTES 8192 /* of a whole token */

struct jwt {
	struct text token; /* as it came; lent */
	struct json *header, *claims;
	const char *kid; /* NULL: it names no key */
	enum issuer_algorithm algorithm;
};

/* True if the token is well formed and of an algorithm that we know. Free it either way. */
bool jwt_read(struct jwt *, struct text token, struct failure *);
void jwt_free(struct jwt *);
const char *jwt_issuer(const struct jwt *); /* NULL: it has none */

/* Is it this issuer's, for us, and in force now? */
bool jwt_fits(const struct jwt *, const struct issuer *, instant now, struct failure *);
/* bits of enum caller_role */
unsigned jwt_roles(const struct jwt *, const struct issuer *);
/* "ISSUER/SUBJECT": who it is, in events. Lent by the arena. */
const char *jwt_caller(const struct jwt *, const struct issuer *, struct arena *);

/* ---- the issuer's public keys (jwt_keys.c) ------------------------------------------ */

struct jwt_keys;

/* A JWK set (RFC 7517). Keys for something else, or of a kind or size that we do not take,
 * are left out; a set without any is FAILURE_DATA. */
struct jwt_keys *jwt_keys_read(struct text, struct failure *);
void jwt_keys_free(struct jwt_keys *); /* NULL is fine */
size_t jwt_keys_count(const struct jwt_keys *);

enum jwt_proof { JWT_FORGED, JWT_PROVEN, JWT_NO_KEY /* none of the set is meant */ };
/* Not from two threads at once for one set. */
enum jwt_proof jwt_prove(const struct jwt *, const struct jwt_keys *);

#endif
