/* A guide as a person works through it: where, signed in as whom, what to do,
 * what to paste, what to report. */
#include "cli/desk.h"

#include <stdio.h>
#include <string.h>

struct printing {
	struct desk *desk;
	const struct request_row *row;
	const struct guide_row *row_of_guide;
	const struct json *guide;
	unsigned step;
};

static void step(struct printing *p, const char *text)
{
	printf("  %2u. ", ++p->step);
	cli_text(text_of(text));
	putchar('\n');
}

static void print_place(struct printing *p)
{
	const char *link = json_get_chars(p->guide, "link"),
		   *who = json_get_chars(p->guide, "sign_in");

	if (link && *link) {
		printf("  %2u. Open    ", ++p->step);
		cli_paint(p->desk->cli, PAINT_GOOD, "%s", link);
		putchar('\n');
	}
	if (who && *who) {
		printf("      signed in as ");
		cli_paint(p->desk->cli, PAINT_BOLD, "%s", who);
		putchar('\n');
	}
}

static void print_steps(struct printing *p)
{
	const struct json *steps = json_get(p->guide, "steps");

	for (size_t i = 0; i < json_length(steps); i++)
		step(p, json_chars(json_at(steps, i)) ? json_chars(json_at(steps, i)) : "");
}

static void print_field(struct printing *p, const char *name, struct text value)
{
	bool is_long = value.n > 70 || memchr(value.p, '\n', value.n);

	printf("      ");
	cli_paint(p->desk->cli, PAINT_DIM, "%-20s", name);
	if (!is_long) {
		cli_text(value);
		putchar('\n');
		return;
	}
	putchar('\n');
	while (value.n) {
		const char *end = memchr(value.p, '\n', value.n);
		size_t n = end ? (size_t)(end - value.p) : value.n;

		printf("        ");
		cli_text((struct text){ value.p, n });
		putchar('\n');
		value.p += end ? n + 1 : n;
		value.n -= end ? n + 1 : n;
	}
}

static void print_fields(struct printing *p, const char *access_id, const char *contract_id)
{
	const struct json *fields = json_get(p->guide, "fields"),
			  *secrets = json_get(p->guide, "secrets");

	for (size_t i = 0; i < json_length(secrets); i++) {
		bool is_access = text_is(json_text(json_at(secrets, i)), "access_id");
		const char *value = is_access ? access_id : contract_id;

		print_field(p, is_access ? "Access ID" : "Contract ID",
		    text_of(value ? value : "********"));
	}
	if (json_length(secrets) && !access_id)
		printf("      (shown on a terminal by: caseroute requests show %s --show-ids)\n",
		    id_short(p->row->id));
	for (size_t i = 0; i < json_length(fields); i++)
		print_field(p, json_get_chars(json_at(fields, i), "name"),
		    json_text(json_get(json_at(fields, i), "value")));
}

/* Numbered: an agent answers with the number, not with the long value. */
static void print_choices(struct printing *p)
{
	const struct json *choices = json_get(p->guide, "choices");

	for (size_t i = 0; i < json_length(choices); i++) {
		printf("      %2zu  ", i + 1);
		cli_text(json_text(json_get(json_at(choices, i), "text")));
		putchar('\n');
	}
}

static void print_answer(struct printing *p, const struct json *answer)
{
	bool is_choice = json_length(json_get(p->guide, "choices")) > 0;
	const struct json *values = json_get(answer, "values"),
			  *optional = json_get(answer, "optional");
	struct buffer words = { 0 };

	buffer_format(&words, "caseroute requests answer %s.%lld %s", id_short(p->row->id),
	    (long long)p->row_of_guide->number, json_get_chars(answer, "code"));
	for (size_t i = 0; i < json_length(values); i++)
		buffer_format(
		    &words, is_choice ? " %s=NUMBER" : " %s=...", json_chars(json_at(values, i)));
	for (size_t i = 0; i < json_length(optional); i++)
		buffer_format(&words, " [%s=...]", json_chars(json_at(optional, i)));
	printf("      ");
	cli_paint(p->desk->cli, PAINT_BOLD, "%-64s", words.p);
	printf("  ");
	cli_text(json_text(json_get(answer, "meaning")));
	putchar('\n');
	buffer_free(&words);
}

static void print_answers(struct printing *p)
{
	const struct json *answers = json_get(p->guide, "answers");
	struct buffer words = { 0 };

	puts("  Report one of");
	for (size_t i = 0; i < json_length(answers); i++)
		print_answer(p, json_at(answers, i));
	if (p->row->state != STATE_HANDED_OFF)
		return;
	buffer_format(&words, "caseroute requests answer %s.%lld taken_over account=...",
	    id_short(p->row->id), (long long)p->row_of_guide->number);
	printf("      ");
	cli_paint(
	    p->desk->cli, PAINT_DIM, "%-64s  a colleague goes on with another sign-in", words.p);
	putchar('\n');
	buffer_free(&words);
}

void guide_print(struct desk *desk, const struct request_row *row, const struct guide_row *guide,
    const char *access_id, const char *contract_id)
{
	struct failure why = { 0 };
	struct json *object = json_read(guide->guide, "stored guide", 0, &why);
	struct printing p = { desk, row, guide, object, 0 };

	if (!object)
		return;
	putchar('\n');
	print_place(&p);
	print_steps(&p);
	print_fields(&p, access_id, contract_id);
	print_choices(&p);
	if (*row->id)
		print_answers(&p);
	else
		printf("  Then        caseroute contracts observe %s --remaining N --end DATE\n",
		    row->contract);
	json_free(object);
}
