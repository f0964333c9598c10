/*
 * view.h - the record as JSON: what `--json` prints and the HTTP API answers
 *
 * Never a secret: of a contract's IDs at most the masked Access ID. All functions
 * return a new value to free, or NULL with the failure (NO_INPUT: no such thing).
 */
#ifndef ENGINE_VIEW_H
#define ENGINE_VIEW_H

#include "base/json.h"
#include "engine/generation.h"
#include "ledger/ledger.h"

/* A person should have answered by now. */
bool view_is_overdue(const struct request_row *);
struct json *view_request_row(const struct request_row *);
/* The same, written at once. Where tells_all is false it has where the request stands, for who
 * keeps the service running, and nothing of who asks for what. */
void view_write_row(struct json_out *, const struct request_row *, bool tells_all);
/* With what is asked, and the open guide. */
struct json *view_request(struct ledger *, const char *id, struct arena *, struct failure *);
/* The same of a row that is in hand, written at once. Nothing is written on failure. */
bool view_write_whole_row(struct json_out *, struct ledger *, const struct request_row *,
    struct arena *, struct failure *);
/* With all decisions, what they were made from, and the events. */
struct json *view_explain(struct ledger *, const char *id, struct arena *, struct failure *);
/* The steps that are on record: events, guides with their answers, the operation under way with
 * its exchange. Replies are not kept. */
struct json *view_trace(
    struct ledger *, const struct request_row *, struct arena *, struct failure *);
struct json *view_event(const struct event_row *);
/* Without who did it and why, for who may know where requests stand but not what they say. */
struct json *view_event_for(const struct event_row *, bool tells_all);
/* What an asking request asks for: the portal, else the decision. NULL: nothing. */
struct json *view_asks(
    struct ledger *, const struct request_row *, struct arena *, struct failure *);

/* ---- events out (view_cloud_event.c) ----------------------------------------------- */

#define EVENT_ID_TEXT 64
/* The same for the same event, wherever and whenever it is sent. */
void view_event_id(const struct event_row *, const char *ledger_id, char out[EVENT_ID_TEXT]);
/* "request.opened": the type of the CloudEvent after its prefix. Appended. */
void view_event_type(const struct event_row *, struct buffer *);
struct json *view_cloud_event(const struct event_row *, const char *ledger_id, bool tells_all);

/* only: this contract; NULL: all. */
struct json *view_contracts(
    const struct generation *, struct ledger *, const char *only, struct arena *, struct failure *);
/* usable | expired | exhausted | half-pair | IDs missing */
const char *view_condition(const struct contract_fact *, instant now);
/* Offers, who may activate them (R11), and which contracts have their IDs on record. */
struct json *view_benefits(
    const struct generation *, struct ledger *, struct arena *, struct failure *);
struct json *view_portals(const struct generation *);
/* In the order in which they are tried: name, file, line, matches, portal, plan, note. */
struct json *view_routes(const struct generation *);

#endif
