#include "service/trace.h"
#include "base/id.h"

#include <sodium.h>
#include <string.h>

#define STATE_MOST 512

/* Lower case only, as the standard has it. */
static bool is_hex(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(p[i] >= '0' && p[i] <= '9') && !(p[i] >= 'a' && p[i] <= 'f'))
			return false;
	return true;
}

static bool is_zero(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '0')
			return false;
	return true;
}

static unsigned digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* VV-(32)-(16)-FF; a later version may have more behind another hyphen. */
static bool read(struct text t, struct trace *trace)
{
	bool is_ok = t.n >= TRACE_TEXT - 1 && t.p[2] == '-' && t.p[35] == '-' && t.p[52] == '-' &&
	    is_hex(t.p, 2) && is_hex(t.p + 3, 32) && is_hex(t.p + 36, 16) && is_hex(t.p + 53, 2);

	if (!is_ok || text_starts(t, "ff") || is_zero(t.p + 3, 32) || is_zero(t.p + 36, 16))
		return false;
	if (t.n > TRACE_TEXT - 1 && (text_starts(t, "00") || t.p[TRACE_TEXT - 1] != '-'))
		return false;
	memcpy(trace->id, t.p + 3, TRACE_ID - 1);
	trace->flags = (digit(t.p[53]) << 4 | digit(t.p[54])) & 1; /* sampled: all that 00 knows */
	return true;
}

static void draw(char *out, size_t digits)
{
	unsigned char raw[16];

	do {
		random_bytes(raw, digits / 2);
		sodium_bin2hex(out, digits + 1, raw, digits / 2);
	} while (is_zero(out, digits));
}

struct trace trace_begin(struct text traceparent)
{
	struct trace trace = { 0 };

	trace.is_new = !read(traceparent, &trace);
	if (trace.is_new)
		draw(trace.id, TRACE_ID - 1);
	draw(trace.span, TRACE_SPAN - 1);
	return trace;
}

const char *trace_write(const struct trace *trace, char out[TRACE_TEXT])
{
	memcpy(out, "00-", 3);
	memcpy(out + 3, trace->id, TRACE_ID - 1);
	out[35] = '-';
	memcpy(out + 36, trace->span, TRACE_SPAN - 1);
	memcpy(out + 52, trace->flags ? "-01" : "-00", 4);
	return out;
}

bool trace_state_ok(struct text state)
{
	for (size_t i = 0; i < state.n; i++)
		if (state.p[i] < ' ' || state.p[i] > '~')
			return false;
	return state.n >= 1 && state.n <= STATE_MOST;
}
