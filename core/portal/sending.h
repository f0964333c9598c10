/*
 * sending.h - one exchange on its way to a portal
 */
#ifndef PORTAL_SENDING_H
#define PORTAL_SENDING_H

#include "base/json.h"
#include "portal/inside.h"
#include "portal/secret_source.h"

struct placed { /* a secret that this exchange carries */
	struct placed *next;
	char *name;
	struct secret value;
};

struct line { /* a header */
	char *name;
	struct buffer value;
};

/* The caller fills what stands above the blank line; the rest begins at zero. */
struct sending {
	struct portal *portal;
	struct http *http;
	const struct json *exchange;
	const char *customer_tenant;
	const struct secret_source *source;
	instant now;
	struct failure *why;
	/* Before the session is placed: makes it a good one. NULL: it is taken as it is. */
	bool (*log_in)(struct sending *);

	bool is_renewal;    /* the second try, after a 401 */
	bool has_renewable; /* a token or session that can be renewed went along */
	struct placed *placed;
	struct line *lines; /* not on the stack: many are under way at once */
	size_t n_lines, lines_capacity;
	struct buffer url, body;
	bool has_body;
};

/* placed.c */
bool sending_fail(struct sending *, const char *text); /* CONFIG; always false */
/* Takes the value over. */
struct secret *sending_place(struct sending *, const char *name, struct secret *value);
/* The secret of that name (exchange.h); NULL with a failure. Lives until it is forgotten. */
struct secret *sending_secret(struct sending *, const char *name);
void sending_forget(struct sending *); /* wipes all */

/* build.c */
bool sending_build(struct sending *);
void sending_clear(struct sending *); /* what was built, and its secrets */

/* sending.c: builds, sends, clears; as portal_send() but for the login. Here and in all of
 * these, a failure does not name the portal: portal_send() does, once. */
bool sending_run(struct sending *, struct http_reply *);

/* login.c: afterwards the portal has a good session, or there is a failure. */
bool portal_login(
    struct portal *, struct http *, const struct secret_source *, instant now, struct failure *);

#endif
