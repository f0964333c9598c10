/*
 * portals.h - configured portals and the plugins that serve them
 *
 * Reads the [portal NAME] and [credential NAME] sections, loads each plugin
 * (loader.c proves the file first), checks the options, and runs plugin steps.
 * A step is pure: portal_step() does no I/O. What it wants (an exchange, a
 * guide, a hop) comes back in a struct step; portal_send() makes an exchange
 * with the portal's tokens and secrets placed. Who calls decides what is
 * written down in between. The JSON of exchanges and guides: exchange.h.
 *
 * Threads: after portals_read() everything may be called from any thread.
 */
#ifndef PORTAL_PORTALS_H
#define PORTAL_PORTALS_H

#include <stdio.h>
#include "base/json.h"
#include "base/memory.h"
#include "caseroute/portal.h"
#include "config/config.h"
#include "config/secret.h"
#include "http/http.h"

struct portals;
struct portal;

/* `plugin_path`: folders parted by ':' where NAME.so is looked for. Never NULL.
 * A portal with errors is left out. Keeps no pointer into the config. */
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
/* What whoever sends many exchanges at once keeps to (engine/gate.h); portal_send() does not. */
struct portal_limits {
	unsigned concurrency;   /* under way at one time */
	unsigned rate;          /* begun in a second; 0: no limit */
	unsigned retry_percent; /* further tries for 100 exchanges */
	unsigned failures;      /* in a row, then a pause; 0: never */
	int64_t pause_ms;
};
const struct portal_limits *portal_limits(const struct portal *);
/* Where its plugin runs: in this process, or in a confined child of its own. */
struct portal_home {
	bool is_process;
	const char *reason; /* why there */
	const char
	    *unconfined;   /* a child without a filter for system calls: why; NULL: it has one */
	int64_t closed_ms; /* its child died too often: no step for so long; 0: it is open */
	unsigned long long starts, deaths; /* of children */
};
void portal_home(const struct portal *, struct portal_home *);
int64_t portal_closed_ms(const struct portal *); /* that of it alone */
uint32_t portal_retries(const struct portal *); /* sends of one exchange after the first */

enum operation_kind {
	OPERATION_OPEN,
	OPERATION_ACTIVATE,
	OPERATION_LINK,
	OPERATION_CREATE,
	OPERATION_ATTACH,
	OPERATION_MESSAGE,
	OPERATION_CHANGE,
	OPERATION_STATUS,
	OPERATION_REMAINING,
	OPERATION_LOGIN, /* these two are run by this room alone */
	OPERATION_OPTIONS_OK,
};
const char *operation_name(enum operation_kind);         /* "open", "activate" ... */
bool operation_read(struct text, enum operation_kind *); /* but the last two */
bool portal_can(const struct portal *, enum operation_kind);

/* Looks on while a step reads its reply: `pointer` is where (of a header its name); of
 * find(), `inner` and `value` too. For `portals check`. */
enum watch_kind { WATCH_TEXT, WATCH_NUMBER, WATCH_LIST, WATCH_FIND, WATCH_HEADER };
struct step_watch {
	void *context;
	void (*asked)(void *context, enum watch_kind, const char *pointer, const char *inner,
	    struct text value);
};

/* All that a step may know, beside its memory. Texts live as long as the call. */
struct step_input {
	enum operation_kind kind;
	const struct portal_request *request;   /* ABI structs, filled by the caller */
	const struct portal_contract *contract; /* NULL: none is used */
	const struct portal_customer *customer; /* NULL: the partner's own */
	const struct portal_account *account;   /* NULL: nothing is known of it */
	struct text ticket, ticket_name, key, input_json;
	instant now;
	/* NULL unless an exchange ended. Of a login: its secrets are taken out. */
	const struct http_reply *reply;
	struct text answer; /* JSON {"code","values","account"} unless empty */
	uint32_t hops;
	struct http *http; /* while a child works the other tasks of its loop go on; or NULL */
	const struct step_watch *watch; /* NULL: nobody looks on */
};

#define STEPS_WITHOUT_WAIT 64 /* of one operation; then it fails */

#define MEMORY_SENT_ONCE 1u /* an exchange that may not be repeated was asked for */
#define MEMORY_LAST_ONCE 2u /* and it is the last one: what comes next answers it */

struct step_memory { /* journaled by the caller between steps; zero at first */
	uint32_t stage, cursor[3];
	uint32_t steps; /* taken so far, without those that waited */
	uint32_t sent;  /* MEMORY_ bits */
	struct buffer note;
};

/* How a plugin has broken the contract, where it did: its operation failed then. */
enum step_fault {
	FAULT_NONE,
	FAULT_CALL,    /* a host call refused what it was given */
	FAULT_VERDICT, /* the step returned what it had not prepared */
	FAULT_OUTCOME, /* the outcome is none: it may be as the portal told it */
	FAULT_MEMORY,  /* its note, or it came to no end */
};

/* What the step wants. Texts live in the arena handed in, JSON until step_free(). */
struct step {
	enum portal_verdict verdict;
	struct json *exchange; /* FETCH: exchange.h */
	bool is_repeat_safe;
	int64_t wait_ms; /* at least this long before the exchange */
	/* ASK: exchange.h. BY_HAND: its sign_in, link, steps and due_ms, each only if told; NULL */
	struct json *guide;
	struct portal_outcome outcome; /* DONE */
	/* {"observations":[{"plan","until","remaining","unit"}]}, times
	 * RFC 3339, unknown null, unlimited "unlimited"; NULL: none. */
	struct json *extra;
	const char *go_portal;                      /* GO: portal name or workload */
	const char *go_address, *go_tenant;         /* "" if not told; next input_json's "go" */
	uint32_t failure_class;                     /* FAILED: enum portal_failure */
	const char *failure_text, *failure_message; /* sentence; message id "M3" or NULL */
	enum step_fault fault;
	struct json *missing; /* FAILED: names of request members to ask for; NULL: none */
	struct json *log;     /* array of strings; NULL: none */
	/* login: the place of the reply's secret to keep as the session (one of the plugin's
	 * session_secrets), until when (seconds; 0: not told); NULL: none. Whoever took the
	 * secrets out of the reply does it. */
	const char *kept;
	int64_t kept_until;
};

/* Runs one step; memory is read and, unless it failed, written. */
void portal_step(struct portal *, const struct step_input *, struct step_memory *, struct arena *,
    struct step *out);
void step_free(struct step *); /* its JSON */

/* ---- sending --------------------------------------------------------------- */

/* Where secrets that are not in the configuration come from and go to. Members
 * may be NULL: then there are none. Called in the thread of portal_send(). */
struct secret_source {
	void *context;
	bool (*contract_ids)(
	    void *, struct secret *access_id, struct secret *contract_id, struct failure *);
	/* False without a failure set: none is kept. */
	bool (*refresh_token_get)(
	    void *, const char *credential, struct secret *, struct failure *);
	bool (*refresh_token_put)(
	    void *, const char *credential, struct text value, struct failure *);
	bool (*file_read)(void *, uint32_t index, uint64_t offset, uint64_t length, struct buffer *,
	    struct failure *);
	const char *const *media_types; /* of files by index; NULL: octet-stream */
	size_t n_media_types;
};

/* Places secrets and files, attaches tokens (fetched, cached, renewed), runs the
 * plugin's login if it has one, sends once. A 401 renews token and session once
 * and sends again: nothing was done by a 401. False: there was no whole reply;
 * reply->may_have_arrived tells whether the exchange may have happened, and the
 * failure's kind: CONFIG and NO_PERMISSION (a person must act), UNAVAILABLE. */
bool portal_send(struct portal *, struct http *, const struct json *exchange,
    const char *customer_tenant, const struct secret_source *, instant now, struct http_reply *,
    struct failure *);
/* Does an exchange go to where the portal's configuration lets it? One of an earlier
 * configuration may not. */
bool portal_reaches(const struct portal *, const struct json *exchange);

/* ---- for people ------------------------------------------------------------ */

/* Prints the INI section with comments and the manual text of a plugin by name. */
bool portal_describe(const char *plugin_path, const char *plugin, FILE *, struct failure *);

#endif
