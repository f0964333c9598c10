/*
 * Any bytes as JSON: what we take, the jansson library takes, and the other way round; what
 * we write, it reads as the same value.
 */
#include "base/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static json_t *judge(struct text text)
{
	json_error_t error;

	return json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
}

static void write_and_compare(const struct json *ours, json_t *theirs, enum json_style style)
{
	struct buffer text = { 0 };
	struct json *again;
	json_t *read;

	json_write(ours, style, &text);
	read = judge(buffer_as_text(&text));
	must(read && json_equal(read, theirs), "what is written is the value that was read");
	again = json_read(buffer_as_text(&text), "fuzz", (size_t)1 << 24, NULL);
	must(again && json_same(again, ours), "what is written reads as the same");
	json_free(again);
	json_decref(read);
	buffer_free(&text);
}

static void compare(struct json *ours, json_t *theirs)
{
	struct json *clone = json_clone(ours);

	must(json_same(clone, ours), "a clone is the same");
	json_free(clone);
	write_and_compare(ours, theirs, JSON_LINE);
	write_and_compare(ours, theirs, JSON_INDENTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct text text = { (const char *)bytes, n };
	struct failure why = { 0 };
	struct json *ours = json_read(text, "fuzz", (size_t)1 << 24, &why);
	json_t *theirs;

	if (memchr(bytes, 0, n)) { /* the judge takes 227 and a NUL behind it for JSON */
		must(!ours, "a NUL is no JSON");
		return 0;
	}
	theirs = judge(text);
	if (ours)
		must(theirs != NULL, "what we take is JSON");
	else if (!strstr(why.text, "nested deeper"))
		must(theirs == NULL, "what is JSON we take");
	if (ours)
		compare(ours, theirs);
	json_free(ours);
	json_decref(theirs);
	return 0;
}
