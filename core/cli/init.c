/* `caseroute init`: asks, writes commented INI, ends with a plan of the user's own
 * sentence. Answers may come from a terminal or from a script, a line each. */
#include "cli/desk.h"
#include "base/file.h"
#include "decide/decide.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

struct init {
	struct cli *cli;
	const char *folder;
	const char *shipped; /* folder of the shipped INI files */
	struct buffer ini;   /* partner.ini */
	struct arena *arena;
	const char *account; /* the first one */
	bool is_csp, has_ended, has_no_offers;
	struct contract_answers {
		const char *id, *plan, *end, *remaining;
		struct buffer access_id, contract_id;
	} contract;
	struct failure why;
};

/* ---- asking ----------------------------------------------------------------------- */

static bool read_line(struct init *in, struct buffer *line)
{
	int c;

	buffer_free(line);
	buffer_append(line, "", 0);
	while ((c = getchar()) != EOF && c != '\n')
		buffer_char(line, (char)c);
	if (c == EOF && !line->n)
		in->has_ended = true;
	return !in->has_ended;
}

static bool is_allowed(struct text answer, const char *choices)
{
	struct text rest = answer, word;

	while (choices && text_split(&rest, ',', &word)) {
		struct text all = text_of(choices), choice;
		bool found = false;

		while (!found && text_split(&all, ' ', &choice))
			found = text_equal(choice, word);
		if (!found)
			return false;
	}
	return true;
}

/* One question; an empty answer is the default. choices: words that may be given,
 * several parted by commas. Asked again until it fits. */
static const char *ask(
    struct init *in, const char *question, const char *otherwise, const char *choices)
{
	struct buffer line = { 0 };
	const char *answer = NULL;

	while (!answer && in->why.kind == FAILURE_NONE) {
		printf("%s%s%s%s%s%s%s: ", question, choices ? " (" : "", choices ? choices : "",
		    choices ? ")" : "", *otherwise ? " [" : "", otherwise, *otherwise ? "]" : "");
		fflush(stdout);
		if (!read_line(in, &line)) {
			failure_set(&in->why, FAILURE_NO_INPUT,
			    "the answers ended at \"%s\"; nothing was written", question);
		} else {
			struct text text = text_trim(buffer_as_text(&line));

			if (!text.n)
				answer = otherwise;
			else if (text_bad_utf8(text) >= 0 || memchr(text.p, '"', text.n) ||
			    text.n > 500)
				puts("  Please write it without double quotes, in UTF-8, in at "
				     "most 500 characters.");
			else if (!is_allowed(text, choices))
				printf("  \"%.*s\" is none of: %s\n", TEXT_ARGS(text), choices);
			else
				answer = arena_copy(in->arena, text.p, text.n);
		}
	}
	if (!isatty(STDIN_FILENO))
		putchar('\n');
	buffer_free(&line);
	return answer ? answer : "";
}

static bool yes(struct init *in, const char *question, const char *otherwise)
{
	return strcmp(ask(in, question, otherwise, "yes no"), "yes") == 0;
}

static void ask_secret(struct init *in, const char *question, struct buffer *into)
{
	struct termios old;
	bool is_terminal = tcgetattr(STDIN_FILENO, &old) == 0;
	struct termios quiet = old;

	printf("%s (not shown): ", question);
	fflush(stdout);
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	if (!read_line(in, into))
		failure_set(&in->why, FAILURE_NO_INPUT,
		    "the answers ended at \"%s\"; nothing was written", question);
	if (is_terminal)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	putchar('\n');
}

/* ---- writing INI -------------------------------------------------------------------- */

static void key(struct init *in, const char *name, const char *value)
{
	if (*value)
		buffer_format(
		    &in->ini, strpbrk(value, ";#'\\") ? "%s = \"%s\"\n" : "%s = %s\n", name, value);
}

static bool is_section_name(const char *name)
{
	return *name && !strpbrk(name, ":[];#\"'");
}

/* Section names are the same in upper and lower case. */
static bool is_written(const struct init *in, const char *kind, const char *name)
{
	const char *head = arena_format(in->arena, "\n[%s %s]\n", kind, name);

	return in->ini.n && strcasestr(in->ini.p, head);
}

/* The name of a section of that kind, asked again until it is a new one. */
static const char *ask_name(
    struct init *in, const char *kind, const char *question, const char *otherwise)
{
	for (;;) {
		const char *name = ask(in, question, otherwise, NULL);

		if (in->why.kind != FAILURE_NONE)
			return name;
		if (!is_section_name(name))
			puts("  It needs a name, without any of : [ ] ; # and quotes.");
		else if (is_written(in, kind, name))
			printf("  There is %s already.\n", name);
		else
			return name;
	}
}

/* ---- the questions --------------------------------------------------------------------- */

static void ask_partner(struct init *in)
{
	buffer_text(&in->ini,
	    "; Written by `caseroute init`. Every key: `caseroute config dump`.\n\n[partner]\n");
	key(in, "name", ask(in, "Company", "", NULL));
	key(in, "partner_id", ask(in, "Partner ID (formerly MPN ID)", "", NULL));
	buffer_text(
	    &in->ini, "; the programme's generation: which offers exist and what they give\n");
	key(in, "profile",
	    ask(in, "Programme", "maicpp-2026", "mpn-2021-03 maicpp-2023-10 maicpp-2026"));
	key(in, "membership_centre",
	    ask(in, "Membership kept in", "partner-center", "partner-center pmc"));
	key(in, "paid_plans",
	    ask(in, "Paid plans of the company", "none", "premier advanced none"));
	if (!yes(in,
		"Has the company a membership offer (Solutions Partner, Gold, Action Pack ...)",
		"yes")) {
		in->has_no_offers = true;
		key(in, "offers", "none");
	}
}

static void ask_account(struct init *in)
{
	const char *name = ask_name(in, "account", "Sign-in (anna@contoso.example)",
	    in->account ? "" : "me@contoso.example");
	const char *programs;

	buffer_format(&in->ini, "\n[account %s]\n", name);
	in->account = in->account ? in->account : name;
	key(in, "type", ask(in, "Work account (aad) or personal one (msa)", "aad", "aad msa"));
	programs = ask(in, "Programmes it is associated with", "mpn", "mpn csp none");
	key(in, "programs", programs);
	in->is_csp = in->is_csp || strstr(programs, "csp");
	key(in, "roles",
	    ask(in, "Roles in Partner Center", "none",
		"global-admin mpn-partner-admin admin-agent none"));
	if (strstr(programs, "csp"))
		key(in, "csp_kind",
		    ask(in, "Kind of CSP partner", "direct-bill",
			"direct-bill provider indirect-reseller advisor"));
	buffer_text(&in->ini, "; contact for requests that give none\n");
	key(in, "first_name", ask(in, "First name", "", NULL));
	key(in, "last_name", ask(in, "Last name", "", NULL));
	key(in, "email", ask(in, "E-mail", strchr(name, '@') ? name : "", NULL));
	key(in, "phone", ask(in, "Phone with country code", "", NULL));
	key(in, "language", ask(in, "Support language", "en-us", NULL));
	key(in, "country", ask(in, "Country (ISO 3166)", "", NULL));
	key(in, "time_zone", ask(in, "Time zone (Windows or IANA name)", "UTC", NULL));
}

static void ask_accounts(struct init *in)
{
	do
		ask_account(in);
	while (in->why.kind == FAILURE_NONE && yes(in, "Another account", "no"));
}

static void ask_offers(struct init *in)
{
	if (in->has_no_offers)
		return;
	do {
		const char *offer = ask(in, "Offer", "solutions-partner",
		    "action-pack silver gold solutions-partner legacy-silver legacy-gold "
		    "success-expanded success-core launch");
		const char *competency = ask(in, "Competency or designation", "", NULL);

		const char *name =
		    arena_format(in->arena, "%s%s%s", offer, is_section_name(competency) ? " " : "",
			is_section_name(competency) ? competency : "");

		for (int n = 2; is_written(in, "offer", name); n++)
			name = arena_format(in->arena, "%s %d", offer, n);
		buffer_format(&in->ini, "\n[offer %s]\noffer = %s\n", name, offer);
		key(in, "competency", competency);
		key(in, "activated", ask(in, "Its benefit is activated", "yes", "yes no"));
	} while (in->why.kind == FAILURE_NONE && yes(in, "Another offer", "no"));
}

static void ask_contract(struct init *in)
{
	struct contract_answers *c = &in->contract;

	if (!yes(in, "Are Access ID and Contract ID of a contract at hand", "no"))
		return;
	c->id = ask_name(in, "contract", "Name for the contract", "c1");
	c->plan = ask(in, "On-premises (partner-support) or cloud (signature-cloud)",
	    "partner-support", "partner-support signature-cloud");
	c->end = ask(in, "Last day (2027-01-31)", "", NULL);
	c->remaining = ask(in, "Incidents remaining (a number or unlimited)", "", NULL);
	ask_secret(in, "Access ID", &c->access_id);
	ask_secret(in, "Contract ID", &c->contract_id);
}

static void ask_customers(struct init *in)
{
	while (in->is_csp && in->why.kind == FAILURE_NONE && yes(in, "Add a customer", "no")) {
		buffer_format(&in->ini, "\n[customer %s]\n",
		    ask_name(in, "customer", "Customer's short name", "fabrikam"));
		key(in, "name", ask(in, "Full name", "", NULL));
		key(in, "tenant", ask(in, "Tenant id (GUID)", "", NULL));
		key(in, "domain", ask(in, "Default domain", "", NULL));
		key(in, "subscription", ask(in, "Azure subscription (GUID)", "", NULL));
	}
}

/* ---- files --------------------------------------------------------------------------------- */

static const char *shipped_folder(struct arena *arena)
{
	const char *named = getenv("CASEROUTE_DATA");
	const char *found = named
	    ? named
	    : cli_shipped(arena, "../conf", "../share/caseroute/conf", "profiles.ini");

	return found ? found : "/usr/share/caseroute/conf";
}

static bool write_one(struct init *in, const char *name, struct text text)
{
	return file_write(
	    arena_format(in->arena, "%s/%s", in->folder, name), text, 0644, false, &in->why);
}

static bool copy_shipped(struct init *in, const char *name)
{
	struct buffer bytes = { 0 };
	bool is_ok = file_read(arena_format(in->arena, "%s/%s", in->shipped, name), (size_t)1 << 20,
			 &bytes, &in->why) &&
	    write_one(in, name, buffer_as_text(&bytes));

	buffer_free(&bytes);
	return is_ok;
}

static bool write_files(struct init *in, bool own_ledger)
{
	struct buffer main_ini = { 0 };
	bool is_ok;

	buffer_format(&main_ini,
	    "; caseroute's configuration, written by `caseroute init`.\n"
	    "; The first line names what ships with the program; the second is yours to change.\n"
	    "include = %s/profiles.ini, %s/products.ini, %s/lifecycle.ini, %s/cues.ini, "
	    "portals.ini, routes.ini, partner.ini\n\n"
	    "[caseroute]\n%s",
	    in->shipped, in->shipped, in->shipped, in->shipped,
	    own_ledger ? "\n[ledger]\n; its key is in ledger.db.key beside it: keep both, and keep "
			 "the key to yourself\npath = ledger.db\n"
		       : "");
	is_ok = file_make_directory(in->folder, &in->why) && copy_shipped(in, "portals.ini") &&
	    copy_shipped(in, "routes.ini") &&
	    write_one(in, "partner.ini", buffer_as_text(&in->ini)) &&
	    write_one(in, "caseroute.ini", buffer_as_text(&main_ini));
	buffer_free(&main_ini);
	return is_ok;
}

/* ---- the contract goes to the ledger, sealed ------------------------------------------------ */

static bool record_contract(struct init *in, struct desk *desk)
{
	struct contract_answers *c = &in->contract;
	struct ledger_row rows[3] = { { .kind = ROW_CONTRACT }, { .kind = ROW_CONTRACT_IDS },
		{ .kind = ROW_OBSERVATION } };
	struct ledger_change change = { .rows = rows,
		.n_rows = 3,
		.event = { .who = desk->engine.actor, .what = "contract recorded", .why = c->id } };
	instant end = INSTANT_UNKNOWN;
	int64_t remaining = INT64_MIN;

	if (!c->id)
		return true;
	if (*c->end && !instant_read_end(text_of(c->end), &end))
		return failure_set(&in->why, FAILURE_DATA,
		    "\"%s\" is no date; record the contract with `caseroute contracts add`",
		    c->end);
	if (strcmp(c->remaining, "unlimited") == 0)
		remaining = INT64_MAX;
	else if (*c->remaining && !text_integer(text_of(c->remaining), &remaining))
		return failure_set(&in->why, FAILURE_DATA,
		    "\"%s\" is no number; record the contract with `caseroute contracts add`",
		    c->remaining);
	rows[0].contract_row = (struct contract_row){
		.id = c->id, .plan = c->plan, .start = INSTANT_UNKNOWN, .end = end, .source = "init"
	};
	rows[1].ids.contract = c->id;
	rows[1].ids.access_id = text_trim(buffer_as_text(&c->access_id));
	rows[1].ids.contract_id = text_trim(buffer_as_text(&c->contract_id));
	rows[2].observation = (struct observation_row){ .contract = c->id,
		.remaining = remaining,
		.start = INSTANT_UNKNOWN,
		.end = end,
		.at = instant_now(),
		.source = "init" };
	return ledger_commit(desk->engine.ledger, instant_now(), &change, 1, &in->why) &&
	    change.result == LEDGER_DONE;
}

/* ---- the plan of the user's own sentence ----------------------------------------------------- */

static void plan_sentence(struct init *in, struct desk *desk)
{
	const char *sentence =
	    ask(in, "\nWhat is the trouble? One sentence, as you would write it", "", NULL);
	struct known known = {
		.generation = desk->generation, .ledger = desk->engine.ledger, .now = instant_now()
	};
	struct request request = { .title = sentence,
		.problem_started = INSTANT_UNKNOWN,
		.contact = { .around_the_clock = -1 } };
	struct decision d;
	struct facts f;

	if (!*sentence || !known_decide(&known, &request, desk->arena, &f, &d, &in->why))
		return;
	putchar('\n');
	cli_decision(in->cli, desk->generation, &d, f.now, NULL);
}

/* The key that seals Contract IDs and tokens: made here and nowhere else. */
static int make_key(struct cli *cli)
{
	struct failure why = { 0 };
	int status = 0;
	struct generation *g = cli_load(cli, &status);

	if (g && !engine_make_key(g, &why))
		status = cli_fail(&why);
	generation_free(g);
	return status;
}

static int finish(struct init *in)
{
	struct desk desk;
	int status;

	in->cli->config = in->folder;
	printf("\nWritten: %s/caseroute.ini, partner.ini, portals.ini, routes.ini\n", in->folder);
	status = make_key(in->cli);
	if (status || !desk_open(&desk, in->cli, LEDGER_CREATE, &status))
		return status;
	if (record_contract(in, &desk))
		plan_sentence(in, &desk);
	printf(
	    "\nNext: caseroute --config %s submit REQUEST.json   (doctor looks everything over)\n",
	    in->folder);
	desk.why = in->why;
	return desk_close(&desk, 0);
}

static const char *default_folder(struct arena *arena)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	return xdg && *xdg ? arena_format(arena, "%s/caseroute", xdg)
			   : arena_format(arena, "%s/.config/caseroute", home ? home : ".");
}

int init_run(struct cli *cli, int argc, char **argv)
{
	struct init in = { .cli = cli };
	const char *output = NULL;
	bool only_key = false;
	const struct cli_option options[] = {
		{ "output", "DIR", &output, NULL,
		    "folder to write; default the user's configuration folder" },
		{ "key", NULL, NULL, &only_key, "only make the key of the configured ledger" },
	};
	int status;

	if (cli_options(cli, argc, argv, options, 2, 0, 0, &status) < 0)
		return status;
	if (only_key)
		return make_key(cli);
	in.arena = arena_new();
	in.folder = output ? output : default_folder(in.arena);
	in.shipped = shipped_folder(in.arena);
	if (access(arena_format(in.arena, "%s/caseroute.ini", in.folder), F_OK) == 0)
		failure_set(&in.why, FAILURE_CANNOT_CREATE,
		    "%s/caseroute.ini is there already; nothing was changed", in.folder);
	if (in.why.kind == FAILURE_NONE) {
		puts("A few questions; an empty answer takes the [default]. Nothing is sent "
		     "anywhere.\n");
		ask_partner(&in);
		ask_accounts(&in);
		ask_offers(&in);
		ask_contract(&in);
		ask_customers(&in);
	}
	status = in.why.kind == FAILURE_NONE && write_files(&in, output != NULL)
	    ? finish(&in)
	    : cli_fail(&in.why);
	buffer_wipe(&in.contract.access_id);
	buffer_wipe(&in.contract.contract_id);
	buffer_free(&in.ini);
	arena_free(in.arena);
	return status;
}
