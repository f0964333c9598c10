#include "ledger/ledger.h"

const char LEDGER_CLEAR[] = "";

static const char *const names[] = {
	[STATE_NONE] = "none",
	[STATE_ASKING] = "asking",
	[STATE_REFUSED] = "refused",
	[STATE_READY] = "ready",
	[STATE_LINKING] = "linking",
	[STATE_CREATING] = "creating",
	[STATE_HANDED_OFF] = "handed-off",
	[STATE_WAITING] = "waiting",
	[STATE_UNSURE] = "unsure",
	[STATE_PARKED] = "parked",
	[STATE_OPEN] = "open",
	[STATE_CLOSED] = "closed",
	[STATE_CANCELLED] = "cancelled",
};

#define N_STATES (sizeof names / sizeof names[0])

const char *state_name(enum request_state state)
{
	return (size_t)state < N_STATES ? names[state] : "any";
}

enum request_state state_read(struct text word)
{
	for (size_t i = STATE_ASKING; i < N_STATES; i++)
		if (text_is(word, names[i]))
			return (enum request_state)i;
	return STATE_NONE;
}

bool state_is_final(enum request_state state)
{
	return state == STATE_REFUSED || state == STATE_CLOSED || state == STATE_CANCELLED;
}
