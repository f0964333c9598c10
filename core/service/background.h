/*
 * background.h - work that the service does by itself, again and again
 *
 * As a task of the loop: its commits gather with those of requests, its exchanges share
 * their loop, and it never runs while one of them could.
 */
#ifndef SERVICE_BACKGROUND_H
#define SERVICE_BACKGROUND_H

#include "service/loop.h"

struct background;

/* One round with the generation in force; returns the milliseconds until the next one. The
 * last one is while the loop stops (engine.is_stopping): then there is only time to write
 * down what is done. */
typedef int64_t background_round(struct engine *, void *context);

/* From now on until the loop stops. The context must outlive the loop. */
struct background *background_start(struct loop *, background_round *, void *context);
void background_free(struct background *); /* after loop_stop() */

#endif
