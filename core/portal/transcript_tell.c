/* All that a step left behind, as text: two runs of it must not differ in a byte. */
#include "portal/transcript_inside.h"

static void tell_json(struct buffer *out, const char *name, const struct json *value)
{
	if (!value)
		return;
	buffer_format(out, "%s ", name);
	json_write(value, JSON_LINE, out);
	buffer_char(out, '\n');
}

static void tell_chars(struct buffer *out, const char *name, const char *value)
{
	if (value)
		buffer_format(out, "%s %s\n", name, value);
}

static void tell_str(struct buffer *out, const char *name, portal_str value)
{
	if (value.n)
		buffer_format(out, "%s %.*s\n", name, PORTAL_ARG(value));
}

static void tell_outcome(struct buffer *out, const struct portal_outcome *o)
{
	tell_str(out, "ticket", o->ticket);
	tell_str(out, "ticket_name", o->ticket_name);
	tell_str(out, "address", o->address);
	tell_str(out, "detail", o->detail);
	buffer_format(out, "state %u remaining %lld unit %u until %lld start %lld\n", o->state,
	    (long long)o->remaining, o->unit, (long long)o->until, (long long)o->start);
}

static void tell_memory(struct buffer *out, const struct step_memory *m)
{
	buffer_format(out, "stage %u cursor %u %u %u steps %u sent %u note %.*s\n", m->stage,
	    m->cursor[0], m->cursor[1], m->cursor[2], m->steps, m->sent, (int)m->note.n,
	    m->note.p ? m->note.p : "");
}

void play_tell(const struct step *step, const struct step_memory *memory, struct buffer *out)
{
	buffer_format(out, "verdict %d safe %d wait %lld class %u\n", (int)step->verdict,
	    step->is_repeat_safe, (long long)step->wait_ms, step->failure_class);
	tell_json(out, "exchange", step->exchange);
	tell_json(out, "guide", step->guide);
	tell_json(out, "extra", step->extra);
	tell_json(out, "missing", step->missing);
	tell_json(out, "log", step->log);
	tell_chars(out, "go", step->go_portal);
	tell_chars(out, "go_address", step->go_address);
	tell_chars(out, "go_tenant", step->go_tenant);
	tell_chars(out, "failure", step->failure_text);
	tell_chars(out, "message", step->failure_message);
	tell_chars(out, "kept", step->kept);
	if (step->verdict == PORTAL_DONE)
		tell_outcome(out, &step->outcome);
	tell_memory(out, memory);
}
