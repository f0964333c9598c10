/* its table says to be longer than it is */
#include <caseroute/portal.h>

struct beginning {
	uint32_t size;
	uint16_t abi_major, abi_minor;
};

PORTAL_EXPORT extern const struct beginning caseroute_portal_1;
const struct beginning caseroute_portal_1 = { sizeof(struct portal_plugin), PORTAL_ABI_MAJOR,
	PORTAL_ABI_MINOR };
