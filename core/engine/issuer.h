/*
 * issuer.h - whose tokens are taken instead of a key: [issuer NAME]
 *
 * An OpenID Connect issuer signs who asks; what that one may do is told by a claim,
 * whose values the configuration maps to roles. Nothing here is secret.
 */
#ifndef ENGINE_ISSUER_H
#define ENGINE_ISSUER_H

#include "engine/caller.h"

enum issuer_algorithm {
	ISSUER_RS256 = 1,
	ISSUER_PS256 = 2,
	ISSUER_ES256 = 4,
};
#define ISSUER_ALGORITHMS "RS256 PS256 ES256"

struct issuer {
	const char *name;
	const char *url;       /* the claim iss, byte for byte */
	const char *jwks;      /* where its keys are; NULL: as its discovery document says */
	struct text audiences; /* comma list: one of them stands in the claim aud */
	unsigned algorithms;   /* bits of enum issuer_algorithm */
	int64_t skew_ms;       /* [0, 60000] between its clock and ours */
	const char *subject;   /* claim that tells callers apart for ever */
	const char *claim;     /* claim, or JSON pointer to one, that tells the roles */
	struct text values[CALLER_N_ROLES]; /* comma lists: which of its values gives the role */
};

struct issuers {
	struct issuer *list;
	size_t n;
};

/* Never NULL; memory lives as long as the arena and the config. */
struct issuers *issuers_read(struct config *, struct arena *, struct problems *);
const struct issuer *issuers_find(const struct issuers *, const char *url); /* NULL */

#endif
