#include "cli/desk.h"

#include <string.h>

bool desk_open(struct desk *desk, struct cli *cli, enum ledger_mode mode, int *status)
{
	*desk = (struct desk){ .cli = cli };
	desk->generation = cli_load(cli, status);
	if (!desk->generation)
		return false;
	if (!engine_open(&desk->engine, desk->generation, mode, &desk->why)) {
		*status = cli_fail(&desk->why);
		generation_free(desk->generation);
		return false;
	}
	desk->arena = arena_new();
	return true;
}

int desk_close(struct desk *desk, int status)
{
	if (desk->why.kind != FAILURE_NONE)
		status = cli_fail(&desk->why);
	engine_close(&desk->engine);
	arena_free(desk->arena);
	generation_free(desk->generation);
	return status;
}

int desk_status_of(enum request_state state)
{
	switch (state) {
	case STATE_ASKING:
	case STATE_REFUSED: return FAILURE_NEGATIVE;
	case STATE_READY:
	case STATE_LINKING:
	case STATE_CREATING:
	case STATE_WAITING:
	case STATE_PARKED:
	case STATE_UNSURE: return FAILURE_TRY_LATER;
	default: return 0;
	}
}
