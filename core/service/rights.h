/*
 * rights.h - who may do what: the one table of endpoints and roles
 *
 * What is not in it is denied. `caseroute serve` gives whoever runs it every
 * right over its Unix socket; this is about callers with a key.
 */
#ifndef SERVICE_RIGHTS_H
#define SERVICE_RIGHTS_H

#include "engine/caller.h"

/* How far a right goes; a caller with several roles has all of theirs. */
enum reach {
	REACH_NONE = 0,
	REACH_STATE = 1, /* of all requests, where they stand, but nothing of what they say */
	REACH_OWN = 2,   /* of what the caller submitted, everything */
	REACH_ALL = 4,
};

enum { N_ROLES = CALLER_N_ROLES };

struct right {
	const char *method, *path; /* as in the table of endpoints (api.c) */
	enum reach reach[N_ROLES]; /* agent, admin-agent, operator, auditor, integrator */
};

/* bits of enum caller_role -> bits of enum reach */
unsigned rights_reach(unsigned roles, const char *method, const char *path);
/* Needs no key at all. */
bool rights_is_open(const char *method, const char *path);
const struct right *rights_at(size_t); /* NULL at the end */

#endif
