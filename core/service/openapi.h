/*
 * openapi.h - the description of the HTTP API: openapi.json, as the build puts it in
 */
#ifndef SERVICE_OPENAPI_H
#define SERVICE_OPENAPI_H

#include "base/text.h"

extern const struct text openapi;

#endif
