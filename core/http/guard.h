/*
 * guard.h - which addresses an exchange may connect to
 *
 * A name is no proof: it may resolve to anything, and to something else the next
 * time. So it is the address of the connection itself that is asked about.
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include "http/http.h"

#include <curl/curl.h>
#include <sys/socket.h>

enum address_class {
	ADDRESS_PUBLIC,
	ADDRESS_PRIVATE, /* this machine, and networks that are not routed (RFC 1918, 4193, 6598) */
	ADDRESS_NEVER,   /* link-local, multicast, unspecified, reserved, clouds' metadata */
};

/* What stands in an IPv6 address for an IPv4 one (mapped, NAT64, 6to4) counts as that one. */
enum address_class address_class_of(const struct sockaddr *);
/* The same for its text; ADDRESS_NEVER where it is none. */
enum address_class address_class_read(const char *text);

bool guard_allows(enum http_guard, enum address_class);

/* Of one exchange, as long as its handle is in use. */
struct guard {
	enum http_guard kind;
	bool is_refused; /* it wanted to go where it must not */
};
void guard_set(struct guard *, enum http_guard, CURL *);

#endif
