/*
 * transcript_input.h - the ABI's structs from JSON and back, for transcripts
 */
#ifndef CHECK_TRANSCRIPT_INPUT_H
#define CHECK_TRANSCRIPT_INPUT_H

#include "base/json.h"
#include "base/memory.h"
#include "caseroute/portal.h"

/* All memory is the arena's. Unknown members are refused. NULL on failure. */
const struct portal_request *input_request(struct arena *, const struct json *, struct failure *);
const struct portal_contract *input_contract(struct arena *, const struct json *, struct failure *);
const struct portal_customer *input_customer(struct arena *, const struct json *, struct failure *);
const struct portal_account *input_account(struct arena *, const struct json *, struct failure *);

/* The same back: what is known of them. To free. */
struct json *output_request(const struct portal_request *);
struct json *output_contract(const struct portal_contract *);
struct json *output_customer(const struct portal_customer *);
struct json *output_account(const struct portal_account *);

#endif
