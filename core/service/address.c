#include "service/address.h"

#include <libgen.h>
#include <string.h>

const char *service_socket(const char *ledger_path, struct arena *arena)
{
	char *copy = arena_copy(arena, ledger_path, strlen(ledger_path));

	return arena_format(arena, "%s/caseroute.sock", dirname(copy));
}
