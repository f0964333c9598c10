/* Running the list: each test in a process of its own. */
#include "check/inside.h"

#include "base/file.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_MS ((int64_t)120000) /* of a test, by the clock; `fuzz` has its own beside */
#define MEMORY ((rlim_t)2 << 30)

const char *check_result_name(enum check_result result)
{
	static const char *const names[] = { "pass", "fail", "warn", "skip", "crash" };

	return names[result];
}

size_t check_count(void)
{
	return n_check_list;
}

const char *check_name(size_t i)
{
	return check_list[i].name;
}

const char *check_sentence(size_t i)
{
	return check_list[i].sentence;
}

/* ---- in the child -------------------------------------------------------------------- */

static void limit(__rlimit_resource_t what, rlim_t most)
{
	const struct rlimit both = { most, most };

	setrlimit(what, &both);
}

static void confine(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, 256);
	limit(RLIMIT_FSIZE, (rlim_t)64 << 20);
#ifndef CASEROUTE_INSTRUMENTED
	limit(RLIMIT_AS, MEMORY);
#endif
}

static void run_child(const struct check_entry *entry, struct check *c)
{
	confine();
	c->arena = arena_new();
	c->random = c->wish->seed;
	entry->run(c);
	c->shared->has_ended = true;
	_exit(0);
}

/* ---- in the parent ------------------------------------------------------------------- */

struct battery {
	struct check check;
	bool blocks[64]; /* tests that say nothing for others */
	void (*told)(void *, const struct check_report *);
	void *context;
};

/* The pipe's other end is the child's alone, so it is closed when that ends. */
static bool wait_for_end(int fd, int64_t ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, (int)ms);
	while (n < 0 && errno == EINTR);
	return n > 0;
}

static void tell_death(struct check *c, int status, bool is_late)
{
	struct check_shared *s = c->shared;
	char how[120];

	if (is_late)
		snprintf(how, sizeof how, "it was not done after its time");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
		snprintf(how, sizeof how, "a step did not return within 1 s of CPU time");
	else if (WIFSIGNALED(status))
		snprintf(how, sizeof how, "signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		snprintf(how, sizeof how, "the process ended with status %d", WEXITSTATUS(status));
	s->result = CHECK_PASS;
	check_tell(c, CHECK_CRASH, "a step that returns",
	    "look at what this step does with what it was given; a debugger that follows the child "
	    "process stops there",
	    "%s", how);
}

static void run_apart(const struct check_entry *entry, struct check *c)
{
	int64_t ms = TEST_MS + (entry->run == check_fuzz ? c->wish->fuzz_ms : 0);
	int ends[2], status = 0;
	bool is_late;
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0) {
		check_tell(c, CHECK_SKIP, "", "", "no process for it: %s", strerror(errno));
		return;
	}
	if (!child) {
		close(ends[0]);
		run_child(entry, c);
	}
	close(ends[1]);
	is_late = !wait_for_end(ends[0], ms);
	kill(-child, SIGKILL); /* and what it may have left */
	if (is_late)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	close(ends[0]);
	if (is_late || !c->shared->has_ended || !WIFEXITED(status) || WEXITSTATUS(status))
		tell_death(c, status, is_late);
}

static size_t find(struct text name)
{
	size_t i = 0;

	while (i < n_check_list && !text_is(name, check_list[i].name))
		i++;
	return i;
}

/* What has to be right first, and is not; NULL. */
static const char *blocked_by(const struct battery *b, const struct check_entry *entry)
{
	struct text rest = text_of(entry->after), name;

	while (text_split(&rest, ' ', &name))
		if (b->blocks[find(name)])
			return check_list[find(name)].name;
	return NULL;
}

static void end_texts(struct check_shared *s)
{
	s->expected[sizeof s->expected - 1] = s->came[sizeof s->came - 1] = 0;
	s->advice[sizeof s->advice - 1] = s->told_at.operation[sizeof s->told_at.operation - 1] = 0;
	s->told_at.scene[sizeof s->told_at.scene - 1] = 0;
	if ((unsigned)s->result >= CHECK_RESULTS)
		s->result = CHECK_CRASH;
}

static void run_one(struct battery *b, size_t i)
{
	const struct check_entry *entry = &check_list[i];
	struct check_shared *s = b->check.shared;
	const char *blocker = blocked_by(b, entry);
	int64_t since = instant_monotonic();

	memset(s, 0, offsetof(struct check_shared, n_configs));
	if (blocker)
		check_tell(&b->check, CHECK_SKIP, "", "", "%s comes first", blocker);
	else
		run_apart(entry, &b->check);
	end_texts(s);
	b->blocks[i] = blocker || s->result == CHECK_FAIL || s->result == CHECK_CRASH;
	b->told(b->context,
	    &(struct check_report){ .name = entry->name,
		.sentence = entry->sentence,
		.result = s->result,
		.expected = s->expected,
		.came = s->came,
		.advice = s->advice,
		.operation =
		    s->result == CHECK_PASS || s->result == CHECK_SKIP ? "" : s->told_at.operation,
		.scene = s->result == CHECK_PASS || s->result == CHECK_SKIP ? "" : s->told_at.scene,
		.stage = s->told_at.stage,
		.steps = s->steps,
		.is_random = entry->is_random,
		.ms = instant_monotonic() - since });
}

/* "a/b/NAME.so": the folder, and NAME. */
static void take_names(struct check *c)
{
	const char *file = c->wish->file, *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	size_t n = strlen(name);

	c->folder = slash ? arena_copy(c->arena, file, (size_t)(slash - file)) : ".";
	if (slash == file)
		c->folder = "/";
	c->plugin_name =
	    arena_copy(c->arena, name, n > 3 && strcmp(name + n - 3, ".so") == 0 ? n - 3 : n);
}

void check_run(
    const struct check_wish *wish, void (*told)(void *, const struct check_report *), void *context)
{
	struct battery b = {
		.check = { .wish = wish, .arena = arena_new() }, .told = told, .context = context
	};
	struct buffer bytes = { 0 };
	struct failure ignored = { 0 };

	b.check.shared = mmap(NULL, sizeof *b.check.shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b.check.shared == MAP_FAILED)
		abort();
	file_read(wish->file, PLUGIN_BYTES, &bytes, &ignored); /* "" is no ELF file */
	b.check.bytes = buffer_as_text(&bytes);
	take_names(&b.check);
	for (size_t i = 0; i < n_check_list; i++)
		run_one(&b, i);
	munmap(b.check.shared, sizeof *b.check.shared);
	buffer_free(&bytes);
	arena_free(b.check.arena);
}
