/*
 * ledger.h - the durable record: requests, contracts, links, incidents, events
 *
 * Changes come in batches: many changes, one result each, one durable commit
 * (full sync). A change is all or nothing: it compares the request's state and
 * fencing number, writes the new state with its event, and the rows that belong
 * to it. What a function below returned as done survives any kill.
 *
 * The ledger is locked during a commit or a read only, never across an exchange
 * or a prompt. One connection writes and checkpoints (SQLite's WAL-reset race).
 *
 * The files PATH-wal and PATH-shm belong to the ledger: a copy by hand needs all
 * of them, from a moment when nobody writes.
 *
 * A struct ledger is used by one thread at a time and never across a fork; each
 * thread that reads opens its own. Instants of 0 count as INSTANT_UNKNOWN, so
 * that a struct of zeroes says nothing. `why` may be NULL everywhere.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/failure.h"
#include "base/id.h"
#include "base/instant.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/secret.h"

struct ledger;

enum ledger_mode {
	LEDGER_READ,   /* must exist; nothing is written, not even a migration */
	LEDGER_WRITE,  /* must exist; migrated if older */
	LEDGER_CREATE, /* made if missing (parent folder too, 0700; file 0600) */
};

/* key: 32 bytes or more (file: or cred:), for what is sealed; NULL opens a ledger
 * whose sealed values then cannot be read or written (FAILURE_CONFIG when tried).
 * A ledger made by a newer version, a wrong key, a corrupt file, a read-only or
 * full disk: a failure that says so, and nothing changed. */
struct ledger *ledger_open(
    const char *path, enum ledger_mode, const struct secret *key, struct failure *);
void ledger_close(struct ledger *); /* NULL is fine */

/* Events form a chain: each is bound to all before it, so that none can be changed, put in
 * or taken out unseen. A head noted elsewhere proves that the events up to it are still
 * those, and that none was cut off behind it. What events say (who, why, detail) can be
 * erased, and old events pruned: the chain holds. */
#define LEDGER_CHAIN 32
struct ledger_head {
	int64_t sequence; /* 0: no event yet */
	unsigned char chain[LEDGER_CHAIN];
};
bool ledger_last(struct ledger *, struct ledger_head *, struct failure *);
#define LEDGER_HEAD_TEXT (20 + 1 + 2 * LEDGER_CHAIN + 1)
/* "SEQUENCE:HEX", as it is noted. */
const char *ledger_head_write(const struct ledger_head *, char out[LEDGER_HEAD_TEXT]);
bool ledger_head_read(struct text, struct ledger_head *);

/* The file as a whole (integrity), the chain of events, and the books: every spent incident
 * has a ticket, no request spends two, no final request holds a reservation, counters and
 * references agree. False with the first trouble found. noted: NULL or a head that must be in
 * the chain; head: NULL or set to the last one. Memory does not grow with the ledger. */
bool ledger_verify(
    struct ledger *, const struct ledger_head *noted, struct ledger_head *, struct failure *);

/* Copies the ledger as it is between two commits, while others write, into a new
 * file (0600; refused if there is one): synced and verified before it has its name.
 * The key is not in it. */
bool ledger_backup(struct ledger *, const char *path, struct failure *);

/* Seals everything anew under another key, in one transaction. Other processes
 * that hold the old key are refused (FAILURE_CONFIG) from then on. */
bool ledger_rekey(struct ledger *, const struct secret *new_key, struct failure *);

/* ---- requests ------------------------------------------------------------ */

enum request_state {
	STATE_NONE = 0, /* there is no such request yet */
	STATE_ASKING, STATE_REFUSED, STATE_READY, STATE_LINKING, STATE_CREATING, STATE_HANDED_OFF,
	STATE_WAITING, STATE_UNSURE, STATE_PARKED, STATE_OPEN, STATE_CLOSED, STATE_CANCELLED,
	STATE_ANY = 99, /* in a change: whatever it is, as long as it exists */
};
const char *state_name(enum request_state); /* "handed-off" ... */
enum request_state state_read(struct text); /* STATE_NONE if it is none */
bool state_is_final(enum request_state);    /* refused, closed, cancelled */

/* In a ROW_REQUEST: sets a column back to NULL. The pointer counts, not what it points at. */
extern const char LEDGER_CLEAR[];
#define LEDGER_NO_DUE (INT64_MIN + 1) /* the same for `due` */

/* One request as stored. Strings are NULL when there is none; all memory is the
 * arena's that was handed in. */
struct request_row {
	char id[ID_TEXT];
	int64_t key;          /* its number in this ledger, by which a change is made sooner */
	enum request_state state;
	instant created, changed;
	instant due;          /* next work, or the deadline of a hand-off; INSTANT_UNKNOWN: none */
	const char *reference, *title, *account, *customer, *portal, *route, *plan, *contract;
	const char *operation; /* activate link create attach message change status; NULL */
	const char *ticket, *ticket_name; /* number; the portal's resource name */
	const char *address;   /* page for people */
	const char *reason;    /* why it is where it is: one sentence */
	int64_t fence;         /* rises with every claim */
	const char *owner;     /* who claimed it last and did not give it back */
	instant lease;         /* until when; INSTANT_UNKNOWN: not claimed */
	int64_t decisions;     /* how many decisions are stored */
	const char *created_by;
};

/* A decision with what it was made from: JSON texts. */
struct decision_row {
	int64_t number; /* from 1 */
	instant at;
	const char *request, *facts, *decision;
	const char *generation; /* digest of the configuration */
};

/* The journal of the operation under way: what a step needs to go on. */
struct operation_row {
	const char *kind;   /* activate link create ... */
	const char *portal; /* changes by GO */
	uint32_t hops;
	uint32_t memory;    /* the plugin's declared memory version */
	uint32_t stage, cursor[3];
	struct text note;
	const char *key;    /* stable over every try */
	struct text exchange; /* JSON of the exchange to send or sent; empty: none */
	bool is_sent;       /* the exchange may have reached the portal */
	bool never_sent_once; /* a NEVER exchange of this operation may have happened */
	uint32_t tries, steps;
	instant started;
	const char *account; /* the sign-in it is done as */
	struct text input;  /* JSON: what the agent gave (text, severity, files ...); empty: none */
};

struct guide_row {
	int64_t number; /* from 1, within the request */
	instant at, due;
	bool is_open;
	struct text guide;  /* JSON as given to the person */
	struct text answer; /* JSON; empty while open */
	const char *operation;
};

struct event_row {
	int64_t sequence;
	instant at;
	const char *request; /* NULL: not about one request */
	const char *who, *what, *why; /* actor; a past-tense word ("submitted"); a sentence */
	enum request_state from, to;
	struct text detail; /* JSON object or empty; never a secret */
};

/* A client's Idempotency-Key: whose it is, and which request it made with which body. */
struct idempotency_row {
	const char *caller, *key;
	struct text digest;    /* of the body: 1 to 64 bytes */
	char request[ID_TEXT]; /* read only */
};

/* A webhook as far as it has come: the events behind `cursor` are still to be taken up. */
struct webhook_row {
	const char *name;
	int64_t cursor;       /* number of an event; it never goes back; 0: stays */
	instant disabled;     /* since when nothing is sent; INSTANT_UNKNOWN: it is enabled */
	const char *reason;   /* why it is disabled; NULL */
};
#define LEDGER_ENABLED (INT64_MIN + 1) /* webhook_row.disabled: enables it */

/* An event that a webhook did not take at once. What it took leaves no row. */
enum delivery_state { DELIVERY_NONE, DELIVERY_DUE, DELIVERY_DEAD };
struct delivery_row {
	const char *webhook;
	int64_t event;             /* its number; it may be pruned by now */
	enum delivery_state state; /* in a row to write, DELIVERY_NONE: it is done, the row goes */
	int64_t tries;
	instant next;              /* of a due one */
	int64_t status;            /* HTTP, of the last try; 0: no answer */
	const char *reason;        /* why the last try failed; NULL: there was none yet */
};

/* So long a key is known; later it is as if it had never been used. */
#define LEDGER_KEY_MS ((int64_t)48 * 3600 * 1000)

/* ---- contracts ----------------------------------------------------------- */

struct contract_row {
	const char *id;
	const char *plan;        /* partner-support | signature-cloud */
	bool is_personal;
	instant start, end;
	bool has_access_id, has_contract_id; /* read: stated so, or sealed here */
	const char *masked_access_id; /* "********4711"; set by itself where the ID is sealed */
	const char *source;      /* "configuration", "contracts add" */
};

enum link_mark { LINK_MARK_NONE, LINK_MARK_LINKED, LINK_MARK_DOUBTFUL };
struct link_row {
	const char *contract, *account;
	enum link_mark mark;
	const char *source; /* "portal answer", "M3 at azure", "contracts add" */
	instant at;
};

struct observation_row {
	const char *contract;
	int64_t remaining;   /* INT64_MAX unlimited, INT64_MIN unknown */
	instant start, end;  /* INSTANT_UNKNOWN: not seen */
	instant at;
	const char *portal, *account, *source;
};

/* What is left of a contract: the last observation with a number, less open
 * reservations, less tickets opened since it (O7, design 4.2). */
struct balance {
	int64_t remaining;   /* after the subtractions; INT64_MAX unlimited; INT64_MIN unknown */
	int64_t observed;    /* as seen */
	instant observed_at; /* INSTANT_UNKNOWN: never */
	const char *portal;
	int64_t reserved, spent_since, spent_ever;
};

/* ---- changes ------------------------------------------------------------- */

enum row_kind {
	/* Columns that are not NULL / UNKNOWN / empty are set; LEDGER_CLEAR, LEDGER_NO_DUE empty
	 * them. Not written: id, state, changed, fence, owner, lease, decisions. */
	ROW_REQUEST,
	ROW_DECISION,    /* appended; number is given out */
	ROW_OPERATION,   /* replaces the journal; kind NULL removes it; request.operation follows */
	ROW_GUIDE,       /* number 0: a new one, numbered; else sets answer, is_open, due */
	/* One incident of `contract` for this request; SPENT if none is left. Once for a request:
	 * again is done already, another contract moves it, STALE once one is spent elsewhere. */
	ROW_RESERVE,
	ROW_SPEND,       /* the reservation became a ticket; without one: spent anyway */
	ROW_RELEASE,     /* it ends unused; contract NULL: whatever the request holds */
	ROW_CONTRACT,    /* inserted or updated by id; NULL and UNKNOWN leave what is there */
	/* Seals the pair, trimmed; wiped by the caller; an empty one leaves what is there.
	 * EXISTS if another contract has the pair: conflict is its id. */
	ROW_CONTRACT_IDS,
	ROW_LINK,
	ROW_OBSERVATION,
	ROW_BENEFIT,     /* activated or not: offer name, who */
	ROW_TOKEN,       /* a rotated refresh token, sealed: credential name, value */
	ROW_CACHE,       /* name, JSON value, until */
	/* EXISTS if the caller has used the key: conflict is the request it made. Forgets a few
	 * keys that are too old, more than it adds. */
	ROW_IDEMPOTENCY,
	ROW_REMIND, /* sets when an open guide is told of next; STALE once it is answered */
	/* What a final request holds of people goes: texts, decisions, guides, journal, reference,
	 * clients' keys, and what its events say. Id, state, instants, route, portal, plan,
	 * contract and ticket number stay. STALE where it is not final. */
	ROW_FORGET,
	ROW_WEBHOOK,     /* inserted or updated by name */
	ROW_DELIVERY,    /* of one event to one webhook */
	ROW_RESEND,      /* all that is dead of a webhook is due now */
};

struct ledger_row {
	enum row_kind kind;
	int64_t given; /* out: the number of a new decision or guide (also set in the row itself) */
	union {
		struct request_row request;
		struct decision_row decision;
		struct operation_row operation;
		struct guide_row guide;
		const char *contract; /* RESERVE, SPEND, RELEASE */
		const char *resend;   /* RESEND: the webhook */
		struct contract_row contract_row;
		struct { const char *contract; struct text access_id, contract_id; } ids;
		struct link_row link;
		struct observation_row observation;
		struct { const char *offer; bool is_activated; const char *account; } benefit;
		struct { const char *credential; struct text value; } token;
		struct { const char *name; struct text value; instant until; } cache;
		struct idempotency_row idempotency;
		struct { int64_t guide; instant next; } remind;
		struct webhook_row webhook;
		struct delivery_row delivery;
	};
};

enum ledger_result {
	LEDGER_DONE = 0,
	LEDGER_STALE,   /* another state or fencing number: somebody was quicker */
	LEDGER_EXISTS,  /* id or live reference taken; conflict holds the request that has it */
	LEDGER_SPENT,   /* no incident left to reserve */
	LEDGER_MISSING, /* no such request, guide, contract */
};

#define LEDGER_NAME 129 /* a name in an answer: 128 bytes and a NUL */

struct ledger_change {
	const char *request;       /* NULL: rows that belong to no request */
	int64_t key;               /* request_row.key of it, or 0: looked up; out: of a new one */
	enum request_state expect; /* STATE_NONE inserts; STATE_ANY: any */
	enum request_state state;  /* the new one; STATE_NONE: stays */
	int64_t fence;             /* 0: whoever; else must be the row's and its lease not over */
	bool release;              /* give the claim back with this change */
	bool needs_no_claim;       /* refuse (STALE) while somebody else holds a live claim */
	const char *claim_for;     /* also claim it for this owner, or STALE ... */
	const char *claim_from;    /* an owner that is no more: its claim is none. NULL: nobody */
	int64_t lease_ms;          /* ... for so long */
	struct event_row event;    /* what == NULL: no event; out: sequence, from, to, at */
	struct ledger_row *rows;
	size_t n_rows;
	enum ledger_result result; /* out */
	char conflict[LEDGER_NAME];/* out: the request (or contract) that has it */
	int64_t new_fence;         /* out: of claim_for */
	instant at;                /* out: request.changed where it was changed */
};

/* One transaction for all; a change that is not DONE leaves nothing of itself
 * behind and does not hinder the others. False: nothing was committed. (One case
 * is open: a disk that failed in the sync itself, and then a crash. So compare
 * states after FAILURE_IO, as after a restart.)
 * A request that becomes refused or cancelled gives its reservation and its
 * reference back by itself. */
bool ledger_commit(
    struct ledger *, instant now, struct ledger_change *, size_t n, struct failure *);

/* Claims a request for `owner` until now + lease_ms: done if nobody holds a live
 * claim (or owner does). fence is the new number, checked in every later change.
 * Also STALE, with the failure set, where the ledger could not be asked. */
enum ledger_result ledger_claim(struct ledger *, const char *request, const char *owner,
    instant now, int64_t lease_ms, int64_t *fence, struct failure *);
/* False with failure not set: the claim is somebody else's by now. */
bool ledger_renew(
    struct ledger *, const char *request, int64_t fence, instant until, struct failure *);

/* ---- reading: false with failure NOT set means "there is none" ------------ */

/* Between the two all that is read is of one moment, and cheaper than read by read. The
 * next commit ends it, too. Never across a wait: it holds back checkpoints. */
void ledger_look(struct ledger *);
void ledger_look_away(struct ledger *);

/* id: whole, or a prefix or suffix of at least 4 characters that only one request has;
 * FAILURE_DATA if it is shorter or several have it. */
bool ledger_request(
    struct ledger *, const char *id, struct arena *, struct request_row *, struct failure *);
/* The request that holds the reference: any but a refused or cancelled one. */
bool ledger_by_reference(
    struct ledger *, const char *reference, struct arena *, struct request_row *, struct failure *);
bool ledger_idempotency(struct ledger *, const char *caller, const char *key, instant now,
    struct arena *, struct idempotency_row *, struct failure *);
bool ledger_decision(struct ledger *, const char *request, int64_t number /* 0: last */,
    struct arena *, struct decision_row *, struct failure *);
bool ledger_operation(
    struct ledger *, const char *request, struct arena *, struct operation_row *, struct failure *);
bool ledger_guide(struct ledger *, const char *request,
    int64_t number /* 0: the open one, else last */, struct arena *, struct guide_row *,
    struct failure *);
bool ledger_contract(
    struct ledger *, const char *id, struct arena *, struct contract_row *, struct failure *);
bool ledger_link(struct ledger *, const char *contract, const char *account, struct arena *,
    struct link_row *, struct failure *);
bool ledger_balance(
    struct ledger *, const char *contract, struct arena *, struct balance *, struct failure *);
bool ledger_benefit(
    struct ledger *, const char *offer, bool *is_activated, instant *at, struct failure *);
bool ledger_token(struct ledger *, const char *credential, struct secret *, struct failure *);
bool ledger_cache(struct ledger *, const char *name, instant now, struct arena *,
    struct text *value, struct failure *);
/* The one door to a contract's IDs. The caller records the event "revealed" or uses them in an
 * exchange. */
bool ledger_contract_ids(struct ledger *, const char *contract, struct secret *access_id,
    struct secret *contract_id, struct failure *);
/* The contract that has this pair, if any (keyed hash). */
bool ledger_contract_by_ids(struct ledger *, struct text access_id, struct text contract_id,
    struct arena *, const char **id, struct failure *);

/* A contract as a decision sees it: what was observed goes before what was told. */
struct contract_choice {
	const char *id, *plan;
	instant start, end;
	bool has_access_id, has_contract_id;
	int64_t remaining;   /* as struct balance has it */
	instant observed_at; /* INSTANT_UNKNOWN: never */
	const char *observed_portal;
	enum link_mark mark; /* of the account */
};
struct contract_wish {
	const char *account; /* whose links count; NULL: nobody's */
	instant now;
	bool all;            /* for a list: every contract */
	const char *also[2]; /* ids that must be among them; NULL: none */
};
/* Those that a decision can come to. All, while there are not more than 64; else of each plan
 * and sort (linked, both IDs in hand, neither) the first two in the order in which they are
 * chosen (design 4.2), and the two that ended last. */
bool ledger_contract_choice(struct ledger *, const struct contract_wish *, struct arena *,
    struct contract_choice **, size_t *n, struct failure *);
/* The only contract with that plan; false with failure not set: none, or several. */
bool ledger_contract_of_plan(
    struct ledger *, const char *plan, struct arena *, const char **id, struct failure *);

struct request_filter {
	enum request_state state; /* STATE_NONE: all; STATE_ANY: all that is not final */
	const char *account, *portal, *contract;
	const char *created_by; /* "caller:NAME" */
	instant due_before;  /* only unfinished ones due before it, the most overdue first */
	instant unclaimed_at; /* only those on which nobody has a live claim then */
	const char *after;   /* id: a page goes on behind it */
	bool oldest_first;   /* default: newest first */
	size_t limit;        /* 0: 100 */
};

/* All of these fill an array in the arena. */
bool ledger_requests(struct ledger *, const struct request_filter *, struct arena *,
    struct request_row **, size_t *n, struct failure *);
bool ledger_events(struct ledger *, const char *request /* NULL: all */, int64_t after,
    size_t limit, struct arena *, struct event_row **, size_t *n, struct failure *);
bool ledger_last_event(struct ledger *, int64_t *sequence /* 0: none yet */, struct failure *);
bool ledger_decisions(struct ledger *, const char *request, struct arena *, struct decision_row **,
    size_t *n, struct failure *);
bool ledger_guides(struct ledger *, const char *request, struct arena *, struct guide_row **,
    size_t *n, struct failure *);
bool ledger_contracts(
    struct ledger *, struct arena *, struct contract_row **, size_t *n, struct failure *);
bool ledger_links(struct ledger *, const char *contract, struct arena *, struct link_row **,
    size_t *n, struct failure *);
bool ledger_observations(struct ledger *, const char *contract, size_t limit, struct arena *,
    struct observation_row **, size_t *n, struct failure *);

/* ---- guides that nobody answers ------------------------------------------------ */

struct overdue_row {
	char request[ID_TEXT];
	int64_t guide;
	instant due;
	int64_t reminded; /* how often it was told of */
	const char *portal;
};
/* Open guides to be told of, the longest waiting first; ROW_REMIND says when again. */
bool ledger_overdue(struct ledger *, instant now, size_t limit, struct arena *,
    struct overdue_row **, size_t *n, struct failure *);

/* ---- counts: they cost the same however much is stored --------------------------- */

struct ledger_counts {
	int64_t requests[STATE_CANCELLED + 1]; /* by state */
	int64_t guides_open, guides_overdue;   /* up to 100,000 */
	instant first_due;   /* of the open guides; INSTANT_UNKNOWN: none */
	instant oldest_work; /* when the oldest request that waits for a portal was made */
	int64_t last_event;
};
bool ledger_count(struct ledger *, instant now, struct ledger_counts *, struct failure *);

/* What the contracts of a plan that have not ended come to, as last seen; those without a
 * number are not in it. Of the first 10,000 contracts. */
struct plan_balance {
	char plan[24];
	int64_t contracts, remaining, reserved;
};
bool ledger_by_plan(struct ledger *, instant now, struct arena *, struct plan_balance **,
    size_t *n, struct failure *);

/* ---- forgetting ---------------------------------------------------------------------- */

/* Requests in which the text stands, in any case of ASCII letters: looks through all. */
bool ledger_mentions(struct ledger *, const char *text, struct arena *, const char *const **ids,
    size_t *n, struct failure *);
bool ledger_of_customer(struct ledger *, const char *customer, struct arena *,
    const char *const **ids, size_t *n, struct failure *);

/* Writes the file anew and empties its log, so that nothing of what was deleted is left in
 * them. Takes about a second for 100 MB, in which nobody else writes. */
bool ledger_compact(struct ledger *, struct failure *);

/* How long what is kept, in ms from the end of a request or from an event; 0: for ever. */
#define LEDGER_LEAST_MS ((int64_t)3 * 24 * 3600 * 1000) /* whole requests, at least */
struct ledger_retention {
	int64_t texts_ms;    /* what ROW_FORGET takes */
	int64_t requests_ms; /* the request as a whole; what it spent stays spent */
	int64_t events_ms;   /* from the oldest on, up to the first of unfinished work */
};
struct ledger_pruned {
	size_t texts, requests, events;
	size_t keys, cached; /* have ended by themselves */
};
/* One round: at most `most` of each kind, in one commit. Go on while anything was pruned. */
bool ledger_prune(struct ledger *, const struct ledger_retention *, const char *who, instant now,
    size_t most, struct ledger_pruned *, struct failure *);
/* What rounds would come to (keys and cached are not counted). */
bool ledger_prunable(struct ledger *, const struct ledger_retention *, instant now,
    struct ledger_pruned *, struct failure *);

/* ---- events out: the events are the outbox, so that no change writes more -------- */

#define LEDGER_OWN_ID 33
/* What tells this ledger from every other one; a copy has it, too. */
bool ledger_own_id(struct ledger *, char out[LEDGER_OWN_ID], struct failure *);
bool ledger_webhook(
    struct ledger *, const char *name, struct arena *, struct webhook_row *, struct failure *);
struct delivery_counts {
	int64_t due, dead;
	int64_t oldest_due; /* number of the first due one's event; 0: none */
};
bool ledger_delivery_counts(
    struct ledger *, const char *webhook, struct delivery_counts *, struct failure *);
struct delivery_filter {
	const char *webhook;
	enum delivery_state state; /* DELIVERY_NONE: all */
	instant due_before;  /* due ones, the most overdue first; INSTANT_UNKNOWN: by event */
	int64_t event;       /* only this one's; 0: all */
	int64_t after;       /* number of an event: a page goes on behind it */
	size_t limit;        /* 0: 100 */
};
bool ledger_deliveries(struct ledger *, const struct delivery_filter *, struct arena *,
    struct delivery_row **, size_t *n, struct failure *);

/* ---- the IDs of a contract as values (portal notes: opaque strings) -------- */

/* After trimming outer white space: not empty, at most 128 bytes, no control
 * characters; nothing else is known of them. `what`: "Access ID" ... for the
 * failure (FAILURE_DATA), which never holds the value. */
bool ledger_id_ok(struct text, const char *what, struct failure *);

#define LEDGER_MASK 32
/* "********" and the last four characters if there are more than eight. Never
 * used for a Contract ID, which is shown as the stars alone. */
const char *ledger_mask_access_id(struct text, char out[LEDGER_MASK]);

#endif
