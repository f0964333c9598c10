/*
 * operations.h - what can be done at a portal, and where a plugin has the step for it
 */
#ifndef PORTAL_OPERATIONS_H
#define PORTAL_OPERATIONS_H

#include "base/text.h"
#include "caseroute/portal.h"

enum operation_kind {
	OPERATION_OPEN,
	OPERATION_ACTIVATE,
	OPERATION_LINK,
	OPERATION_CREATE,
	OPERATION_ATTACH,
	OPERATION_MESSAGE,
	OPERATION_CHANGE,
	OPERATION_STATUS,
	OPERATION_REMAINING,
	OPERATION_LOGIN, /* these two are run by this room alone */
	OPERATION_OPTIONS_OK,
};
const char *operation_name(enum operation_kind);         /* "open", "activate" ... */
bool operation_read(struct text, enum operation_kind *); /* but the last two */
uint32_t operation_number(enum operation_kind);          /* in the ABI */
/* NULL: the plugin cannot do that. */
portal_step_function *operation_step(const struct portal_plugin *, enum operation_kind);

#endif
