/* talks to the network itself */
#include "bad.h"

extern int socket(int, int, int);

static uint32_t create(struct portal_op *op)
{
	op->cursor[0] = (uint32_t)socket(2, 1, 0);
	return bad_nothing(op);
}

BAD_PLUGIN("imports", .create = create);
