/*
 * parcel.h - one event for one webhook, signed and ready to be posted
 */
#ifndef SERVICE_PARCEL_H
#define SERVICE_PARCEL_H

#include "engine/engine.h"
#include "engine/view.h"

#define PARCEL_WHY 280

struct parcel {
	char id[EVENT_ID_TEXT], seconds[24];
	struct buffer body, signatures;
	struct http_header headers[4];
	const char *origins[1];
	struct http_request request; /* lent: as long as the parcel */
};

/* False (nothing to free): a secret cannot be read. */
bool parcel_make(struct parcel *, const struct webhook *, const struct event_row *,
    const char *ledger_id, instant now, struct failure *);
void parcel_free(struct parcel *);

/* Was the event taken? Else why not, in a sentence. */
bool parcel_was_taken(unsigned status, const char *problem, char why[PARCEL_WHY]);

/* Posts an event that is not on record and waits for the answer: {id, delivered, status,
 * reason}, to free. NULL: it could not be sent. */
struct json *parcel_test(struct engine *, const struct webhook *, struct failure *);

#endif
