/*
 * address.h - where the service is met, and who gets in there
 */
#ifndef SERVICE_ADDRESS_H
#define SERVICE_ADDRESS_H

#include <stdbool.h>
#include "base/memory.h"
#include "engine/generation.h"

/* [service] socket, or "caseroute.sock" beside the ledger, where only the user that runs the
 * service gets in. */
const char *service_socket(const struct generation *, struct arena *);

/* "127.0.0.1:8080", "[::1]:0": numbers only, as the server takes them. False: it is none. */
bool address_read(const char *address, bool *is_loopback);

/* How many sockets systemd has passed to this process (sd_listen_fds(3)). */
int address_passed(void);
/* One of them that is TCP, as text: for callers. is_open: that other machines reach. NULL: none. */
const char *address_passed_tcp(bool is_open, struct arena *);

#endif
