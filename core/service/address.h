/*
 * address.h - where the service is met on its own machine
 */
#ifndef SERVICE_ADDRESS_H
#define SERVICE_ADDRESS_H

#include "base/memory.h"

/* "caseroute.sock" beside the ledger, where only the user that runs the service gets in. */
const char *service_socket(const char *ledger_path, struct arena *);

#endif
