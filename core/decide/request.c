#include "decide/request.h"
#include "decide/words.h"
#include "decide/write.h"

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

static void write_contact(struct json_out *out, const struct contact *c)
{
	json_out_open(out, "contact", '{');
	json_out_string(out, "first_name", c->first_name);
	json_out_string(out, "last_name", c->last_name);
	json_out_string(out, "email", c->email);
	json_out_string(out, "phone", c->phone);
	json_out_string(out, "method", c->method);
	json_out_string(out, "language", c->language);
	json_out_string(out, "country", c->country);
	json_out_string(out, "time_zone", c->time_zone);
	write_tri(out, "around_the_clock", c->around_the_clock);
	json_out_close(out, '}');
}

static void write_files(struct json_out *out, const struct request *r)
{
	json_out_open(out, "files", '[');
	for (size_t i = 0; i < r->n_files; i++) {
		json_out_open(out, NULL, '{');
		json_out_string(out, "path", r->files[i].path);
		json_out_string(out, "media_type", r->files[i].media_type);
		json_out_close(out, '}');
	}
	json_out_close(out, ']');
}

void request_write(const struct request *r, struct buffer *to)
{
	struct json_out out = { to, false };

	json_out_open(&out, NULL, '{');
	json_out_string(&out, "kind", word_of(kind_words, (int)r->kind));
	json_out_string(&out, "reference", r->reference);
	json_out_string(&out, "title", r->title);
	json_out_string(&out, "description", r->description);
	json_out_string(&out, "product", r->product);
	json_out_string(&out, "release", r->release);
	json_out_string(&out, "environment", word_of(environment_words, (int)r->environment));
	json_out_string(&out, "severity", word_of(severity_words, r->severity));
	json_out_string(&out, "account", r->account);
	json_out_string(&out, "customer", r->customer);
	json_out_string(&out, "subscription", r->subscription);
	json_out_string(&out, "resource", r->resource);
	json_out_string(&out, "plan", r->plan);
	write_contact(&out, &r->contact);
	write_instant(&out, "problem_started", r->problem_started);
	write_files(&out, r);
	json_out_close(&out, '}');
}
