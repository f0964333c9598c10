/*
 * Any bytes as a frame, in both directions. The first byte says which; what is read is written
 * and read again, and must be the same. A result is judged as if a child had sent it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "portal/carried.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct portal_option options[] = {
	{ .name = "key", .type = PORTAL_SECRET, .help = "h" },
	{ .name = "who", .type = PORTAL_CREDENTIAL, .help = "h" },
};
static struct credential credential;
static struct option_state states[2] = { { .secret = { .reference = "env:X" } },
	{ .credential = &credential } };
static const struct plugin plugin = {
	.table = { .name = "fuzz", .n_options = 2, .session_secrets = "/token" },
	.options = (struct portal_option *)(uintptr_t)options,
};
static const char *const origins[] = { "https://a.example" };

static void judge(struct step_result *result, uint32_t kind, struct arena *arena)
{
	struct portal portal = { .name = "fuzz",
		.plugin = &plugin,
		.options = states,
		.origins = (const char **)(uintptr_t)origins,
		.n_origins = 1 };
	static const struct portal_request request = { .size = sizeof request, .n_files = 1 };
	static const struct portal_contract contract = { .size = sizeof contract,
		.flags = PORTAL_HAS_ACCESS_ID };
	struct step_input in = { .kind = (enum operation_kind)(kind % OPERATION_OPTIONS_OK),
		.request = &request,
		.contract = &contract };
	struct step_memory memory = { 0 };
	struct step step;

	result_judge(&portal, &in, result, &memory, arena, &step);
	if (step.exchange && !portal_reaches(&portal, step.exchange))
		abort();
	if (memory.note.n > PORTAL_NOTE_BYTES)
		abort();
	step_free(&step);
	buffer_free(&memory.note);
}

static void free_json(const struct record *record, void *read)
{
	if (record == &record_result)
		result_free(&((struct carried_result *)read)->result);
}

/* Written and read again it is the same. */
static void go_round(
    const struct record *record, const void *read, void *again, struct arena *arena)
{
	struct buffer first = { 0 }, second = { 0 };
	struct failure why = { 0 };
	size_t length;
	uint32_t kind;

	frame_write(&first, FRAME_RESULT, record, read);
	if (!frame_head(first.p, SIZE_MAX, &kind, &length) || length != first.n - FRAME_HEAD)
		abort();
	if (!frame_read(
		record, (struct text){ first.p + FRAME_HEAD, length }, arena, again, &why)) {
		/* Only JSON may have grown beyond its bound. */
		if (record != &record_result)
			abort();
	} else {
		frame_write(&second, FRAME_RESULT, record, again);
		if (!text_equal(buffer_as_text(&first), buffer_as_text(&second)))
			abort();
	}
	buffer_free(&first);
	buffer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const struct record *const records[] = { &record_result, &record_step,
		&record_portal, &record_ready };
	const struct record *record = records[n ? bytes[0] % 4 : 0];
	struct arena *arena = arena_new();
	union {
		struct carried_result result;
		struct carried_step step;
		struct carried_portal portal;
		struct carried_ready ready;
	} read, again;
	bool is_ok;

	memset(&again, 0, sizeof again);
	is_ok = frame_read(record, (struct text){ n ? (const char *)bytes + 1 : "", n ? n - 1 : 0 },
	    arena, &read, NULL);
	if (is_ok)
		go_round(record, &read, &again, arena);
	if (is_ok && record == &record_result)
		judge(&read.result.result, bytes[0] / 4, arena);
	free_json(record, &read);
	free_json(record, &again);
	arena_free(arena);
	return 0;
}
