/* Where it listens: TCP, Unix sockets, what systemd passed; and TLS. */
#include "server_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "http/http.h"
#include "support/stub.h"

static char folder[64], socket_path[96], address[112];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/caseroute-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(socket_path, sizeof socket_path, "%s/socket", folder);
	snprintf(address, sizeof address, "unix:%s", socket_path);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(socket_path);
	return rmdir(folder);
}

static void refused(const struct server_options *options, enum failure_kind kind, const char *words)
{
	struct failure why = { 0 };

	assert_null(server_start(options, fixture_handle, NULL, &why));
	if (why.kind != kind || !strstr(why.text, words))
		fail_msg("not %d '%s' but %d '%s'", (int)kind, words, (int)why.kind, why.text);
}

static void refused_address(const char *text, enum failure_kind kind, const char *words)
{
	struct server_options options = { .addresses = &text, .n_addresses = 1 };

	refused(&options, kind, words);
}

static void a_unix_socket_tells_who_is_there(void **state)
{
	struct world w = { .addresses = { address } };
	struct buffer answer = { 0 }, who = { 0 };
	struct stat status;
	int fd;

	(void)state;
	fixture_start(&w);
	assert_int_equal(stat(socket_path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	fd = raw_connect_unix(socket_path);
	raw_say(fd, "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
	buffer_format(&who, "unix=1 uid=%u pid=%d from  []", getuid(), getpid());
	assert_true(raw_read_until(fd, &answer, who.p, RAW_MS));
	close(fd);
	fixture_stop(&w, 0);
	assert_int_equal(stat(socket_path, &status), -1); /* removed */
	buffer_free(&answer);
	buffer_free(&who);
}

static void the_mode_of_a_unix_socket_is_an_option(void **state)
{
	struct world w = { .addresses = { address }, .options.unix_mode = 0660 };
	struct stat status;

	(void)state;
	fixture_start(&w);
	assert_int_equal(stat(socket_path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0660);
	fixture_stop(&w, 0);
}

static int leave_socket(void)
{
	struct sockaddr_un place = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(place.sun_path, socket_path, strlen(socket_path));
	assert_int_equal(bind(fd, (struct sockaddr *)(void *)&place, sizeof place), 0);
	return fd;
}

static void a_socket_left_by_a_killed_process_is_replaced(void **state)
{
	struct world w = { .addresses = { address } };

	(void)state;
	close(leave_socket());
	fixture_start(&w);
	close(raw_connect_unix(socket_path));
	fixture_stop(&w, 0);
}

static void a_socket_in_use_is_not_taken_away(void **state)
{
	struct world w = { .addresses = { address } };

	(void)state;
	fixture_start(&w);
	refused_address(address, FAILURE_UNAVAILABLE, "another process does");
	close(raw_connect_unix(socket_path));
	fixture_stop(&w, 0);
}

static void a_file_that_is_no_socket_is_not_removed(void **state)
{
	struct stat status;

	(void)state;
	close(open(socket_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	refused_address(address, FAILURE_CONFIG, "no socket");
	assert_int_equal(stat(socket_path, &status), 0);
	unlink(socket_path);
}

static void wrong_addresses_are_told(void **state)
{
	static const char *const wrong[] = { "", ":", "8080", "localhost:8080", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:8080", "[::1]", "[::1]8080",
		"[::1:80", "256.0.0.1:80", "127.0.0.1:80a" };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		refused_address(
		    wrong[i], FAILURE_CONFIG, "is not an address; write 127.0.0.1:8080");
	refused_address("unix:socket", FAILURE_CONFIG, "is not a path");
	refused_address("192.0.2.1:0", FAILURE_UNAVAILABLE, "cannot listen on 192.0.2.1:0");
	refused(&(struct server_options){ 0 }, FAILURE_CONFIG, "no address");
}

static void a_port_in_use_is_told(void **state)
{
	struct world w = { 0 };
	char taken[32];

	(void)state;
	fixture_start(&w);
	snprintf(taken, sizeof taken, "127.0.0.1:%u", w.port);
	refused_address(taken, FAILURE_UNAVAILABLE, "in use");
	fixture_stop(&w, 0);
}

static void several_addresses_are_served_at_once(void **state)
{
	struct world w = { .addresses = { "127.0.0.1:0", address, "127.0.0.1:0" } };

	(void)state;
	fixture_start(&w);
	assert_int_not_equal(server_port(w.server, 0), server_port(w.server, 1));
	assert_int_equal(server_port(w.server, 2), 0);
	close(raw_connect(server_port(w.server, 0)));
	close(raw_connect(server_port(w.server, 1)));
	close(raw_connect_unix(socket_path));
	fixture_stop(&w, 0);
}

/* Descriptor 3 is where systemd puts the first socket. */
static void a_socket_from_systemd_is_taken_over(void **state)
{
	struct world w = { .addresses = { "systemd" } };
	char pid[16];
	int kept = dup(3), fd = leave_socket();

	(void)state;
	assert_int_equal(listen(fd, 8), 0);
	dup2(fd, 3);
	snprintf(pid, sizeof pid, "%d", getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	fixture_start(&w);
	assert_null(getenv("LISTEN_FDS"));
	close(raw_connect_unix(socket_path));
	fixture_stop(&w, 0);
	assert_int_equal(access(socket_path, F_OK), 0); /* systemd's, not ours to remove */
	if (fd != 3)
		close(fd);
	if (kept >= 0)
		dup2(kept, 3);
	if (kept >= 0 && kept != 3)
		close(kept);
}

static void nothing_from_systemd_is_told(void **state)
{
	(void)state;
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	refused_address("systemd", FAILURE_CONFIG, "systemd passed no socket");
}

static void our_own_client_reaches_it_over_tls(void **state)
{
	char identity[64], url[80], origin[64];
	const char *const origins[] = { origin };
	struct world w = { .options = { .tls_certificate = identity, .tls_key = identity } };
	struct http_request request = { .url = url, .origins = origins, .n_origins = 1 };
	struct failure why = { 0 };
	struct buffer body = { 0 };
	struct http *http;

	(void)state;
	stub_make_identity(identity);
	fixture_start(&w);
	snprintf(origin, sizeof origin, "https://127.0.0.1:%u", w.port);
	snprintf(url, sizeof url, "%s/echo", origin);
	for (size_t i = 0; i < 100000; i++)
		buffer_char(&body, 'x');
	http = http_new(&(struct http_options){ .ca_file = identity });
	request.method = "POST";
	request.body = buffer_as_text(&body);
	request.has_body = true;
	for (unsigned i = 0; i < 3; i++) {
		struct http_reply reply = { 0 };

		if (!http_exchange(http, &request, 0, &reply, &why))
			fail_msg("%s", why.text);
		assert_int_equal(reply.status, 201);
		assert_true(raw_has(&reply.body, "POST 100000 unix=0"));
		http_reply_free(&reply);
	}
	assert_int_equal(server_counts(w.server).connections, 1);
	http_free(http);
	buffer_free(&body);
	fixture_stop(&w, 0);
	unlink(identity);
}

static void plain_http_to_a_tls_port_is_closed(void **state)
{
	char identity[64];
	struct world w = { .options = { .tls_certificate = identity, .tls_key = identity } };
	struct buffer answer;

	(void)state;
	stub_make_identity(identity);
	fixture_start(&w);
	answer = fixture_ask(&w, TEXT("GET /p HTTP/1.1\r\nHost: a\r\n\r\n"));
	assert_int_equal(raw_answers(&answer), 0);
	assert_int_equal(w.n_seen, 0);
	buffer_free(&answer);
	fixture_stop(&w, 0);
	unlink(identity);
}

static void a_certificate_that_cannot_be_used_is_told(void **state)
{
	static const char *const any = "127.0.0.1:0";
	struct server_options options = { .addresses = &any, .n_addresses = 1 };

	(void)state;
	options.tls_certificate = "/nowhere/cert.pem";
	refused(&options, FAILURE_CONFIG, "both a certificate and its key");
	options.tls_key = "/nowhere/key.pem";
	refused(&options, FAILURE_CONFIG, "cannot use /nowhere/cert.pem");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unix_socket_tells_who_is_there),
		cmocka_unit_test(the_mode_of_a_unix_socket_is_an_option),
		cmocka_unit_test(a_socket_left_by_a_killed_process_is_replaced),
		cmocka_unit_test(a_socket_in_use_is_not_taken_away),
		cmocka_unit_test(a_file_that_is_no_socket_is_not_removed),
		cmocka_unit_test(wrong_addresses_are_told),
		cmocka_unit_test(a_port_in_use_is_told),
		cmocka_unit_test(several_addresses_are_served_at_once),
		cmocka_unit_test(a_socket_from_systemd_is_taken_over),
		cmocka_unit_test(nothing_from_systemd_is_told),
		cmocka_unit_test(our_own_client_reaches_it_over_tls),
		cmocka_unit_test(plain_http_to_a_tls_port_is_closed),
		cmocka_unit_test(a_certificate_that_cannot_be_used_is_told),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
