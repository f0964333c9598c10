/*
 * isolation.h - which plugins run in a confined child, and why
 */
#ifndef PORTAL_ISOLATION_H
#define PORTAL_ISOLATION_H

#include "base/memory.h"

#include <stdbool.h>

/* The folders of plugins that came with this program, parted by ':'. */
const char *isolation_own_folders(struct arena *);

/* Why a plugin's file is not to be trusted with the process; NULL: it came with the program, and
 * belongs to root or to who runs it. */
const char *isolation_stranger(const char *file, struct arena *);

#endif
