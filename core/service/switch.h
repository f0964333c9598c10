/*
 * switch.h - from one stack to another
 *
 * swapcontext(3) also saves the signal mask, by a system call, with each switch: 220 ns
 * against 5. Tasks do not change their signal mask, so registers are all there is to save.
 * On processors other than x86-64 and AArch64 it is swapcontext all the same.
 */
#ifndef SERVICE_SWITCH_H
#define SERVICE_SWITCH_H

#include <stddef.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#include <ucontext.h>
struct switch_place {
	ucontext_t context;
};
#else
/* Where a stack was left. */
struct switch_place {
	void *top;
};
#endif

/* A stack that calls run(argument) when it is first switched to; run must not return. */
void switch_prepare(
    struct switch_place *, char *stack, size_t bytes, void (*run)(void *argument), void *argument);
/* Leaves this stack at `from` and goes on at `to`; returns when somebody switches back. */
void switch_stacks(struct switch_place *from, struct switch_place *to);

#endif
