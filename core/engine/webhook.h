/*
 * webhook.h - who is told of events: [webhook NAME]
 */
#ifndef ENGINE_WEBHOOK_H
#define ENGINE_WEBHOOK_H

#include "base/memory.h"
#include "config/option.h"

struct webhook_secret {
	const char *reference, *file; /* of the reference; as secret_read() takes them */
};

struct webhook {
	const char *name;
	const char *url;
	const char *origin;     /* "https://host[:port]": the rest of the address may be a secret */
	bool allows_private;    /* this machine and private networks may be reached */
	bool tells_all;         /* who and why, too */
	int64_t timeout_ms;     /* of one try */
	struct text events;     /* patterns of types, parted by commas */
	const int64_t *retries; /* ms, most before each try but the first */
	size_t n_retries;
	struct webhook_secret *secrets; /* all of them sign, the first one first */
	size_t n_secrets;
};

struct webhooks {
	struct webhook *list;
	size_t n;
};

/* Never NULL; memory lives as long as the arena and the config. */
struct webhooks *webhooks_read(struct config *, struct arena *, struct problems *);
const struct webhook *webhooks_find(const struct webhooks *, const char *name); /* NULL */
/* type: as view_event_type() has it, without the prefix. */
bool webhook_wants(const struct webhook *, const char *type, bool is_of_budget);

#endif
