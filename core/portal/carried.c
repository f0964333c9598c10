#include "portal/carried.h"
#include "portal/exchange.h"

#include <string.h>

#define MOST_JSON(bytes) (6 * (bytes) + 65536) /* "\u0001" is one byte of text */

/* ---- what the structs are made of ---------------------------------------------------------- */

#define AT(member) offsetof(struct STRUCT, member)
#define U32(member)                                                                                \
	{                                                                                          \
		.type = FIELD_U32, .offset = AT(member)                                            \
	}
#define I64(member)                                                                                \
	{                                                                                          \
		.type = FIELD_I64, .offset = AT(member)                                            \
	}
#define STR(member)                                                                                \
	{                                                                                          \
		.type = FIELD_STR, .offset = AT(member)                                            \
	}
#define LONG_TEXT(member)                                                                          \
	{                                                                                          \
		.type = FIELD_TEXT, .offset = AT(member)                                           \
	}
#define CHARS(member)                                                                              \
	{                                                                                          \
		.type = FIELD_CHARS, .offset = AT(member)                                          \
	}
#define JSON(member, bytes)                                                                        \
	{                                                                                          \
		.type = FIELD_JSON, .offset = AT(member), .most = MOST_JSON(bytes)                 \
	}
#define STRS(member, n)                                                                            \
	{                                                                                          \
		.type = FIELD_STRS, .offset = AT(member), .count = AT(n)                           \
	}
#define ONE(member, of)                                                                            \
	{                                                                                          \
		.type = FIELD_RECORD, .offset = AT(member), .record = &(of)                        \
	}
#define ALL(member, n, of)                                                                         \
	{                                                                                          \
		.type = FIELD_RECORDS, .offset = AT(member), .count = AT(n), .record = &(of)       \
	}
#define RECORD(table, abi)                                                                         \
	{                                                                                          \
		table, sizeof(table) / sizeof(table)[0], sizeof(struct STRUCT), abi                \
	}

#define STRUCT portal_contact
static const struct field contact_fields[] = { U32(around_the_clock), STR(first_name),
	STR(last_name), STR(email), STR(phone), STR(method), STR(language), STR(country),
	STR(time_zone) };
static const struct record record_contact = RECORD(contact_fields, true);
#undef STRUCT

#define STRUCT portal_file
static const struct field file_fields[] = { U32(flags), STR(name), STR(media_type), I64(length) };
static const struct record record_file = RECORD(file_fields, true);
#undef STRUCT

#define STRUCT portal_request
static const struct field request_fields[] = { U32(severity), STR(id), STR(reference), STR(kind),
	STR(title), STR(text), STR(product), STR(release), STR(environment), STR(workload),
	STR(subscription), STR(resource), STR(plan), STRS(plan_names, n_plan_names),
	I64(problem_started), ONE(contact, record_contact), ALL(files, n_files, record_file) };
static const struct record record_request = RECORD(request_fields, true);
#undef STRUCT

#define STRUCT portal_contract
static const struct field contract_fields[] = { U32(flags), STR(id), STR(plan),
	STRS(plan_names, n_plan_names), U32(unit), I64(start), I64(end), I64(remaining) };
static const struct record record_contract = RECORD(contract_fields, true);
#undef STRUCT

#define STRUCT portal_customer
static const struct field customer_fields[] = { U32(flags), STR(id), STR(tenant), STR(domain),
	STR(name) };
static const struct record record_customer = RECORD(customer_fields, true);
#undef STRUCT

#define STRUCT portal_account
static const struct field account_fields[] = { U32(flags), STR(name), STR(visible), U32(type),
	U32(programs), U32(roles), U32(csp_kind) };
static const struct record record_account = RECORD(account_fields, true);
#undef STRUCT

#define STRUCT portal_value
static const struct field value_fields[] = { STR(text), I64(number) };
static const struct record record_value = RECORD(value_fields, false);
#undef STRUCT

#define STRUCT carried_option
static const struct field option_fields[] = { STR(text), I64(number), U32(is_given),
	U32(has_secret), U32(has_credential), ALL(items, n_items, record_value) };
static const struct record record_option = RECORD(option_fields, false);
#undef STRUCT

#define STRUCT carried_portal
static const struct field portal_fields[] = { CHARS(name), U32(has_credential),
	STRS(origins, n_origins), ALL(options, n_options, record_option), I64(most_bytes) };
const struct record record_portal = RECORD(portal_fields, false);
#undef STRUCT

#define STRUCT carried_ready
static const struct field ready_fields[] = { CHARS(failure), CHARS(unconfined) };
const struct record record_ready = RECORD(ready_fields, false);
#undef STRUCT

#define STRUCT carried_step
static const struct field step_fields[] = { U32(number), U32(kind), U32(hops), U32(has_reply),
	U32(status), U32(may_have_arrived), U32(stage), U32(cursor[0]), U32(cursor[1]),
	U32(cursor[2]), U32(sent), ONE(request, record_request), ONE(contract, record_contract),
	ONE(customer, record_customer), ONE(account, record_account), LONG_TEXT(ticket),
	LONG_TEXT(ticket_name), LONG_TEXT(key), LONG_TEXT(input), LONG_TEXT(answer),
	LONG_TEXT(body), LONG_TEXT(headers), LONG_TEXT(note), I64(now), I64(retry_after_ms) };
const struct record record_step = RECORD(step_fields, false);
#undef STRUCT

#define STRUCT portal_outcome
static const struct field outcome_fields[] = { U32(state), STR(ticket), STR(ticket_name),
	STR(address), STR(detail), I64(remaining), I64(until), I64(start), U32(unit) };
static const struct record record_outcome = RECORD(outcome_fields, true);
#undef STRUCT

#define STRUCT carried_result
static const struct field result_fields[] = { U32(number), U32(result.verdict), CHARS(result.fault),
	U32(result.stage), U32(result.cursor[0]), U32(result.cursor[1]), U32(result.cursor[2]),
	LONG_TEXT(result.note), U32(result.repeat), I64(result.wait_ms),
	JSON(result.exchange, EXCHANGE_BYTES), JSON(result.guide, GUIDE_BYTES),
	JSON(result.extra, GUIDE_BYTES), JSON(result.missing, GUIDE_BYTES),
	JSON(result.log, LOG_LINES *LOG_BYTES), ONE(result.outcome, record_outcome),
	CHARS(result.go_portal), CHARS(result.go_address), CHARS(result.go_tenant),
	U32(result.is_ended), U32(result.failure_class), CHARS(result.failure_text),
	CHARS(result.failure_message), CHARS(result.kept), I64(result.kept_until) };
const struct record record_result = RECORD(result_fields, false);
#undef STRUCT

/* ---- in the parent --------------------------------------------------------------------------- */

#define CHILD_BYTES ((int64_t)256 << 20)
#define BYTES_OF_REPLY 32 /* of memory for each byte of the longest reply, read as JSON */

static struct carried_option *carry_option(
    const struct portal *portal, uint32_t i, struct arena *arena)
{
	struct carried_option *out = arena_take(arena, sizeof *out);
	const struct option_state *state = &portal->options[i];
	const struct portal_value **items = arena_take(arena, (state->n_items + 1) * sizeof *items);

	for (uint32_t k = 0; k < state->n_items; k++)
		items[k] = &state->items[k];

	*out = (struct carried_option){ .text = portal->values[i].text,
		.number = portal->values[i].number,
		.is_given = state->is_given,
		.has_secret = state->secret.reference != NULL,
		.has_credential = state->credential != NULL,
		.items = items,
		.n_items = state->n_items };
	return out;
}

void carry_portal(const struct portal *portal, struct arena *arena, struct carried_portal *out)
{
	uint32_t n = portal->plugin->table.n_options, n_origins = (uint32_t)portal->n_origins;
	const struct carried_option **options = arena_take(arena, (n + 1) * sizeof *options);
	portal_str *origins = arena_take(arena, (n_origins + 1) * sizeof *origins);

	for (uint32_t i = 0; i < n; i++)
		options[i] = carry_option(portal, i, arena);
	for (uint32_t i = 0; i < n_origins; i++)
		origins[i] = (portal_str){ portal->origins[i], strlen(portal->origins[i]) };
	*out = (struct carried_portal){ .name = portal->name,
		.has_credential = portal->credential != NULL,
		.n_origins = n_origins,
		.origins = origins,
		.n_options = n,
		.options = options,
		.most_bytes = CHILD_BYTES + BYTES_OF_REPLY * (int64_t)portal->max_reply };
}

void carry_step(const struct step_input *in, const struct step_memory *memory, uint32_t number,
    struct carried_step *out)
{
	*out = (struct carried_step){ .number = number,
		.kind = in->kind,
		.hops = in->hops,
		.stage = memory->stage,
		.cursor = { memory->cursor[0], memory->cursor[1], memory->cursor[2] },
		.sent = memory->sent,
		.request = in->request,
		.contract = in->contract,
		.customer = in->customer,
		.account = in->account,
		.ticket = in->ticket,
		.ticket_name = in->ticket_name,
		.key = in->key,
		.input = in->input_json,
		.answer = in->answer,
		.note = buffer_as_text(&memory->note),
		.now = in->now };
	if (!in->reply)
		return;
	out->has_reply = true;
	out->status = in->reply->status;
	out->retry_after_ms = in->reply->retry_after_ms;
	out->may_have_arrived = in->reply->may_have_arrived;
	out->body = buffer_as_text(&in->reply->body);
	out->headers = buffer_as_text(&in->reply->headers);
}

/* ---- in the child ------------------------------------------------------------------------------
 */

/* What stands for a secret or credential that is configured, somewhere else. */
static struct credential elsewhere;

static void make_option(const struct carried_option *from, struct portal_value *value,
    struct option_state *state, struct arena *arena)
{
	struct portal_value *items = arena_take(arena, (from->n_items + 1) * sizeof *items);

	for (uint32_t k = 0; k < from->n_items; k++)
		items[k] = *from->items[k];
	*value = (struct portal_value){ from->text, from->number };
	*state = (struct option_state){ .is_given = from->is_given,
		.items = items,
		.n_items = from->n_items,
		.secret = { .reference = from->has_secret ? "" : NULL },
		.credential = from->has_credential ? &elsewhere : NULL };
}

struct portal *carried_make_portal(const struct carried_portal *from, const struct plugin *plugin,
    struct arena *arena, struct failure *why)
{
	struct portal *portal = arena_take(arena, sizeof *portal);
	uint32_t n = plugin->table.n_options;
	const char **origins = arena_take(arena, (from->n_origins + 1) * sizeof *origins);

	if (from->n_options != n || !from->name) {
		failure_set(why, FAILURE_DATA, "options and plugin do not belong together");
		return NULL;
	}
	portal->values = arena_take(arena, (n + 1) * sizeof *portal->values);
	portal->options = arena_take(arena, (n + 1) * sizeof *portal->options);
	for (uint32_t i = 0; i < n; i++)
		make_option(from->options[i], &portal->values[i], &portal->options[i], arena);
	for (uint32_t i = 0; i < from->n_origins; i++)
		origins[i] = from->origins[i].p;
	portal->name = from->name;
	portal->plugin = plugin;
	portal->credential = from->has_credential ? &elsewhere : NULL;
	portal->origins = origins;
	portal->n_origins = from->n_origins;
	pthread_mutex_init(&portal->lock, NULL);
	return portal;
}

static struct buffer lent(struct text text)
{
	return (struct buffer){ .p = (char *)(uintptr_t)text.p, .n = text.n };
}

void carried_make_step(const struct carried_step *from, struct step_input *in,
    struct step_memory *memory, struct http_reply *reply)
{
	*in = (struct step_input){ .kind = (enum operation_kind)from->kind,
		.request = from->request,
		.contract = from->contract,
		.customer = from->customer,
		.account = from->account,
		.ticket = from->ticket,
		.ticket_name = from->ticket_name,
		.key = from->key,
		.input_json = from->input,
		.now = from->now,
		.answer = from->answer,
		.hops = from->hops };
	*memory = (struct step_memory){ .stage = from->stage,
		.cursor = { from->cursor[0], from->cursor[1], from->cursor[2] },
		.sent = from->sent,
		.note = lent(from->note) };
	*reply = (struct http_reply){ .status = from->status,
		.may_have_arrived = from->may_have_arrived,
		.retry_after_ms = from->retry_after_ms,
		.body = lent(from->body),
		.headers = lent(from->headers) };
	if (from->has_reply)
		in->reply = reply;
}
