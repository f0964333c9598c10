/*
 * example2: files go ahead in parts, the ticket takes its time, lists come in pages
 *
 * Foundry, its portal, does not exist: README.md says how it speaks. An order (its word for a
 * ticket) has no identity that we could give it, so a second POST would be a second order. One
 * whose answer is lost is looked for by its mark, and where it is not found a person must look.
 *
 * What an operation remembers: stage, what it waits for; cursor[0] and [1], file and part
 * on their way; cursor[2], pages seen; note, where the work that it waits for is to be seen.
 */
#include <caseroute/portal.h>

enum { ORIGIN, SIGN_IN, POLL, PART_KIB };
enum { START, UPLOADING, SENT, POLLING, SEARCHING, TIED };
#define PAGES 40u /* the host ends an operation after 64 exchanges without a wait */

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "where Foundry is" },
	[SIGN_IN] = { .name = "sign_in",
	    .type = PORTAL_CREDENTIAL,
	    .flags = PORTAL_REQUIRED,
	    .help = "the [credential] whose token goes along" },
	[POLL] = { .name = "poll",
	    .type = PORTAL_DURATION,
	    .fallback = "10s",
	    .min = 1000,
	    .max = 3600000,
	    .help = "pause between two looks at work under way; the portal may ask for more" },
	[PART_KIB] = { .name = "part_kib",
	    .type = PORTAL_INTEGER,
	    .fallback = "1024",
	    .min = 1,
	    .max = 4096,
	    .help = "files go in parts of so many KiB" },
};

static const struct portal_error errors[] = {
	{ .code = "mould_broken",
	    .failure = PORTAL_E_REQUEST,
	    .meaning = "Foundry refuses the order" },
	{ .code = "furnace_full",
	    .failure = PORTAL_E_BUSY,
	    .meaning = "Foundry takes nothing now" },
};

static uint32_t ask(struct portal_op *op, uint32_t stage)
{
	op->host->authorize(op, SIGN_IN, PORTAL_STR(""), PORTAL_TENANT_OWN);
	op->stage = stage;
	return PORTAL_FETCH;
}

/* ---- files: into a parcel of our key, part by part ------------------------------------- */

static uint64_t part_bytes(const struct portal_op *op)
{
	return (uint64_t)op->options[PART_KIB].number * 1024;
}

/* Part and file have their places, so the same part twice is the same part. */
static uint32_t send_part(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	const struct portal_file *file = op->request->files[op->cursor[0]];
	portal_str args[] = { op->key, host->format(op, "%u", op->cursor[0] + 1),
		host->format(op, "%u", op->cursor[1] + 1) };

	host->request(op, "PUT", op->options[ORIGIN].text, "/parcels/{}/files/{}/parts/{}", args, 3,
	    PORTAL_REPEAT_SAFE);
	host->put(op, "/name", file->name);
	host->put_file(op, "/bytes", op->cursor[0], op->cursor[1] * part_bytes(op), part_bytes(op));
	return ask(op, UPLOADING);
}

/* Is there a part behind the one that was sent? Then the cursor is on it. */
static int next_part(struct portal_op *op)
{
	const struct portal_file *file = op->request->files[op->cursor[0]];

	if (++op->cursor[1] * part_bytes(op) < file->length)
		return 1;
	op->cursor[0]++;
	op->cursor[1] = 0;
	return op->cursor[0] < op->request->n_files;
}

/* ---- lists: page by page, until the order is found -------------------------------------- */

static uint32_t first_page(struct portal_op *op, uint32_t stage)
{
	op->host->request(
	    op, "GET", op->options[ORIGIN].text, "/orders", NULL, 0, PORTAL_REPEAT_SAFE);
	op->host->query(op, "newest_first", PORTAL_STR("true"));
	return ask(op, stage);
}

/* PORTAL_DONE: `place` is in this page, at *at. PORTAL_FETCH: the next one was asked for. */
static uint32_t look_through(
    struct portal_op *op, const char *place, portal_str value, uint32_t *at)
{
	portal_str next = op->host->get(op, "/next");

	if (op->reply->status != 200)
		return op->host->reject(op);
	*at = op->host->find(op, "/orders", place, value);
	if (*at != UINT32_MAX)
		return PORTAL_DONE;
	if (next.n == 0 || ++op->cursor[2] == PAGES)
		return PORTAL_FAILED; /* not there; the caller says what that means */
	op->host->follow(op, op->options[ORIGIN].text, next);
	return ask(op, op->stage);
}

/* ---- create ----------------------------------------------------------------------------- */

static uint32_t send_order(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	host->request(
	    op, "POST", op->options[ORIGIN].text, "/orders", NULL, 0, PORTAL_REPEAT_NEVER);
	host->put(op, "/mark", op->key);
	host->put(op, "/title", op->request->title);
	host->put(op, "/text", op->request->text);
	if (op->request->n_files)
		host->put(op, "/parcel", op->key);
	return ask(op, SENT);
}

/* Waits and looks again: hours may lie between two steps, and a restart of caseroute. */
static uint32_t poll(struct portal_op *op)
{
	op->host->follow(op, op->options[ORIGIN].text, op->note);
	op->host->wait(op, (uint32_t)op->options[POLL].number);
	return ask(op, POLLING);
}

static uint32_t opened(struct portal_op *op, portal_str number)
{
	op->out->ticket = number;
	op->out->state = PORTAL_OPEN;
	return PORTAL_DONE;
}

static uint32_t sent(struct portal_op *op)
{
	if (op->reply->status == 0)
		return first_page(op, SEARCHING);
	if (op->reply->status != 202)
		return op->host->reject(op);
	op->note = op->host->get_header(op, "Location");
	return poll(op);
}

static uint32_t polled(struct portal_op *op)
{
	const struct portal_host *host = op->host;
	portal_str progress = host->get(op, "/progress");

	if (op->reply->status != 200)
		return host->reject(op);
	if (portal_same(progress, "glowing"))
		return poll(op);
	if (portal_same(progress, "cast"))
		return opened(op, host->get(op, "/order"));
	return host->reject_as(op, host->get(op, "/trouble/code"), host->get(op, "/trouble/text"));
}

static uint32_t searched(struct portal_op *op)
{
	uint32_t at, verdict = look_through(op, "/mark", op->key, &at);

	if (verdict == PORTAL_DONE)
		return opened(
		    op, op->host->get(op, op->host->format(op, "/orders/%u/number", at).p));
	if (verdict == PORTAL_FETCH)
		return verdict;
	return op->host->fail(op, PORTAL_E_UNSURE, NULL,
	    "no answer came back, and Foundry lists no order of mark %.*s (yet)",
	    PORTAL_ARG(op->key));
}

static uint32_t create(struct portal_op *op)
{
	switch (op->stage) {
	case START: return op->request->n_files ? send_part(op) : send_order(op);
	case UPLOADING:
		if (op->reply->status != 201)
			return op->host->reject(op);
		return next_part(op) ? send_part(op) : send_order(op);
	case SENT: return sent(op);
	case POLLING: return polled(op);
	default: return searched(op);
	}
}

/* ---- attach: a parcel, then tied to the order ------------------------------------------- */

static uint32_t attach(struct portal_op *op)
{
	portal_str args[] = { op->ticket, op->key };

	if (op->request->n_files == 0)
		return PORTAL_DONE;
	if (!op->reply)
		return send_part(op);
	if (op->reply->status != 201)
		return op->host->reject(op);
	if (op->stage == TIED)
		return PORTAL_DONE;
	if (next_part(op))
		return send_part(op);
	op->host->request(op, "PUT", op->options[ORIGIN].text, "/orders/{}/parcels/{}", args, 2,
	    PORTAL_REPEAT_SAFE);
	return ask(op, TIED);
}

/* ---- status: Foundry has no page for one order, only lists ------------------------------- */

static uint32_t state_of(portal_str word)
{
	return portal_same(word, "hot")     ? PORTAL_OPEN
	    : portal_same(word, "question") ? PORTAL_WAITING
	    : portal_same(word, "cold")     ? PORTAL_CLOSED
					    : 0;
}

static uint32_t status(struct portal_op *op)
{
	uint32_t at, verdict;

	if (!op->reply)
		return first_page(op, SEARCHING);
	verdict = look_through(op, "/number", op->ticket, &at);
	if (verdict == PORTAL_FAILED)
		return op->host->fail(op, PORTAL_E_REQUEST, NULL, "Foundry lists no order %.*s",
		    PORTAL_ARG(op->ticket));
	if (verdict == PORTAL_DONE)
		op->out->state =
		    state_of(op->host->get(op, op->host->format(op, "/orders/%u/state", at).p));
	return verdict;
}

/* ---- link ---------------------------------------------------------------------------- */

/* Foundry knows no contracts: there is nothing to link. Without this step a request with one
 * would park. */
static uint32_t link_contract(struct portal_op *op)
{
	(void)op;
	return PORTAL_DONE;
}

PORTAL_PLUGIN(options, .memory = 1, PORTAL_ERRORS(errors), .error_code = "/trouble/code",
    .error_text = "/trouble/text", .name = "example2", .title = "Foundry", .version = "1.0.0",
    .manual = "An example: Foundry does not exist.", .link = link_contract, .create = create,
    .attach = attach, .status = status);
