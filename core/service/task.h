/*
 * task.h - many tasks on one thread, each written as if it were alone
 *
 * A task runs until it waits; then another one does. Nothing is shared between
 * threads here but task_wake's caller must be the thread of the tasks.
 */
#ifndef SERVICE_TASK_H
#define SERVICE_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tasks;
struct task;

struct tasks *tasks_new(void);
void tasks_free(struct tasks *); /* none may be left */

/* Runs from the next tasks_run() on. */
void task_start(struct tasks *, void (*run)(void *argument), void *argument);
struct task *task_self(struct tasks *); /* NULL outside of a task */
void task_wait(struct tasks *);         /* until woken; within a task only */
/* The same for what may take long, as an exchange does: where many tasks wait, what the stack
 * does not need meanwhile is given back. */
void task_rest(struct tasks *);
void task_wake(struct tasks *, struct task *);
void task_sleep(struct tasks *, int64_t ms);

/* Runs what is ready, and what becomes ready meanwhile: `most` of them. */
void tasks_run(struct tasks *, size_t most);
void tasks_wake_all(struct tasks *); /* those that sleep */
size_t tasks_count(const struct tasks *);
/* Milliseconds until there is something to run; -1: nobody sleeps, nobody is ready. */
int64_t tasks_next_ms(const struct tasks *);

#endif
