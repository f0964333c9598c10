/*
 * faultpoint.h - places where a test may kill the process
 *
 * A durable point is a place after which a restart finds another state than
 * before it. CASEROUTE_KILL_AT=N ends the process with SIGKILL at the Nth one
 * it passes; CASEROUTE_KILL_LOG=FILE appends the name of each, to count them.
 * Without these variables nothing happens.
 */
#ifndef LEDGER_FAULTPOINT_H
#define LEDGER_FAULTPOINT_H

void faultpoint(const char *name); /* "commit", "committed", "send" ...; from any thread */

#endif
