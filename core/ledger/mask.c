#include "ledger/ledger.h"

#include <stdio.h>

#define ID_BYTES 128
#define SHOWN 4

bool ledger_id_ok(struct text id, const char *what, struct failure *why)
{
	id = text_trim(id);
	if (id.n == 0)
		return failure_set(why, FAILURE_DATA, "the %s is empty", what);
	if (id.n > ID_BYTES)
		return failure_set(why, FAILURE_DATA, "the %s has %zu bytes; %d is the most", what,
		    id.n, ID_BYTES);
	for (size_t i = 0; i < id.n; i++)
		if ((unsigned char)id.p[i] < 0x20 || id.p[i] == 0x7f)
			return failure_set(
			    why, FAILURE_DATA, "the %s holds a control character", what);
	return true;
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Where the last `count` characters begin; *all is how many there are. */
static size_t tail_start(struct text text, size_t count, size_t *all)
{
	size_t at = text.n, start = 0;

	*all = 0;
	while (at > 0) {
		at--;
		if (continues(text.p[at]))
			continue;
		if (++*all == count)
			start = at;
	}
	return start;
}

const char *ledger_mask_access_id(struct text id, char out[LEDGER_MASK])
{
	size_t characters, start;

	id = text_trim(id);
	start = tail_start(id, SHOWN, &characters);
	/* Bytes that are no UTF-8 could make a "character" of any length. */
	if (characters <= 2 * (size_t)SHOWN || text_bad_utf8(id) >= 0)
		start = id.n;
	snprintf(out, LEDGER_MASK, "********%.*s", (int)(id.n - start), id.p + start);
	return out;
}
