/*
 * seal.h - values that only the holder of the ledger's key can read
 *
 * XChaCha20-Poly1305. A sealed value names its key's number and is bound to its
 * place ("table:id:column"), so that it cannot be moved to another row. The
 * keys in use are derived from the one that was given, one for each purpose.
 */
#ifndef LEDGER_SEAL_H
#define LEDGER_SEAL_H

#include "config/secret.h"

#define SEAL_KEY_BYTES 32 /* least length of what is given */
#define SEAL_HASH 32

struct seal;

/* NULL if the key is too short (FAILURE_CONFIG). */
struct seal *seal_new(const struct secret *key, int64_t number, struct failure *);
void seal_free(struct seal *); /* wiped; NULL is fine */
int64_t seal_number(const struct seal *);
void seal_set_number(struct seal *, int64_t number);

/* Tells a right key from a wrong one without telling anything of it. */
void seal_check(const struct seal *, unsigned char out[SEAL_HASH]);
/* Keyed and length-prefixed: equal pairs are found, others tell nothing. */
void seal_pair(const struct seal *, struct text, struct text, unsigned char out[SEAL_HASH]);

void seal_close(const struct seal *, const char *place, struct text value, struct buffer *out);
/* FAILURE_CONFIG for another key's number, FAILURE_DATA for a value that was changed or moved. */
bool seal_open(const struct seal *, const char *place, struct text sealed, struct secret *out,
    struct failure *);

#endif
