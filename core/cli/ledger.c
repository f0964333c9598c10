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

struct verified {
	const char *path;
	bool has_key;
	struct ledger_head head;
	struct failure why;
};

static void verified_json(const struct verified *v)
{
	struct json *o = json_new_object();
	bool is_good = v->why.kind == FAILURE_NONE;
	char head[LEDGER_HEAD_TEXT];

	json_set(o, "schema", json_new_string("caseroute.verify/1"));
	json_set(o, "file", json_new_string(v->path));
	json_set(o, "good", json_new_boolean(is_good));
	json_set(o, "sealed_values_opened", json_new_boolean(v->has_key));
	json_set(o, "events", json_new_number(is_good ? v->head.sequence : 0));
	json_set(o, "head", json_new_string(is_good ? ledger_head_write(&v->head, head) : NULL));
	json_set(o, "trouble", json_new_string(is_good ? NULL : v->why.text));
	cli_json(o);
}

static void tell_verified(const struct cli *cli, const struct verified *v)
{
	char head[LEDGER_HEAD_TEXT];

	if (cli->json)
		verified_json(v);
	else if (!cli->quiet && v->why.kind == FAILURE_NONE)
		printf("%s: the file is whole and the books agree%s\nhead %s\n", v->path,
		    v->has_key ? "; all that is sealed opens"
			       : "; the key is not at hand, so what is sealed was not opened",
		    ledger_head_write(&v->head, head));
}

static void verify(const struct generation *g, const char *path, const struct ledger_head *noted,
    struct verified *v)
{
	struct ledger *ledger = open_ledger(g, path, &v->has_key, &v->why);

	v->path = path ? path : g->partner->ledger_path;
	if (ledger)
		ledger_verify(ledger, noted, &v->head, &v->why);
	ledger_close(ledger);
	/* A damaged file is the answer here, not an obstacle to it. */
	if (v->why.kind == FAILURE_IO)
		v->why.kind = FAILURE_DATA;
}

int ledger_verify_run(struct cli *cli, int argc, char **argv)
{
	const char *head = NULL;
	const struct cli_option options[] = { { "head", "SEQUENCE:HASH", &head, NULL,
	    "a head noted earlier: proves that no event up to it was changed or removed" } };
	struct verified v = { 0 };
	struct ledger_head noted;
	struct generation *g;
	int status;

	if (cli_options(cli, argc, argv, options, 1, 0, 1, &status) < 0)
		return status;
	if (head && !ledger_head_read(text_of(head), &noted))
		return cli_usage(cli, "--head is what an earlier run printed, such as 42:9f86...");
	g = cli_load(cli, &status);
	if (!g)
		return status;
	verify(g, argv[0], head ? &noted : NULL, &v);
	tell_verified(cli, &v);
	generation_free(g);
	return v.why.kind == FAILURE_NONE ? 0 : cli_fail(&v.why);
}

/* ---- compact -------------------------------------------------------------------------- */

int ledger_compact_run(struct cli *cli, int argc, char **argv)
{
	struct failure why = { 0 };
	struct generation *g;
	struct ledger *ledger;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 0, &status) < 0)
		return status;
	g = cli_load(cli, &status);
	if (!g)
		return status;
	ledger = ledger_open(g->partner->ledger_path, LEDGER_WRITE, NULL, &why);
	if (ledger && ledger_compact(ledger, &why) && !cli->quiet)
		printf("%s: written anew\n", g->partner->ledger_path);
	ledger_close(ledger);
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
