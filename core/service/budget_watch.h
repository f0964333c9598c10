/*
 * budget_watch.h - looks over the budget: at the start, each hour, and after what happens
 */
#ifndef SERVICE_BUDGET_WATCH_H
#define SERVICE_BUDGET_WATCH_H

#include "service/background.h"

struct budget_watch {
	char digest[17];           /* of the configuration that was looked at last */
	int64_t event;             /* the last one that was seen */
	instant whole_at, next_at; /* monotonic */
};

background_round budget_watch_round; /* context: a struct budget_watch, of zeroes at first */

#endif
