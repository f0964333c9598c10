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

static struct json *instant_json(instant at)
{
	char text[INSTANT_TEXT];

	return at == INSTANT_UNKNOWN ? json_new_null() : json_new_string(instant_write(at, text));
}

struct json *request_json_of(const struct request_row *row)
{
	struct json *o = json_new_object();

	json_set(o, "schema", json_new_string("caseroute.request/1"));
	json_set(o, "id", json_new_string(row->id));
	json_set(o, "short", json_new_string(id_short(row->id)));
	json_set(o, "state", json_new_string(state_name(row->state)));
	json_set(o, "reason", json_new_string(row->reason));
	json_set(o, "created", instant_json(row->created));
	json_set(o, "changed", instant_json(row->changed));
	json_set(o, "due", instant_json(row->due));
	json_set(o, "reference", json_new_string(row->reference));
	json_set(o, "title", json_new_string(row->title));
	json_set(o, "account", json_new_string(row->account));
	json_set(o, "customer", json_new_string(row->customer));
	json_set(o, "portal", json_new_string(row->portal));
	json_set(o, "route", json_new_string(row->route));
	json_set(o, "plan", json_new_string(row->plan));
	json_set(o, "contract", json_new_string(row->contract));
	json_set(o, "operation", json_new_string(row->operation));
	json_set(o, "ticket", json_new_string(row->ticket));
	json_set(o, "address", json_new_string(row->address));
	return o;
}
