/* portals check: a plugin's file before anybody loads it. */
#include "cli/cli.h"
#include "check/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct checking {
	const struct cli *cli;
	const struct check_wish *wish;
	struct json *tests; /* NULL: as text */
	unsigned counts[CHECK_RESULTS];
};

static int list_tests(struct cli *cli)
{
	struct json *all = json_new_array();

	for (size_t i = 0; i < check_count(); i++) {
		struct json *one = json_new_object();

		json_set(one, "name", json_new_string(check_name(i)));
		json_set(one, "sentence", json_new_string(check_sentence(i)));
		json_append(all, one);
		if (!cli->json)
			printf("%-20s  %s\n", check_name(i), check_sentence(i));
	}
	if (cli->json)
		cli_json(all);
	else
		json_free(all);
	return 0;
}

/* ---- one result ---------------------------------------------------------------------- */

static void print_part(const char *label, const char *text)
{
	struct text rest = text_of(text), line;
	const char *shown = label;

	while (text_split(&rest, '\n', &line)) {
		printf("           %-9s ", shown);
		cli_text(line);
		putchar('\n');
		shown = "";
	}
}

static void print_where(const struct checking *k, const struct check_report *r)
{
	char where[300];

	if (!*r->operation)
		return;
	snprintf(where, sizeof where, "%s, stage %u%s%s%s", r->operation, r->stage,
	    *r->scene ? " (" : "", r->scene, *r->scene ? ")" : "");
	print_part("where", where);
	if (!r->is_random)
		return;
	snprintf(where, sizeof where, "--seed %llu repeats it", (unsigned long long)k->wish->seed);
	print_part("again", where);
}

static void print_report(const struct checking *k, const struct check_report *r)
{
	static const enum paint paints[] = { PAINT_PLAIN, PAINT_BAD, PAINT_WARN, PAINT_PLAIN,
		PAINT_BAD };

	if (k->cli->quiet && (r->result == CHECK_PASS || r->result == CHECK_SKIP))
		return;
	printf("  ");
	cli_paint(k->cli, paints[r->result], "%-6s", check_result_name(r->result));
	printf(" %-20s %s\n", r->name, r->result == CHECK_SKIP ? r->came : r->sentence);
	if (r->result == CHECK_PASS && strcmp(r->name, "fuzz") == 0)
		printf("           %llu steps in %.1f s, --seed %llu\n",
		    (unsigned long long)r->steps, (double)r->ms / 1000,
		    (unsigned long long)k->wish->seed);
	if (r->result == CHECK_PASS)
		print_part("but", r->came);
	if (r->result == CHECK_PASS || r->result == CHECK_SKIP)
		return;
	print_part("expected", r->expected);
	print_part("came", r->came);
	print_where(k, r);
	print_part("do", r->advice);
}

static void set_text(struct json *object, const char *name, const char *text)
{
	if (*text)
		json_set(object, name, json_new_text(text_of(text)));
}

static struct json *report_json(const struct checking *k, const struct check_report *r)
{
	struct json *one = json_new_object();

	json_set(one, "name", json_new_string(r->name));
	json_set(one, "sentence", json_new_string(r->sentence));
	json_set(one, "result", json_new_string(check_result_name(r->result)));
	set_text(one, "expected", r->expected);
	set_text(one, "came", r->came);
	set_text(one, "advice", r->advice);
	set_text(one, "operation", r->operation);
	if (*r->operation)
		json_set(one, "stage", json_new_number(r->stage));
	set_text(one, "scene", r->scene);
	if (r->is_random)
		json_set(one, "seed", json_new_number((int64_t)k->wish->seed));
	json_set(one, "steps", json_new_number((int64_t)r->steps));
	json_set(one, "ms", json_new_number(r->ms));
	return one;
}

static void take_report(void *context, const struct check_report *r)
{
	struct checking *k = context;

	k->counts[r->result]++;
	if (k->tests)
		json_append(k->tests, report_json(k, r));
	else
		print_report(k, r);
	fflush(stdout);
}

/* ---- all ----------------------------------------------------------------------------- */

static struct json *counts_json(const struct checking *k)
{
	struct json *counts = json_new_object();

	for (int i = 0; i < CHECK_RESULTS; i++)
		json_set(
		    counts, check_result_name((enum check_result)i), json_new_number(k->counts[i]));
	return counts;
}

static void print_all_json(const struct checking *k)
{
	struct json *all = json_new_object();

	json_set(all, "schema", json_new_string("caseroute.check/1"));
	json_set(all, "file", json_new_string(k->wish->file));
	json_set(all, "seed", json_new_number((int64_t)k->wish->seed));
	json_set(all, "counts", counts_json(k));
	json_set(all, "tests", k->tests);
	cli_json(all);
}

static void print_counts(const struct checking *k)
{
	static const char *const words[] = { "passed", "failed", "warned", "skipped", "crashed" };
	const char *parted = "";

	putchar('\n');
	for (int i = 0; i < CHECK_RESULTS; i++)
		if (k->counts[i]) {
			printf("%s%u %s", parted, k->counts[i], words[i]);
			parted = ", ";
		}
	putchar('\n');
}

static int run_all(struct cli *cli, const struct check_wish *wish)
{
	struct checking k = { .cli = cli, .wish = wish };

	if (cli->json)
		k.tests = json_new_array();
	else
		printf("%s\n\n", wish->file);
	fflush(stdout); /* or each child would have it, too */
	check_run(wish, take_report, &k);
	if (cli->json)
		print_all_json(&k);
	else
		print_counts(&k);
	return k.counts[CHECK_FAIL] || k.counts[CHECK_CRASH] ? FAILURE_NEGATIVE : 0;
}

static bool read_number(const char *word, int64_t least, int64_t most, int64_t *number)
{
	return !word ||
	    (text_integer(text_of(word), number) && *number >= least && *number <= most);
}

static int cannot_read(const char *path)
{
	struct failure why = { 0 };

	failure_set(&why, FAILURE_NO_INPUT, "%s: there is no such file or folder", path);
	return cli_fail(&why);
}

static bool is_folder(const char *path)
{
	struct stat s;

	return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* Is everything there, and of its kind? False: told in *status. */
static bool can_read(const char *file, const char *transcripts, int *status)
{
	struct failure why = { 0 };

	if (access(file, R_OK) != 0 || (transcripts && access(transcripts, R_OK) != 0)) {
		*status = cannot_read(access(file, R_OK) != 0 ? file : transcripts);
		return false;
	}
	if (!is_folder(file))
		return true;
	failure_set(&why, FAILURE_NO_INPUT, "%s is a folder; name the file in it, NAME.so", file);
	*status = cli_fail(&why);
	return false;
}

int portals_check(struct cli *cli, int argc, char **argv)
{
	const char *seed = NULL, *fuzz = NULL, *transcripts = NULL;
	bool list = false;
	const struct cli_option options[] = {
		{ "list", NULL, NULL, &list, "prints the tests and runs none" },
		{ "seed", "N", &seed, NULL, "of what is random; default 1" },
		{ "fuzz", "SECONDS", &fuzz, NULL, "bends replies, answers, requests for so long" },
		{ "transcripts", "DIR", &transcripts, NULL,
		    "plays DIR/*.http, and takes sections and requests from them" },
	};
	int64_t number = 1, seconds = 0;
	struct check_wish wish;
	int status;

	if (cli_options(cli, argc, argv, options, 4, 0, 1, &status) < 0)
		return status;
	if (list)
		return list_tests(cli);
	if (!argv[0])
		return cli_usage(cli, "which file?");
	if (!read_number(seed, 0, INT64_MAX, &number))
		return cli_usage(cli, "--seed is a number");
	if (!read_number(fuzz, 1, 86400, &seconds))
		return cli_usage(cli, "--fuzz is a number of seconds, 1 to 86400");
	if (!can_read(argv[0], transcripts, &status))
		return status;
	wish = (struct check_wish){ argv[0], transcripts, (uint64_t)number, seconds * 1000 };
	return run_all(cli, &wish);
}
