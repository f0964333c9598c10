/*
 * owner.h - who holds a claim: host, process, and when that process began
 *
 * A process that was killed cannot give its claim back. On its own host that is
 * seen at once, so nobody has to wait for the lease to end.
 */
#ifndef ENGINE_OWNER_H
#define ENGINE_OWNER_H

#include <stdbool.h>

#define OWNER_TEXT 80

void owner_self(char out[OWNER_TEXT]);
/* Is it a process of this host that is not there any more? */
bool owner_is_gone(const char *owner);

#endif
