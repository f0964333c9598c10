/* Contracts and benefits: what the desk has, and what people report of it. */
#include "service/api_inside.h"
#include "decide/members.h"

static void answer_contract(
    struct call *call, struct engine *e, unsigned status, const char *contract)
{
	struct json *list =
	    view_contracts(e->generation, e->ledger, contract, call->arena, &call->why);
	struct json *one = list ? json_clone(json_at(list, 0)) : NULL;

	json_free(list);
	api_answer_json(call, status, one);
}

void api_contracts(struct call *call, struct engine *e)
{
	api_answer_json(
	    call, 200, view_contracts(e->generation, e->ledger, NULL, call->arena, &call->why));
}

/* A number from 0, "unlimited", or null for what is not said. */
static bool read_count(struct call *call, const struct json *value, int64_t *count)
{
	*count = INT64_MIN;
	if (json_kind(value) == JSON_IS_NULL)
		return true;
	if (text_is(json_text(value), "unlimited")) {
		*count = INT64_MAX;
		return true;
	}
	*count = json_number(value, -1);
	return (json_kind(value) == JSON_IS_NUMBER && *count >= 0) ||
	    failure_set(
		&call->why, FAILURE_DATA, "/remaining: must be a number from 0, or \"unlimited\"");
}

/* ---- a new one ------------------------------------------------------------------------ */

struct raw_contract {
	const char *id, *plan, *access_id, *contract_id;
	instant start, end;
	int kind; /* of kind_words */
};

static const struct word kind_words[] = { { "shared", 0 }, { "personal", 1 }, { NULL, 0 } };

static const struct member contract_members[] = {
	{ "id", MEMBER_TEXT, offsetof(struct raw_contract, id), NULL },
	{ "plan", MEMBER_TEXT, offsetof(struct raw_contract, plan), NULL },
	{ "kind", MEMBER_WORD, offsetof(struct raw_contract, kind), kind_words },
	{ "start", MEMBER_INSTANT, offsetof(struct raw_contract, start), NULL },
	{ "end", MEMBER_END, offsetof(struct raw_contract, end), NULL },
	{ "remaining", MEMBER_OTHER, 0, NULL },
	{ "access_id", MEMBER_TEXT, offsetof(struct raw_contract, access_id), NULL },
	{ "contract_id", MEMBER_TEXT, offsetof(struct raw_contract, contract_id), NULL },
};

static bool read_contract(
    struct call *call, const struct json *body, struct engine_contract *contract)
{
	struct raw_contract raw = { .start = INSTANT_UNKNOWN, .end = INSTANT_UNKNOWN };

	if (!members_read(body, "contract", contract_members,
		sizeof contract_members / sizeof contract_members[0], call->arena, &raw,
		&call->why))
		return false;
	*contract = (struct engine_contract){ .id = raw.id,
		.plan = raw.plan,
		.is_personal = raw.kind == 1,
		.start = raw.start,
		.end = raw.end,
		.access_id = text_trim(text_of(raw.access_id)),
		.contract_id = text_trim(text_of(raw.contract_id)),
		.source = "API" };
	if (!raw.id || !*raw.id)
		return failure_set(&call->why, FAILURE_DATA, "/id: the contract needs a name");
	if (!text_same(raw.plan, "partner-support") && !text_same(raw.plan, "signature-cloud"))
		return failure_set(&call->why, FAILURE_DATA,
		    "/plan: must be partner-support (on-premises) or signature-cloud");
	return read_count(call, json_get(body, "remaining"), &contract->remaining);
}

/* The IDs are sealed; the answer does not hold them. */
void api_add_contract(struct call *call, struct engine *e)
{
	struct json *body = api_body(call);
	struct engine_contract contract;
	bool is_new = false, is_ok;

	if (!body)
		return;
	is_ok = read_contract(call, body, &contract) &&
	    engine_add_contract(e, &contract, &is_new, &call->why);
	json_free(body);
	if (is_ok)
		answer_contract(call, e, is_new ? 201 : 200, contract.id);
	else
		api_fail(call);
}

/* ---- what was seen of one ------------------------------------------------------------------ */

static const struct member seen_members[] = {
	{ "remaining", MEMBER_OTHER, 0, NULL },
	{ "start", MEMBER_INSTANT, offsetof(struct engine_seen, start), NULL },
	{ "end", MEMBER_END, offsetof(struct engine_seen, end), NULL },
	{ "portal", MEMBER_TEXT, offsetof(struct engine_seen, portal), NULL },
	{ "account", MEMBER_TEXT, offsetof(struct engine_seen, account), NULL },
	{ "linked", MEMBER_TEXT, offsetof(struct engine_seen, linked), NULL },
	{ "doubtful", MEMBER_TEXT, offsetof(struct engine_seen, doubtful), NULL },
};

static bool read_seen(struct call *call, const struct json *body, struct engine_seen *seen)
{
	*seen = (struct engine_seen){ .start = INSTANT_UNKNOWN,
		.end = INSTANT_UNKNOWN,
		.portal = "support-for-business",
		.source = "API" };
	if (!members_read(body, "observation", seen_members,
		sizeof seen_members / sizeof seen_members[0], call->arena, seen, &call->why) ||
	    !read_count(call, json_get(body, "remaining"), &seen->remaining))
		return false;
	return seen->remaining != INT64_MIN || seen->start != INSTANT_UNKNOWN ||
	    seen->end != INSTANT_UNKNOWN || seen->linked || seen->doubtful ||
	    failure_set(&call->why, FAILURE_DATA,
		"say what was seen: remaining, end, start, linked or doubtful");
}

void api_observe(struct call *call, struct engine *e)
{
	struct json *body = api_body(call);
	struct engine_seen seen;
	bool is_ok;

	if (!body)
		return;
	is_ok = read_seen(call, body, &seen) && engine_observe(e, api_id(call), &seen, &call->why);
	json_free(body);
	if (is_ok)
		answer_contract(call, e, 200, api_id(call));
	else
		api_fail(call);
}

/* ---- its IDs --------------------------------------------------------------------------------- */

/* A POST: it is on record who looked, and nothing on the way keeps the answer or asks again. */
void api_reveal(struct call *call, struct engine *e)
{
	struct secret access_id = { 0 }, contract_id = { 0 };
	struct buffer body = { 0 };
	struct json *o;

	if (!engine_reveal(e, api_id(call), NULL, &access_id, &contract_id, &call->why)) {
		api_fail(call);
		return;
	}
	o = json_new_object();
	json_set(o, "contract", json_new_string(api_id(call)));
	json_set(o, "access_id", json_new_text(buffer_as_text(&access_id.bytes)));
	json_set(o, "contract_id", json_new_text(buffer_as_text(&contract_id.bytes)));
	json_write(o, JSON_LINE, &body);
	json_free(o);
	secret_free(&access_id);
	secret_free(&contract_id);
	api_answer_text(call, "application/json", buffer_as_text(&body));
	buffer_wipe(&body);
}

/* ---- benefits ---------------------------------------------------------------------------------
 */

void api_benefits(struct call *call, struct engine *e)
{
	api_answer_json(
	    call, 200, view_benefits(e->generation, e->ledger, call->arena, &call->why));
}

/* {"account": A}: who has activated it, which must be able to (R11). */
void api_activate(struct call *call, struct engine *e)
{
	static const char *const names[] = { "account", NULL };
	struct json *body = api_body(call);
	const char *account = json_get_chars(body, "account");
	bool is_ok;

	if (!body)
		return;
	is_ok = api_knows_all(call, body, names) &&
	    (account || failure_set(&call->why, FAILURE_DATA, "/account: who has activated it?")) &&
	    engine_activate(e, api_id(call), account, &call->why);
	json_free(body);
	if (is_ok)
		api_benefits(call, e);
	else
		api_fail(call);
}
