/*
 * server_forms.h - bytes that are not quite HTTP, which two servers in a row may read differently
 *
 * Each form is refused at its first request. Where it hides a second one, that
 * asks for /smuggled, which no handler may ever see.
 */
#ifndef TESTS_UNIT_SERVER_FORMS_H
#define TESTS_UNIT_SERVER_FORMS_H

#include "base/text.h"

struct form {
	const char *name;
	struct text bytes;
	unsigned status;
};

/* TEXT() is no constant, which a table needs. */
#define BYTES(literal)                                                                             \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}
#define SMUGGLED "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST "POST /p HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
#define LENGTH(value) POST "Content-Length: " value "\r\n\r\n" SMUGGLED
#define CODING(line) POST line "\r\n\r\n0\r\n\r\n" SMUGGLED
#define FIELD(line) "GET /p HTTP/1.1\r\nHost: a\r\n" line "\r\n\r\n" SMUGGLED
#define TARGET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED
#define HOST(line) "GET /p HTTP/1.1\r\n" line "\r\n\r\n" SMUGGLED
#define LINE(line) line "\r\nHost: a\r\n\r\n" SMUGGLED

static const struct form forms[] = {
	/* Two readings of where the body ends. */
	{ "two different lengths",
	    BYTES(POST "Content-Length: 0\r\nContent-Length: 36\r\n\r\n" SMUGGLED), 400 },
	{ "the same length twice",
	    BYTES(POST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" SMUGGLED), 400 },
	{ "a list of lengths", BYTES(LENGTH("0, 0")), 400 },
	{ "a length and chunks",
	    BYTES(
		POST "Content-Length: 41\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
	    400 },
	{ "chunks and a length",
	    BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" SMUGGLED),
	    400 },
	{ "a length with a plus", BYTES(LENGTH("+0")), 400 },
	{ "a length with a minus", BYTES(LENGTH("-1")), 400 },
	{ "an empty length", BYTES(LENGTH("")), 400 },
	{ "a length in hexadecimal", BYTES(LENGTH("0x0")), 400 },
	{ "a length with a fraction", BYTES(LENGTH("0.0")), 400 },
	{ "a length with an exponent", BYTES(LENGTH("0e1")), 400 },
	{ "a length with a blank inside", BYTES(LENGTH("0 0")), 400 },
	{ "a length with text behind", BYTES(LENGTH("0;a")), 400 },
	{ "a length in quotes", BYTES(LENGTH("\"0\"")), 400 },
	{ "a length with underscores", BYTES(LENGTH("0_0")), 400 },
	{ "a length beyond 64 bits", BYTES(LENGTH("18446744073709551616")), 400 },
	{ "a length of 2^63", BYTES(LENGTH("9223372036854775808")), 400 },
	{ "a length of a thousand zeroes before a digit",
	    BYTES(LENGTH("000000000000000000000000000000000000000000000000000000000000")), 400 },
	{ "a length that is too large", BYTES(LENGTH("99999999999")), 413 },
	{ "a coding other than chunked", BYTES(CODING("Transfer-Encoding: gzip")), 400 },
	{ "chunked before another coding", BYTES(CODING("Transfer-Encoding: chunked, gzip")), 400 },
	{ "another coding before chunked", BYTES(CODING("Transfer-Encoding: gzip, chunked")), 400 },
	{ "identity", BYTES(CODING("Transfer-Encoding: identity")), 400 },
	{ "chunked twice", BYTES(CODING("Transfer-Encoding: chunked, chunked")), 400 },
	{ "two codings fields",
	    BYTES(CODING("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity")), 400 },
	{ "chunked misspelt", BYTES(CODING("Transfer-Encoding: xchunked")), 400 },
	{ "chunked in quotes", BYTES(CODING("Transfer-Encoding: \"chunked\"")), 400 },
	{ "chunked with a parameter", BYTES(CODING("Transfer-Encoding: chunked;a=b")), 400 },
	{ "chunked with a vertical tab", BYTES(CODING("Transfer-Encoding: \vchunked")), 400 },
	{ "an empty coding", BYTES(CODING("Transfer-Encoding:")), 400 },
	{ "chunks in HTTP/1.0",
	    BYTES("POST /p HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED),
	    400 },
	/* Fields that one server sees and another does not. */
	{ "a blank before the colon", BYTES(POST "Content-Length : 36\r\n\r\n" SMUGGLED), 400 },
	{ "a tab before the colon", BYTES(POST "Content-Length\t: 36\r\n\r\n" SMUGGLED), 400 },
	{ "a blank before the coding's colon", BYTES(CODING("Transfer-Encoding : chunked")), 400 },
	{ "an underscore for a dash", BYTES(POST "Content_Length: 36\r\n\r\n" SMUGGLED), 400 },
	{ "a folded field", BYTES(FIELD("X: a\r\n b")), 400 },
	{ "a folded coding", BYTES(CODING("Transfer-Encoding:\r\n chunked")), 400 },
	{ "a first field that begins with a blank",
	    BYTES("GET /p HTTP/1.1\r\n X: b\r\nHost: a\r\n\r\n" SMUGGLED), 400 },
	{ "a field without a colon", BYTES(FIELD("X")), 400 },
	{ "a field without a name", BYTES(FIELD(": b")), 400 },
	{ "a field name in brackets", BYTES(FIELD("(X): b")), 400 },
	{ "a field name beyond ASCII", BYTES(FIELD("X\xc3\xa9: b")), 400 },
	{ "a NUL in a field's value", BYTES(FIELD("X: a\0b")), 400 },
	{ "a NUL in a field's name", BYTES(FIELD("X\0Y: b")), 400 },
	{ "a NUL before a length", BYTES(POST "X: a\0\r\nContent-Length: 0\r\n\r\n" SMUGGLED),
	    400 },
	{ "a control byte in a value",
	    BYTES(FIELD("X: a\x01"
			"b")),
	    400 },
	{ "a delete byte in a value",
	    BYTES(FIELD("X: a\x7f"
			"b")),
	    400 },
	{ "an escape byte in a value", BYTES(FIELD("X: \x1b[31m")), 400 },
	{ "a bare carriage return in a value", BYTES(FIELD("X: a\rContent-Length: 36")), 400 },
	{ "two carriage returns", BYTES("GET /p HTTP/1.1\r\nHost: a\r\r\n\r\n" SMUGGLED), 400 },
	{ "a bare line feed in a value", BYTES(FIELD("X: a\nContent-Length: 36")), 400 },
	{ "lines that end in a bare line feed", BYTES("GET /p HTTP/1.1\nHost: a\n\n" SMUGGLED),
	    400 },
	{ "a bare line feed after the request line",
	    BYTES("GET /p HTTP/1.1\nHost: a\r\n\r\n" SMUGGLED), 400 },
	{ "a head that ends in a bare line feed",
	    BYTES("GET /p HTTP/1.1\r\nHost: a\r\n\n" SMUGGLED), 400 },
	{ "an empty line before the request",
	    BYTES("\r\nGET /p HTTP/1.1\r\nHost: a\r\n\r\n" SMUGGLED), 400 },
	{ "an unknown expectation", BYTES(FIELD("Expect: 200-ok")), 417 },
	{ "two authorizations", BYTES(FIELD("Authorization: Bearer a\r\nAuthorization: Bearer b")),
	    400 },
	{ "two content types", BYTES(FIELD("Content-Type: a/b\r\nContent-Type: c/d")), 400 },
	/* Whom it is for. */
	{ "no Host", BYTES("GET /p HTTP/1.1\r\n\r\n" SMUGGLED), 400 },
	{ "two Hosts", BYTES(HOST("Host: a\r\nHost: b")), 400 },
	{ "the same Host twice", BYTES(HOST("Host: a\r\nhost: a")), 400 },
	{ "an empty Host", BYTES(HOST("Host:")), 400 },
	{ "a Host with a path", BYTES(HOST("Host: a/b")), 400 },
	{ "a Host with a user", BYTES(HOST("Host: u@a")), 400 },
	{ "a Host with a blank", BYTES(HOST("Host: a b")), 400 },
	{ "a list of Hosts", BYTES(HOST("Host: a, b")), 400 },
	{ "a Host with a port that is no number", BYTES(HOST("Host: a:b")), 400 },
	{ "a Host with a port out of range", BYTES(HOST("Host: a:65536")), 400 },
	{ "a Host with an open bracket", BYTES(HOST("Host: [::1")), 400 },
	{ "an absolute form for another host", BYTES(TARGET("http://b/p")), 400 },
	{ "an absolute form with a user", BYTES(TARGET("http://u@a/p")), 400 },
	{ "an absolute form of another scheme", BYTES(TARGET("ftp://a/p")), 400 },
	{ "an authority form", BYTES("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" SMUGGLED),
	    400 },
	{ "an asterisk form", BYTES(TARGET("*")), 400 },
	/* What it asks for. */
	{ "a path without a slash", BYTES(TARGET("p")), 400 },
	{ "a dot segment", BYTES(TARGET("/a/../p")), 400 },
	{ "a single dot segment", BYTES(TARGET("/./p")), 400 },
	{ "an encoded dot segment", BYTES(TARGET("/a/%2e%2E/p")), 400 },
	{ "a half-encoded dot segment", BYTES(TARGET("/a/.%2e")), 400 },
	{ "an empty segment", BYTES(TARGET("//p")), 400 },
	{ "an encoded NUL", BYTES(TARGET("/p%00")), 400 },
	{ "an encoded line break", BYTES(TARGET("/p%0d%0aX:%20y")), 400 },
	{ "half of an encoding", BYTES(TARGET("/p%2")), 400 },
	{ "an encoding that is none", BYTES(TARGET("/p%zz")), 400 },
	{ "an overlong encoding", BYTES(TARGET("/%c0%ae%c0%ae/p")), 400 },
	{ "a backslash", BYTES(TARGET("/a\\..\\p")), 400 },
	{ "a fragment", BYTES(TARGET("/p#x")), 400 },
	{ "a byte beyond ASCII in the target", BYTES(TARGET("/\xc3\xa9")), 400 },
	{ "a NUL in the target", BYTES(TARGET("/p\0q")), 400 },
	{ "a bad encoding in the query", BYTES(TARGET("/p?a=%")), 400 },
	{ "an encoded NUL in the query", BYTES(TARGET("/p?a=%00")), 400 },
	/* Request lines. */
	{ "two blanks in the request line", BYTES(LINE("GET  /p HTTP/1.1")), 400 },
	{ "a tab in the request line", BYTES(LINE("GET\t/p HTTP/1.1")), 400 },
	{ "a blank behind the version", BYTES(LINE("GET /p HTTP/1.1 ")), 400 },
	{ "a blank in the target", BYTES(LINE("GET /p q HTTP/1.1")), 400 },
	{ "a blank before the method", BYTES(LINE(" GET /p HTTP/1.1")), 400 },
	{ "no version", BYTES(LINE("GET /p")), 400 },
	{ "a version in lower case", BYTES(LINE("GET /p http/1.1")), 400 },
	{ "a version of three digits", BYTES(LINE("GET /p HTTP/1.10")), 400 },
	{ "version 0.9", BYTES(LINE("GET /p HTTP/0.9")), 505 },
	{ "version 1.2", BYTES(LINE("GET /p HTTP/1.2")), 505 },
	{ "version 2.0", BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505 },
	{ "a method that is no token", BYTES(LINE("GE(T /p HTTP/1.1")), 400 },
	{ "a method in lower case", BYTES(LINE("get /p HTTP/1.1")), 501 },
	{ "a method too long", BYTES(LINE("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA /p HTTP/1.1")), 501 },
	{ "a TLS greeting", BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), 400 },
	/* Chunks. */
	{ "a chunk without a size", BYTES(CHUNKED "\r\n\r\n" SMUGGLED), 400 },
	{ "a chunk size with a sign", BYTES(CHUNKED "+0\r\n\r\n" SMUGGLED), 400 },
	{ "a negative chunk size", BYTES(CHUNKED "-1\r\n\r\n" SMUGGLED), 400 },
	{ "a chunk size with 0x", BYTES(CHUNKED "0x0\r\n\r\n" SMUGGLED), 400 },
	{ "a chunk size that is no number", BYTES(CHUNKED "g\r\n\r\n" SMUGGLED), 400 },
	{ "a chunk size with a blank before", BYTES(CHUNKED " 0\r\n\r\n" SMUGGLED), 400 },
	{ "a chunk size with a blank behind", BYTES(CHUNKED "0 \r\n\r\n" SMUGGLED), 400 },
	{ "a chunk size beyond 64 bits", BYTES(CHUNKED "10000000000000000\r\n\r\n" SMUGGLED), 400 },
	{ "a chunk size of many zeroes", BYTES(CHUNKED "00000000000000000000\r\n\r\n" SMUGGLED),
	    400 },
	{ "a chunk size that ends in a line feed", BYTES(CHUNKED "0\n\r\n" SMUGGLED), 400 },
	{ "a chunk size that ends in a carriage return", BYTES(CHUNKED "0\rX\r\n" SMUGGLED), 400 },
	{ "a chunk longer than it says", BYTES(CHUNKED "1\r\nabc\r\n0\r\n\r\n" SMUGGLED), 400 },
	{ "a chunk that ends in a line feed", BYTES(CHUNKED "1\r\na\n0\r\n\r\n" SMUGGLED), 400 },
	{ "a last chunk that ends in a line feed", BYTES(CHUNKED "0\r\n\n" SMUGGLED), 400 },
	{ "a line feed in a chunk's extension", BYTES(CHUNKED "0;a\nb\r\n\r\n" SMUGGLED), 400 },
	{ "a NUL in a chunk's extension", BYTES(CHUNKED "0;a\0b\r\n\r\n" SMUGGLED), 400 },
	{ "a long chunk extension",
	    BYTES(CHUNKED "0;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			  "\r\n\r\n" SMUGGLED),
	    400 },
	{ "trailer fields", BYTES(CHUNKED "0\r\nContent-Length: 36\r\n\r\n" SMUGGLED), 400 },
	{ "a chunk that is too large", BYTES(CHUNKED "7fffffff\r\n" SMUGGLED), 413 },
};

#define N_FORMS (sizeof forms / sizeof *forms)

#endif
