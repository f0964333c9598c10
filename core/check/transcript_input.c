#include "check/transcript_input.h"

#include <string.h>

enum member_type {
	MEMBER_TEXT,
	MEMBER_U32,
	MEMBER_I64,
	MEMBER_U64,
	MEMBER_FLAG,
	MEMBER_NAMES,
	MEMBER_OTHER
};

struct member {
	const char *name;
	enum member_type type;
	size_t offset;
	uint32_t bit; /* of a flag */
};

#define AT(type, member) offsetof(struct portal_##type, member)

static const struct member request_members[] = {
	{ "severity", MEMBER_U32, AT(request, severity), 0 },
	{ "id", MEMBER_TEXT, AT(request, id), 0 },
	{ "reference", MEMBER_TEXT, AT(request, reference), 0 },
	{ "kind", MEMBER_TEXT, AT(request, kind), 0 },
	{ "title", MEMBER_TEXT, AT(request, title), 0 },
	{ "text", MEMBER_TEXT, AT(request, text), 0 },
	{ "product", MEMBER_TEXT, AT(request, product), 0 },
	{ "release", MEMBER_TEXT, AT(request, release), 0 },
	{ "environment", MEMBER_TEXT, AT(request, environment), 0 },
	{ "workload", MEMBER_TEXT, AT(request, workload), 0 },
	{ "subscription", MEMBER_TEXT, AT(request, subscription), 0 },
	{ "resource", MEMBER_TEXT, AT(request, resource), 0 },
	{ "plan", MEMBER_TEXT, AT(request, plan), 0 },
	{ "plan_names", MEMBER_NAMES, AT(request, plan_names), 0 },
	{ "problem_started", MEMBER_I64, AT(request, problem_started), 0 },
	{ "contact", MEMBER_OTHER, 0, 0 },
	{ "files", MEMBER_OTHER, 0, 0 },
	{ NULL, MEMBER_OTHER, 0, 0 },
};

static const struct member contact_members[] = {
	{ "around_the_clock", MEMBER_U32, AT(contact, around_the_clock), 0 },
	{ "first_name", MEMBER_TEXT, AT(contact, first_name), 0 },
	{ "last_name", MEMBER_TEXT, AT(contact, last_name), 0 },
	{ "email", MEMBER_TEXT, AT(contact, email), 0 },
	{ "phone", MEMBER_TEXT, AT(contact, phone), 0 },
	{ "method", MEMBER_TEXT, AT(contact, method), 0 },
	{ "language", MEMBER_TEXT, AT(contact, language), 0 },
	{ "country", MEMBER_TEXT, AT(contact, country), 0 },
	{ "time_zone", MEMBER_TEXT, AT(contact, time_zone), 0 },
	{ NULL, MEMBER_OTHER, 0, 0 },
};

static const struct member file_members[] = {
	{ "name", MEMBER_TEXT, AT(file, name), 0 },
	{ "media_type", MEMBER_TEXT, AT(file, media_type), 0 },
	{ "length", MEMBER_U64, AT(file, length), 0 },
	{ NULL, MEMBER_OTHER, 0, 0 },
};

static const struct member contract_members[] = {
	{ "id", MEMBER_TEXT, AT(contract, id), 0 },
	{ "plan", MEMBER_TEXT, AT(contract, plan), 0 },
	{ "plan_names", MEMBER_NAMES, AT(contract, plan_names), 0 },
	{ "unit", MEMBER_U32, AT(contract, unit), 0 },
	{ "start", MEMBER_I64, AT(contract, start), 0 },
	{ "end", MEMBER_I64, AT(contract, end), 0 },
	{ "remaining", MEMBER_I64, AT(contract, remaining), 0 },
	{ "has_access_id", MEMBER_FLAG, AT(contract, flags), PORTAL_HAS_ACCESS_ID },
	{ "has_contract_id", MEMBER_FLAG, AT(contract, flags), PORTAL_HAS_CONTRACT_ID },
	{ "is_linked", MEMBER_FLAG, AT(contract, flags), PORTAL_IS_LINKED },
	{ NULL, MEMBER_OTHER, 0, 0 },
};

static const struct member customer_members[] = {
	{ "id", MEMBER_TEXT, AT(customer, id), 0 },
	{ "tenant", MEMBER_TEXT, AT(customer, tenant), 0 },
	{ "domain", MEMBER_TEXT, AT(customer, domain), 0 },
	{ "name", MEMBER_TEXT, AT(customer, name), 0 },
	{ NULL, MEMBER_OTHER, 0, 0 },
};

static const struct member account_members[] = {
	{ "name", MEMBER_TEXT, AT(account, name), 0 },
	{ "visible", MEMBER_TEXT, AT(account, visible), 0 },
	{ "type", MEMBER_U32, AT(account, type), 0 },
	{ "programs", MEMBER_U32, AT(account, programs), 0 },
	{ "roles", MEMBER_U32, AT(account, roles), 0 },
	{ "csp_kind", MEMBER_U32, AT(account, csp_kind), 0 },
	{ "knows_programs", MEMBER_FLAG, AT(account, flags), PORTAL_KNOWS_PROGRAMS },
	{ "knows_roles", MEMBER_FLAG, AT(account, flags), PORTAL_KNOWS_ROLES },
	{ NULL, MEMBER_OTHER, 0, 0 },
};

static portal_str copy(struct arena *arena, struct text text)
{
	return (portal_str){ arena_copy(arena, text.p, text.n), text.n };
}

/* A list of names and, behind the pointer, how many there are. */
static void set_names(struct arena *arena, char *at, const struct json *list)
{
	uint32_t n = (uint32_t)json_length(list);
	portal_str *names = arena_take(arena, (n + 1) * sizeof *names);

	for (uint32_t i = 0; i < n; i++)
		names[i] = copy(arena, json_text(json_at(list, i)));
	memcpy(at, &names, sizeof names);
	memcpy(at + sizeof names, &n, sizeof n);
}

static void set(struct arena *arena, char *object, const struct member *m, const struct json *value)
{
	int64_t number = json_number(value, 0);
	uint32_t small = (uint32_t)number;
	portal_str text;

	switch (m->type) {
	case MEMBER_TEXT:
		text = copy(arena, json_text(value));
		memcpy(object + m->offset, &text, sizeof text);
		break;
	case MEMBER_U32: memcpy(object + m->offset, &small, sizeof small); break;
	case MEMBER_I64:
	case MEMBER_U64: memcpy(object + m->offset, &number, sizeof number); break;
	case MEMBER_FLAG:
		memcpy(&small, object + m->offset, sizeof small);
		small |= json_truth(value) ? m->bit : 0;
		memcpy(object + m->offset, &small, sizeof small);
		break;
	case MEMBER_NAMES: set_names(arena, object + m->offset, value); break;
	case MEMBER_OTHER: break;
	}
}

static const struct member *find(const struct member *members, const char *name)
{
	for (; members->name; members++)
		if (strcmp(members->name, name) == 0)
			return members;
	return NULL;
}

/* A zeroed struct of `bytes` with its size, every text "". */
static void *fill(struct arena *arena, const struct json *json, const struct member *members,
    size_t bytes, struct failure *why)
{
	char *object = arena_take(arena, bytes);
	uint32_t size = (uint32_t)bytes;
	const char *name;
	struct json *value;
	void *cursor = NULL;

	memcpy(object, &size, sizeof size);
	for (const struct member *m = members; m->name; m++)
		if (m->type == MEMBER_TEXT)
			set(arena, object, m, NULL);
	while (json_kind(json) == JSON_IS_OBJECT && json_next(json, &cursor, &name, &value)) {
		const struct member *m = find(members, name);

		if (!m) {
			failure_set(why, FAILURE_DATA, "there is no member '%s'", name);
			return NULL;
		}
		set(arena, object, m, value);
	}
	return object;
}

static bool set_files(struct arena *arena, struct portal_request *request, const struct json *list,
    struct failure *why)
{
	uint32_t n = (uint32_t)json_length(list);
	const struct portal_file **files = arena_take(arena, (n + 1) * sizeof *files);

	for (uint32_t i = 0; i < n; i++) {
		files[i] =
		    fill(arena, json_at(list, i), file_members, sizeof(struct portal_file), why);
		if (!files[i])
			return false;
	}
	request->files = files;
	request->n_files = n;
	return true;
}

const struct portal_request *input_request(
    struct arena *arena, const struct json *json, struct failure *why)
{
	struct portal_request *request = fill(arena, json, request_members, sizeof *request, why);

	if (!request || !set_files(arena, request, json_get(json, "files"), why))
		return NULL;
	request->contact = fill(
	    arena, json_get(json, "contact"), contact_members, sizeof(struct portal_contact), why);
	return request->contact ? request : NULL;
}

const struct portal_contract *input_contract(
    struct arena *arena, const struct json *json, struct failure *why)
{
	struct portal_contract *contract =
	    fill(arena, json, contract_members, sizeof *contract, why);

	if (contract && !json_get(json, "remaining"))
		contract->remaining = PORTAL_UNKNOWN;
	return contract;
}

const struct portal_customer *input_customer(
    struct arena *arena, const struct json *json, struct failure *why)
{
	return fill(arena, json, customer_members, sizeof(struct portal_customer), why);
}

const struct portal_account *input_account(
    struct arena *arena, const struct json *json, struct failure *why)
{
	return fill(arena, json, account_members, sizeof(struct portal_account), why);
}

/* ---- back -------------------------------------------------------------------------------------
 */

static bool has_name(const struct json *list, struct text name)
{
	for (size_t i = 0; i < json_length(list); i++)
		if (text_equal(json_text(json_at(list, i)), name))
			return true;
	return false;
}

/* Each once, though several profiles may have it. */
static struct json *names_json(const char *at)
{
	const portal_str *names;
	uint32_t n;
	struct json *list;

	memcpy(&names, at, sizeof names);
	memcpy(&n, at + sizeof names, sizeof n);
	list = n ? json_new_array() : NULL;
	for (uint32_t i = 0; i < n; i++)
		if (!has_name(list, (struct text){ names[i].p, names[i].n }))
			json_append(list, json_new_text((struct text){ names[i].p, names[i].n }));
	return list;
}

/* NULL for what is not known. */
static struct json *member_json(const char *object, const struct member *m)
{
	const char *at = object + m->offset;
	uint32_t small;
	int64_t number;
	portal_str text;

	switch (m->type) {
	case MEMBER_TEXT:
		memcpy(&text, at, sizeof text);
		return text.n ? json_new_text((struct text){ text.p, text.n }) : NULL;
	case MEMBER_U32:
		memcpy(&small, at, sizeof small);
		return small ? json_new_number(small) : NULL;
	case MEMBER_I64:
	case MEMBER_U64:
		memcpy(&number, at, sizeof number);
		return number ? json_new_number(number) : NULL;
	case MEMBER_FLAG:
		memcpy(&small, at, sizeof small);
		return small & m->bit ? json_new_boolean(true) : NULL;
	case MEMBER_NAMES: return names_json(at);
	case MEMBER_OTHER: break;
	}
	return NULL;
}

static struct json *unfill(const void *object, const struct member *members)
{
	struct json *all = json_new_object();

	for (const struct member *m = members; m->name; m++)
		json_set(all, m->name, member_json(object, m));
	return all;
}

struct json *output_request(const struct portal_request *request)
{
	struct json *all = unfill(request, request_members), *files = json_new_array();

	json_set(all, "contact", unfill(request->contact, contact_members));
	for (uint32_t i = 0; i < request->n_files; i++)
		json_append(files, unfill(request->files[i], file_members));
	json_set(all, "files", files);
	return all;
}

struct json *output_contract(const struct portal_contract *contract)
{
	struct json *all = unfill(contract, contract_members);

	json_set(all, "remaining", json_new_number(contract->remaining));
	return all;
}

struct json *output_customer(const struct portal_customer *customer)
{
	return unfill(customer, customer_members);
}

struct json *output_account(const struct portal_account *account)
{
	return unfill(account, account_members);
}
