/*
 * step.h - one step of an operation: what it may know, what it leaves behind, what it wants
 */
#ifndef PORTAL_STEP_H
#define PORTAL_STEP_H

#include "base/json.h"
#include "http/http.h"
#include "portal/operations.h"

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
void step_free(struct step *); /* its JSON */

#endif
