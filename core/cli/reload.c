/* Tells a running service to take the changed configuration. */
#include "cli/client.h"
#include "service/address.h"

#include <stdio.h>

static void print_errors(const struct json *errors)
{
	for (size_t i = 0; i < json_length(errors); i++) {
		const struct json *e = json_at(errors, i);

		fprintf(stderr, "%s:%lld:%lld: %s: %s [%s]\n", json_get_chars(e, "file"),
		    (long long)json_number(json_get(e, "line"), 0),
		    (long long)json_number(json_get(e, "column"), 0), json_get_chars(e, "severity"),
		    json_get_chars(e, "message"), json_get_chars(e, "code"));
	}
}

int reload_command(struct cli *cli, int argc, char **argv)
{
	const char *path = NULL;
	const struct cli_option options[] = { { "socket", "PATH", &path, NULL,
	    "the service's Unix socket; default: caseroute.sock beside the ledger" } };
	struct failure why = { 0 };
	struct json *answer = NULL;
	struct generation *g;
	unsigned status = 0;
	bool is_there;
	struct arena *arena;
	const char *socket;
	int exit_status;

	if (cli_options(cli, argc, argv, options, 1, 0, 0, &exit_status) < 0)
		return exit_status;
	g = path ? NULL : cli_load(cli, &exit_status);
	if (!path && !g)
		return exit_status;
	arena = arena_new();
	socket = path ? path : service_socket(g, arena);
	if (!client_post(&(struct client_call){ .socket = socket, .path = "/v1/reload" }, &status,
		&answer, &is_there, &why)) {
		failure_context(&why, "no service answers at %s", socket);
	} else if (status != 200) {
		print_errors(json_get(answer, "errors"));
		failure_set(&why, FAILURE_CONFIG, "%s; the old configuration stays in force",
		    json_get_chars(answer, "detail"));
	} else if (!cli->quiet) {
		printf("generation %s is in force\n", json_get_chars(answer, "generation"));
	}
	json_free(answer);
	arena_free(arena);
	generation_free(g);
	return why.kind == FAILURE_NONE ? 0 : cli_fail(&why);
}
