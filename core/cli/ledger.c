/* The ledger as a file: copied, looked over, sealed with another key. */
#include "cli/cli.h"
#include "engine/engine.h"

#include <stdio.h>
#include <unistd.h>

/* The name may be given; the key is read where it can be, since neither copying nor
 * looking at the books needs it. */
static struct ledger *open_ledger(
    const struct generation *g, const char *path, bool *has_key, struct failure *why)
{
	const struct partner *p = g->partner;
	struct failure no_key = { 0 };
	struct secret key = { 0 };
	struct ledger *ledger;

	*has_key = secret_read(p->ledger_key, p->ledger_key_file, &key, &no_key);
	ledger =
	    ledger_open(path ? path : p->ledger_path, LEDGER_READ, *has_key ? &key : NULL, why);
	secret_free(&key);
	return ledger;
}

int ledger_backup_run(struct cli *cli, int argc, char **argv)
{
	struct failure why = { 0 };
	struct generation *g;
	struct ledger *ledger;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1, &status) < 0)
		return status;
	g = cli_load(cli, &status);
	if (!g)
		return status;
	ledger = ledger_open(g->partner->ledger_path, LEDGER_READ, NULL, &why);
	if (ledger && ledger_backup(ledger, argv[0], &why) && !cli->quiet && !cli->json)
		printf("%s: a verified copy; the key is not in it, keep that apart\n", argv[0]);
	if (cli->json && why.kind == FAILURE_NONE) {
		struct json *o = json_new_object();

		json_set(o, "schema", json_new_string("caseroute.backup/1"));
		json_set(o, "file", json_new_string(argv[0]));
		cli_json(o);
	}
	ledger_close(ledger);
	generation_free(g);
	return why.kind == FAILURE_NONE ? 0 : cli_fail(&why);
}

/* ---- verify --------------------------------------------------------------------------- */

static void tell_verified(
    const struct cli *cli, const char *path, bool has_key, const struct failure *why)
{
	struct json *o;

	if (cli->json) {
		o = json_new_object();
		json_set(o, "schema", json_new_string("caseroute.verify/1"));
		json_set(o, "file", json_new_string(path));
		json_set(o, "good", json_new_boolean(why->kind == FAILURE_NONE));
		json_set(o, "sealed_values_opened", json_new_boolean(has_key));
		json_set(o, "trouble", json_new_string(why->kind ? why->text : NULL));
		cli_json(o);
	} else if (!cli->quiet && why->kind == FAILURE_NONE) {
		printf("%s: the file is whole and the books agree%s\n", path,
		    has_key ? "; all that is sealed opens"
			    : "; the key is not at hand, so what is sealed was not opened");
	}
}

int ledger_verify_run(struct cli *cli, int argc, char **argv)
{
	struct failure why = { 0 };
	struct generation *g;
	struct ledger *ledger;
	bool has_key;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 1, &status) < 0)
		return status;
	g = cli_load(cli, &status);
	if (!g)
		return status;
	ledger = open_ledger(g, argv[0], &has_key, &why);
	if (ledger)
		ledger_verify(ledger, &why);
	ledger_close(ledger);
	/* A damaged file is the answer here, not an obstacle to it. */
	if (why.kind == FAILURE_IO)
		why.kind = FAILURE_DATA;
	tell_verified(cli, argv[0] ? argv[0] : g->partner->ledger_path, has_key, &why);
	generation_free(g);
	return why.kind == FAILURE_NONE ? 0 : cli_fail(&why);
}

/* ---- rekey ---------------------------------------------------------------------------- */

int ledger_rekey_run(struct cli *cli, int argc, char **argv)
{
	const char *key_path = NULL;
	const struct cli_option options[] = { { "key-file", "FILE", &key_path, NULL,
	    "the key's file, where the configuration names a credential or a variable" } };
	struct failure why = { 0 };
	struct generation *g;
	bool is_finished_only;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 0, 0, &status) < 0)
		return status;
	g = cli_load(cli, &status);
	if (!g)
		return status;
	if (engine_rekey(g, key_path, &is_finished_only, &why) && !cli->quiet)
		printf("%s; restart the service: it holds the old key\n",
		    is_finished_only ? "a rekey that had been cut off is finished"
				     : "everything is sealed with a new key");
	generation_free(g);
	return why.kind == FAILURE_NONE ? 0 : cli_fail(&why);
}
