/*
 * owner.h - who holds a claim: host, process, and when that process began
 *
 * A process that was killed cannot give its claim back. On its own host that is
 * seen at once, so nobody has to wait for the lease to end.
 */
#ifndef ENGINE_OWNER_H
#define ENGINE_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#define OWNER_TEXT 120

void owner_self(char out[OWNER_TEXT]);
/* One of many at work in one process: they do not take each other's claims. */
void owner_part(char owner[OWNER_TEXT], uint64_t number);
/* Is it a process of this host that is not there any more? */
bool owner_is_gone(const char *owner);

#endif
