/*
 * engine.h - a request's life: recorded, linked, opened, closed; survives anything
 *
 * Everything durable is written before it matters: the decision before work
 * begins, the intent and key of an exchange before it is sent, the guide before
 * a person sees it, the ticket with the spent incident in one commit. The ledger
 * is locked during commits only, never across an exchange or a prompt.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/gate.h"
#include "engine/known.h"
#include "engine/owner.h"

#include <stdatomic.h>

/* How a program with many requests at once commits and waits: changes of several
 * gather into one durable commit, and a wait lets the others go on. */
struct engine_runner {
	void *context;
	bool (*commit)(void *context, struct ledger_change *, size_t n, struct failure *);
	void (*sleep)(void *context, int64_t ms); /* or until woken */
	void *(*self)(void *context);             /* the task that runs */
	void (*wake)(void *context, void *task);
	/* Was it at work in this program (owner_part()), and is no more? */
	bool (*is_gone)(void *context, const char *owner);
};

struct work; /* inside.h */

struct engine {
	const struct generation *generation;
	struct ledger *ledger;
	struct http *http;
	const char *actor;                  /* who acts, for events: the agent's login name */
	char trace[33];                     /* id of the trace it acts in, for events; "": none */
	char owner[OWNER_TEXT];             /* of claims: host, process */
	const struct engine_runner *runner; /* NULL: commits and waits by itself */
	bool leaves_work;               /* what it submits is for others to carry on: not claimed */
	struct transcript *transcript;  /* steps are written there; NULL: nowhere */
	const atomic_bool *is_stopping; /* waits are left to the next run then; NULL: never */
	struct gates *gates;            /* to the portals; NULL: one exchange at a time anyway */
	int64_t patience_ms;            /* how long driving may wait for polls and retries in all */
	struct secret key;
	/* What need not be read again: what was submitted last, for engine_drive(), and what was
	 * driven last, for engine_row(). */
	struct work *kept, *driven;
};

/* Forgets both; engine_close does, too. */
void engine_forget(struct engine *);
/* The request as the ledger has it, or as it was when it was driven just now. */
bool engine_row(
    struct engine *, const char *id, struct arena *, struct request_row *, struct failure *);

bool engine_commit(struct engine *, struct ledger_change *, size_t n, struct failure *);

/* Makes the ledger's key file (32 random bytes, mode 0600); refuses where one is.
 * Only `init` calls it. */
bool engine_make_key(const struct generation *, struct failure *);
/* Seals the ledger anew with a new key and puts that into the old one's file (NULL: the
 * configured one). Survives a kill at any point: the next call ends what this one began,
 * and then only that (*is_finished_only). The ledger must not be open in this process. */
bool engine_rekey(
    const struct generation *, const char *key_path, bool *is_finished_only, struct failure *);
/* Opens ledger and exchanges. False: nothing is open. */
bool engine_open(struct engine *, const struct generation *, enum ledger_mode, struct failure *);
void engine_close(struct engine *);

/* Records a request: decided, reserved, in one commit. The same reference with
 * the same body gives the first request again (*is_new false); with another body
 * FAILURE_DATA, unless it was still asking: then the new body replaces the old. */
bool engine_submit(
    struct engine *, const struct json *request, char id[ID_TEXT], bool *is_new, struct failure *);

/* How a client says that two submissions are one: a key of its own. */
struct engine_once {
	const char *key;    /* with engine.actor as the caller; NULL: none */
	struct text digest; /* of the body */
	bool is_own_only;   /* a reference that somebody else's request has is just taken */
	bool is_reused;     /* out: the key came with another body before (FAILURE_DATA) */
};
/* The same with a key, kept in the same commit. A key that the caller used within
 * LEDGER_KEY_MS gives the request it made then, whatever became of it. */
bool engine_submit_once(struct engine *, const struct json *request, struct engine_once *,
    char id[ID_TEXT], bool *is_new, struct failure *);

/* Carries a request on until it waits for a person, for time beyond the patience,
 * or is done. False only if the ledger failed; portal failures become states. */
bool engine_drive(struct engine *, const char *id, struct failure *);
/* Requests with work due, a page at a time (a page of zeroes starts; *n 0: no more).
 * Somebody may hold a claim on one; the rows are the arena's. */
struct engine_page {
	size_t state;
	char after[ID_TEXT];
};
bool engine_due(struct engine *, struct engine_page *, struct arena *, struct request_row **,
    size_t *n, struct failure *);
/* Is there nothing to do for it before that instant, but for a person? Also true where it cannot be
 * told. */
bool engine_is_at_rest(struct engine *, const char *id, instant before);
/* All that is due; *n is how many were driven. */
bool engine_resume(struct engine *, size_t *n, struct failure *);

/* What a person reports to a guide (number 0: the open one). values: an object of
 * strings. account: the sign-in really used, NULL: the planned one. */
bool engine_answer(struct engine *, const char *id, int64_t guide, const char *code,
    const struct json *values, const char *account, struct failure *);
/* Fills asked members and decides again: names and values as an agent types them. */
bool engine_tell(struct engine *, const char *id, const struct json *members, struct failure *);

bool engine_cancel(struct engine *, const char *id, const char *reason, struct failure *);
/* Parked work: again as decided, or decided anew. */
bool engine_replay(struct engine *, const char *id, bool reroute, struct failure *);

/* On an open ticket (ticket.c): recorded; engine_drive() carries it out. Paths of files are
 * this machine's. severity: 1 to 3 as portal.h has it, 0: as it is. */
bool engine_refresh(struct engine *, const char *id, struct failure *);
/* subject NULL or "": the request's title. */
bool engine_message(
    struct engine *, const char *id, const char *subject, struct text body, struct failure *);
bool engine_attach(
    struct engine *, const char *id, const char *const *paths, size_t n, struct failure *);
bool engine_change(struct engine *, const char *id, int64_t severity, bool close, struct failure *);

/* The probe (R27): what the plugin's `remaining` step gives for a contract. Creates nothing.
 * *guide is set (to free) where a person must look. */
bool engine_remaining(struct engine *, const char *contract, struct json **guide, struct failure *);

/* ---- what the desk has (contracts.c) ---------------------------------------------------- */

/* Records a contract, or what is new about one; the pair of IDs is sealed. *is_new: it was not
 * on record. */
struct engine_contract {
	const char *id, *plan; /* partner-support | signature-cloud */
	bool is_personal;
	instant start, end;                 /* INSTANT_UNKNOWN: not said */
	int64_t remaining;                  /* INT64_MAX unlimited, INT64_MIN not said */
	struct text access_id, contract_id; /* both or none (R13) */
	const char *source;                 /* "contracts add" */
};
bool engine_add_contract(
    struct engine *, const struct engine_contract *, bool *is_new, struct failure *);

/* What somebody saw of a contract at a portal, now. */
struct engine_seen {
	int64_t remaining;  /* INT64_MIN: not seen */
	instant start, end; /* INSTANT_UNKNOWN: not seen */
	const char *portal, *account;
	const char *linked, *doubtful; /* this account has it linked; its link is doubtful */
	const char *source;
};
bool engine_observe(
    struct engine *, const char *contract, const struct engine_seen *, struct failure *);

/* The one door through which people see the IDs: the event says who looked (of a request, if
 * one is given) and is committed first. Both IDs exist only after activation, and all users of
 * the company may see them then (R12). Free the secrets. */
bool engine_reveal(struct engine *, const char *contract, const struct request_row *,
    struct secret *access_id, struct secret *contract_id, struct failure *);

/* It is activated now. account: who did so, which must be able to (R11); NULL: not said. */
bool engine_activate(struct engine *, const char *offer, const char *account, struct failure *);

#endif
