/*
 * inside.h - what the files of this room share
 */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

#include "engine/engine.h"

/* A request as loaded for work: row, last decision, journal. */
#define ENGINE_LEASE_MS ((int64_t)180000)

struct work {
	struct engine *engine;
	struct arena *arena;
	struct request_row row;
	struct operation_row operation; /* kind NULL: none */
	struct json *exchange; /* the one under way, also where it is not on record; NULL */
	struct request request;
	/* Of the last decision: STEP_ bits, and its words (NULL: unknown). */
	unsigned steps;
	const char *environment, *workload;
	const char *product, *release; /* as told from the request, for people; NULL: not yet */
	struct portal *portal;         /* of the operation, else of the row; NULL: not configured */
	int64_t fence;
	instant lease;                /* until when the claim lasts */
	int64_t decision_number;      /* of the decision that is loaded; 0: none is */
	bool is_fresh;                /* the exchange was just built by this run: not sent before */
	bool is_on_record;            /* the ledger has a journal of the operation */
	bool is_stale;                /* a new decision was committed: to be loaded again */
	instant deadline;             /* patience ends (monotonic ms) */
	const char *answered_account; /* sign-in of the answer being worked on; NULL: as planned */
};

/* How long a person may take, where the plugin does not say. */
static inline int64_t handoff_due_ms(const struct work *w)
{
	return w->engine->generation->upkeep.handoff_due_ms;
}

/* ---- the ledger's key (open.c) ------------------------------------------------ */

/* Where the key's reference points to a file that is to be made; NULL otherwise. */
const char *key_file(const struct partner *);
/* 32 random bytes in hexadecimal, 0600; refuses where a file is. */
bool key_make(const char *path, struct failure *);

/* ---- loading (work.c) ------------------------------------------------------- */

bool work_load(struct work *, struct engine *, const char *id, struct arena *, struct failure *);
bool work_reload(struct work *, const char *id, struct failure *);
/* What was just committed under the claim, taken over into the work: nobody else may change
 * it meanwhile, so that it need not be read again. */
void work_take_over(struct work *, const struct ledger_row *rows, size_t n);
/* A work of its own, whose arena it owns, as engine.kept has it. */
struct work *work_new(struct engine *, struct arena *);
void work_end(struct work *); /* NULL is fine */
void work_free(struct work *);

/* ---- deciding (submit.c) ------------------------------------------------------- */

struct said { /* a portal just said so */
	const char *message, *portal, *contract;
};

/* Decides anew for a stored request and commits what follows. request: NULL the stored one.
 * account: NULL as before. */
bool work_decide_again(struct work *, const struct json *request, const char *account,
    const struct said *, const char *why, const struct ledger_row *extra, size_t n_extra,
    struct failure *);
/* Facts that agents told about this request, merged from its events; NULL: none. To free. */
bool told_facts(struct engine *, const char *id, struct json **patch, struct failure *);

/* ---- committing (commit.c) ------------------------------------------------------- */

/* One change of the request under its claim. STALE becomes FAILURE_TRY_LATER. */
bool work_commit(struct work *, enum request_state to, bool release, const char *what,
    const char *why, const struct json *detail, const struct ledger_row *rows, size_t n,
    struct failure *);
/* Observations reported by a plugin as rows; returns how many were written to rows[0 .. most-1]. */
size_t observation_rows(
    struct work *, const struct json *extra, struct ledger_row *rows, size_t most);

/* ---- operations (operation.c, outcome.c) ------------------------------------------------ */

enum request_state state_of_operation(const char *kind, bool is_asked);
/* The first or next operation of the decision; NULL: nothing left. */
const char *next_operation(const struct work *, const char *after);
struct operation_row fresh_operation(
    const struct work *, const char *kind, const char *portal, struct text input, uint32_t hops);

bool outcome_done(struct work *, enum operation_kind, const struct step *, struct failure *);
bool outcome_go(struct work *, const struct step *, struct failure *);
bool outcome_failed(struct work *, enum operation_kind, const struct step *, struct failure *);
bool outcome_asked(struct work *, enum operation_kind, const struct step *,
    const struct step_memory *, struct failure *);
/* It may have happened, or not: a person must look. */
bool outcome_unsure(struct work *, const char *why_text, struct failure *);
bool work_park(struct work *, const char *reason, struct failure *);

/* ---- the exchange under way (exchange.c) ------------------------------------------- */

bool exchange_is_due(const struct work *);           /* there is one, in memory or on record */
bool exchange_is_safe(const struct work *);          /* it may be repeated */
bool exchange_read(struct work *, struct failure *); /* from the record, if it is only there */
void exchange_write(struct work *); /* for the record, before the operation is committed */
void exchange_end(struct work *);
/* Sleeps if the patience covers it; else the rest is put off until then: *left. */
bool exchange_wait(struct work *, int64_t ms, bool *left, struct failure *);
/* The same; `reason` stands on record if it is put off. */
bool exchange_wait_for(
    struct work *, int64_t ms, const char *reason, bool *left, struct failure *);
/* Until there is a reply for the plugin, or *left: put off or parked. Where it must not be
 * repeated and may have arrived, the reply has status 0. tenant: the customer's, or NULL. */
bool exchange_send(
    struct work *, const char *tenant, struct http_reply *, bool *left, struct failure *);

/* ---- claiming (claim.c) --------------------------------------------------------------- */

/* False with failure not set: somebody else has it. */
bool work_claim(struct work *, struct failure *);
/* Is whoever claimed it not there any more: a process of this host, or a part of this one? */
bool engine_owner_is_gone(const struct engine *, const char *owner);

/* ---- on a ticket, where the plugin has no step or leaves it to us (by_hand.c) -- */

/* told: the step that said BY_HAND, in whose place this comes; NULL: there is none. */
bool by_hand_ask(struct work *, enum operation_kind, const struct json *input,
    const struct step *told, struct failure *);
/* closed_guide: the row that closes the guide with its answer. */
bool by_hand_answered(struct work *, const struct json *guide, const char *code,
    const struct json *values, const struct ledger_row *closed_guide, struct failure *);

/* ---- what a plugin sees (dossier.c) --------------------------------------------------- */

struct dossier {
	struct arena *arena;
	struct portal_request request;
	struct portal_contact contact;
	struct portal_contract contract;
	struct portal_customer customer;
	struct portal_account account;
	bool has_contract, has_customer;
};

bool dossier_fill(
    struct work *, const char *account, struct arena *, struct dossier *, struct failure *);
/* Are the files to attach still there? */
bool dossier_has_files(const struct work *, struct failure *);
const char *dossier_tenant(const struct work *); /* of the customer; NULL */
const char *country_alpha3(
    const char *code, struct arena *); /* upper case; NULL if there is no such country */

/* ---- secrets (secrets.c) ----------------------------------------------------------------- */

struct secret_context {
	struct engine *engine;
	const char *contract;
	const struct request_file *files;
	size_t n_files;
};

struct secret_source secrets_of(struct secret_context *);

#endif
