/* Which addresses are whose, and that the connection itself is asked about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include "http/guard.h"
#include "support/stub.h"

static const struct {
	const char *address;
	enum address_class class;
} table[] = {
	{ "8.8.8.8", ADDRESS_PUBLIC },
	{ "1.1.1.1", ADDRESS_PUBLIC },
	{ "9.255.255.255", ADDRESS_PUBLIC },
	{ "10.0.0.0", ADDRESS_PRIVATE },
	{ "10.255.255.255", ADDRESS_PRIVATE },
	{ "11.0.0.0", ADDRESS_PUBLIC },
	{ "0.0.0.0", ADDRESS_NEVER },
	{ "0.1.2.3", ADDRESS_NEVER },
	{ "100.63.255.255", ADDRESS_PUBLIC },
	{ "100.64.0.1", ADDRESS_PRIVATE },
	{ "100.127.255.255", ADDRESS_PRIVATE },
	{ "100.128.0.0", ADDRESS_PUBLIC },
	{ "100.100.100.200", ADDRESS_NEVER },
	{ "127.0.0.1", ADDRESS_PRIVATE },
	{ "127.255.255.254", ADDRESS_PRIVATE },
	{ "128.0.0.1", ADDRESS_PUBLIC },
	{ "168.63.129.16", ADDRESS_NEVER },
	{ "168.63.129.17", ADDRESS_PUBLIC },
	{ "169.253.255.255", ADDRESS_PUBLIC },
	{ "169.254.169.254", ADDRESS_NEVER },
	{ "169.255.0.0", ADDRESS_PUBLIC },
	{ "172.15.255.255", ADDRESS_PUBLIC },
	{ "172.16.0.1", ADDRESS_PRIVATE },
	{ "172.31.255.255", ADDRESS_PRIVATE },
	{ "172.32.0.0", ADDRESS_PUBLIC },
	{ "192.0.0.192", ADDRESS_NEVER },
	{ "192.0.2.1", ADDRESS_NEVER },
	{ "192.88.99.1", ADDRESS_NEVER },
	{ "192.168.1.1", ADDRESS_PRIVATE },
	{ "192.169.0.1", ADDRESS_PUBLIC },
	{ "198.17.255.255", ADDRESS_PUBLIC },
	{ "198.18.0.1", ADDRESS_NEVER },
	{ "198.19.255.255", ADDRESS_NEVER },
	{ "198.51.100.7", ADDRESS_NEVER },
	{ "203.0.113.7", ADDRESS_NEVER },
	{ "223.255.255.255", ADDRESS_PUBLIC },
	{ "224.0.0.1", ADDRESS_NEVER },
	{ "240.0.0.1", ADDRESS_NEVER },
	{ "255.255.255.255", ADDRESS_NEVER },
	{ "::", ADDRESS_NEVER },
	{ "::1", ADDRESS_PRIVATE },
	{ "::ffff:8.8.8.8", ADDRESS_PUBLIC },
	{ "::ffff:127.0.0.1", ADDRESS_PRIVATE },
	{ "::ffff:169.254.169.254", ADDRESS_NEVER },
	{ "::ffff:10.1.2.3", ADDRESS_PRIVATE },
	{ "::10.1.2.3", ADDRESS_PRIVATE },
	{ "64:ff9b::8.8.8.8", ADDRESS_PUBLIC },
	{ "64:ff9b::192.168.0.1", ADDRESS_PRIVATE },
	{ "64:ff9b:1::1", ADDRESS_NEVER },
	{ "100::1", ADDRESS_NEVER },
	{ "2001:4860:4860::8888", ADDRESS_PUBLIC },
	{ "2001::1", ADDRESS_NEVER },
	{ "2001:db8::1", ADDRESS_NEVER },
	{ "2002:0808:0808::1", ADDRESS_PUBLIC },
	{ "2002:7f00:0001::1", ADDRESS_PRIVATE },
	{ "2002:a9fe:a9fe::1", ADDRESS_NEVER },
	{ "2606:4700:4700::1111", ADDRESS_PUBLIC },
	{ "3fff::1", ADDRESS_NEVER },
	{ "4000::1", ADDRESS_NEVER },
	{ "fc00::1", ADDRESS_PRIVATE },
	{ "fd00:ec2::254", ADDRESS_NEVER },
	{ "fd12:3456::1", ADDRESS_PRIVATE },
	{ "fe80::1", ADDRESS_NEVER },
	{ "fec0::1", ADDRESS_PRIVATE },
	{ "ff02::1", ADDRESS_NEVER },
	{ "not an address", ADDRESS_NEVER },
	{ "", ADDRESS_NEVER },
};

static void every_address_is_of_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (address_class_read(table[i].address) != table[i].class)
			fail_msg("%s is of class %d", table[i].address,
			    (int)address_class_read(table[i].address));
}

static void a_guard_lets_through_what_it_says(void **state)
{
	(void)state;
	for (int class = ADDRESS_PUBLIC; class <= ADDRESS_NEVER; class ++) {
		assert_true(guard_allows(HTTP_GUARD_NONE, (enum address_class) class));
		assert_int_equal(guard_allows(HTTP_GUARD_PUBLIC, (enum address_class) class),
		    class == ADDRESS_PUBLIC);
		assert_int_equal(guard_allows(HTTP_GUARD_PRIVATE, (enum address_class) class),
		    class != ADDRESS_NEVER);
	}
}

/* ---- exchanges -------------------------------------------------------------------- */

struct world {
	struct stub *stub;
	struct http *http;
	struct buffer url;
	const char *origins[1];
	int n_seen;
};

static void answer(void *context, const struct stub_request *r, struct buffer *reply)
{
	struct world *w = context;

	w->n_seen++;
	if (strcmp(r->target, "/huge") == 0)
		buffer_format(reply, "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n%050000d", 1);
	else
		stub_reply(reply, 200, "", "{}");
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->stub = stub_new(answer, w, false);
	w->http = http_new(NULL);
	w->origins[0] = stub_origin(w->stub);
	buffer_format(&w->url, "%s/hook", w->origins[0]);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	http_free(w->http);
	stub_free(w->stub);
	buffer_free(&w->url);
	free(w);
	return 0;
}

static bool run(struct world *w, enum http_guard guard, const char *url, struct http_reply *reply)
{
	struct http_request request = { .method = "POST",
		.url = url,
		.origins = w->origins,
		.n_origins = 1,
		.max_bytes = 1000,
		.needs_head_only = true,
		.guard = guard };
	struct failure why = { 0 };

	return http_exchange(w->http, &request, 0, reply, &why);
}

static void this_machine_is_not_reached_by_who_may_reach_the_public_only(void **state)
{
	struct world *w = *state;
	struct http_reply reply;

	assert_false(run(w, HTTP_GUARD_PUBLIC, w->url.p, &reply));
	assert_string_equal(reply.problem, "the address is one that must not be reached");
	assert_false(reply.may_have_arrived);
	http_reply_free(&reply);
	assert_int_equal(w->n_seen, 0);
	assert_true(run(w, HTTP_GUARD_PRIVATE, w->url.p, &reply));
	http_reply_free(&reply);
	assert_int_equal(w->n_seen, 1);
}

/* The name is harmless, its address is not: as with a name that is bound anew. */
static void a_name_is_judged_by_its_address(void **state)
{
	struct world *w = *state;
	struct http_reply reply;
	struct buffer url = { 0 }, origin = { 0 };

	buffer_format(&origin, "http://localhost%s", strrchr(w->origins[0], ':'));
	buffer_format(&url, "%s/hook", origin.p);
	w->origins[0] = origin.p;
	assert_false(run(w, HTTP_GUARD_PUBLIC, url.p, &reply));
	assert_string_equal(reply.problem, "the address is one that must not be reached");
	http_reply_free(&reply);
	assert_int_equal(w->n_seen, 0);
	buffer_free(&url);
	buffer_free(&origin);
}

static void a_connection_that_another_exchange_left_is_asked_about_too(void **state)
{
	struct world *w = *state;
	struct http_reply reply;

	assert_true(run(w, HTTP_GUARD_NONE, w->url.p, &reply));
	http_reply_free(&reply);
	assert_false(run(w, HTTP_GUARD_PUBLIC, w->url.p, &reply));
	assert_string_equal(reply.problem, "the address is one that must not be reached");
	http_reply_free(&reply);
	assert_int_equal(w->n_seen, 1);
}

static void a_proxy_of_the_environment_opens_no_hole(void **state)
{
	struct world *w = *state;
	struct http_reply reply;

	setenv("https_proxy", w->origins[0], 1);
	setenv("all_proxy", w->origins[0], 1);
	w->origins[0] = "https://10.255.255.1";
	assert_false(run(w, HTTP_GUARD_PUBLIC, "https://10.255.255.1/hook", &reply));
	assert_string_equal(reply.problem, "the address is one that must not be reached");
	http_reply_free(&reply);
	assert_int_equal(w->n_seen, 0);
	unsetenv("https_proxy");
	unsetenv("all_proxy");
}

static void a_reply_counts_by_its_head_where_the_body_does_not_matter(void **state)
{
	struct world *w = *state;
	struct http_reply reply;
	struct buffer url = { 0 };

	buffer_format(&url, "%s/huge", w->origins[0]);
	assert_true(run(w, HTTP_GUARD_PRIVATE, url.p, &reply));
	assert_int_equal(reply.status, 200);
	assert_true(reply.body.n <= 1000);
	http_reply_free(&reply);
	buffer_free(&url);
}

#define WITH_STUB(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_is_of_its_class),
		cmocka_unit_test(a_guard_lets_through_what_it_says),
		WITH_STUB(this_machine_is_not_reached_by_who_may_reach_the_public_only),
		WITH_STUB(a_name_is_judged_by_its_address),
		WITH_STUB(a_connection_that_another_exchange_left_is_asked_about_too),
		WITH_STUB(a_proxy_of_the_environment_opens_no_hole),
		WITH_STUB(a_reply_counts_by_its_head_where_the_body_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
