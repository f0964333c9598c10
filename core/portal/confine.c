#include "portal/confine.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_BYTES ((rlim_t)1024 * 1024)

const char *confine_missing(void)
{
#ifdef CASEROUTE_INSTRUMENTED
	return "this build is instrumented, and its instruments need system calls";
#else
	uint32_t action = SECCOMP_RET_KILL_PROCESS;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
		return NULL;
	return "this kernel has no filter for system calls (seccomp)";
#endif
}

bool confine_descriptors(int first, int last)
{
	return (first == 0 || close_range(0, (unsigned)first - 1, 0) == 0) &&
	    close_range((unsigned)last + 1, UINT32_MAX, 0) == 0;
}

/* ---- limits --------------------------------------------------------------------------- */

static bool limit(int resource, rlim_t value)
{
	struct rlimit l = { value, value }, had;

	if (getrlimit((__rlimit_resource_t)resource, &had) == 0 && had.rlim_max < value)
		l.rlim_cur = l.rlim_max = had.rlim_max; /* it can only be lowered */
	return setrlimit((__rlimit_resource_t)resource, &l) == 0;
}

static bool limit_memory(size_t bytes)
{
#ifdef CASEROUTE_INSTRUMENTED
	(void)bytes;
	return true;
#else
	return limit(RLIMIT_AS, bytes) && limit(RLIMIT_STACK, STACK_BYTES);
#endif
}

bool confine_limits(size_t bytes, struct failure *why)
{
	static const int none[] = { RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_NOFILE,
		RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE };
	bool is_ok = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		is_ok = is_ok && limit(none[i], 0);
	return (is_ok && limit_memory(bytes)) ||
	    failure_set(why, FAILURE_INTERNAL, "a limit cannot be set: %s", strerror(errno));
}

/* ---- system calls ----------------------------------------------------------------------- */

/* An argument of which the bits of the mask are so. */
static struct scmp_arg_cmp argument(unsigned at, uint64_t mask, uint64_t bits)
{
	return (struct scmp_arg_cmp){ at, SCMP_CMP_MASKED_EQ, mask, bits };
}

static int allow(scmp_filter_ctx filter, int call)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
}

static int allow_with(scmp_filter_ctx filter, int call, int fd)
{
	return seccomp_rule_add(
	    filter, SCMP_ACT_ALLOW, call, 1, argument(0, UINT32_MAX, (uint32_t)fd));
}

/* Private memory of nobody's file, which cannot be executed. */
static int allow_memory(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
		   argument(2, PROT_EXEC, 0),
		   argument(3, UINT64_MAX, MAP_PRIVATE | MAP_ANONYMOUS)) |
	    allow(filter, SCMP_SYS(munmap)) | allow(filter, SCMP_SYS(brk));
}

/* The host says on stderr when memory is out; that is closed, and an error to the caller. */
static int allow_words(scmp_filter_ctx filter, int socket)
{
	return allow_with(filter, SCMP_SYS(read), socket) |
	    allow_with(filter, SCMP_SYS(write), socket) |
	    allow_with(filter, SCMP_SYS(write), STDERR_FILENO) | allow(filter, SCMP_SYS(exit)) |
	    allow(filter, SCMP_SYS(exit_group));
}

bool confine_calls(int socket, struct failure *why)
{
	const char *missing = confine_missing();
	scmp_filter_ctx filter;
	bool is_ok;

	if (missing)
		return failure_set(why, FAILURE_UNAVAILABLE, "%s", missing);
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	is_ok = filter && allow_memory(filter) == 0 && allow_words(filter, socket) == 0 &&
	    seccomp_load(filter) == 0;
	/* The filter is not released: that would be a system call too many. */
	return is_ok ||
	    failure_set(why, FAILURE_UNAVAILABLE, "the filter for system calls cannot be had");
}
