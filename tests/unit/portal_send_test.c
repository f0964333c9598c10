/* Sending: secrets, files, tokens and sessions against a server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "portal/token.h"
#include "support/fixture.h"
#include "support/stub.h"

enum { ORIGIN, KEY };

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .flags = PORTAL_REQUIRED,
	    .help = "h" },
	[KEY] = { .name = "api_key", .type = PORTAL_SECRET, .help = "h" },
};

struct world {
	struct stub *stub;
	struct http *http;
	struct fixture f;
	struct http_reply reply;
	struct failure why;
	/* What the server does and has seen. */
	struct buffer seen, forms;
	unsigned tokens, refusals; /* issued; 401s to give for old tokens */
	int64_t expires_in;
	unsigned token_status;
	const char *token_error;
	/* How the login goes; NULL: as usual. */
	const char *login_body, *place;
	void (*look)(struct portal_op *);
	/* What the secret source holds. */
	char refresh[64];
	unsigned puts;
	char key_path[64], certificate_path[64];
};

static struct world world;

static void give_token(const struct stub_request *r, struct buffer *reply)
{
	char body[512];

	buffer_format(&world.forms, "%s %.*s\n", r->target, (int)r->body.n, r->body.p);
	if (world.token_status != 200) {
		stub_reply(reply, world.token_status, "", world.token_error);
		return;
	}
	world.tokens++;
	snprintf(body, sizeof body,
	    "{\"token_type\":\"Bearer\",\"expires_in\":%lld,\"access_token\":\"token-%u-secret\","
	    "\"refresh_token\":\"refresh-%u\"}",
	    (long long)world.expires_in, world.tokens, world.tokens);
	stub_reply(reply, 200, "", body);
}

static void answer(void *context, const struct stub_request *r, struct buffer *reply)
{
	struct text token = stub_header(r, "Authorization"),
		    more = stub_header(r, "x-ms-authorization-auxiliary");

	(void)context;
	if (strstr(r->target, "/oauth2/")) {
		give_token(r, reply);
		return;
	}
	buffer_format(&world.seen, "%s %s|%.*s|%.*s|%.*s|%.*s\n", r->method, r->target,
	    TEXT_ARGS(token), TEXT_ARGS(more), TEXT_ARGS(stub_header(r, "X-Key")), (int)r->body.n,
	    r->body.p ? r->body.p : "");
	if (strcmp(r->target, "/login") == 0)
		stub_reply(reply, 200,
		    "X-Token: header-secret\r\nX-Twin: session-secret\r\nX-Token: second\r\n",
		    world.login_body ? world.login_body
				     : "{\"session\":\"session-secret\",\"lasts\":600}");
	else if (world.refusals) {
		world.refusals--;
		stub_reply(reply, 401, "", "");
	} else if (strcmp(r->target, "/echo") == 0)
		stub_reply(reply, 200, "X-Echo: 0123456789\r\n", r->body.p ? r->body.p : "");
	else if (strcmp(r->target, "/close") != 0)
		stub_reply(reply, 200, "", "{}");
}

static bool give_ids(
    void *context, struct secret *access_id, struct secret *contract_id, struct failure *why)
{
	(void)context;
	(void)why;
	buffer_text(&access_id->bytes, "0123456789");
	buffer_text(&contract_id->bytes, "pass \"word\"");
	return true;
}

static bool get_refresh(
    void *context, const char *credential, struct secret *out, struct failure *why)
{
	(void)context;
	(void)why;
	assert_string_equal(credential, "main");
	buffer_text(&out->bytes, world.refresh);
	return world.refresh[0] != 0;
}

static bool put_refresh(
    void *context, const char *credential, struct text value, struct failure *why)
{
	(void)context;
	(void)credential;
	(void)why;
	world.puts++;
	snprintf(world.refresh, sizeof world.refresh, "%.*s", TEXT_ARGS(value));
	return true;
}

static bool read_slice(void *context, uint32_t index, uint64_t offset, uint64_t length,
    struct buffer *out, struct failure *why)
{
	static const char *const files[] = { "hello", "012345678" };
	size_t n = strlen(files[index]) - (size_t)offset;

	(void)context;
	(void)why;
	buffer_append(out, files[index] + offset, length < n ? (size_t)length : n);
	return true;
}

static const char *const types[] = { "text/plain", "" };
static const struct secret_source source = { NULL, give_ids, get_refresh, put_refresh, read_slice,
	types, 2 };

static portal_step_function *current;

static uint32_t run_current(struct portal_op *op)
{
	return current(op);
}

static uint32_t login(struct portal_op *op)
{
	if (!op->reply) {
		op->host->request(
		    op, "POST", op->options[ORIGIN].text, "/login", NULL, 0, PORTAL_REPEAT_SAFE);
		op->host->put_secret(op, "/key", KEY);
		return PORTAL_FETCH;
	}
	if (op->reply->status != 200)
		return op->host->reject(op);
	if (world.look)
		world.look(op);
	op->host->keep_secret(op, world.place ? world.place : "/session",
	    op->now + op->host->get_number(op, "/lasts", 0));
	return PORTAL_DONE;
}

/* `credential` are the lines of [credential main]; "" for none. */
static void open_world(const char *credential, bool with_login)
{
	struct portal_plugin table = fixture_table(options, 2);
	struct buffer ini = { 0 };

	memset(&world, 0, sizeof world);
	world.expires_in = 3600;
	world.token_status = 200;
	world.stub = stub_new(answer, NULL, false);
	world.http = http_new(NULL);
	setenv("TEST_KEY", "key-secret", 1);
	setenv("TEST_CLIENT_SECRET", "client&secret", 1);
	setenv("TEST_TOKEN", "first-refresh", 1);
	if (*credential)
		buffer_format(&ini, "[credential main]\nauthority = %s\n%s\n",
		    stub_origin(world.stub), credential);
	buffer_format(&ini, "[portal test]\norigin = %s\napi_key = env:TEST_KEY\n%s",
	    stub_origin(world.stub), *credential ? "credential = main\n" : "");
	table.create = run_current;
	table.login = with_login ? login : NULL;
	table.session_secrets = "/session X-Token /number";
	fixture_open(&world.f, &table, ini.p);
	buffer_free(&ini);
}

static void close_world(void)
{
	http_reply_free(&world.reply);
	http_free(world.http);
	fixture_close(&world.f);
	stub_free(world.stub);
	buffer_free(&world.seen);
	buffer_free(&world.forms);
	if (world.key_path[0])
		unlink(world.key_path);
	if (world.certificate_path[0])
		unlink(world.certificate_path);
}

static bool send_it(portal_step_function *step)
{
	struct step *s;

	current = step;
	s = fixture_step(&world.f, OPERATION_CREATE);
	if (s->verdict != PORTAL_FETCH)
		fail_msg("%s", s->failure_text);
	http_reply_free(&world.reply);
	world.why = (struct failure){ 0 };
	return portal_send(world.f.portal, world.http, s->exchange, "customer.example", &source,
	    world.f.input.now, &world.reply, &world.why);
}

static void begin(struct portal_op *op, const char *method, const char *path)
{
	op->host->request(op, method, op->options[ORIGIN].text, path, NULL, 0, PORTAL_REPEAT_SAFE);
}

/* ---- secrets and files ------------------------------------------------------------------ */

static uint32_t with_secrets(struct portal_op *op)
{
	begin(op, "POST", "/echo");
	op->host->header_secret(op, "X-Key", "Key ", KEY);
	op->host->put_secret(op, "/access", PORTAL_ACCESS_ID);
	op->host->put_secret(op, "/list/-", PORTAL_CONTRACT_ID);
	op->host->put_secret(op, "/key", KEY);
	op->host->put_file(op, "/file", 1, 2, 3);
	return PORTAL_FETCH;
}

static void secrets_are_placed_and_what_comes_back_is_blanked(void **state)
{
	struct buffer journal = { 0 };

	(void)state;
	open_world("", false);
	assert_true(send_it(with_secrets));
	assert_has(world.seen.p,
	    "POST /echo|||Key key-secret|{\"access\":\"0123456789\",\"list\":[\"pass "
	    "\\\"word\\\"\"],"
	    "\"key\":\"key-secret\",\"file\":\"MjM0\"}");
	assert_string_equal(world.reply.body.p,
	    "{\"access\":\"9999999999\",\"list\":[\"*************\"],"
	    "\"key\":\"**********\",\"file\":\"MjM0\"}");
	assert_true(text_is(http_reply_header(&world.reply, "X-Echo"), "9999999999"));
	json_write(world.f.step.exchange, JSON_LINE, &journal);
	assert_null(strstr(journal.p, "key-secret"));
	assert_null(strstr(journal.p, "0123456789"));
	assert_null(strstr(journal.p, "pass"));
	buffer_free(&journal);
	close_world();
}

static uint32_t with_form(struct portal_op *op)
{
	begin(op, "POST", "/form");
	op->host->form(op, "a", PORTAL_STR("b c"));
	op->host->form_secret(op, "id", PORTAL_CONTRACT_ID);
	return PORTAL_FETCH;
}

static uint32_t with_file(struct portal_op *op)
{
	begin(op, "PUT", "/file");
	op->host->send_file(op, 0);
	return PORTAL_FETCH;
}

static void forms_and_files_are_sent(void **state)
{
	(void)state;
	open_world("", false);
	assert_true(send_it(with_form));
	assert_true(send_it(with_file));
	assert_string_equal(
	    world.seen.p, "POST /form||||a=b%20c&id=pass%20%22word%22\nPUT /file||||hello\n");
	close_world();
}

static uint32_t plain(struct portal_op *op)
{
	begin(op, "GET", "/x");
	return PORTAL_FETCH;
}

static void a_secret_that_cannot_be_read_stops_the_exchange(void **state)
{
	(void)state;
	open_world("", false);
	unsetenv("TEST_KEY");
	assert_false(send_it(with_secrets));
	assert_int_equal(world.why.kind, FAILURE_CONFIG);
	assert_false(world.reply.may_have_arrived);
	assert_int_equal(stub_requests(world.stub), 0);
	close_world();
}

static void a_journal_that_was_changed_reaches_no_other_server(void **state)
{
	struct json *forged = json_read(
	    TEXT("{\"method\":\"GET\",\"address\":\"https://evil.example/\",\"repeat\":\"safe\"}"),
	    "x", 0, NULL);

	(void)state;
	open_world("type = client-secret\ntenant = t\nclient_id = c\nscope = s\nsecret = "
		   "env:TEST_CLIENT_SECRET",
	    false);
	assert_false(portal_send(world.f.portal, world.http, forged, NULL, &source,
	    world.f.input.now, &world.reply, &world.why));
	assert_int_equal(world.why.kind, FAILURE_CONFIG);
	assert_has(world.why.text, "https://evil.example is not on the allow-list");
	json_free(forged);
	close_world();
}

static uint32_t lost(struct portal_op *op)
{
	begin(op, "POST", "/close");
	return PORTAL_FETCH;
}

static void a_lost_exchange_says_that_it_may_have_arrived(void **state)
{
	(void)state;
	open_world("", false);
	assert_false(send_it(lost));
	assert_int_equal(world.why.kind, FAILURE_UNAVAILABLE);
	assert_true(world.reply.may_have_arrived);
	close_world();
}

/* ---- tokens ------------------------------------------------------------------------------- */

static const char client_secret[] =
    "type = client-secret\ntenant = partner.example\nclient_id = app\n"
    "scope = https://api.example/.default\nsecret = env:TEST_CLIENT_SECRET";

static void a_token_is_got_once_and_kept(void **state)
{
	(void)state;
	open_world(client_secret, false);
	assert_true(send_it(plain));
	assert_true(send_it(plain));
	assert_string_equal(
	    world.seen.p, "GET /x|Bearer token-1-secret|||\nGET /x|Bearer token-1-secret|||\n");
	assert_string_equal(world.forms.p,
	    "/partner.example/oauth2/v2.0/token grant_type=client_credentials&client_id=app"
	    "&scope=https%3A%2F%2Fapi.example%2F.default&client_secret=client%26secret\n");
	world.f.input.now += 56 * 60 * 1000; /* five minutes before its end */
	assert_true(send_it(plain));
	assert_int_equal(world.tokens, 2);
	close_world();
}

static void a_refused_token_is_renewed_once(void **state)
{
	(void)state;
	open_world(client_secret, false);
	assert_true(send_it(plain));
	world.refusals = 1;
	assert_true(send_it(plain));
	assert_int_equal(world.reply.status, 200);
	assert_int_equal(world.tokens, 2);
	world.refusals = 5;
	assert_true(send_it(plain));
	assert_int_equal(world.reply.status, 401);
	assert_int_equal(world.refusals, 3);
	assert_int_equal(world.tokens, 3);
	close_world();
}

static uint32_t for_customer(struct portal_op *op)
{
	begin(op, "GET", "/x");
	op->host->authorize(
	    op, PORTAL_DEFAULT_CREDENTIAL, PORTAL_STR("s2"), PORTAL_TENANT_CUSTOMER);
	op->host->authorize_auxiliary(
	    op, PORTAL_DEFAULT_CREDENTIAL, PORTAL_STR("s2"), PORTAL_TENANT_PARTNER);
	return PORTAL_FETCH;
}

static uint32_t without(struct portal_op *op)
{
	begin(op, "GET", "/x");
	op->host->authorize(op, PORTAL_NO_CREDENTIAL, PORTAL_STR(""), PORTAL_TENANT_OWN);
	return PORTAL_FETCH;
}

static void tokens_are_for_one_tenant_and_scope(void **state)
{
	(void)state;
	open_world(client_secret, false);
	assert_true(send_it(for_customer));
	assert_true(send_it(without));
	assert_string_equal(
	    world.seen.p, "GET /x|Bearer token-1-secret|Bearer token-2-secret||\nGET /x||||\n");
	assert_has(world.forms.p,
	    "/customer.example/oauth2/v2.0/token "
	    "grant_type=client_credentials&client_id=app&scope=s2");
	assert_has(world.forms.p, "\n/partner.example/oauth2/v2.0/token ");
	close_world();
}

static void a_refresh_token_is_rotated(void **state)
{
	(void)state;
	open_world("type = refresh-token\ntenant = t\nclient_id = app\nresource = "
		   "https://api.example\ntoken = env:TEST_TOKEN",
	    false);
	assert_true(send_it(plain));
	assert_string_equal(world.refresh, "refresh-1");
	world.f.input.now += 3600 * 1000;
	assert_true(send_it(plain));
	assert_string_equal(world.forms.p,
	    "/t/oauth2/token "
	    "grant_type=refresh_token&client_id=app&resource=https%3A%2F%2Fapi.example"
	    "&refresh_token=first-refresh\n"
	    "/t/oauth2/token "
	    "grant_type=refresh_token&client_id=app&resource=https%3A%2F%2Fapi.example"
	    "&refresh_token=refresh-1\n");
	assert_string_equal(world.refresh, "refresh-2");
	assert_int_equal(world.puts, 2);
	close_world();
}

/* The newer address gives the next refresh token only to those who ask for it. */
static void the_next_refresh_token_is_asked_for(void **state)
{
	(void)state;
	open_world("type = refresh-token\ntenant = t\nclient_id = app\nscope = "
		   "https://api.example/.default\ntoken = env:TEST_TOKEN",
	    false);
	assert_true(send_it(plain));
	assert_string_equal(world.forms.p,
	    "/t/oauth2/v2.0/token grant_type=refresh_token&client_id=app"
	    "&scope=https%3A%2F%2Fapi.example%2F.default%20offline_access"
	    "&refresh_token=first-refresh\n");
	close_world();
}

static void an_asked_for_refresh_token_is_not_asked_for_twice(void **state)
{
	(void)state;
	open_world("type = refresh-token\ntenant = t\nclient_id = app\nscope = "
		   "offline_access https://api.example/.default\ntoken = env:TEST_TOKEN",
	    false);
	assert_true(send_it(plain));
	assert_has(world.forms.p,
	    "&scope=offline_access%20https%3A%2F%2Fapi.example%2F.default&refresh_token");
	close_world();
}

static void refusals_of_the_authority_are_told_by_their_code(void **state)
{
	static const struct {
		unsigned status;
		const char *body;
		enum failure_kind kind;
	} cases[] = {
		{ 400,
		    "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: "
		    "no.\\r\\nTrace ID: 1\"}",
		    FAILURE_CONFIG },
		{ 400, "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS70008: old\"}",
		    FAILURE_NO_PERMISSION },
		{ 400, "{\"error\":\"interaction_required\"}", FAILURE_NO_PERMISSION },
		{ 400, "{\"error\":\"temporarily_unavailable\"}", FAILURE_UNAVAILABLE },
		{ 429, "{}", FAILURE_UNAVAILABLE },
		{ 503, "<html>", FAILURE_UNAVAILABLE },
		{ 200, "{}", FAILURE_UNAVAILABLE },
		{ 200, "<html>please sign in", FAILURE_UNAVAILABLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		open_world(client_secret, false);
		world.token_status = cases[i].status == 200 ? 201 : cases[i].status;
		world.token_error = cases[i].body;
		assert_false(send_it(plain));
		assert_int_equal(world.why.kind, cases[i].kind);
		assert_has(world.why.text, "credential main");
		assert_null(strstr(world.why.text, "Trace"));
		assert_null(strstr(world.why.text, "client&secret"));
		assert_null(world.seen.p); /* the exchange itself was not sent */
		assert_false(world.reply.may_have_arrived);
		close_world();
	}
}

static void a_token_serves_while_the_authority_is_away(void **state)
{
	(void)state;
	open_world(client_secret, false);
	assert_true(send_it(plain));
	world.f.input.now += 57 * 60 * 1000;
	world.token_status = 503;
	world.token_error = "";
	assert_true(send_it(plain));
	world.f.input.now += 4 * 60 * 1000; /* now it has ended */
	assert_false(send_it(plain));
	close_world();
}

/* ---- certificates ---------------------------------------------------------------------------- */

static FILE *temporary(char path[64])
{
	strcpy(path, "/tmp/caseroute-test-XXXXXX");
	return fdopen(mkstemp(path), "w");
}

static X509 *write_pair(EVP_PKEY *key)
{
	X509 *x = X509_new();
	FILE *file = temporary(world.key_path);

	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	X509_set_pubkey(x, key);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_sign(x, key, EVP_sha256());
	file = temporary(world.certificate_path);
	PEM_write_X509(file, x);
	fclose(file);
	return x;
}

static void from_base64url(struct text text, struct buffer *out)
{
	struct buffer padded = { 0 };
	unsigned char bytes[4096];
	int n;

	for (size_t i = 0; i < text.n; i++)
		buffer_char(&padded, text.p[i] == '-' ? '+' : text.p[i] == '_' ? '/' : text.p[i]);
	while (padded.n % 4)
		buffer_char(&padded, '=');
	n = EVP_DecodeBlock(bytes, (const unsigned char *)padded.p, (int)padded.n);
	assert_true(n > 0);
	buffer_append(out, (char *)bytes, (size_t)n - (4 - text.n % 4) % 4 /* padding */);
	buffer_free(&padded);
}

static void check_signature(EVP_PKEY *key, const char *jwt, bool is_pss)
{
	const char *dot = strrchr(jwt, '.');
	struct buffer signature = { 0 };
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings;

	from_base64url(text_of(dot + 1), &signature);
	EVP_DigestVerifyInit(context, &settings, EVP_sha256(), NULL, key);
	if (is_pss) {
		EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST);
	}
	assert_int_equal(EVP_DigestVerify(context, (unsigned char *)signature.p, signature.n,
			     (const unsigned char *)jwt, (size_t)(dot - jwt)),
	    1);
	EVP_MD_CTX_free(context);
	buffer_free(&signature);
}

static struct json *part(const char *jwt, int index)
{
	struct text rest = text_of(jwt), item = TEXT("");
	struct buffer text = { 0 };
	struct json *value;

	for (int i = 0; i <= index; i++)
		text_split(&rest, '.', &item);
	from_base64url(item, &text);
	value = json_read(buffer_as_text(&text), "jwt", 0, NULL);
	buffer_free(&text);
	return value;
}

static void check_assertion(bool is_rs256)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	struct credential c = { .name = "main", .client_id = "app", .is_rs256 = is_rs256 };
	X509 *certificate = write_pair(key);
	struct buffer jwt = { 0 };
	struct failure why = { 0 };
	struct json *header, *claims;
	char reference[80];

	snprintf(reference, sizeof reference, "file:%s", world.key_path);
	c.certificate = world.certificate_path;
	c.key.reference = reference;
	if (!assertion_write(
		&c, "https://login.example/t/oauth2/v2.0/token", 1795500000000, &jwt, &why))
		fail_msg("%s", why.text);
	check_signature(key, jwt.p, !is_rs256);
	header = part(jwt.p, 0);
	claims = part(jwt.p, 1);
	assert_string_equal(json_get_chars(header, "alg"), is_rs256 ? "RS256" : "PS256");
	assert_int_equal(
	    strlen(json_get_chars(header, is_rs256 ? "x5t" : "x5t#S256")), is_rs256 ? 27 : 43);
	assert_string_equal(
	    json_get_chars(claims, "aud"), "https://login.example/t/oauth2/v2.0/token");
	assert_string_equal(json_get_chars(claims, "iss"), "app");
	assert_int_equal(json_number(json_get(claims, "exp"), 0), 1795500300);
	json_free(header);
	json_free(claims);
	buffer_free(&jwt);
	X509_free(certificate);
	EVP_PKEY_free(key);
	unlink(world.key_path);
	unlink(world.certificate_path);
}

static void a_certificate_proves_itself_in_both_algorithms(void **state)
{
	(void)state;
	check_assertion(false);
	check_assertion(true);
}

/* ---- login -------------------------------------------------------------------------------------
 */

static uint32_t with_session(struct portal_op *op)
{
	begin(op, "GET", "/x");
	op->host->header_secret(op, "X-Key", "", PORTAL_SESSION);
	return PORTAL_FETCH;
}

static void a_login_runs_when_there_is_no_session(void **state)
{
	(void)state;
	open_world("", true);
	assert_true(send_it(with_session));
	assert_true(send_it(with_session));
	assert_string_equal(world.seen.p,
	    "POST /login||||{\"key\":\"key-secret\"}\nGET /x|||session-secret|\n"
	    "GET /x|||session-secret|\n");
	world.f.input.now += 600 * 1000; /* it has ended */
	assert_true(send_it(with_session));
	assert_int_equal(stub_requests(world.stub), 5);
	world.refusals = 1; /* it is refused: once more */
	assert_true(send_it(with_session));
	assert_int_equal(world.reply.status, 200);
	assert_int_equal(stub_requests(world.stub), 8);
	close_world();
}

/* What the step sees of a reply: all of it, as a plugin would steal it. */
static char stolen[2048];

static void steal(struct portal_op *op)
{
	const struct portal_host *h = op->host;

	snprintf(stolen, sizeof stolen, "%s|%s|%s|%s|%s|%u", op->reply->body.p,
	    h->get(op, "/session").p, h->get(op, "/SESSION").p, h->get_header(op, "X-Token").p,
	    h->get_header(op, "X-Twin").p, h->find(op, "/all", "", PORTAL_STR("session-secret")));
}

static void expect_stolen(const char *body, const char *place, const char *seen, const char *sent)
{
	open_world("", true);
	world.look = steal;
	world.login_body = body;
	world.place = place;
	if (!send_it(with_session))
		fail_msg("%s", world.why.text);
	assert_string_equal(stolen, seen);
	assert_non_null(strstr(world.seen.p, sent));
	close_world();
}

static void a_login_never_sees_the_secrets_of_its_replies(void **state)
{
	(void)state;
	expect_stolen("{\"session\":\"session-secret\",\"Session\":\"upper\",\"all\":"
		      "[\"session-secret\"],\"link\":\"/a?s=session-secret\",\"number\":123456,"
		      "\"lasts\":600}",
	    NULL,
	    "{\"session\":\"********\",\"Session\":\"********\",\"all\":[\"**************\"],"
	    "\"link\":\"/"
	    "a?s=**************\",\"number\":\"********\",\"lasts\":600}|********|********|********"
	    "|"
	    "**************|4294967295",
	    "GET /x|||session-secret|\n");
	expect_stolen("\xef\xbb\xbf{\"session\":\"s\\u0065cret\",\"lasts\":600}", "X-Token",
	    "{\"session\":\"********\",\"lasts\":600}|********|********|********|session-******|"
	    "4294967295",
	    "GET /x|||header-secret|\n");
}

static void what_a_login_cannot_keep_is_said(void **state)
{
	static const struct {
		const char *body, *place, *sentence;
	} cases[] = {
		{ NULL, "/lasts", "keep_secret: session_secrets does not declare '/lasts'" },
		{ NULL, "/number", "the reply has no text at '/number' to keep" },
		{ "<p>session-secret</p>", "/session", "the reply has no text at '/session'" },
		{ "{\"session\":\"\"}", "/session", "the reply has no text at '/session'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		open_world("", true);
		world.look = steal;
		world.login_body = cases[i].body;
		world.place = cases[i].place;
		assert_false(send_it(with_session));
		assert_has(world.why.text, cases[i].sentence);
		assert_null(strstr(stolen, "<p>"));
		close_world();
	}
}

/* ---- threads ------------------------------------------------------------------------------------
 */

static void *send_many(void *argument)
{
	struct http *http = http_new(NULL);
	uintptr_t failed = 0;

	for (int i = 0; i < 20; i++) {
		struct http_reply reply;
		struct failure why = { 0 };

		if (!portal_send(world.f.portal, http, argument, "customer.example", &source,
			world.f.input.now, &reply, &why))
			failed++;
		http_reply_free(&reply);
	}
	http_free(http);
	return (void *)failed;
}

static void many_threads_send_at_once(void **state)
{
	pthread_t threads[4];
	void *failed;

	(void)state;
	open_world(client_secret, false);
	assert_true(send_it(plain)); /* builds the exchange */
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, send_many, world.f.step.exchange), 0);
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(world.tokens, 1);
	close_world();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_are_placed_and_what_comes_back_is_blanked),
		cmocka_unit_test(forms_and_files_are_sent),
		cmocka_unit_test(a_secret_that_cannot_be_read_stops_the_exchange),
		cmocka_unit_test(a_journal_that_was_changed_reaches_no_other_server),
		cmocka_unit_test(a_lost_exchange_says_that_it_may_have_arrived),
		cmocka_unit_test(a_token_is_got_once_and_kept),
		cmocka_unit_test(a_refused_token_is_renewed_once),
		cmocka_unit_test(tokens_are_for_one_tenant_and_scope),
		cmocka_unit_test(a_refresh_token_is_rotated),
		cmocka_unit_test(the_next_refresh_token_is_asked_for),
		cmocka_unit_test(an_asked_for_refresh_token_is_not_asked_for_twice),
		cmocka_unit_test(refusals_of_the_authority_are_told_by_their_code),
		cmocka_unit_test(a_token_serves_while_the_authority_is_away),
		cmocka_unit_test(a_certificate_proves_itself_in_both_algorithms),
		cmocka_unit_test(a_login_runs_when_there_is_no_session),
		cmocka_unit_test(a_login_never_sees_the_secrets_of_its_replies),
		cmocka_unit_test(what_a_login_cannot_keep_is_said),
		cmocka_unit_test(many_threads_send_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
