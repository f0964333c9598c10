/*
 * child_run.h - this program as the confined child of another
 */
#ifndef PORTAL_CHILD_RUN_H
#define PORTAL_CHILD_RUN_H

#include <stdbool.h>

/* Its first argument; the second is the portal's name, for who looks at a list of processes. */
#define CHILD_WORD "--portal-child"
/* The descriptors that it gets. */
#define CHILD_SOCKET 3
#define CHILD_PLUGIN 4

/* At the begin of main(). As a child it runs steps until the socket ends, and never returns.
 * A program that does not ask cannot start children: they would be it once more. */
void child_take_over(int argc, char **argv);
bool child_can_start(void);

#endif
