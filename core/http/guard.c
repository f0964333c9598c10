#include "http/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

/* The first range that holds an address counts; what is in none is public. Sources: the
 * IANA registries of special-purpose addresses (RFC 6890 and its updates). */
static const struct {
	uint32_t address;
	int bits;
	enum address_class class;
} four[] = {
	{ 0x00000000, 8, ADDRESS_NEVER },    /* 0.0.0.0/8: this network */
	{ 0x0a000000, 8, ADDRESS_PRIVATE },  /* 10/8 */
	{ 0x646464c8, 32, ADDRESS_NEVER },   /* 100.100.100.200: metadata of a cloud */
	{ 0x64400000, 10, ADDRESS_PRIVATE }, /* 100.64/10: shared (RFC 6598) */
	{ 0x7f000000, 8, ADDRESS_PRIVATE },  /* 127/8 */
	{ 0xa83f8110, 32, ADDRESS_NEVER },   /* 168.63.129.16: metadata of a cloud */
	{ 0xa9fe0000, 16, ADDRESS_NEVER },   /* 169.254/16: link-local, metadata of clouds */
	{ 0xac100000, 12, ADDRESS_PRIVATE }, /* 172.16/12 */
	{ 0xc0000000, 24, ADDRESS_NEVER },   /* 192.0.0/24: protocols, metadata of a cloud */
	{ 0xc0000200, 24, ADDRESS_NEVER },   /* 192.0.2/24: documentation */
	{ 0xc0586300, 24, ADDRESS_NEVER },   /* 192.88.99/24: 6to4 relays */
	{ 0xc0a80000, 16, ADDRESS_PRIVATE }, /* 192.168/16 */
	{ 0xc6120000, 15, ADDRESS_NEVER },   /* 198.18/15: benchmarks */
	{ 0xc6336400, 24, ADDRESS_NEVER },   /* 198.51.100/24: documentation */
	{ 0xcb007100, 24, ADDRESS_NEVER },   /* 203.0.113/24: documentation */
	{ 0xe0000000, 3, ADDRESS_NEVER },    /* 224/3: multicast, reserved, broadcast */
};

/* at: where an IPv4 address stands in it, which then counts; 0: nowhere. */
static const struct {
	unsigned char address[16];
	int bits, at;
	enum address_class class;
} six[] = {
	{ { [15] = 0 }, 128, 0, ADDRESS_NEVER },                 /* :: */
	{ { [15] = 1 }, 128, 0, ADDRESS_PRIVATE },               /* ::1 */
	{ { [10] = 0xff, 0xff }, 96, 12, ADDRESS_PUBLIC },       /* mapped */
	{ { 0 }, 96, 12, ADDRESS_PUBLIC },                       /* compatible */
	{ { 0, 0x64, 0xff, 0x9b }, 96, 12, ADDRESS_PUBLIC },     /* 64:ff9b::/96 */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, 0, ADDRESS_NEVER }, /* local NAT64 */
	{ { 0x01, 0x00 }, 64, 0, ADDRESS_NEVER },                /* discard */
	{ { 0x20, 0x02 }, 16, 2, ADDRESS_PUBLIC },               /* 6to4 */
	{ { 0x20, 0x01, 0x00 }, 23, 0, ADDRESS_NEVER },          /* Teredo, protocols */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, 0, ADDRESS_NEVER },    /* documentation */
	{ { 0x3f, 0xff }, 20, 0, ADDRESS_NEVER },                /* documentation */
	{ { 0xfd, 0x00, 0x0e, 0xc2, [14] = 2, 0x54 }, 128, 0, ADDRESS_NEVER }, /* metadata */
	{ { 0xfc }, 7, 0, ADDRESS_PRIVATE },                                   /* unique local */
	{ { 0xfe, 0xc0 }, 10, 0, ADDRESS_PRIVATE },                            /* site-local */
	{ { 0x20 }, 3, 0, ADDRESS_PUBLIC },                                    /* 2000::/3 */
	{ { 0 }, 0, 0, ADDRESS_NEVER }, /* link-local, multicast, all that is not given out */
};

static enum address_class class_of_four(uint32_t address)
{
	for (size_t i = 0; i < sizeof four / sizeof four[0]; i++)
		if ((address ^ four[i].address) >> (32 - four[i].bits) == 0)
			return four[i].class;
	return ADDRESS_PUBLIC;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, (size_t)whole) == 0 &&
	    (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

static enum address_class class_of_six(const unsigned char address[16])
{
	size_t i = 0;
	uint32_t inner;

	while (!same_bits(address, six[i].address, six[i].bits))
		i++;
	if (!six[i].at)
		return six[i].class;
	memcpy(&inner, address + six[i].at, sizeof inner);
	return class_of_four(ntohl(inner));
}

enum address_class address_class_of(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return class_of_four(
		    ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return class_of_six(
		    ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
	return ADDRESS_NEVER;
}

enum address_class address_class_read(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_class_of((const struct sockaddr *)(const void *)&v4);
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		return address_class_of((const struct sockaddr *)(const void *)&v6);
	return ADDRESS_NEVER;
}

bool guard_allows(enum http_guard guard, enum address_class class)
{
	return guard == HTTP_GUARD_NONE || class == ADDRESS_PUBLIC ||
	    (guard == HTTP_GUARD_PRIVATE && class == ADDRESS_PRIVATE);
}

/* ---- in an exchange ---------------------------------------------------------------- */

static bool allow(struct guard *guard, enum address_class class)
{
	bool is_allowed = guard_allows(guard->kind, class);

	guard->is_refused = guard->is_refused || !is_allowed;
	return is_allowed;
}

static curl_socket_t open_socket(void *guard, curlsocktype type, struct curl_sockaddr *address)
{
	(void)type;
	return allow(guard, address_class_of(&address->addr))
	    ? socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol)
	    : CURL_SOCKET_BAD;
}

/* A kept connection opens no socket, and may be another exchange's. */
static int check_connection(void *guard, char *address, char *own, int port, int own_port)
{
	(void)own, (void)port, (void)own_port;
	return allow(guard, address_class_read(address)) ? CURL_PREREQFUNC_OK
							 : CURL_PREREQFUNC_ABORT;
}

void guard_set(struct guard *guard, enum http_guard kind, CURL *easy)
{
	*guard = (struct guard){ .kind = kind };
	if (kind == HTTP_GUARD_NONE)
		return;
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, guard);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, check_connection);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, guard);
}
