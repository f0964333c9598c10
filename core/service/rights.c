#include "service/rights.h"

#include <string.h>

#define NO REACH_NONE
#define STATE REACH_STATE
#define OWN REACH_OWN
#define ALL REACH_ALL

/* Integrators get no explanation and no plan: both show what the desk has, not only
 * what was submitted. */
/* clang-format off */
static const struct right rights[] = {
	/*                                       agent  admin  operator auditor integrator */
	{ "GET",  "/readyz",                   { NO,    NO,    ALL,     NO,     NO } },
	{ "GET",  "/metrics",                  { NO,    NO,    ALL,     NO,     NO } },
	{ "GET",  "/openapi.json",             { ALL,   ALL,   ALL,     ALL,    ALL } },
	{ "GET",  "/v1/portals",               { ALL,   ALL,   ALL,     NO,     NO } },
	{ "GET",  "/v1/routes",                { ALL,   ALL,   ALL,     NO,     NO } },
	{ "POST", "/v1/reload",                { NO,    NO,    ALL,     NO,     NO } },
	{ "POST", "/v1/plans",                 { ALL,   ALL,   NO,      NO,     NO } },
	{ "GET",  "/v1/requests",              { ALL,   ALL,   STATE,   ALL,    OWN } },
	{ "POST", "/v1/requests",              { ALL,   ALL,   NO,      NO,     OWN } },
	{ "GET",  "/v1/requests/*",            { ALL,   ALL,   STATE,   ALL,    OWN } },
	{ "GET",  "/v1/requests/*/explain",    { ALL,   ALL,   NO,      ALL,    NO } },
	{ "POST", "/v1/requests/*/answers",    { ALL,   ALL,   NO,      NO,     NO } },
	{ "POST", "/v1/requests/*/cancel",     { ALL,   ALL,   NO,      NO,     NO } },
	{ "POST", "/v1/requests/*/replay",     { NO,    NO,    STATE,   NO,     NO } },
	{ "GET",  "/v1/contracts",             { ALL,   ALL,   NO,      NO,     NO } },
	{ "GET",  "/v1/events",                { ALL,   ALL,   STATE,   ALL,    OWN } },
	{ "GET",  "/v1/webhooks",              { NO,    NO,    ALL,     NO,     NO } },
	{ "POST", "/v1/webhooks/*/test",       { NO,    NO,    ALL,     NO,     NO } },
	{ "POST", "/v1/webhooks/*/resend",     { NO,    NO,    ALL,     NO,     NO } },
	{ "POST", "/v1/webhooks/*/enable",     { NO,    NO,    ALL,     NO,     NO } },
};
/* clang-format on */

enum { N_RIGHTS = sizeof rights / sizeof rights[0] };

const struct right *rights_at(size_t i)
{
	return i < N_RIGHTS ? &rights[i] : NULL;
}

unsigned rights_reach(unsigned roles, const char *method, const char *path)
{
	unsigned reach = REACH_NONE;

	for (size_t i = 0; i < N_RIGHTS; i++) {
		if (strcmp(rights[i].method, method) != 0 || strcmp(rights[i].path, path) != 0)
			continue;
		for (unsigned role = 0; role < N_ROLES; role++)
			if (roles & 1u << role)
				reach |= rights[i].reach[role];
	}
	return reach;
}

bool rights_is_open(const char *method, const char *path)
{
	return strcmp(method, "GET") == 0 && strcmp(path, "/livez") == 0;
}
