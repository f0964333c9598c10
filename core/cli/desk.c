#include "cli/desk.h"

#include "check/transcript_write.h"

#include <errno.h>
#include <fcntl.h>
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

bool desk_trace(struct desk *desk, const char *path)
{
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;

	if (!path)
		return true;
	desk->trace = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!desk->trace)
		return failure_set(
		    &desk->why, FAILURE_CANNOT_CREATE, "%s: %s", path, strerror(errno));
	fputs(
	    "# A trace of caseroute: what a plugin asked for and what it got. It names people; no "
	    "ID of a\n# contract, token or secret is in it. `caseroute portals check "
	    "--transcripts` plays it.\n",
	    desk->trace);
	desk->engine.transcript = transcript_new(desk->trace);
	return true;
}

/* On one line, as the reason of a portal may not be. */
void desk_trace_remark(struct desk *desk, const char *text)
{
	if (!desk->trace || !text)
		return;
	fputs("# ", desk->trace);
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' ? ' ' : *text, desk->trace);
	fputc('\n', desk->trace);
}

static void end_trace(struct desk *desk)
{
	bool is_lost;

	transcript_free(desk->engine.transcript);
	if (!desk->trace)
		return;
	is_lost = ferror(desk->trace) != 0;
	if (fclose(desk->trace) != 0 || is_lost)
		failure_set(&desk->why, FAILURE_IO, "the trace is not whole: %s", strerror(errno));
}

int desk_close(struct desk *desk, int status)
{
	end_trace(desk);
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
