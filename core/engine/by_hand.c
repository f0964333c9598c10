/* On a ticket at a portal whose plugin has no step for it, or gives it back: a person does
 * it there, and says so. The request stays open meanwhile. */
#include "engine/inside.h"

#include <string.h>

static void add_answer(
    struct json *answers, const char *code, const char *meaning, const char *value, bool is_needed)
{
	struct json *one = json_new_object(), *needed = json_new_array(),
		    *optional = json_new_array();

	if (value)
		json_append(is_needed ? needed : optional, json_new_string(value));
	json_set(one, "code", json_new_string(code));
	json_set(one, "meaning", json_new_string(meaning));
	json_set(one, "values", needed);
	json_set(one, "optional", optional);
	json_append(answers, one);
}

static struct json *answers_of(enum operation_kind kind)
{
	struct json *answers = json_new_array();

	if (kind == OPERATION_STATUS) {
		add_answer(answers, "still_open", "the portal works on it", "text", false);
		add_answer(answers, "waiting_for_us", "the portal waits for us", "text", false);
		add_answer(answers, "closed", "it is closed", "text", false);
	} else {
		add_answer(answers, "done", "it is done", NULL, false);
		add_answer(answers, "refused", "the portal does not let me", "text", true);
	}
	return answers;
}

static void add_field(struct json *fields, const char *name, const char *value)
{
	struct json *one;

	if (!value || !*value)
		return;
	one = json_new_object();
	json_set(one, "name", json_new_string(name));
	json_set(one, "value", json_new_string(value));
	json_append(fields, one);
}

static struct json *fields_of(struct work *w, const struct json *input)
{
	static const char *const severities[] = { NULL, "A (critical)", "B (moderate)",
		"C (minimal)" };
	int64_t severity = json_number(json_get(input, "severity"), 0);
	const struct json *files = json_get(input, "files");
	struct json *fields = json_new_array();

	add_field(fields, "Ticket", w->row.ticket);
	add_field(fields, "Subject", json_get_chars(input, "subject"));
	add_field(fields, "Message", json_get_chars(input, "body"));
	add_field(
	    fields, "New severity", severity >= 1 && severity <= 3 ? severities[severity] : NULL);
	add_field(fields, "New state", json_get_chars(input, "state"));
	for (size_t i = 0; i < json_length(files); i++)
		add_field(fields, "Attach", json_get_chars(json_at(files, i), "path"));
	return fields;
}

static struct json *guide_of(struct work *w, enum operation_kind kind, const struct json *input)
{
	static const char *const titles[] = { [OPERATION_ATTACH] = "Attach the files",
		[OPERATION_MESSAGE] = "Send the message",
		[OPERATION_CHANGE] = "Change the ticket",
		[OPERATION_STATUS] = "Look how the ticket is doing" };
	struct json *guide = json_new_object(), *steps = json_new_array();

	json_set(guide, "title", json_new_string(titles[kind]));
	json_set(guide, "sign_in", json_new_string(w->row.account ? w->row.account : ""));
	if (w->row.address)
		json_set(guide, "link", json_new_string(w->row.address));
	json_append(steps,
	    json_new_string(arena_format(
		w->arena, "Open ticket %s at %s.", w->row.ticket, portal_title(w->portal))));
	json_set(guide, "steps", steps);
	json_set(guide, "fields", fields_of(w, input));
	json_set(guide, "answers", answers_of(kind));
	json_set(
	    guide, "closes", json_new_boolean(text_same(json_get_chars(input, "state"), "closed")));
	return guide;
}

/* Where the plugin's step knows better. */
static void take_over(struct json *guide, const struct json *told)
{
	static const char *const members[] = { "sign_in", "link", "steps" };

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (json_get(told, members[i]))
			json_set(guide, members[i], json_clone(json_get(told, members[i])));
}

bool by_hand_ask(struct work *w, enum operation_kind kind, const struct json *input,
    const struct step *told, struct failure *why)
{
	struct json *guide = guide_of(w, kind, input);
	const struct json *known = told ? told->guide : NULL;
	struct ledger_row rows[11] = { { .kind = ROW_OPERATION }, { .kind = ROW_GUIDE },
		{ .kind = ROW_REQUEST } };
	const char *title = json_get_chars(guide, "title");
	instant now = instant_now(),
		due = now + json_number(json_get(known, "due_ms"), handoff_due_ms(w));
	struct buffer text = { 0 };
	size_t n = 3;
	bool is_ok;

	take_over(guide, known);
	json_write(guide, JSON_LINE, &text);
	rows[1].guide = (struct guide_row){ .at = now,
		.due = due,
		.is_open = true,
		.guide = buffer_as_text(&text),
		.operation = operation_name(kind) };
	rows[2].request = (struct request_row){ .due = due, .reason = title };
	n += told ? observation_rows(w, told->extra, rows + n, 8) : 0;
	is_ok = work_commit(w, STATE_OPEN, true, "handed off", title, NULL, rows, n, why);
	buffer_free(&text);
	json_free(guide);
	return is_ok;
}

bool by_hand_answered(struct work *w, const struct json *guide, const char *code,
    const struct json *values, const struct ledger_row *closed_guide, struct failure *why)
{
	static const struct {
		const char *code, *words;
	} all[] = { { "still_open", "open: the portal works on it" },
		{ "waiting_for_us", "open: the portal waits for us" }, { "closed", "closed" } };
	bool closes = strcmp(code, "closed") == 0 ||
	    (strcmp(code, "done") == 0 && json_truth(json_get(guide, "closes")));
	const char *text = json_get_chars(values, "text"), *reason = closes ? "closed" : NULL;
	struct ledger_row rows[2] = { *closed_guide,
		{ .kind = ROW_REQUEST, .request = { .due = LEDGER_NO_DUE } } };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strcmp(all[i].code, code) == 0)
			reason = text ? arena_format(w->arena, "%s (%s)", all[i].words, text)
				      : all[i].words;
	if (strcmp(code, "refused") == 0)
		reason = arena_format(w->arena, "the portal refused: %s", text ? text : "");
	rows[1].request.reason = reason;
	return work_commit(
	    w, closes ? STATE_CLOSED : STATE_OPEN, true, "answered", code, NULL, rows, 2, why);
}
