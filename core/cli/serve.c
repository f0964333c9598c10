/* The service: carries requests on, answers the API, until it is told to stop. */
#include "cli/cli.h"
#include "base/file.h"
#include "base/log.h"
#include "config/config.h"
#include "engine/generation.h"
#include "service/address.h"
#include "service/api.h"
#include "service/budget_watch.h"
#include "service/notify.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAIN_MS 30000

#define MOST_ADDRESSES 16

struct serve {
	char *config;                  /* path */
	struct generation *generation; /* of the start */
	struct api api;
	struct server *server;
	struct budget_watch budget;
	struct background *background[2];      /* what the service does by itself */
	const char *addresses[MOST_ADDRESSES]; /* the Unix socket last */
	size_t n_addresses;
	const char *tls_certificate, *tls_key;
	bool is_plain; /* TLS is somebody else's business */
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
	sigaddset(&s->signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &s->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* As the server's options have it. */
static const char *socket_address(
    const struct generation *g, const char *wanted, struct arena *arena)
{
	if (wanted ? text_same(wanted, "systemd") : address_passed())
		return "systemd";
	return arena_format(arena, "unix:%s", wanted ? wanted : service_socket(g, arena));
}

/* The loop has ended. */
static void free_background(struct serve *s)
{
	background_free(s->background[0]);
	background_free(s->background[1]);
	outbox_free(s->api.outbox);
}

static bool start(struct serve *s)
{
	struct server_options options = { .addresses = s->addresses,
		.n_addresses = s->n_addresses,
		.tls_certificate = s->tls_certificate,
		.tls_key = s->tls_key,
		.problem = api_problem };
	struct loop_options of_loop = { 0 };

	s->api.loop = loop_start(s->generation, &of_loop, &s->why);
	if (!s->api.loop)
		return false;
	s->api.outbox = outbox_new();
	s->background[0] = background_start(s->api.loop, outbox_round, s->api.outbox);
	s->background[1] = background_start(s->api.loop, budget_watch_round, &s->budget);
	s->api.reload = reload_new(s->config, s->api.loop);
	s->api.key_sets = key_sets_new();
	s->api.strikes = strikes_new();
	s->api.keeper = keeper_start(s->api.loop, &s->api.server, &s->why);
	if (s->api.keeper)
		s->server = server_start(&options, api_handle, &s->api, &s->why);
	atomic_store(&s->api.server, s->server);
	if (s->server) {
		reload_also(s->api.reload, s->server);
		return true;
	}
	if (s->api.keeper)
		keeper_stop(s->api.keeper);
	key_sets_free(s->api.key_sets);
	strikes_free(s->api.strikes);
	reload_free(s->api.reload);
	if (loop_stop(s->api.loop, s->drain_ms) == 0) {
		keeper_free(s->api.keeper);
		free_background(s);
	}
	return false;
}

/* No new requests; what is under way may end; the rest is in the ledger. Those who wait
 * for an answer get it from the loop as it ends, so that begins first. */
static void stop(struct serve *s)
{
	size_t left;

	notify_stopping();
	/* A second signal ends the process at once: what is in the ledger stays there. */
	sigdelset(&s->signals, SIGHUP);
	pthread_sigmask(SIG_UNBLOCK, &s->signals, NULL);
	keeper_stop(s->api.keeper);
	reload_stop(s->api.reload);
	loop_drain(s->api.loop, s->drain_ms);
	server_stop(s->server, s->drain_ms);
	key_sets_free(s->api.key_sets);
	left = loop_stop(s->api.loop, s->drain_ms);
	strikes_free(s->api.strikes);
	reload_free(s->api.reload);
	if (!left) {
		keeper_free(s->api.keeper);
		free_background(s);
		return;
	}
	log_line(LOG_WARNING,
	    "%zu requests were left in the middle; the next start carries them on", left);
	_exit(0); /* what their stacks hold cannot be given back; to the ledger it is a kill */
}

/* Reloads until it is told to end. */
static void take_signals(struct serve *s)
{
	int number = 0;

	while (number != SIGTERM && number != SIGINT) {
		number = sigwaitinfo(&s->signals, NULL);
		if (number != SIGHUP)
			continue;
		notify_reloading();
		reload_run(s->api.reload);
		notify_ready();
	}
}

/* With the port that was free where 0 was asked for. */
static void tell_addresses(const struct serve *s)
{
	size_t i;

	for (i = 0; i + 1 < s->n_addresses; i++)
		log_tell("listens at %s://%.*s:%u", s->tls_certificate ? "https" : "http",
		    (int)(strrchr(s->addresses[i], ':') - s->addresses[i]), s->addresses[i],
		    server_port(s->server, i));
	log_tell("listens at %s",
	    text_same(s->addresses[i], "systemd") ? "the socket that systemd passed"
						  : s->addresses[i]);
}

static void serve(struct serve *s)
{
	if (!start(s))
		return;
	tell_addresses(s);
	notify_ready();
	take_signals(s);
	log_tell("stops; at most %lld s for what is under way", (long long)s->drain_ms / 1000);
	stop(s);
}

/* ---- addresses ------------------------------------------------------------------- */

/* Beyond this machine nothing is said in the clear: keys would be. */
static int add_address(struct cli *cli, struct serve *s, const char *address)
{
	bool is_loopback;

	if (!address_read(address, &is_loopback))
		return cli_usage(
		    cli, "--listen is an address such as 127.0.0.1:8080 or [::1]:8080");
	if (!is_loopback && !s->tls_certificate && !s->is_plain)
		return cli_usage(cli,
		    "--listen %s is open to other machines: give --tls-certificate and --tls-key, "
		    "or --without-tls where something before it has TLS",
		    address);
	if (s->n_addresses + 1 == MOST_ADDRESSES)
		return cli_usage(cli, "--listen takes at most %d addresses", MOST_ADDRESSES - 1);
	s->addresses[s->n_addresses++] = address;
	return 0;
}

static int add_addresses(struct cli *cli, struct serve *s, const char *list, struct arena *arena)
{
	struct text rest = text_of(list), one;
	int status = 0;

	if (!s->tls_certificate != !s->tls_key)
		return cli_usage(cli, "--tls-certificate and --tls-key go together");
	while (!status && text_split(&rest, ',', &one))
		status = add_address(cli, s, arena_copy(arena, one.p, one.n));
	if (!status && list && !s->n_addresses)
		status = cli_usage(cli, "--listen needs an address");
	return status;
}

/* What systemd passed is held to what --listen is held to. */
static bool check_passed(struct serve *s, struct arena *arena)
{
	const char *open = address_passed_tcp(true, arena);

	return !open || s->tls_certificate || s->is_plain ||
	    failure_set(&s->why, FAILURE_CONFIG,
		"systemd passed %s, which is open to other machines: give --tls-certificate and "
		"--tls-key, or --without-tls where something before it has TLS",
		open);
}

static bool check_callers(struct serve *s, bool is_tcp)
{
	return !is_tcp || s->generation->callers->n || s->generation->issuers->n ||
	    failure_set(&s->why, FAILURE_CONFIG,
		"nobody could ask over TCP, since the configuration has no [caller NAME] and no "
		"[issuer NAME]; `caseroute keys new NAME` makes a caller");
}

static int run_with(struct cli *cli, struct serve *s, const char *path, struct arena *arena)
{
	const char *socket;
	bool is_passed, is_tcp;
	int status;

	s->generation = cli_load(cli, &status);
	if (!s->generation)
		return status;
	s->config = config_find(cli->config);
	socket = socket_address(s->generation, path, arena);
	is_passed = text_same(socket, "systemd");
	is_tcp = s->n_addresses || (is_passed && address_passed_tcp(false, arena));
	s->addresses[s->n_addresses++] = socket;
	if (check_callers(s, is_tcp) && (!is_passed || check_passed(s, arena))) {
		block_signals(s);
		serve(s);
	}
	free(s->config);
	generation_free(s->generation);
	return s->why.kind == FAILURE_NONE ? 0 : cli_fail(&s->why);
}

int serve_run(struct cli *cli, int argc, char **argv)
{
	struct serve s = { .drain_ms = DRAIN_MS };
	const char *path = NULL, *drain = NULL, *listen = NULL, *format = "text";
	enum log_format log_as;
	const struct cli_option options[] = {
		{ "socket", "PATH", &path, NULL,
		    "Unix socket to listen at, or systemd for one that it passed (as by itself if "
		    "it "
		    "did); default: caseroute.sock beside the ledger" },
		{ "listen", "ADDRESS...", &listen, NULL,
		    "also at this address, such as 127.0.0.1:8080, for callers with a key" },
		{ "tls-certificate", "FILE", &s.tls_certificate, NULL,
		    "PEM file for all of them; needed where other machines get in" },
		{ "tls-key", "FILE", &s.tls_key, NULL, "PEM file of its key" },
		{ "without-tls", NULL, NULL, &s.is_plain,
		    "other machines may get in without: something before the service has TLS" },
		{ "drain", "DURATION", &drain, NULL,
		    "how long a stop waits for what is under way; default 30s" },
		{ "log-format", "FORMAT", &format, NULL,
		    "text (default), logfmt or json; -v tells of every request" },
	};
	struct arena *arena;
	int status;

	if (cli_options(
		cli, argc, argv, options, sizeof options / sizeof options[0], 0, 0, &status) < 0)
		return status;
	if (drain && !duration_read(text_of(drain), &s.drain_ms))
		return cli_usage(cli, "--drain is a duration such as 30s or 5m");
	if (!log_read_format(format, &log_as))
		return cli_usage(cli, "--log-format is text, logfmt or json");
	log_set_format(log_as);
	arena = arena_new();
	status = add_addresses(cli, &s, listen, arena);
	if (!status)
		status = run_with(cli, &s, path, arena);
	arena_free(arena);
	return status;
}
