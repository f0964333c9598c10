#include "azure.h"

/* Both command lines of the maker send the auxiliary token on writes; sending it on
 * every call for a customer does no harm and keeps polls alike. */
static void authorize(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	host->authorize(op, PORTAL_DEFAULT_CREDENTIAL, PORTAL_STR(""),
	    op->customer ? PORTAL_TENANT_CUSTOMER : PORTAL_TENANT_OWN);
	if (op->customer)
		host->authorize_auxiliary(
		    op, PORTAL_DEFAULT_CREDENTIAL, PORTAL_STR(""), PORTAL_TENANT_PARTNER);
}

/* The key ends in a GUID of its own for each operation; a repeat has the same. */
static void trace(struct portal_op *op)
{
	if (op->key.n >= 36)
		op->host->header(
		    op, "x-ms-client-request-id", (portal_str){ op->key.p + op->key.n - 36, 36 });
}

static void begin(struct portal_op *op, const char *method, const char *path,
    const portal_str *args, size_t n, uint32_t repeat)
{
	const struct portal_host *host = op->host;

	host->request(op, method, op->options[ARM].text, path, args, n, repeat);
	host->query(op, "api-version", op->options[API_VERSION].text);
	host->header(op, "Accept", PORTAL_STR("application/json"));
	trace(op);
	authorize(op);
}

void azure_call(struct portal_op *op, const char *method, const char *path, const portal_str *args,
    size_t n, uint32_t repeat)
{
	portal_str all[6], full;
	size_t i;

	all[0] = op->request->subscription;
	for (i = 0; i < n && i < 5; i++)
		all[i + 1] = args[i];
	full = op->host->format(op, "/subscriptions/{}/providers/Microsoft.Support/%s", path);
	begin(op, method, full.p, all, n + 1, repeat);
}

void azure_list(struct portal_op *op, const char *path, const portal_str *args, size_t n)
{
	portal_str full = op->host->format(op, "/providers/Microsoft.Support/%s", path);

	begin(op, "GET", full.p, args, n, PORTAL_REPEAT_SAFE);
}

/* ---- long-running operations -------------------------------------------------------- */

/* Azure-AsyncOperation goes before Location. The address is used byte for byte: it
 * carries a signature of about 3 KB. */
portal_str azure_operation_address(struct portal_op *op)
{
	portal_str where = op->host->get_header(op, "Azure-AsyncOperation");

	return where.n ? where : op->host->get_header(op, "Location");
}

uint32_t azure_begin_polling(struct portal_op *op, uint32_t stage)
{
	portal_str where = azure_operation_address(op);

	if (!where.n)
		return op->host->fail(
		    op, PORTAL_E_UNSURE, 0, "Azure took it and did not say where to look");
	azure_set_line(op, LINE_ADDRESS, where);
	op->stage = stage;
	op->cursor[2] = 0;
	return azure_poll_again(op);
}

uint32_t azure_poll_again(struct portal_op *op)
{
	const struct portal_host *host = op->host;

	if (op->cursor[2]++ >= (uint32_t)op->options[POLLS].number)
		return host->fail(op, PORTAL_E_UNSURE, 0, "Azure has not finished after %u looks",
		    (unsigned)op->cursor[2] - 1);
	host->follow(op, op->options[ARM].text, azure_line(op, LINE_ADDRESS));
	host->header(op, "Accept", PORTAL_STR("application/json"));
	trace(op);
	authorize(op);
	host->wait(op, (uint32_t)op->options[POLL].number);
	return PORTAL_FETCH;
}

/* Busy portals are asked again. */
static int is_refusal(uint32_t status)
{
	return status >= 400 && status < 500 && status != 408 && status != 429;
}

/* Any status but the three final words means that it still runs. An operation that
 * is gone has ended: what it made is then looked for by its name. */
enum azure_progress azure_progress(struct portal_op *op)
{
	portal_str status = op->host->get(op, "/status");

	if (op->reply->status == 202)
		return AZURE_RUNNING;
	if (op->reply->status == 404 || op->reply->status == 410)
		return AZURE_SUCCEEDED;
	if (is_refusal(op->reply->status))
		return AZURE_FAILED; /* Location gives the failure itself */
	if (portal_same(status, "Failed") || portal_same(status, "Canceled"))
		return AZURE_FAILED;
	if (portal_same(status, "Succeeded") || (azure_is_good(op) && !status.n))
		return AZURE_SUCCEEDED; /* Location alone ends without a status */
	return AZURE_RUNNING;
}

int azure_is_plan_refusal(struct portal_op *op)
{
	static const char prefix[] = "Your support plan type is";
	portal_str text = op->host->get(op, "/error/message");
	size_t i;

	for (i = 0; prefix[i]; i++)
		if (i >= text.n || portal_lower(text.p[i]) != portal_lower(prefix[i]))
			return 0;
	return 1;
}

/* ---- the note ------------------------------------------------------------------------- */

portal_str azure_line(const struct portal_op *op, uint32_t line)
{
	size_t from = 0, to;

	for (;; from = to + 1) {
		to = from;
		while (to < op->note.n && op->note.p[to] != '\n')
			to++;
		if (!line--)
			return (portal_str){ op->note.n ? op->note.p + from : "", to - from };
		if (to >= op->note.n)
			return PORTAL_STR("");
	}
}

void azure_set_line(struct portal_op *op, uint32_t line, portal_str value)
{
	portal_str l[LINES];
	uint32_t i;

	for (i = 0; i < LINES; i++)
		l[i] = i == line ? value : azure_line(op, i);
	op->note = op->host->format(op, "%.*s\n%.*s\n%.*s\n%.*s", PORTAL_ARG(l[0]),
	    PORTAL_ARG(l[1]), PORTAL_ARG(l[2]), PORTAL_ARG(l[3]));
}
