/*
 * hostile: a plugin that wants out. It does one deed in each step `create`, by raw
 * system calls where it needs them; what is left of the step is a good one.
 */
#include <caseroute/portal.h>

enum { ORIGIN, DEED };

#define DEEDS                                                                                      \
	"nothing socket open execute fork kill executable-memory exit loop wait recursion map "    \
	"heap stack host-memory inputs host-table null illegal long-frame forged-frame "           \
	"second-frame as-titled"

static const struct portal_option options[] = {
	[ORIGIN] = { .name = "origin",
	    .type = PORTAL_ORIGIN,
	    .fallback = "https://portal.example",
	    .help = "where it may go" },
	[DEED] = { .name = "deed",
	    .type = PORTAL_CHOICE,
	    .fallback = "nothing",
	    .choices = DEEDS,
	    .help = "what it does in create" },
};

/* ---- raw system calls --------------------------------------------------------------- */

enum {
	READ = 0,
	WRITE = 1,
	OPEN = 2,
	MMAP = 9,
	SOCKET = 41,
	FORK = 57,
	EXECVE = 59,
	KILL = 62,
	EXIT = 231
};

static long call(long number, long a, long b, long c, long d)
{
	long result = -1;
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = -1;
	register long r9 __asm__("r9") = 0;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
#endif
	return result;
}

static void open_file(struct portal_op *op)
{
	(void)op;
	call(OPEN, (long)"/etc/passwd", 0, 0, 0);
}

static void open_socket(struct portal_op *op)
{
	(void)op;
	call(SOCKET, 2, 1, 0, 0);
}

static void execute(struct portal_op *op)
{
	static const char *const arguments[] = { "/bin/true", NULL };

	(void)op;
	call(EXECVE, (long)arguments[0], (long)arguments, 0, 0);
}

static void fork_itself(struct portal_op *op)
{
	(void)op;
	call(FORK, 0, 0, 0, 0);
}

static void kill_all(struct portal_op *op)
{
	(void)op;
	call(KILL, -1, 0, 0, 0);
}

static void map_executable(struct portal_op *op)
{
	(void)op;
	call(MMAP, 0, 4096, 7, 0x22);
}

static void leave(struct portal_op *op)
{
	(void)op;
	call(EXIT, 0, 0, 0, 0);
}

/* ---- never back, or out of bounds ------------------------------------------------------- */

static void loop(struct portal_op *op)
{
	(void)op;
	for (;;)
		__asm__ volatile("");
}

static void wait_for_ever(struct portal_op *op)
{
	char byte;

	(void)op;
	call(READ, 3, (long)&byte, 1, 0);
}

static unsigned deeper(unsigned n)
{
	volatile char page[4096];

	page[0] = (char)n;
	page[4095] = (char)(n >> 8);
	__asm__("" : "+r"(n)); /* the compiler would know that there is no end */
	if (n == 0)
		return 0;
	n = deeper(n + 1) + (unsigned char)page[0];
	return n + (unsigned char)page[4095];
}

static void recurse(struct portal_op *op)
{
	op->stage = deeper(1);
}

/* All that the limit gives, so that nothing is left for the host. */
static void map_all(struct portal_op *op)
{
	for (unsigned long n = 64ul << 20; n >= 4096; n /= 2)
		while ((unsigned long)call(MMAP, 0, (long)n, 3, 0x22) < (unsigned long)-4096)
			;
	for (;;)
		op->host->format(op, "%s %s", "some more", op->request->title.p);
}

static void fill_heap(struct portal_op *op)
{
	static const char text[60000];

	for (;;)
		op->host->fill(op, (portal_str){ text, sizeof text }, NULL, 0);
}

static void scribble(volatile char *at, long n)
{
	__asm__("" : "+r"(at)); /* the compiler would know where its bounds are */
	for (long i = 0; i < n; i++)
		at[i] = 'X';
}

static void scribble_stack(struct portal_op *op)
{
	volatile char here;

	(void)op;
	scribble(&here, 65536);
}

static void scribble_host_memory(struct portal_op *op)
{
	scribble((volatile char *)op - 4096, 16384);
}

static void scribble_inputs(struct portal_op *op)
{
	scribble((volatile char *)op->request->title.p, (long)op->request->title.n);
	scribble((volatile char *)op->options[ORIGIN].text.p, (long)op->options[ORIGIN].text.n);
}

static void scribble_host_table(struct portal_op *op)
{
	scribble((volatile char *)op->host, 64);
}

static void write_to_null(struct portal_op *op)
{
	(void)op;
	scribble((volatile char *)8, 1);
}

static void run_nonsense(struct portal_op *op)
{
	(void)op;
#if defined(__x86_64__)
	__asm__ volatile("ud2");
#endif
}

/* ---- forged frames ---------------------------------------------------------------------- */

static void send_bytes(const void *bytes, unsigned long n)
{
	call(WRITE, 3, (long)bytes, (long)n, 0);
}

static void send_long_frame(struct portal_op *op)
{
	static const uint32_t head[] = { 0xfffffff0, 4 };

	(void)op;
	send_bytes(head, sizeof head);
	loop(op);
}

/* A result of step 1: FETCH, SAFE, an exchange with another server. */
static void send_forged_frame(struct portal_op *op)
{
	static const char exchange[] = "{\"method\":\"GET\",\"origin\":\"https://evil.example\","
				       "\"path\":\"/\"} ";
	static const struct {
		uint32_t length, kind, number[3], verdict[3], repeat[3], tag, bytes;
		char exchange[sizeof exchange - 1];
	} frame = { sizeof frame - 8, 4, { 0, 4, 1 }, { 1, 4, PORTAL_FETCH },
		{ 8, 4, PORTAL_REPEAT_SAFE }, 10, sizeof exchange - 1,
		"{\"method\":\"GET\",\"origin\":\"https://evil.example\",\"path\":\"/\"} " };

	send_bytes(&frame, sizeof frame);
	loop(op);
}

static void send_second_frame(struct portal_op *op)
{
	static const uint32_t head[] = { 0, 4 };

	(void)op;
	send_bytes(head, sizeof head);
}

/* ---- the table ------------------------------------------------------------------------------ */

/* The steps of others are not touched. */
static void do_as_titled(struct portal_op *op)
{
	if (portal_same(op->request->title, "loop"))
		loop(op);
	if (portal_same(op->request->title, "exit"))
		leave(op);
}

static void do_nothing(struct portal_op *op)
{
	(void)op;
}

/* In the order of DEEDS; a switch, since a table of addresses is not constant. */
static void do_deed(struct portal_op *op)
{
	switch (op->options[DEED].number) {
	case 1: open_socket(op); break;
	case 2: open_file(op); break;
	case 3: execute(op); break;
	case 4: fork_itself(op); break;
	case 5: kill_all(op); break;
	case 6: map_executable(op); break;
	case 7: leave(op); break;
	case 8: loop(op); break;
	case 9: wait_for_ever(op); break;
	case 10: recurse(op); break;
	case 11: map_all(op); break;
	case 12: fill_heap(op); break;
	case 13: scribble_stack(op); break;
	case 14: scribble_host_memory(op); break;
	case 15: scribble_inputs(op); break;
	case 16: scribble_host_table(op); break;
	case 17: write_to_null(op); break;
	case 18: run_nonsense(op); break;
	case 19: send_long_frame(op); break;
	case 20: send_forged_frame(op); break;
	case 21: send_second_frame(op); break;
	case 22: do_as_titled(op); break;
	default: do_nothing(op); break;
	}
}

static uint32_t create(struct portal_op *op)
{
	do_deed(op);
	op->out->ticket = op->host->format(op, "for %s", op->request->title.p);
	return PORTAL_DONE;
}

/* As after an exchange that must not be repeated and whose answer was lost. */
static uint32_t message(struct portal_op *op)
{
	return op->host->fail(op, PORTAL_E_UNSURE, NULL, "no answer came back");
}

PORTAL_PLUGIN(options, .name = "hostile", .title = "Hostile", .version = "1", .create = create,
    .message = message);
