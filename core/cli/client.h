/*
 * client.h - the service that runs beside the ledger, if one does
 *
 * What changes a request is then done by it: one process talks to the portals, under the
 * configuration that is in force. It believes who asks by the socket's other side, and
 * answers what the engine would have; nothing else is looked at over the socket.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "cli/desk.h"

struct client_call {
	const char *socket, *path;
	const struct json *body; /* NULL: none */
	const char *actor;       /* who acts, for events; NULL: the user */
	int64_t wait_s;          /* Prefer: wait; 0: none */
};
/* POSTs it. True with the status and the answer (to free). False: *is_there tells whether it may
 * have been heard, and the failure is set. */
bool client_post(const struct client_call *, unsigned *status, struct json **answer, bool *is_there,
    struct failure *);

/* The same for a desk's ledger. False: no service runs there. Else *id is the changed request's,
 * which has come to rest or used up the patience, or desk->why is set. */
bool client_change(struct desk *, const char *path, const struct json *body, char id[ID_TEXT]);

#endif
