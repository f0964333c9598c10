/* runs when it is loaded */
#include "bad.h"

__attribute__((constructor)) static void at_once(void)
{
	__builtin_trap();
}

BAD_PLUGIN("no-constructor", .create = bad_nothing);
