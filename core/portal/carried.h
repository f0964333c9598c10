/*
 * carried.h - what a confined child is told, and what it tells, as structs
 *
 * No secret is among it: of secrets and credentials only whether they are configured.
 */
#ifndef PORTAL_CARRIED_H
#define PORTAL_CARRIED_H

#include "portal/frame.h"
#include "portal/result.h"

/* Once, before anything: the portal as its plugin may see it. */
struct carried_option {
	portal_str text;
	int64_t number;
	uint32_t is_given, has_secret, has_credential;
	uint32_t n_items;
	const struct portal_value *const *items;
};
struct carried_portal {
	const char *name;
	uint32_t has_credential;
	uint32_t n_origins, n_options;
	const portal_str *origins;
	const struct carried_option *const *options;
	int64_t most_bytes; /* of memory */
};

/* The answer to it. */
struct carried_ready {
	const char *failure;    /* NULL: the plugin is loaded */
	const char *unconfined; /* NULL: the child is confined; else why not */
};

/* A step: its number comes back in the result. */
struct carried_step {
	uint32_t number, kind, hops;
	uint32_t has_reply, status, may_have_arrived;
	uint32_t stage, cursor[3], sent;
	const struct portal_request *request;
	const struct portal_contract *contract;
	const struct portal_customer *customer;
	const struct portal_account *account;
	struct text ticket, ticket_name, key, input, answer, body, headers, note;
	int64_t now, retry_after_ms;
};
struct carried_result {
	uint32_t number;
	struct step_result result;
};

extern const struct record record_portal, record_ready, record_step, record_result;

/* Lent from what the parent has. */
void carry_portal(const struct portal *, struct arena *, struct carried_portal *out);
void carry_step(
    const struct step_input *, const struct step_memory *, uint32_t number, struct carried_step *);

/* In the child. The reply is lent to the input; buffers are lent from the arena. */
struct portal *carried_make_portal(
    const struct carried_portal *, const struct plugin *, struct arena *, struct failure *);
void carried_make_step(
    const struct carried_step *, struct step_input *, struct step_memory *, struct http_reply *);

#endif
