/* exports nothing */
#include <caseroute/portal.h>

__attribute__((used)) static uint32_t create(struct portal_op *op)
{
	op->out->ticket = PORTAL_STR("1");
	return PORTAL_DONE;
}
