/*
 * portals.h - configured portals and the plugins that serve them
 *
 * Reads the [portal NAME] and [credential NAME] sections, loads each plugin
 * (loader.c proves the file first), checks the options, and runs plugin steps.
 * A step is pure: portal_step() does no I/O. What it wants (an exchange, a
 * guide, a hop) comes back in a struct step; portal_send() makes an exchange
 * with the portal's tokens and secrets placed. Who calls decides what is
 * written down in between.
 */
#ifndef PORTAL_PORTALS_H
#define PORTAL_PORTALS_H

#include "base/json.h"
#include "caseroute/portal.h"
#include "config/config.h"
#include "config/secret.h"
#include "http/http.h"

struct portals;
struct portal;

/* `plugin_path`: folders parted by ':' where NAME.so is looked for. Never NULL. */
struct portals *portals_read(struct config *, const char *plugin_path, struct problems *);
void portals_free(struct portals *);
size_t portals_count(const struct portals *);
struct portal *portals_at(const struct portals *, size_t);
struct portal *portals_find(const struct portals *, const char *name); /* NULL */

const char *portal_name(const struct portal *);
const char *portal_title(const struct portal *);
const char *portal_plugin_name(const struct portal *);
const char *portal_plugin_version(const struct portal *);
uint32_t portal_memory_version(const struct portal *);

enum operation_kind { OPERATION_OPEN, OPERATION_ACTIVATE, OPERATION_LINK, OPERATION_CREATE, OPERATION_ATTACH,
	OPERATION_MESSAGE, OPERATION_CHANGE, OPERATION_STATUS, OPERATION_REMAINING };
const char *operation_name(enum operation_kind);
bool operation_read(struct text, enum operation_kind *);
bool portal_can(const struct portal *, enum operation_kind);

/* All that a step may know, beside its memory. Texts live as long as the call. */
struct step_input {
	enum operation_kind kind;
	const struct portal_request *request;   /* ABI structs, filled by the caller */
	const struct portal_contract *contract; /* NULL: none is used */
	const struct portal_customer *customer; /* NULL: the partner's own */
	const struct portal_account *account;
	struct text ticket, ticket_name, key, input_json;
	instant now;
	const struct http_reply *reply; /* NULL unless an exchange ended */
	struct text answer;             /* JSON {"code","values"} unless empty */
	uint32_t hops;
};

struct step_memory { /* journaled by the caller between steps */
	uint32_t stage, cursor[3];
	struct buffer note;
};

/* What the step wants. Everything in it lives in the arena handed in. */
struct step {
	enum portal_verdict verdict;
	struct json *exchange;  /* FETCH: see exchange.c; secrets by number, files by index */
	bool is_repeat_safe;
	int64_t wait_ms;        /* at least this long before the exchange */
	struct json *guide;     /* ASK */
	struct portal_outcome outcome; /* DONE */
	struct json *extra;     /* DONE: observations and the like the plugin reported; may be NULL */
	const char *go_portal, *go_address; /* GO: portal name or workload; a deep link or "" */
	uint32_t failure_class; /* FAILED: PORTAL_E_* */
	const char *failure_text, *failure_message; /* sentence; message id "M3" or NULL */
	struct json *log;       /* array of strings */
};

/* Runs one step; memory is read and, when the step ends well, written. */
void portal_step(struct portal *, const struct step_input *, struct step_memory *, struct arena *, struct step *out);

/* ---- sending --------------------------------------------------------------- */

/* Where secrets that are not in the configuration come from and go to. */
struct secret_source {
	void *context;
	bool (*contract_ids)(void *, struct secret *access_id, struct secret *contract_id, struct failure *);
	bool (*refresh_token_get)(void *, const char *credential, struct secret *, struct failure *); /* false, unset: none */
	bool (*refresh_token_put)(void *, const char *credential, struct text value, struct failure *);
	bool (*file_read)(void *, uint32_t index, uint64_t offset, uint64_t length, struct buffer *, struct failure *);
};

/* Places secrets and files, attaches tokens (fetched, cached, renewed), sends
 * once. 401 renews the token once and sends again (nothing was done by a 401). */
bool portal_send(struct portal *, struct http *, const struct json *exchange, const char *customer_tenant,
    const struct secret_source *, instant now, struct http_reply *, struct failure *);

/* ---- for people ------------------------------------------------------------ */

/* Prints the INI section with comments and the manual text of a plugin by name. */
bool portal_describe(const char *plugin_path, const char *plugin, FILE *, struct failure *);

#endif
