#include "portal/operations.h"

#include <string.h>

/* Operations, their names, their numbers in the ABI, and where a plugin has them. */
static const struct {
	const char *name;
	uint32_t number;
	size_t offset;
} operations[] = {
#define STEP(member) offsetof(struct portal_plugin, member)
	[OPERATION_OPEN] = { "open", PORTAL_OP_OPEN, STEP(open) },
	[OPERATION_ACTIVATE] = { "activate", PORTAL_OP_ACTIVATE, STEP(activate) },
	[OPERATION_LINK] = { "link", PORTAL_OP_LINK, STEP(link) },
	[OPERATION_CREATE] = { "create", PORTAL_OP_CREATE, STEP(create) },
	[OPERATION_ATTACH] = { "attach", PORTAL_OP_ATTACH, STEP(attach) },
	[OPERATION_MESSAGE] = { "message", PORTAL_OP_MESSAGE, STEP(message) },
	[OPERATION_CHANGE] = { "change", PORTAL_OP_CHANGE, STEP(change) },
	[OPERATION_STATUS] = { "status", PORTAL_OP_STATUS, STEP(status) },
	[OPERATION_REMAINING] = { "remaining", PORTAL_OP_REMAINING, STEP(remaining) },
	[OPERATION_LOGIN] = { "login", PORTAL_OP_LOGIN, STEP(login) },
	[OPERATION_OPTIONS_OK] = { "options_ok", PORTAL_OP_OPTIONS_OK, STEP(options_ok) },
#undef STEP
};

const char *operation_name(enum operation_kind kind)
{
	return operations[kind].name;
}

bool operation_read(struct text name, enum operation_kind *kind)
{
	for (unsigned i = OPERATION_OPEN; i <= OPERATION_REMAINING; i++)
		if (text_is(name, operations[i].name)) {
			*kind = (enum operation_kind)i;
			return true;
		}
	return false;
}

uint32_t operation_number(enum operation_kind kind)
{
	return operations[kind].number;
}

portal_step_function *operation_step(const struct portal_plugin *table, enum operation_kind kind)
{
	portal_step_function *step;

	memcpy(&step, (const char *)table + operations[kind].offset, sizeof step);
	return step;
}
