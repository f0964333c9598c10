#include "service/task.h"
#include "base/instant.h"
#include "base/memory.h"
#include "service/switch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TASK_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define TASK_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TASK_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define TASK_TSAN 1
#endif
#if defined(TASK_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(TASK_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

/* Deepest are the SQL library and JSON 64 levels deep; pages that are not touched
 * cost nothing. Sanitizers need more. */
#if defined(TASK_ASAN) || defined(TASK_TSAN)
#define STACK_BYTES ((size_t)1024 * 1024)
#else
#define STACK_BYTES ((size_t)192 * 1024)
#endif
#define KEPT_STACKS 512
#define MANY 512   /* tasks; with fewer, speed counts more than memory */
#define CALLED 512 /* bytes of stack that a system call and the switch need */

struct task {
	struct switch_place place;
	char *stack;
	void (*run)(void *);
	void *argument;
	struct task *next; /* in the list of those ready */
	int64_t due;       /* monotonic ms; while asleep */
	size_t heap_index; /* 0: not asleep */
	bool is_done, is_ready;
	void *fiber; /* of the sanitizers */
};

struct tasks {
	struct switch_place home;
	struct task *current, *first, *last; /* first, last: ready */
	struct task **heap;                  /* sleepers from index 1 on, the next due first */
	size_t n_heap, heap_capacity, count;
	char *kept[KEPT_STACKS];
	size_t n_kept;
	void *home_fiber, *home_fake;
	const void *home_bottom;
	size_t home_size;
};

/* ---- switching ------------------------------------------------------------------- */

static void switch_to(struct tasks *tasks, struct task *task)
{
#if defined(TASK_ASAN)
	__sanitizer_start_switch_fiber(&tasks->home_fake, task->stack, STACK_BYTES);
#endif
#if defined(TASK_TSAN)
	tasks->home_fiber = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(task->fiber, 0);
#endif
	switch_stacks(&tasks->home, &task->place);
#if defined(TASK_ASAN)
	__sanitizer_finish_switch_fiber(tasks->home_fake, NULL, NULL);
#endif
}

static void switch_home(struct tasks *tasks, struct task *task)
{
	(void)task;
#if defined(TASK_ASAN)
	void *fake = NULL;

	__sanitizer_start_switch_fiber(
	    task->is_done ? NULL : &fake, tasks->home_bottom, tasks->home_size);
#endif
#if defined(TASK_TSAN)
	__tsan_switch_to_fiber(tasks->home_fiber, 0);
#endif
	switch_stacks(&task->place, &tasks->home);
#if defined(TASK_ASAN)
	__sanitizer_finish_switch_fiber(fake, &tasks->home_bottom, &tasks->home_size);
#endif
}

static void enter(void *argument)
{
	struct tasks *tasks = argument;
	struct task *task = tasks->current;

#if defined(TASK_ASAN)
	__sanitizer_finish_switch_fiber(NULL, &tasks->home_bottom, &tasks->home_size);
#endif
	task->run(task->argument);
	task->is_done = true;
	switch_home(tasks, task);
}

/* ---- stacks ------------------------------------------------------------------------ */

static char *stack_new(struct tasks *tasks)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	char *stack;

	if (tasks->n_kept)
		return tasks->kept[--tasks->n_kept];
	stack = mmap(NULL, STACK_BYTES + guard, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (stack == MAP_FAILED || mprotect(stack, guard, PROT_NONE) != 0)
		memory_resize(NULL, SIZE_MAX, SIZE_MAX); /* out of memory: ends the process */
	return stack + guard;
}

static void stack_free(struct tasks *tasks, char *stack)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);

	if (tasks->n_kept < KEPT_STACKS)
		tasks->kept[tasks->n_kept++] = stack;
	else
		munmap(stack - guard, STACK_BYTES + guard);
}

/* ---- ready ---------------------------------------------------------------------------- */

static void make_ready(struct tasks *tasks, struct task *task)
{
	if (task->is_ready)
		return;
	task->is_ready = true;
	task->next = NULL;
	if (tasks->last)
		tasks->last->next = task;
	else
		tasks->first = task;
	tasks->last = task;
}

struct tasks *tasks_new(void)
{
	struct tasks *tasks = memory_new(sizeof *tasks);

	tasks->heap = memory_grow(NULL, 0, &tasks->heap_capacity, sizeof(struct task *));
	return tasks;
}

void tasks_free(struct tasks *tasks)
{
	size_t guard = (size_t)sysconf(_SC_PAGESIZE);

	if (!tasks)
		return;
	while (tasks->n_kept)
		munmap(tasks->kept[--tasks->n_kept] - guard, STACK_BYTES + guard);
	free(tasks->heap);
	free(tasks);
}

void task_start(struct tasks *tasks, void (*run)(void *), void *argument)
{
	struct task *task = memory_new(sizeof *task);

	task->run = run;
	task->argument = argument;
	task->stack = stack_new(tasks);
	switch_prepare(&task->place, task->stack, STACK_BYTES, enter, tasks);
#if defined(TASK_TSAN)
	task->fiber = __tsan_create_fiber(0);
#endif
	tasks->count++;
	make_ready(tasks, task);
}

struct task *task_self(struct tasks *tasks)
{
	return tasks->current;
}

void task_wait(struct tasks *tasks)
{
	switch_home(tasks, tasks->current);
}

/* A stack that was used deeply keeps its pages; what lies below where it is now is free. */
static void give_stack_back(const struct task *task)
{
#if !defined(TASK_ASAN) && !defined(TASK_TSAN)
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char here, *top = (char *)(((uintptr_t)&here - CALLED) / page * page);

	if (top > task->stack)
		madvise(task->stack, (size_t)(top - task->stack), MADV_DONTNEED);
#else
	(void)task;
#endif
}

void task_rest(struct tasks *tasks)
{
	if (tasks->count > MANY)
		give_stack_back(tasks->current);
	task_wait(tasks);
}

/* ---- sleepers: a heap, so that thousands of them cost little ------------------------------- */

static void put(struct tasks *tasks, size_t at, struct task *task)
{
	tasks->heap[at] = task;
	task->heap_index = at;
}

static void sift_up(struct tasks *tasks, size_t at)
{
	struct task *task = tasks->heap[at];

	for (; at > 1 && tasks->heap[at / 2]->due > task->due; at /= 2)
		put(tasks, at, tasks->heap[at / 2]);
	put(tasks, at, task);
}

static void sift_down(struct tasks *tasks, size_t at)
{
	struct task *task = tasks->heap[at];

	for (size_t child; (child = at * 2) <= tasks->n_heap; at = child) {
		if (child < tasks->n_heap && tasks->heap[child + 1]->due < tasks->heap[child]->due)
			child++;
		if (tasks->heap[child]->due >= task->due)
			break;
		put(tasks, at, tasks->heap[child]);
	}
	put(tasks, at, task);
}

static void forget_sleeper(struct tasks *tasks, struct task *task)
{
	size_t at = task->heap_index;
	struct task *moved;

	if (!at)
		return;
	task->heap_index = 0;
	moved = tasks->heap[tasks->n_heap--];
	if (moved == task)
		return;
	put(tasks, at, moved);
	sift_up(tasks, at);
	sift_down(tasks, moved->heap_index);
}

void task_wake(struct tasks *tasks, struct task *task)
{
	forget_sleeper(tasks, task);
	make_ready(tasks, task);
}

void tasks_wake_all(struct tasks *tasks)
{
	while (tasks->n_heap)
		task_wake(tasks, tasks->heap[1]);
}

void task_sleep(struct tasks *tasks, int64_t ms)
{
	struct task *task = tasks->current;

	task->due = instant_monotonic() + (ms > 0 ? ms : 0);
	tasks->heap = memory_grow(
	    tasks->heap, tasks->n_heap + 1, &tasks->heap_capacity, sizeof(struct task *));
	put(tasks, ++tasks->n_heap, task);
	sift_up(tasks, tasks->n_heap);
	task_rest(tasks);
}

int64_t tasks_next_ms(const struct tasks *tasks)
{
	int64_t ms;

	if (tasks->first)
		return 0;
	if (!tasks->n_heap)
		return -1;
	ms = tasks->heap[1]->due - instant_monotonic();
	return ms > 0 ? ms : 0;
}

/* ---- running --------------------------------------------------------------------------------- */

static void end(struct tasks *tasks, struct task *task)
{
#if defined(TASK_TSAN)
	__tsan_destroy_fiber(task->fiber);
#endif
	stack_free(tasks, task->stack);
	free(task);
	tasks->count--;
}

static void run_one(struct tasks *tasks)
{
	struct task *task = tasks->first;

	tasks->first = task->next;
	if (!tasks->first)
		tasks->last = NULL;
	task->is_ready = false;
	tasks->current = task;
	switch_to(tasks, task);
	tasks->current = NULL;
	if (task->is_done)
		end(tasks, task);
}

void tasks_run(struct tasks *tasks, size_t most)
{
	while (tasks->n_heap && tasks->heap[1]->due <= instant_monotonic())
		task_wake(tasks, tasks->heap[1]);
	for (size_t i = 0; tasks->first && i < most; i++)
		run_one(tasks);
}

size_t tasks_count(const struct tasks *tasks)
{
	return tasks->count;
}
