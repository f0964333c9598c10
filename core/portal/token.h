/*
 * token.h - bearer tokens of a credential
 *
 * A token is for one (tenant, scope). It lives in memory only, is renewed some
 * minutes before it ends, and the secrets that get it go to the credential's
 * authority alone. What went wrong is decided by the `error` member of the
 * authority's answer, never by its texts.
 */
#ifndef PORTAL_TOKEN_H
#define PORTAL_TOKEN_H

#include "portal/inside.h"
#include "portal/secret_source.h"

struct token_wish {
	const char *tenant; /* a GUID or domain; NULL or "": the credential's */
	const char *scope;  /* "" or NULL: the credential's */
	bool is_renewal;    /* the last one was refused with 401 */
};

/* Fills an empty secret. Failure kinds: CONFIG (the application is wrong),
 * NO_PERMISSION (a person must sign in again), UNAVAILABLE (try later). */
bool token_get(struct credential *, const struct token_wish *, struct http *,
    const struct secret_source *, instant now, struct secret *out, struct failure *);
void tokens_free(struct credential *);

/* A signed statement that we hold the key of the credential's certificate, for
 * the token address `audience`; appended to out. assertion.c */
bool assertion_write(const struct credential *, const char *audience, instant now,
    struct buffer *out, struct failure *);

#endif
