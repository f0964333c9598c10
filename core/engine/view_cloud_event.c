/* An event of the record as CloudEvents 1.0 has it, for those who are told of it. */
#include "engine/budget.h"
#include "engine/view.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "io.caseroute."
#define SCHEMA "urn:caseroute:event:1"

/* Words of events that are not about a request as a whole, or about none. */
static const struct {
	const char *word, *noun;
} nouns[] = {
	{ "overdue", "handoff" },
	{ "reminded", "handoff" },
	{ "revealed", "ids" },
	{ "pruned", "ledger" },
};

/* NULL: the word begins with it. */
static const char *noun_of(const struct event_row *event)
{
	for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
		if (text_same(nouns[i].word, event->what))
			return nouns[i].noun;
	return event->request ? "request" : NULL;
}

/* "handed off" of a request: "request.handed_off"; "contract ends soon": "contract.ends_soon". */
void view_event_type(const struct event_row *event, struct buffer *out)
{
	const char *noun = noun_of(event);
	bool has_noun = noun != NULL;

	if (noun)
		buffer_format(out, "%s.", noun);
	for (const char *c = event->what; *c; c++) {
		buffer_char(out, *c != ' ' ? *c : has_noun ? '_' : '.');
		has_noun = has_noun || *c == ' ';
	}
}

/* The time is in it since a ledger that was restored from a copy gives out numbers anew. */
void view_event_id(const struct event_row *event, const char *ledger_id, char out[EVENT_ID_TEXT])
{
	snprintf(out, EVENT_ID_TEXT, "%.12s-%lld-%llx", ledger_id, (long long)event->sequence,
	    (unsigned long long)event->at);
}

static const char *subject_of(const struct event_row *event, const struct json *detail)
{
	return event->request ? event->request : json_get_chars(detail, "subject");
}

static struct json *data_of(const struct event_row *event, struct json *detail, bool tells_all)
{
	bool is_of_budget = budget_is_event(event->what);
	struct json *data = view_event_for(event, tells_all || is_of_budget);

	if (is_of_budget)
		json_set(data, "detail", json_clone(detail));
	return data;
}

struct json *view_cloud_event(const struct event_row *event, const char *ledger_id, bool tells_all)
{
	struct json *o = json_new_object();
	struct json *detail =
	    event->detail.n ? json_read(event->detail, "stored event", 0, NULL) : NULL;
	struct buffer type = { 0 }, source = { 0 }, short_type = { 0 };
	char id[EVENT_ID_TEXT], at[INSTANT_TEXT];
	const char *subject = subject_of(event, detail);

	view_event_type(event, &short_type);
	buffer_format(&type, PREFIX "%s", short_type.p);
	buffer_format(&source, "/caseroute/%s", ledger_id);
	view_event_id(event, ledger_id, id);
	json_set(o, "specversion", json_new_string("1.0"));
	json_set(o, "id", json_new_string(id));
	json_set(o, "source", json_new_string(source.p));
	json_set(o, "type", json_new_string(type.p));
	json_set(o, "time", json_new_string(instant_write(event->at, at)));
	if (subject)
		json_set(o, "subject", json_new_string(subject));
	json_set(o, "datacontenttype", json_new_string("application/json"));
	json_set(o, "dataschema", json_new_string(SCHEMA));
	json_set(o, "data", data_of(event, detail, tells_all));
	json_free(detail);
	buffer_free(&type);
	buffer_free(&source);
	buffer_free(&short_type);
	return o;
}
