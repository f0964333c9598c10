/*
 * key_sets.h - the keys of the issuers in force: fetched, kept, fetched again
 *
 * Each issuer's set has a thread of its own for fetching, so that neither who serves
 * HTTP nor the engine ever waits for one, nor one issuer for another. A set is fetched
 * when it is first needed, each hour, and for a token that names a key we do not know:
 * that at most once a minute, whatever comes. While the issuer is away the last good
 * set serves for a day.
 */
#ifndef SERVICE_KEY_SETS_H
#define SERVICE_KEY_SETS_H

#include "service/jwt.h"

struct key_sets;

struct key_sets *key_sets_new(void);
/* Breaks off what is being fetched; who waits is told. Nobody may ask any more. */
void key_sets_free(struct key_sets *);

enum key_answer {
	KEYS_REFUSE, /* the token is forged, or its key is not the issuer's */
	KEYS_PROVE,
	KEYS_LATER, /* `again` will be called, once, on another thread */
	KEYS_AWAY,  /* the issuer's keys cannot be had now, or too many wait for them */
};
/* Is the token signed by the issuer? again NULL: nothing is fetched and nobody waits. */
typedef void key_sets_again(void *argument);
enum key_answer key_sets_prove(struct key_sets *, const struct issuer *, const struct jwt *,
    key_sets_again *again, void *argument);

#endif
