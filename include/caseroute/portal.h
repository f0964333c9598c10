/*
 * portal.h - the contract between caseroute and a portal plugin, ABI 1.0
 *
 * A plugin translates. It turns an operation into exchanges with a server or
 * with a person, and what comes back into an outcome. It opens no socket and
 * no file, reads no clock, keeps no variable and allocates nothing: all that
 * it may know is in struct portal_op, all that it may do is in struct
 * portal_host.
 *
 * Frozen. A plugin built for 1.x loads in every caseroute that speaks 1.y. What
 * stands here keeps its place, size and meaning. 1.1 and later may only add: a
 * member at the end of a struct that begins with its size (or is walked by a
 * stride), a call at the end of struct portal_host, a number to an enum, a bit
 * to flags or needs. Each says "since 1.N". portal_str and portal_value never
 * grow, and no reserved member gets a meaning.
 *
 *   Newer plugin, older host: the host reads what it knows of longer structs.
 *   An unknown bit of needs, flag or type of an option, or any unknown number
 *   that a plugin hands over is refused or fails, never ignored. What is beyond
 *   the size of a struct that the host hands out must not be touched: ask
 *   PORTAL_HAS() or PORTAL_FITS(), or declare the need.
 *
 *   Older plugin, newer host: members that its table does not have are zero. It
 *   never meets a number that was made after it; bits of flags that it does
 *   not know it leaves alone.
 *
 * Pointers. What the host hands out (op and all that it points to, results of
 * calls) is the host's, read-only but for the second part of op and *op->out,
 * never NULL unless said, and lives until the step returns. A call copies its
 * arguments before it returns, so they may stand on the stack. Arguments of
 * type const char * end in a NUL and are never NULL unless said; a portal_str
 * may have p NULL if n is 0. What a step leaves in op->note and *op->out is
 * read after it has returned: literals, inputs, results of calls, never its
 * own stack. The plugin's table and what it points to are constant data of
 * its file, which stays loaded. Nobody frees anything.
 *
 * Threads: steps of different operations may run at the same time in several
 * threads; those of one operation never do. A plugin without writable data
 * has nothing to do for this. The host may run a step twice, in another
 * process or after a restart, and must get the same answer.
 *
 * Text is UTF-8. Times are seconds since 1970-01-01T00:00:00Z, without leap
 * seconds; lengths of time are milliseconds.
 */
#ifndef CASEROUTE_PORTAL_H
#define CASEROUTE_PORTAL_H

#include <stddef.h>
#include <stdint.h>

#define PORTAL_ABI_MAJOR 1
#define PORTAL_ABI_MINOR 0

#ifdef __cplusplus
extern "C" {
#endif

/* ---- text ------------------------------------------------------------------
 *
 * Text with a length. What the host hands out also ends in a NUL that n does
 * not count, and its p is never NULL; what a plugin hands over need not end so.
 * Frozen in size: it stands in arrays. */
typedef struct portal_str {
	const char *p;
	size_t n; /* bytes */
} portal_str;

#ifdef __cplusplus
#define PORTAL_STR(literal) (portal_str{ "" literal, sizeof(literal) - 1 })
#else
#define PORTAL_STR(literal) ((portal_str){ "" literal, sizeof(literal) - 1 })
#endif

/* For "%.*s" in the format of a host call. */
#define PORTAL_ARG(s) (int)(s).n, (s).p

static inline char portal_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Is the text this C string? ASCII case counts. */
static inline int portal_is(portal_str text, const char *word)
{
	const char *at = text.p, *end = text.p + text.n;

	while (at < end && *word && *at == *word) {
		at++;
		word++;
	}
	return at == end && !*word;
}

/* The same, ASCII case ignored: portals change the casing of their words. */
static inline int portal_same(portal_str text, const char *word)
{
	const char *at = text.p, *end = text.p + text.n;

	while (at < end && *word && portal_lower(*at) == portal_lower(*word)) {
		at++;
		word++;
	}
	return at == end && !*word;
}

/* ---- numbers ----------------------------------------------------------------
 *
 * Enums are named numbers; the ABI passes them as uint32_t. */

/* What a step returns. An exchange or guide that was built and is not asked for
 * by the verdict is dropped. */
enum portal_verdict {
	/* fail(), reject() or need() said why. From every step. */
	PORTAL_FAILED = 0,
	/* Make the exchange built in this step, call again with the reply. From
	 * every step but options_ok. At most 64 steps of one operation may end so
	 * without a wait(); in login 16, and neither there nor in remaining is
	 * there a wait. */
	PORTAL_FETCH = 1,
	/* op->out holds the outcome. From every step. */
	PORTAL_DONE = 2,
	/* Give the guide built here to a person, call again with the answer: only
	 * a code that the guide declared, with the values that it must have. From
	 * every step but options_ok and login. In remaining it may end with that:
	 * the person tells what was seen in another way. */
	PORTAL_ASK = 3,
	/* go() said where to continue. Only from open. */
	PORTAL_GO = 4,
	/* A person does it on the ticket, as wherever a plugin has no such step:
	 * the host asks and reads the answer, and no further step of this
	 * operation comes. Of the guide only sign-in, link, steps and due may
	 * have been built; what is missing is the host's: its link is the
	 * ticket's address. Only from attach, message, change and status. */
	PORTAL_BY_HAND = 5,
};

/* Why an operation failed, by who can do what about it. On a ticket (attach to
 * status) each of them only ends the operation: the sentence is all that is kept. */
enum portal_failure {
	PORTAL_E_REQUEST = 1,  /* the request is refused: correct it */
	PORTAL_E_CONTRACT = 2, /* contract or plan unknown, expired, not ours */
	PORTAL_E_SPENT = 3,    /* the contract has no incident left */
	PORTAL_E_DENIED = 4,   /* the portal refuses the account or credential */
	PORTAL_E_BUSY = 5,     /* not now: the host parks it, after tries of its own where the
	                          portal answered 429 or 503 */
	PORTAL_E_UNSURE = 6,   /* it may have happened: a person must look */
	PORTAL_E_PORTAL = 7,   /* the portal answered nonsense */
};

/* May an exchange be sent again when its fate is unknown? */
enum portal_repeat {
	PORTAL_REPEAT_SAFE = 1,  /* reads only, or carries op->key as identity */
	PORTAL_REPEAT_NEVER = 2, /* a second one could spend a second incident;
	                            a lost one comes back as status 0 */
};

/* Which operation a step works on (op->operation). */
enum portal_operation {
	PORTAL_OP_LOGIN = 1,
	PORTAL_OP_OPEN = 2,
	PORTAL_OP_ACTIVATE = 3,
	PORTAL_OP_LINK = 4,
	PORTAL_OP_CREATE = 5,
	PORTAL_OP_ATTACH = 6,
	PORTAL_OP_MESSAGE = 7,
	PORTAL_OP_CHANGE = 8,
	PORTAL_OP_STATUS = 9,
	PORTAL_OP_REMAINING = 10,
	PORTAL_OP_OPTIONS_OK = 11,
};

/* How a ticket is doing. */
enum portal_state {
	PORTAL_OPEN = 1,    /* the portal's side works on it */
	PORTAL_WAITING = 2, /* for us or the customer */
	PORTAL_SOLVED = 3,
	PORTAL_CLOSED = 4,
};

enum portal_unit {
	PORTAL_INCIDENTS = 0,
	PORTAL_HOURS = 1,
};

#define PORTAL_UNLIMITED INT64_MAX /* remaining */
#define PORTAL_UNKNOWN INT64_MIN   /* remaining */

/* ---- options: the INI keys of one [portal] section -------------------------- */

enum portal_option_type {
	PORTAL_TEXT = 1,
	PORTAL_INTEGER = 2,  /* value.number, within [min, max] unless both are 0 */
	PORTAL_BOOLEAN = 3,  /* yes no true false on off 1 0; number 0 or 1 */
	PORTAL_DURATION = 4, /* "90s", "5m"; number in milliseconds */
	PORTAL_CHOICE = 5,   /* one word of .choices; number its index from 0 */
	PORTAL_ORIGIN = 6,   /* "https://host[:port]" (http on loopback only);
	                        joins the allow-list of the portal */
	PORTAL_SECRET = 7,   /* names a secret; value.text stays "", number is 1
	                        if one is configured. Placed by its index. */
	PORTAL_CREDENTIAL = 8, /* names a [credential] section; text stays "",
	                          number is 1 if given. Used by its index. */
};

#define PORTAL_REQUIRED 1u /* must stand in the INI file */
#define PORTAL_LIST 2u     /* NAME.1 to NAME.30: list_length(), list_get() */

/* The host checks the table when it loads the plugin, and the values when it
 * reads the INI file. Stride: it steps by portal_plugin.option_size. At most 200. */
struct portal_option {
	/* [a-z][a-z0-9_-]*, up to 40 bytes, each once; not plugin, credential,
	 * timeout, concurrency, retries, rate, retry_percent, failures, pause,
	 * max_reply, origins, isolation, which are the host's. A key that the
	 * host gets later gives way to a plugin's option of that name. */
	const char *name;
	uint32_t type;        /* enum portal_option_type */
	uint32_t flags;       /* PORTAL_REQUIRED, PORTAL_LIST (no list of secrets
	                         or credentials) */
	const char *fallback; /* as it would stand in the INI file; or NULL */
	const char *help;     /* one line, for the manual and for errors; never
	                         NULL or empty */
	const char *choices;  /* "eu us apac" for PORTAL_CHOICE, else NULL */
	int64_t min, max;     /* INTEGER; DURATION in milliseconds; 0, 0: none */
};

/* An option's value. Frozen in size: it stands in arrays. */
struct portal_value {
	portal_str text; /* as written, or the fallback; "" if there is none */
	int64_t number;  /* as the type says; 0 for TEXT and ORIGIN */
};

/* Secrets that are no options. Like an option's index they are a place to
 * name, never a value to see. */
#define PORTAL_SESSION UINT32_MAX           /* what login kept */
#define PORTAL_ACCESS_ID (UINT32_MAX - 1)   /* of op->contract */
#define PORTAL_CONTRACT_ID (UINT32_MAX - 2) /* of op->contract */

/* ---- what an operation is about --------------------------------------------- */

#define PORTAL_HAS_ACCESS_ID 1u   /* portal_contract.flags: it is in hand */
#define PORTAL_HAS_CONTRACT_ID 2u /* the same */
#define PORTAL_IS_LINKED 4u       /* op->account has this contract already */

/* The pair of IDs is a secret: place it by PORTAL_ACCESS_ID and _CONTRACT_ID. */
struct portal_contract {
	uint32_t size;
	uint32_t flags;
	portal_str id;   /* the desk's own name for it, no portal's; may be shown */
	portal_str plan; /* partner-support, signature-cloud */
	const portal_str *plan_names; /* as portals have displayed it, newest
	                                 first; n_plan_names of them */
	uint32_t n_plan_names;
	uint32_t unit;     /* of remaining: enum portal_unit */
	int64_t start;     /* 0: unknown */
	int64_t end;       /* its last second; 0: unknown */
	int64_t remaining; /* last observation less what is reserved;
	                      PORTAL_UNKNOWN, PORTAL_UNLIMITED */
};

enum portal_account_type {
	PORTAL_ACCOUNT_WORK = 1,     /* Entra work account; 0: unknown */
	PORTAL_ACCOUNT_PERSONAL = 2, /* Microsoft account */
};

#define PORTAL_PROGRAM_MPN 1u
#define PORTAL_PROGRAM_CSP 2u
#define PORTAL_ROLE_GLOBAL_ADMIN 1u
#define PORTAL_ROLE_MPN_PARTNER_ADMIN 2u
#define PORTAL_ROLE_ADMIN_AGENT 4u
#define PORTAL_ROLE_OTHER 8u
#define PORTAL_KNOWS_PROGRAMS 1u /* portal_account.flags: a 0 bit means no */
#define PORTAL_KNOWS_ROLES 2u

enum portal_csp_kind { /* 0: unknown */
	PORTAL_CSP_DIRECT_BILL = 1,
	PORTAL_CSP_PROVIDER = 2,
	PORTAL_CSP_INDIRECT_RESELLER = 3,
	PORTAL_CSP_ADVISOR = 4,
};

/* The sign-in that does the work: of a person, or behind a credential. */
struct portal_account {
	uint32_t size;
	uint32_t flags;
	portal_str name;    /* anna@contoso.example */
	portal_str visible; /* as the portal shows it; "" if not known */
	uint32_t type;      /* enum portal_account_type */
	uint32_t programs;  /* PORTAL_PROGRAM_ bits */
	uint32_t roles;     /* PORTAL_ROLE_ bits */
	uint32_t csp_kind;  /* enum portal_csp_kind */
};

/* A customer on whose behalf the partner asks. */
struct portal_customer {
	uint32_t size;
	uint32_t flags; /* none */
	portal_str id;     /* of [customer ID] */
	portal_str tenant; /* a GUID; "" if not known */
	portal_str domain; /* contoso.onmicrosoft.example; "" if not known */
	portal_str name;   /* for people */
};

/* Whom the portal's engineers may talk to: the partner's own person. */
struct portal_contact {
	uint32_t size;
	uint32_t around_the_clock; /* 0 unknown, 1 no, 2 yes */
	portal_str first_name, last_name, email, phone;
	portal_str method;    /* "email", "phone" or "" */
	portal_str language;  /* "en-us" or "" */
	portal_str country;   /* ISO 3166 alpha-3 in upper case, or "" */
	portal_str time_zone; /* as the agent gave it: Windows or IANA name */
};

/* A file; its bytes stay with the host. Its index is its place in files. */
struct portal_file {
	uint32_t size;
	uint32_t flags;        /* none */
	portal_str name;       /* without folders */
	portal_str media_type; /* "" if not known */
	uint64_t length;       /* bytes */
};

/* What the agent filed. "" and 0 mean not known. */
struct portal_request {
	uint32_t size;
	uint32_t severity; /* 1 critical (A), 2 moderate (B), 3 minimal (C) */
	portal_str id;        /* UUID; the same in every portal and for ever */
	portal_str reference; /* the agent's own number */
	portal_str kind;      /* incident advisory billing partner-center probe */
	portal_str title, text;
	portal_str product;     /* name for people, "Exchange Server" */
	portal_str release;     /* "2019" */
	portal_str environment; /* on-premises, cloud */
	portal_str workload;    /* azure, microsoft365, windows-server ... */
	portal_str subscription; /* Azure subscription, a GUID */
	portal_str resource;     /* ARM id of what fails */
	portal_str plan;         /* partner-support signature-cloud csp premier
	                            advanced included; "" none chosen */
	const portal_str *plan_names; /* as portals display it, newest first */
	uint32_t n_plan_names;
	uint32_t n_files;
	int64_t problem_started;
	const struct portal_contact *contact;     /* never NULL */
	const struct portal_file *const *files;   /* n_files and a NULL */
};

#define PORTAL_MAY_HAVE_ARRIVED 1u /* portal_reply.flags, status 0 */

/* A reply, or the host's account of why there is none. Status 0 is seen only
 * after an exchange of PORTAL_REPEAT_NEVER: others are sent again. */
struct portal_reply {
	uint32_t size;
	uint32_t status; /* HTTP status; 0: no reply came back */
	uint32_t flags;
	uint32_t reserved; /* 0 */
	/* At most the portal's max_reply bytes. Secrets that were placed in the
	 * exchange read "****", digits of them "9". In a login the places of
	 * session_secrets read "********", the rest is written anew as JSON,
	 * and a body that is no JSON is "". */
	portal_str body;
};

/* What a person reported: one of the codes that the guide declared. Values by
 * name: get_answer(). */
struct portal_answer {
	uint32_t size;
	uint32_t flags; /* none */
	portal_str code;
	portal_str account; /* the sign-in really used; "" = the expected one */
};

/* Filled before PORTAL_DONE; zero and "" at first. What an operation has no
 * use for is not looked at.
 *
 *   create                          ticket must be there; the first five
 *   link                            the same, if the ticket came with it
 *   attach message change status    state, detail; ticket and address if new
 *   remaining                       the last four, unless observe() said more
 *   login options_ok open activate  nothing */
struct portal_outcome {
	uint32_t size;
	uint32_t state;         /* enum portal_state; 0 unknown */
	portal_str ticket;      /* the number that people use; a line, <= 200 bytes */
	portal_str ticket_name; /* the portal's key for it, if another; <= 500 */
	portal_str address;     /* a page for people, https; <= 4000 */
	portal_str detail;      /* the portal's own words; cut at 4000 */
	int64_t remaining; /* PORTAL_UNKNOWN at first, and for what is below 0 */
	int64_t until;     /* end of validity; 0 unknown */
	int64_t start;     /* its beginning; 0 unknown */
	uint32_t unit;     /* of remaining: enum portal_unit */
	uint32_t reserved; /* 0 */
};

struct portal_host;

#define PORTAL_NOTE_BYTES 16384u

/* One operation. The first part is the plugin's to read, the second to write.
 * A step depends on nothing else. */
struct portal_op {
	uint32_t size;
	uint32_t flags;     /* none */
	uint32_t operation; /* enum portal_operation */
	uint32_t hops;      /* `open`: portals that have passed it on so far */
	const struct portal_host *host;
	const struct portal_value *options; /* in the order of the table */
	const struct portal_account *account;   /* never NULL */
	const struct portal_contract *contract; /* NULL: none is used */
	const struct portal_customer *customer; /* NULL: the partner's own */
	const struct portal_request *request;   /* NULL in login and options_ok;
	                                           may be NULL in remaining */
	portal_str ticket, ticket_name; /* attach, message, change, status */
	portal_str key; /* the same over every try of this operation; [a-z0-9-],
	                   begins with a letter, at most 60 bytes; "" in login
	                   and options_ok */
	int64_t now;    /* 0 in options_ok */
	/* The reply after FETCH, the answer after ASK, so at most one; both NULL
	 * in the first step. */
	const struct portal_reply *reply;
	const struct portal_answer *answer;

	/* The plugin's memory: zero at first, then as the last step left it.
	 * Journaled, so it survives a restart; never put a secret there. */
	uint32_t stage;
	uint32_t cursor[3]; /* a file, a chunk, a sum */
	portal_str note;    /* at most PORTAL_NOTE_BYTES, UTF-8 */
	struct portal_outcome *out;
};

/* Tenants that a token may be asked for. */
enum portal_tenant {
	PORTAL_TENANT_OWN = 0,      /* the credential's */
	PORTAL_TENANT_CUSTOMER = 1, /* of op->customer; without one: OWN */
	PORTAL_TENANT_PARTNER = 2,  /* the credential's, also for a customer */
};

#define PORTAL_DEFAULT_CREDENTIAL UINT32_MAX /* key `credential` */
#define PORTAL_NO_CREDENTIAL (UINT32_MAX - 1)

/* ---- what a plugin may do ----------------------------------------------------
 *
 * No call blocks and none needs a check: the first that fails (a NULL, an
 * origin outside the allow-list, too much text) makes the rest do nothing, and
 * the operation fails with its reason when the step returns, whatever that
 * returns: as PORTAL_E_PORTAL, or as PORTAL_E_UNSURE once an exchange of class
 * NEVER has been asked for. Calls that return text then return "", the others
 * what they return for nothing.
 *
 * Every call may be used in every step unless it says otherwise; in options_ok
 * what builds an exchange or a guide checks its arguments and comes to nothing.
 *
 * Pointers to places in JSON are RFC 6901 ("/a/0/b"; "" is the whole), up to
 * 255 bytes a part; another text than "" that does not begin with '/' fails.
 * Formats know %s %.*s %c %d %u %x with l, ll or z, and %%; anything else
 * fails, and so does a text above 131072 bytes. %s takes NULL as "".
 *
 * All members are there in 1.0. Later ones: test with PORTAL_HAS().
 */
#if defined(__GNUC__)
#define PORTAL_FORMAT(at, first) __attribute__((format(printf, at, first)))
#else
#define PORTAL_FORMAT(at, first)
#endif

struct portal_host {
	uint32_t size;
	uint32_t flags; /* none */

	/* -- build the exchange of this step: begin with request or follow; one
	 * exchange a step, at most 1 MiB without its files. A body is JSON, a form
	 * or a file, never two. -- */

	/* method: 1 to 10 upper-case letters. origin: an ORIGIN option's text, or
	 * another one of the allow-list. path begins with '/' and may hold a
	 * query; each {} in it takes the next of n arguments, percent-encoded as
	 * one segment ("." and ".." fail); there must be enough. args: NULL if n
	 * is 0. repeat: enum portal_repeat; in login SAFE. */
	void (*request)(struct portal_op *op, const char *method,
	    portal_str origin, const char *path, const portal_str *args,
	    size_t n, uint32_t repeat);
	/* GET of an address that the portal gave (a next page, a location), byte
	 * for byte; SAFE. One that begins with a single '/' is taken from
	 * `origin`. Only to origins on the allow-list; "" fails. */
	void (*follow)(struct portal_op *op, portal_str origin,
	    portal_str address);
	/* Adds name=value, both percent-encoded. Not after follow. */
	void (*query)(struct portal_op *op, const char *name, portal_str value);
	/* A header; the value is one line. Neither Authorization nor one of the
	 * connection (Host, Cookie, Content-Length ...), which fail. */
	void (*header)(struct portal_op *op, const char *name, portal_str value);
	/* A header of `prefix` and a secret; may be Authorization or Cookie.
	 * secret, here and below: the index of an option of type SECRET,
	 * PORTAL_SESSION, PORTAL_ACCESS_ID or PORTAL_CONTRACT_ID. One that is not
	 * configured or not in hand fails: ask options[].number or
	 * contract->flags first. */
	void (*header_secret)(struct portal_op *op, const char *name,
	    const char *prefix, uint32_t secret);
	/* Sends at least this long after now, and not before Retry-After of the
	 * last reply; cut at one day. Steps that waited do not count towards the
	 * limit of 64. Fails login and remaining. */
	void (*wait)(struct portal_op *op, uint32_t milliseconds);

	/* Whose bearer token goes along: an option of type CREDENTIAL or
	 * PORTAL_DEFAULT_CREDENTIAL; PORTAL_NO_CREDENTIAL sends none. scope: ""
	 * for the credential's own. tenant: enum portal_tenant. Without this
	 * call the default credential's is sent if the INI file names one. */
	void (*authorize)(struct portal_op *op, uint32_t credential,
	    portal_str scope, uint32_t tenant);
	/* One more token, in `x-ms-authorization-auxiliary`; a fourth fails. */
	void (*authorize_auxiliary)(struct portal_op *op, uint32_t credential,
	    portal_str scope, uint32_t tenant);

	/* JSON body. Objects and lists on the way are made; "/list/-" appends; a
	 * place under a text or number fails. */
	void (*put)(struct portal_op *op, const char *pointer, portal_str value);
	void (*put_number)(struct portal_op *op, const char *pointer,
	    int64_t value);
	void (*put_boolean)(struct portal_op *op, const char *pointer, int value);
	void (*put_json)(struct portal_op *op, const char *pointer,
	    portal_str json); /* a value as JSON text: "{}", "null", "[1]" */
	void (*put_secret)(struct portal_op *op, const char *pointer,
	    uint32_t secret);
	/* A slice of request->files[file] in base64; cut at the file's end. No
	 * such file, offset beyond its end, or length above 64 MiB fails. */
	void (*put_file)(struct portal_op *op, const char *pointer,
	    uint32_t file, uint64_t offset, uint64_t length);
	/* The whole file as the body, with its media type. */
	void (*send_file)(struct portal_op *op, uint32_t file);
	/* Body as application/x-www-form-urlencoded. */
	void (*form)(struct portal_op *op, const char *name, portal_str value);
	void (*form_secret)(struct portal_op *op, const char *name,
	    uint32_t secret);

	/* -- read the reply. Members match exactly, else with ASCII case ignored.
	 * Where there is no reply, or its body is empty or not JSON, there are no
	 * members. -- */

	/* The text of a string, number or boolean; "" for the rest. */
	portal_str (*get)(struct portal_op *op, const char *pointer);
	/* A whole number, also one written as a string; else `otherwise`. */
	int64_t (*get_number)(struct portal_op *op, const char *pointer,
	    int64_t otherwise);
	/* Elements of a list or members of an object; 0 for the rest. */
	uint32_t (*get_length)(struct portal_op *op, const char *pointer);
	/* Name of an object's member by position; "" beyond the last. */
	portal_str (*get_name)(struct portal_op *op, const char *pointer,
	    uint32_t index);
	/* Position of the first element of the list at `pointer` whose value at
	 * `inner` ("" for the element itself) is the text, ASCII case ignored;
	 * UINT32_MAX if none. */
	uint32_t (*find)(struct portal_op *op, const char *pointer,
	    const char *inner, portal_str value);
	/* First header of that name, any case; "" if absent. */
	portal_str (*get_header)(struct portal_op *op, const char *name);
	/* login only, once a step: once the step has ended without a failure,
	 * the secret that stood at `place` in the reply is PORTAL_SESSION. place:
	 * one of the table's session_secrets, byte for byte; the reply must hold
	 * it. until: 0 if the portal does not say. */
	void (*keep_secret)(struct portal_op *op, const char *place,
	    int64_t until);

	/* -- other inputs -- */

	/* What message ("/subject", "/body") and change ("/severity" 1..3,
	 * "/state" "open" or "closed") are about, and what a portal said of the
	 * request before ("/go/address", "/go/tenant" after a hop). "" for what
	 * is not there, as in get_answer: a value of op->answer by its name. */
	portal_str (*get_input)(struct portal_op *op, const char *pointer);
	portal_str (*get_answer)(struct portal_op *op, const char *name);
	/* Does the option stand in the INI file? An index that the table does not
	 * have fails, also below. */
	int (*has_option)(struct portal_op *op, uint32_t option);
	uint32_t (*list_length)(struct portal_op *op, uint32_t option);
	/* From 0; beyond the last {"", 0}. number as of a single value. */
	struct portal_value (*list_get)(struct portal_op *op, uint32_t option,
	    uint32_t index);
	/* Text that this portal kept for all its operations, such as a list that
	 * rarely changes; never a secret. May be gone at any time: then it is ""
	 * and to be fetched again. Names up to 120 bytes, texts up to 65536, else
	 * it fails. until: cut at a week from now. */
	portal_str (*cache_get)(struct portal_op *op, const char *name);
	void (*cache_put)(struct portal_op *op, const char *name,
	    portal_str value, int64_t until);

	/* -- build the guide of this step, for PORTAL_ASK and PORTAL_BY_HAND; not
	 * in login. At most 256 KiB; more of a thing than it says here fails. -- */

	void (*guide_title)(struct portal_op *op, const char *format, ...)
	    PORTAL_FORMAT(2, 3); /* "Link the contract" */
	void (*guide_sign_in)(struct portal_op *op, portal_str account);
	/* https address to open, else it fails; see fill(). Never holds a secret. */
	void (*guide_link)(struct portal_op *op, portal_str address);
	/* One numbered step; up to 40. */
	void (*guide_step)(struct portal_op *op, const char *format, ...)
	    PORTAL_FORMAT(2, 3);
	/* One value to copy; up to 60. Empty ones are left out. */
	void (*guide_field)(struct portal_op *op, const char *name,
	    portal_str value);
	/* PORTAL_ACCESS_ID or PORTAL_CONTRACT_ID, shown at the reveal only. */
	void (*guide_secret)(struct portal_op *op, uint32_t secret);
	/* An offer to choose from when answering; up to 100. */
	void (*guide_choice)(struct portal_op *op, portal_str value,
	    portal_str text);
	/* An answer that may come back: code [a-z][a-z0-9_]*, up to 40 bytes, each
	 * once; what it means for people; names of its values, of the same form,
	 * parted by blanks ("" or "number"); a name ending in '?' may be left
	 * out. At least one, at most 20. The code "ticket" with a value "number"
	 * is what people expect; the code "taken_over" is the host's. */
	void (*guide_answer)(struct portal_op *op, const char *code,
	    const char *meaning, const char *values);
	/* How long it may take; without it, and for what is not above 0, the
	 * host's own (a day). Cut at 90 days. */
	void (*guide_due)(struct portal_op *op, int64_t milliseconds);

	/* -- results beside op->out -- */

	/* Validity and incidents of a plan as just seen; each call one, at most 50
	 * a step. Kept also when the step fails with PORTAL_E_CONTRACT or
	 * PORTAL_E_SPENT, not with another failure and not with GO. Before a contract
	 * is refused that has ended, observe its end: op->now - 1. plan: the displayed name
	 * or its word. until: 0 unknown. remaining: PORTAL_UNKNOWN (or below 0),
	 * PORTAL_UNLIMITED. unit: enum portal_unit. Not in login, options_ok. */
	void (*observe)(struct portal_op *op, portal_str plan, int64_t until,
	    int64_t remaining, uint32_t unit);
	/* open only. Where to continue: a portal's name or a workload; address:
	 * https or ""; tenant: or "". Returns PORTAL_GO. */
	uint32_t (*go)(struct portal_op *op, portal_str where,
	    portal_str address, portal_str tenant);

	/* -- text -- */

	portal_str (*format)(struct portal_op *op, const char *format, ...)
	    PORTAL_FORMAT(2, 3);
	/* Replaces {name} by the percent-encoded value: pairs holds n names,
	 * each followed by its value. An unknown name fails. */
	portal_str (*fill)(struct portal_op *op, portal_str with_names,
	    const portal_str *pairs, size_t n);
	/* Seconds as RFC 3339 in UTC, and back; "" and 0 for what is none. A time
	 * without a zone is UTC, a plain date its first second. */
	portal_str (*write_time)(struct portal_op *op, int64_t seconds);
	int64_t (*read_time)(struct portal_op *op, portal_str text);
	/* As read_time, but a plain date is its last second: a plan can be used
	 * through the day that is shown as its end. */
	int64_t (*read_end)(struct portal_op *op, portal_str text);
	/* A whole number with blanks around it at most, as a header, an answer or
	 * a note holds it; `otherwise` for what is none. */
	int64_t (*read_number)(struct portal_op *op, portal_str text,
	    int64_t otherwise);
	/* For the operator; more than 50 lines a step and 1000 bytes a line are
	 * left out. */
	void (*log)(struct portal_op *op, const char *format, ...)
	    PORTAL_FORMAT(2, 3);

	/* -- failures; all return PORTAL_FAILED, so that a step ends with them.
	 * The first one counts. -- */

	/* failure: enum portal_failure. message: the decision's message id that
	 * this is ("M3": already associated), or NULL. */
	uint32_t (*fail)(struct portal_op *op, uint32_t failure,
	    const char *message, const char *format, ...) PORTAL_FORMAT(4, 5);
	/* By the reply: code and text are read at the plugin's error_code and
	 * error_text, then its error table decides, else the status: 0 unsure;
	 * 401, 403 denied; 408, 425, 429, 5xx busy (but 5xx other than 503 after
	 * an exchange of class NEVER: unsure); other 4xx request; the rest
	 * portal. Without a reply it fails. */
	uint32_t (*reject)(struct portal_op *op);
	/* The same with a code and text found elsewhere in the reply. */
	uint32_t (*reject_as)(struct portal_op *op, portal_str code,
	    portal_str text);
	/* Something is missing: a member of the request ("subscription",
	 * "contact.phone"), or "end", "remaining" of the contract. Several calls
	 * add up, then the agent is asked for all. Where there is a request. */
	uint32_t (*need)(struct portal_op *op, const char *member);

	/* Trials of what may come: "name/1"; NULL if unknown. None in 1.0. */
	const void *(*extension)(const char *id);
};

/* Does a struct that the host handed out reach as far as a later member? */
#define PORTAL_FITS(type, s, member)                                     \
	((s)->size >= offsetof(type, member) + sizeof((s)->member))
/* And is it set: a call, a pointer, a number but 0? */
#define PORTAL_HAS(type, s, member) (PORTAL_FITS(type, s, member) && (s)->member)

/* ---- the plugin --------------------------------------------------------------- */

typedef uint32_t portal_step_function(struct portal_op *op);

/* A refusal of the portal and what it means. Rows are tried in order, the first
 * in which all is right is taken; stride as for options. At most 1000. */
struct portal_error {
	uint32_t status;     /* HTTP status; 0: any */
	uint32_t failure;    /* enum portal_failure */
	const char *code;    /* the portal's, ASCII case ignored; NULL: any */
	const char *prefix;  /* of its text, ASCII case ignored; NULL: any */
	const char *message; /* id in the decision's terms, "M3"; or NULL */
	const char *meaning; /* a sentence for people: what, and what to do */
};

struct portal_plugin {
	uint32_t size;        /* this and the next two: set by PORTAL_PLUGIN */
	uint16_t abi_major;
	uint16_t abi_minor;
	uint32_t option_size; /* these three too, from its table */
	uint32_t n_options;
	const struct portal_option *options;
	uint32_t needs;     /* bits of what came after 1.0 and it cannot do
	                       without; none in 1.0: 0 */
	uint32_t memory;    /* version of what stage, cursor, note mean; raise it
	                       when an old journal could not be continued */
	uint32_t error_size; /* PORTAL_ERRORS sets these three */
	uint32_t n_errors;
	const struct portal_error *errors;
	const char *error_code; /* pointers parted by blanks, the first hit is */
	const char *error_text; /* taken: "/error/code /code"; or NULL */
	/* Where the replies to `login` hold secrets, parted by blanks, at most 8:
	 * pointers, or names of headers ("/access_token /refresh_token",
	 * "X-Subject-Token"). The host takes them out before a step sees the
	 * reply. With a step login it must be there, else it is not read. */
	const char *session_secrets;

	const char *name;    /* [a-z][a-z0-9-]*, up to 40 bytes, as the file's:
	                        plugin = NAME in the INI file */
	const char *title;   /* for people; never NULL */
	const char *version; /* of the plugin; never NULL */
	const char *manual;  /* paragraphs for `portals describe`; or NULL */

	/* Each may be NULL: then the portal cannot do it, or a person does it by
	 * hand (attach to status). create must be there. Without link no contract
	 * can be used that is not linked yet: where nothing is to be linked, have
	 * one that returns DONE at once. */
	portal_step_function *options_ok; /* DONE: they are right together */
	portal_step_function *login;     /* gets a session by exchanges alone */
	portal_step_function *open;      /* before all: preconditions, or GO */
	portal_step_function *activate;  /* the benefit, so that it shows its IDs */
	portal_step_function *link;      /* contract to account, once */
	portal_step_function *create;    /* the ticket */
	portal_step_function *attach;    /* files to a ticket */
	portal_step_function *message;   /* to its engineers */
	portal_step_function *change;    /* severity, close */
	portal_step_function *status;    /* how is it doing */
	portal_step_function *remaining; /* incidents left; never creates */

	const void *(*extension)(const char *id); /* NULL; not called in 1.0 */
};

#if defined(_WIN32)
#define PORTAL_EXPORT __declspec(dllexport)
#else
#define PORTAL_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define PORTAL_EXTERN extern "C"
#else
#define PORTAL_EXTERN extern
#endif

#define PORTAL_COUNT(table) ((uint32_t)(sizeof(table) / sizeof((table)[0])))

/* The one symbol of a plugin: constant data, so that looking runs nothing.
 *
 *   PORTAL_PLUGIN(options, .name = "acme", .title = "Acme Customer Portal",
 *       .version = "1.0.0", .create = acme_create, .status = acme_status)
 *
 * In C++ name the members in the order of the struct. */
#define PORTAL_PLUGIN(table, ...)                                        \
	PORTAL_EXTERN PORTAL_EXPORT const struct portal_plugin           \
	    caseroute_portal_1;                                          \
	const struct portal_plugin caseroute_portal_1 = {                \
		.size = (uint32_t)sizeof(struct portal_plugin),          \
		.abi_major = PORTAL_ABI_MAJOR,                           \
		.abi_minor = PORTAL_ABI_MINOR,                           \
		.option_size = (uint32_t)sizeof((table)[0]),             \
		.n_options = PORTAL_COUNT(table),                        \
		.options = (table),                                      \
		__VA_ARGS__                                              \
	}

/* The same for a plugin without options. */
#define PORTAL_PLUGIN_PLAIN(...)                                         \
	PORTAL_EXTERN PORTAL_EXPORT const struct portal_plugin           \
	    caseroute_portal_1;                                          \
	const struct portal_plugin caseroute_portal_1 = {                \
		.size = (uint32_t)sizeof(struct portal_plugin),          \
		.abi_major = PORTAL_ABI_MAJOR,                           \
		.abi_minor = PORTAL_ABI_MINOR,                           \
		.option_size = (uint32_t)sizeof(struct portal_option),   \
		.n_options = 0,                                          \
		.options = NULL,                                         \
		__VA_ARGS__                                              \
	}

/* In the list of PORTAL_PLUGIN: PORTAL_ERRORS(errors), .error_code = ... */
#define PORTAL_ERRORS(table)                                             \
	.error_size = (uint32_t)sizeof((table)[0]),                      \
	.n_errors = PORTAL_COUNT(table), .errors = (table)

#ifdef __cplusplus
}
#endif

#endif
