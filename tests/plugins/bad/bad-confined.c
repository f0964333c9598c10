/* calls the kernel by itself: no import gives it away, the child's filter does */
#include "bad.h"

static long who_am_i(void)
{
	long result;

#if defined(__x86_64__)
	__asm__ volatile("syscall" : "=a"(result) : "a"(102L) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long x0 __asm__("x0");
	register long x8 __asm__("x8") = 174;

	__asm__ volatile("svc 0" : "=r"(x0) : "r"(x8) : "memory");
	result = x0;
#endif
	return result;
}

static uint32_t create(struct portal_op *op)
{
	op->cursor[0] = (uint32_t)who_am_i();
	return bad_nothing(op);
}

BAD_PLUGIN("confined", .create = create);
