/* The service: carries requests on, answers the API, until it is told to stop. */
#include "cli/cli.h"
#include "base/file.h"
#include "base/log.h"
#include "engine/generation.h"
#include "service/api.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_MS 30000

struct serve {
	struct generation *generation;
	struct api api;
	struct server *server;
	char *address;
	int64_t drain_ms;
	sigset_t signals;
	struct failure why;
};

/* The signals are waited for by one thread; those that the loops start keep them blocked. */
static void block_signals(struct serve *s)
{
	sigemptyset(&s->signals);
	sigaddset(&s->signals, SIGTERM);
	sigaddset(&s->signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &s->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Beside the ledger, where only the user that runs the service gets in. */
static char *default_address(const struct generation *g)
{
	char *folder = memory_copy_text(g->partner->ledger_path);
	struct buffer address = { 0 };

	buffer_format(&address, "unix:%s/caseroute.sock", dirname(folder));
	free(folder);
	return address.p;
}

static bool start(struct serve *s)
{
	const char *addresses[] = { s->address };
	struct server_options options = {
		.addresses = addresses, .n_addresses = 1, .problem = api_problem
	};
	struct loop_options of_loop = { 0 };

	s->api.generation = s->generation;
	s->api.loop = loop_start(s->generation, &of_loop, &s->why);
	if (!s->api.loop)
		return false;
	s->server = server_start(&options, api_handle, &s->api, &s->why);
	if (s->server)
		return true;
	loop_stop(s->api.loop, s->drain_ms);
	return false;
}

/* No new requests; what is under way may end; the rest is in the ledger. Those who wait
 * for an answer get it from the loop as it ends, so that begins first. */
static void stop(struct serve *s)
{
	size_t left;

	loop_drain(s->api.loop, s->drain_ms);
	server_stop(s->server, s->drain_ms);
	left = loop_stop(s->api.loop, s->drain_ms);
	if (!left)
		return;
	log_line(LOG_WARNING,
	    "%zu requests were left in the middle; the next start carries them on", left);
	_exit(0); /* what their stacks hold cannot be given back; to the ledger it is a kill */
}

static int wait_for_signal(struct serve *s)
{
	int number;

	while ((number = sigwaitinfo(&s->signals, NULL)) < 0 && errno == EINTR)
		;
	return number;
}

static void serve(struct serve *s, bool is_quiet)
{
	if (!start(s))
		return;
	if (!is_quiet)
		fprintf(stderr, "caseroute: listens at %s\n", s->address);
	wait_for_signal(s);
	if (!is_quiet)
		fprintf(stderr, "caseroute: stops; at most %lld s for what is under way\n",
		    (long long)s->drain_ms / 1000);
	stop(s);
}

int serve_run(struct cli *cli, int argc, char **argv)
{
	struct serve s = { .drain_ms = DRAIN_MS };
	const char *path = NULL, *drain = NULL;
	const struct cli_option options[] = {
		{ "socket", "PATH", &path, NULL,
		    "Unix socket to listen at; default: caseroute.sock beside the ledger" },
		{ "drain", "DURATION", &drain, NULL,
		    "how long a stop waits for what is under way; default 30s" },
	};
	struct buffer address = { 0 };
	int status;

	if (cli_options(cli, argc, argv, options, 2, 0, 0, &status) < 0)
		return status;
	if (drain && !duration_read(text_of(drain), &s.drain_ms))
		return cli_usage(cli, "--drain is a duration such as 30s or 5m");
	s.generation = cli_load(cli, &status);
	if (!s.generation)
		return status;
	if (path)
		buffer_format(&address, "unix:%s", path);
	s.address = path ? address.p : default_address(s.generation);
	block_signals(&s);
	serve(&s, cli->quiet);
	free(s.address);
	generation_free(s.generation);
	return s.why.kind == FAILURE_NONE ? 0 : cli_fail(&s.why);
}
