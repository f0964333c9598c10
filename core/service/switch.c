#include "service/switch.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

/* System V ABI: a call keeps rbx, rbp, r12 to r15 and the control words of the floating-point
 * units; the stack has them and the place to return to. */
__asm__(".text\n"
	".p2align 4\n"
	".local switch_to\n"
	".type switch_to, @function\n"
	"switch_to:\n"
	"	endbr64\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	subq $8, %rsp\n"
	"	stmxcsr (%rsp)\n"
	"	fnstcw 4(%rsp)\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	ldmxcsr (%rsp)\n"
	"	fldcw 4(%rsp)\n"
	"	addq $8, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size switch_to, .-switch_to\n"
	".local switch_begin\n"
	".type switch_begin, @function\n"
	"switch_begin:\n"
	"	endbr64\n"
	"	movq %r12, %rdi\n"
	"	xorl %ebp, %ebp\n"
	"	call *%r13\n"
	"	ud2\n"
	".size switch_begin, .-switch_begin\n");

enum { CONTROL, R15, R14, R13, R12, RBX, RBP, RETURN_TO, WORDS = RETURN_TO + 3 };

static void fill(uintptr_t *top, uintptr_t begin, uintptr_t run, uintptr_t argument)
{
	uint32_t control[2] = { 0x1f80, 0x037f }; /* as a program starts */

	/* Behind RETURN_TO two words are left, so that the stack is aligned for a call. */
	memcpy(&top[CONTROL], control, sizeof control);
	top[R13] = run;
	top[R12] = argument;
	top[RETURN_TO] = begin;
}

#elif defined(__aarch64__)

/* AAPCS64: a call keeps x19 to x29 and d8 to d15; x30 is the place to return to. */
__asm__(".text\n"
	".p2align 4\n"
	".local switch_to\n"
	".type switch_to, %function\n"
	"switch_to:\n"
	"	sub sp, sp, #160\n"
	"	stp x19, x20, [sp, #0]\n"
	"	stp x21, x22, [sp, #16]\n"
	"	stp x23, x24, [sp, #32]\n"
	"	stp x25, x26, [sp, #48]\n"
	"	stp x27, x28, [sp, #64]\n"
	"	stp x29, x30, [sp, #80]\n"
	"	stp d8, d9, [sp, #96]\n"
	"	stp d10, d11, [sp, #112]\n"
	"	stp d12, d13, [sp, #128]\n"
	"	stp d14, d15, [sp, #144]\n"
	"	mov x9, sp\n"
	"	str x9, [x0]\n"
	"	mov sp, x1\n"
	"	ldp x19, x20, [sp, #0]\n"
	"	ldp x21, x22, [sp, #16]\n"
	"	ldp x23, x24, [sp, #32]\n"
	"	ldp x25, x26, [sp, #48]\n"
	"	ldp x27, x28, [sp, #64]\n"
	"	ldp x29, x30, [sp, #80]\n"
	"	ldp d8, d9, [sp, #96]\n"
	"	ldp d10, d11, [sp, #112]\n"
	"	ldp d12, d13, [sp, #128]\n"
	"	ldp d14, d15, [sp, #144]\n"
	"	add sp, sp, #160\n"
	"	ret\n"
	".size switch_to, .-switch_to\n"
	".local switch_begin\n"
	".type switch_begin, %function\n"
	"switch_begin:\n"
	"	mov x0, x19\n"
	"	mov x29, #0\n"
	"	blr x20\n"
	"	brk #1\n"
	".size switch_begin, .-switch_begin\n");

enum { X19, X20, X30 = 11, WORDS = 20 };

static void fill(uintptr_t *top, uintptr_t begin, uintptr_t run, uintptr_t argument)
{
	top[X19] = argument;
	top[X20] = run;
	top[X30] = begin;
}

#endif

#if defined(__x86_64__) || defined(__aarch64__)

void switch_to(void **from, void *to);
void switch_begin(void);

void switch_prepare(struct switch_place *place, char *stack, size_t bytes,
    void (*run)(void *argument), void *argument)
{
	uintptr_t end = (uintptr_t)(stack + bytes) & ~(uintptr_t)15;
	uintptr_t *top = (uintptr_t *)(end - WORDS * sizeof(uintptr_t));

	memset(top, 0, WORDS * sizeof *top);
	fill(top, (uintptr_t)switch_begin, (uintptr_t)run, (uintptr_t)argument);
	place->top = top;
}

void switch_stacks(struct switch_place *from, struct switch_place *to)
{
	switch_to(&from->top, to->top);
}

#else

#include <stdlib.h>

/* makecontext passes ints only: pointers travel in two halves. */
static void begin(unsigned run_high, unsigned run_low, unsigned high, unsigned low)
{
	void (*run)(void *) = (void (*)(void *))((uintptr_t)((uint64_t)run_high << 32 | run_low));

	run((void *)(uintptr_t)((uint64_t)high << 32 | low));
	abort();
}

void switch_prepare(struct switch_place *place, char *stack, size_t bytes,
    void (*run)(void *argument), void *argument)
{
	uint64_t to_run = (uintptr_t)run, with = (uintptr_t)argument;

	getcontext(&place->context);
	place->context.uc_stack.ss_sp = stack;
	place->context.uc_stack.ss_size = bytes;
	place->context.uc_link = NULL;
	makecontext(&place->context, (void (*)(void))begin, 4, (unsigned)(to_run >> 32),
	    (unsigned)to_run, (unsigned)(with >> 32), (unsigned)with);
}

void switch_stacks(struct switch_place *from, struct switch_place *to)
{
	swapcontext(&from->context, &to->context);
}

#endif
