#include "decide/request.h"
#include "decide/words.h"

#include <stddef.h>
#include <string.h>

const struct word kind_words[] = { { "incident", KIND_INCIDENT }, { "advisory", KIND_ADVISORY },
	{ "billing", KIND_BILLING }, { "partner-center", KIND_PARTNER_CENTER },
	{ "probe", KIND_PROBE }, { 0 } };
const struct word severity_words[] = { { "A", SEVERITY_A }, { "B", SEVERITY_B },
	{ "C", SEVERITY_C }, { 0 } };
const struct word environment_words[] = { { "on-premises", ENVIRONMENT_ON_PREMISES },
	{ "cloud", ENVIRONMENT_CLOUD }, { "hybrid", ENVIRONMENT_HYBRID }, { 0 } };
const struct word method_words[] = { { "email", 1 }, { "phone", 2 }, { 0 } };
const struct word plan_words[] = { { "partner-support", PLAN_PARTNER_SUPPORT },
	{ "signature-cloud", PLAN_SIGNATURE_CLOUD }, { "csp", PLAN_CSP },
	{ "premier", PLAN_PREMIER }, { "advanced", PLAN_ADVANCED }, { "included", PLAN_INCLUDED },
	{ 0 } };
const struct word wish_words[] = { { "contract", 1 }, { "csp", 2 }, { "premier", 3 },
	{ "advanced", 4 }, { 0 } };

const char *plan_name(enum plan_id plan)
{
	return word_of(plan_words, (int)plan);
}

enum plan_id plan_read(struct text text)
{
	for (const struct word *w = plan_words; w->word; w++)
		if (text_is(text, w->word))
			return (enum plan_id)w->number;
	return PLAN_NONE;
}

/* Enumerations are read into ints beside the struct, then put in their place. */
struct raw_request {
	struct request r;
	int kind, severity, environment, wish;
};

#define AT(member) offsetof(struct raw_request, member)

static const struct member request_members[] = {
	{ "kind", MEMBER_WORD, AT(kind), kind_words },
	{ "reference", MEMBER_TEXT, AT(r.reference), NULL },
	{ "title", MEMBER_TEXT, AT(r.title), NULL },
	{ "description", MEMBER_TEXT, AT(r.description), NULL },
	{ "product", MEMBER_TEXT, AT(r.product), NULL },
	{ "release", MEMBER_TEXT, AT(r.release), NULL },
	{ "environment", MEMBER_WORD, AT(environment), environment_words },
	{ "severity", MEMBER_WORD, AT(severity), severity_words },
	{ "account", MEMBER_TEXT, AT(r.account), NULL },
	{ "customer", MEMBER_TEXT, AT(r.customer), NULL },
	{ "subscription", MEMBER_TEXT, AT(r.subscription), NULL },
	{ "resource", MEMBER_TEXT, AT(r.resource), NULL },
	{ "plan", MEMBER_WORD, AT(wish), wish_words },
	{ "contact", MEMBER_OTHER, 0, NULL },
	{ "problem_started", MEMBER_INSTANT, AT(r.problem_started), NULL },
	{ "files", MEMBER_OTHER, 0, NULL },
};

struct raw_contact {
	struct contact c;
	int method;
};

#define CONTACT(member) offsetof(struct raw_contact, member)

static const struct member contact_members[] = {
	{ "first_name", MEMBER_TEXT, CONTACT(c.first_name), NULL },
	{ "last_name", MEMBER_TEXT, CONTACT(c.last_name), NULL },
	{ "email", MEMBER_TEXT, CONTACT(c.email), NULL },
	{ "phone", MEMBER_TEXT, CONTACT(c.phone), NULL },
	{ "method", MEMBER_WORD, CONTACT(method), method_words },
	{ "language", MEMBER_TEXT, CONTACT(c.language), NULL },
	{ "country", MEMBER_TEXT, CONTACT(c.country), NULL },
	{ "time_zone", MEMBER_TEXT, CONTACT(c.time_zone), NULL },
	{ "around_the_clock", MEMBER_BOOLEAN, CONTACT(c.around_the_clock), NULL },
};

static const struct member file_members[] = {
	{ "path", MEMBER_TEXT, offsetof(struct request_file, path), NULL },
	{ "media_type", MEMBER_TEXT, offsetof(struct request_file, media_type), NULL },
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool is_country(const char *country)
{
	size_t n = strlen(country);

	for (size_t i = 0; i < n; i++)
		if (!((country[i] >= 'a' && country[i] <= 'z') ||
			(country[i] >= 'A' && country[i] <= 'Z')))
			return false;
	return n == 2 || n == 3;
}

static bool read_contact(
    const struct json *object, struct arena *arena, struct contact *contact, struct failure *why)
{
	struct raw_contact raw = { .c = { .around_the_clock = -1 } };

	contact->around_the_clock = -1;
	if (json_kind(object) == JSON_IS_NULL)
		return true;
	if (!members_read(object, "request.contact", contact_members, COUNT(contact_members), arena,
		&raw, why))
		return false;
	raw.c.method = word_of(method_words, raw.method);
	*contact = raw.c;
	if (contact->country && !is_country(contact->country))
		return failure_set(why, FAILURE_DATA,
		    "request.contact.country is \"%.20s\"; it must be an ISO 3166 code of 2 or 3 "
		    "letters",
		    contact->country);
	return true;
}

static bool read_files(
    const struct json *list, struct arena *arena, struct request *request, struct failure *why)
{
	size_t n = json_length(list);
	struct request_file *files;

	if (json_kind(list) == JSON_IS_NULL)
		return true;
	if (json_kind(list) != JSON_IS_ARRAY)
		return failure_set(why, FAILURE_DATA, "request.files is %s; it must be an array",
		    json_kind_name(json_kind(list)));
	files = arena_take(arena, (n + 1) * sizeof *files);
	for (size_t i = 0; i < n; i++) {
		const char *where = arena_format(arena, "request.files[%zu]", i);

		if (!members_read(json_at(list, i), where, file_members, COUNT(file_members), arena,
			&files[i], why))
			return false;
		if (!files[i].path)
			return failure_set(why, FAILURE_DATA, "request.files[%zu] has no path", i);
	}
	request->files = files;
	request->n_files = n;
	return true;
}

bool request_read(
    const struct json *object, struct arena *arena, struct request *request, struct failure *why)
{
	struct raw_request raw = { .r = { .problem_started = INSTANT_UNKNOWN } };

	if (!members_read(
		object, "request", request_members, COUNT(request_members), arena, &raw, why))
		return false;
	raw.r.kind = (enum request_kind)raw.kind;
	raw.r.severity = raw.severity;
	raw.r.environment = (enum environment)raw.environment;
	raw.r.plan = word_of(wish_words, raw.wish);
	*request = raw.r;
	return read_contact(json_get(object, "contact"), arena, &request->contact, why) &&
	    read_files(json_get(object, "files"), arena, request, why);
}

/* ---- writing ------------------------------------------------------------------ */

static struct json *instant_json(instant at)
{
	char text[INSTANT_TEXT];

	return at == INSTANT_UNKNOWN ? json_new_null() : json_new_string(instant_write(at, text));
}

static struct json *tri_json(int value)
{
	return value < 0 ? json_new_null() : json_new_boolean(value);
}

static struct json *contact_json(const struct contact *c)
{
	struct json *o = json_new_object();

	json_set(o, "first_name", json_new_string(c->first_name));
	json_set(o, "last_name", json_new_string(c->last_name));
	json_set(o, "email", json_new_string(c->email));
	json_set(o, "phone", json_new_string(c->phone));
	json_set(o, "method", json_new_string(c->method));
	json_set(o, "language", json_new_string(c->language));
	json_set(o, "country", json_new_string(c->country));
	json_set(o, "time_zone", json_new_string(c->time_zone));
	json_set(o, "around_the_clock", tri_json(c->around_the_clock));
	return o;
}

static struct json *files_json(const struct request *r)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < r->n_files; i++) {
		struct json *one = json_new_object();

		json_set(one, "path", json_new_string(r->files[i].path));
		json_set(one, "media_type", json_new_string(r->files[i].media_type));
		json_append(list, one);
	}
	return list;
}

struct json *request_write(const struct request *r)
{
	struct json *o = json_new_object();

	json_set(o, "kind", json_new_string(word_of(kind_words, (int)r->kind)));
	json_set(o, "reference", json_new_string(r->reference));
	json_set(o, "title", json_new_string(r->title));
	json_set(o, "description", json_new_string(r->description));
	json_set(o, "product", json_new_string(r->product));
	json_set(o, "release", json_new_string(r->release));
	json_set(
	    o, "environment", json_new_string(word_of(environment_words, (int)r->environment)));
	json_set(o, "severity", json_new_string(word_of(severity_words, r->severity)));
	json_set(o, "account", json_new_string(r->account));
	json_set(o, "customer", json_new_string(r->customer));
	json_set(o, "subscription", json_new_string(r->subscription));
	json_set(o, "resource", json_new_string(r->resource));
	json_set(o, "plan", json_new_string(r->plan));
	json_set(o, "contact", contact_json(&r->contact));
	json_set(o, "problem_started", instant_json(r->problem_started));
	json_set(o, "files", files_json(r));
	return o;
}
