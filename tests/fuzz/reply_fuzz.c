/*
 * Any reply of a portal, read by every host call. The first line of the input is
 * a JSON Pointer, then come header lines up to an empty one, then the body.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "portal/home.h"
#include "portal/host.h"
#include "portal/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char *pointer;

static uint32_t read_everything(struct portal_op *op)
{
	const struct portal_host *h = op->host;
	portal_str found = h->get(op, pointer);

	h->get_number(op, pointer, 0);
	h->read_time(op, found);
	h->fill(op, found, &found, 0);
	for (uint32_t i = 0; i < h->get_length(op, pointer) && i < 8; i++)
		h->get_name(op, pointer, i);
	h->find(op, pointer, pointer, found);
	h->follow(op, PORTAL_STR("https://a.example"), h->get_header(op, "Location"));
	h->put(op, pointer, found);
	h->put_json(op, pointer, found);
	h->guide_link(op, found);
	h->guide_field(op, pointer, found);
	op->note = found;
	op->out->ticket = op->out->detail = op->out->address = found;
	if (op->reply->status % 3 == 0)
		return h->reject(op);
	return op->reply->status % 3 == 1 ? PORTAL_FETCH : PORTAL_DONE;
}

static void split(struct text input, struct buffer *head, struct http_reply *reply)
{
	const char *end = memchr(input.p, '\n', input.n);
	size_t n = end ? (size_t)(end - input.p) : input.n;
	struct text rest = { input.p + n + (end != NULL), input.n - n - (end != NULL) };
	const char *body = rest.n ? memmem(rest.p, rest.n, "\n\n", 2) : NULL;
	size_t headers = body ? (size_t)(body - rest.p) + 1 : 0;

	buffer_append(head, input.p, n);
	buffer_char(head, 0);
	buffer_append(&reply->headers, rest.p, headers);
	rest = (struct text){ rest.p + headers, rest.n - headers };
	buffer_append(&reply->body, rest.p, rest.n);
}

static bool holds(const struct buffer *text, struct text secret)
{
	return text->n && memmem(text->p, text->n, secret.p, secret.n);
}

/* The reply as one to a login, with secrets where the pointer says: they are gone. What is
 * of stars and nines itself may come about anew. */
static void take_secrets(const struct portal *portal, struct http_reply *reply)
{
	struct session_secrets taken;

	session_take(portal, reply, &taken);
	for (size_t i = 0; i < SESSION_PLACES; i++) {
		struct text secret = buffer_as_text(&taken.values[i].bytes);

		if (secret.n >= 4 && !memchr(secret.p, '*', secret.n) &&
		    !memchr(secret.p, '9', secret.n) &&
		    (holds(&reply->body, secret) || holds(&reply->headers, secret)))
			abort();
	}
	session_secrets_free(&taken);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const origins[] = { "https://a.example" };
	struct plugin plugin = { .table = { .name = "fuzz", .create = read_everything } };
	struct portal portal = { .name = "fuzz",
		.plugin = &plugin,
		.origins = (const char **)(uintptr_t)origins,
		.n_origins = 1 };
	struct http_reply reply = { .status = 200 + (unsigned)(n % 400) };
	static const struct portal_contact contact = { .size = sizeof contact };
	static const struct portal_request request = { .size = sizeof request,
		.contact = &contact };
	struct step_input input = { .request = &request,
		.kind = OPERATION_CREATE,
		.ticket = TEXT(""),
		.ticket_name = TEXT(""),
		.key = TEXT("k"),
		.input_json = TEXT(""),
		.answer = TEXT(""),
		.now = 1795500000000,
		.reply = &reply };
	struct step_memory memory = { 0 };
	struct arena *arena = arena_new();
	struct buffer head = { 0 };
	struct step step;

	split((struct text){ n ? (const char *)bytes : "", n }, &head, &reply);
	pointer = head.p;
	portal_step(&portal, &input, &memory, arena, &step);
	plugin.table.session_secrets = pointer;
	take_secrets(&portal, &reply);
	step_free(&step);
	buffer_free(&memory.note);
	buffer_free(&head);
	http_reply_free(&reply);
	arena_free(arena);
	return 0;
}
