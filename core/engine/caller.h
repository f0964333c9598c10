/*
 * caller.h - who may ask the service over the network: [caller NAME]
 *
 * The configuration holds hashes only. A key is 32 random bytes, so that a plain
 * hash of it cannot be searched for.
 */
#ifndef ENGINE_CALLER_H
#define ENGINE_CALLER_H

#include "base/memory.h"
#include "config/option.h"

enum caller_role {
	CALLER_AGENT = 1,
	CALLER_ADMIN_AGENT = 2,
	CALLER_OPERATOR = 4,
	CALLER_AUDITOR = 8,
	CALLER_INTEGRATOR = 16,
};
#define CALLER_N_ROLES 5
#define CALLER_ROLES "agent admin-agent operator auditor integrator"

#define CALLER_KEY_PREFIX "caseroute_"
#define CALLER_KEY_TEXT 64 /* of a new key, its NUL included */
#define CALLER_HASH 32
#define CALLER_HASH_TEXT (7 + 2 * CALLER_HASH + 1) /* "sha256:HEX" */

struct caller {
	const char *name;
	unsigned roles; /* bits of enum caller_role */
	instant until;  /* INSTANT_UNKNOWN: for ever */
	unsigned char (*keys)[CALLER_HASH];
	size_t n_keys;
};

struct callers {
	struct caller *list;
	size_t n;
};

/* Never NULL; memory lives as long as the arena and the config. */
struct callers *callers_read(struct config *, struct arena *, struct problems *);
/* Whose key it is, if it is still good; NULL. */
const struct caller *callers_find(const struct callers *, struct text key, instant now);

/* Letters, digits, and . _ @ - ; at most 64 bytes: it stands in events and in file names. */
bool caller_name_ok(struct text);
/* A new key and what the configuration keeps of it. Wipe the key. */
void caller_new_key(char key[CALLER_KEY_TEXT], char hash[CALLER_HASH_TEXT]);

#endif
