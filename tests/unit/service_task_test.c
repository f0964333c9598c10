/* Tasks on one thread: whose turn it is, who wakes when, and how many there may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/instant.h"
#include "base/memory.h"
#include "service/task.h"

/* What the tasks write down, one letter each. */
struct diary {
	struct tasks *tasks;
	char text[256];
	size_t n;
};

struct writer {
	struct diary *diary;
	char name;
	int64_t ms;
	struct task *task;
	int wakings;
};

static void note(struct writer *w)
{
	assert_true(w->diary->n + 1 < sizeof w->diary->text);
	w->diary->text[w->diary->n++] = w->name;
}

static void open_diary(struct diary *diary)
{
	*diary = (struct diary){ .tasks = tasks_new() };
}

static void close_diary(struct diary *diary)
{
	assert_int_equal(tasks_count(diary->tasks), 0);
	tasks_free(diary->tasks);
}

/* Until nobody is left or the time is over. */
static void run_for(struct tasks *tasks, int64_t ms)
{
	int64_t until = instant_monotonic() + ms;

	for (tasks_run(tasks, SIZE_MAX); tasks_next_ms(tasks) >= 0 && instant_monotonic() < until;
	     tasks_run(tasks, SIZE_MAX)) {
		int64_t next = tasks_next_ms(tasks);
		struct timespec pause = { 0, (next < 5 ? next : 5) * 1000000 };

		nanosleep(&pause, NULL);
	}
}

/* ---- turns ------------------------------------------------------------------------- */

static void write_and_give_way(void *argument)
{
	struct writer *w = argument;

	for (int i = 0; i < 3; i++) {
		note(w);
		task_wake(w->diary->tasks, task_self(w->diary->tasks));
		task_wait(w->diary->tasks);
	}
}

static void tasks_run_in_turn(void **state)
{
	struct diary diary;
	struct writer all[3];

	(void)state;
	open_diary(&diary);
	for (int i = 0; i < 3; i++) {
		all[i] = (struct writer){ .diary = &diary, .name = (char)('a' + i) };
		task_start(diary.tasks, write_and_give_way, &all[i]);
	}
	assert_int_equal(tasks_count(diary.tasks), 3);
	assert_int_equal(diary.n, 0); /* not before they are run */
	tasks_run(diary.tasks, SIZE_MAX);
	assert_string_equal(diary.text, "abcabcabc");
	close_diary(&diary);
}

static void look_at_self(void *argument)
{
	struct writer *w = argument;

	w->task = task_self(w->diary->tasks);
	note(w);
}

static void a_task_knows_itself_and_outside_there_is_none(void **state)
{
	struct diary diary;
	struct writer one = { .diary = &diary, .name = 'a' }, two = one;

	(void)state;
	open_diary(&diary);
	task_start(diary.tasks, look_at_self, &one);
	task_start(diary.tasks, look_at_self, &two);
	assert_null(task_self(diary.tasks));
	tasks_run(diary.tasks, SIZE_MAX);
	assert_null(task_self(diary.tasks));
	assert_non_null(one.task);
	assert_non_null(two.task);
	assert_ptr_not_equal(one.task, two.task);
	close_diary(&diary);
}

static void wait_for_ever(void *argument)
{
	struct writer *w = argument;

	w->task = task_self(w->diary->tasks);
	task_wait(w->diary->tasks);
	note(w);
}

static void a_task_that_waits_goes_on_only_when_it_is_woken(void **state)
{
	struct diary diary;
	struct writer one = { .diary = &diary, .name = 'a' };

	(void)state;
	open_diary(&diary);
	task_start(diary.tasks, wait_for_ever, &one);
	tasks_run(diary.tasks, SIZE_MAX);
	tasks_run(diary.tasks, SIZE_MAX);
	assert_int_equal(diary.n, 0);
	assert_int_equal(tasks_next_ms(diary.tasks), -1);
	task_wake(diary.tasks, one.task);
	task_wake(diary.tasks, one.task); /* twice is once */
	tasks_run(diary.tasks, SIZE_MAX);
	assert_string_equal(diary.text, "a");
	close_diary(&diary);
}

/* ---- sleepers ------------------------------------------------------------------------ */

static void sleep_and_note(void *argument)
{
	struct writer *w = argument;

	w->task = task_self(w->diary->tasks);
	task_sleep(w->diary->tasks, w->ms);
	w->wakings++;
	note(w);
}

static void sleepers_wake_in_order_of_their_time(void **state)
{
	static const int64_t ms[] = { 210, 30, 150, 90, 270, 60, 0, 180, 120, 240 };
	struct diary diary;
	struct writer all[10];

	(void)state;
	open_diary(&diary);
	for (int i = 0; i < 10; i++) {
		all[i] = (struct writer){
			.diary = &diary, .name = (char)('0' + ms[i] / 30), .ms = ms[i]
		};
		task_start(diary.tasks, sleep_and_note, &all[i]);
	}
	tasks_run(diary.tasks, SIZE_MAX);
	assert_in_range(tasks_next_ms(diary.tasks), 0, 30);
	run_for(diary.tasks, 5000);
	assert_string_equal(diary.text, "0123456789");
	assert_int_equal(tasks_next_ms(diary.tasks), -1);
	close_diary(&diary);
}

static void a_time_that_is_over_is_no_time(void **state)
{
	struct diary diary;
	struct writer one = { .diary = &diary, .name = 'a', .ms = -1000 };

	(void)state;
	open_diary(&diary);
	task_start(diary.tasks, sleep_and_note, &one);
	tasks_run(diary.tasks, SIZE_MAX);
	assert_int_equal(tasks_next_ms(diary.tasks), 0);
	tasks_run(diary.tasks, SIZE_MAX);
	assert_string_equal(diary.text, "a");
	close_diary(&diary);
}

static void sleep_twice(void *argument)
{
	struct writer *w = argument;

	sleep_and_note(w);
	sleep_and_note(w);
}

static void a_task_woken_early_is_not_woken_again(void **state)
{
	struct diary diary;
	struct writer early = { .diary = &diary, .name = 'e', .ms = 40 },
		      other = { .diary = &diary, .name = 'o', .ms = 20 };
	int64_t since = instant_monotonic();

	(void)state;
	open_diary(&diary);
	task_start(diary.tasks, sleep_twice, &early);
	task_start(diary.tasks, sleep_and_note, &other);
	tasks_run(diary.tasks, SIZE_MAX);
	task_wake(diary.tasks, early.task);
	tasks_run(diary.tasks, SIZE_MAX);
	assert_int_equal(early.wakings, 1);
	/* Its first time passes while it sleeps again, for longer. */
	run_for(diary.tasks, 5000);
	assert_int_equal(early.wakings, 2);
	assert_string_equal(diary.text, "eoe");
	assert_true(instant_monotonic() - since >= 40);
	close_diary(&diary);
}

static void all_sleepers_can_be_woken_at_once_but_not_those_that_wait(void **state)
{
	struct diary diary;
	struct writer all[20], waiting = { .diary = &diary, .name = 'w' };

	(void)state;
	open_diary(&diary);
	task_start(diary.tasks, wait_for_ever, &waiting);
	for (int i = 0; i < 20; i++) {
		all[i] = (struct writer){ .diary = &diary, .name = 's', .ms = 60000 + i % 7 };
		task_start(diary.tasks, sleep_and_note, &all[i]);
	}
	tasks_run(diary.tasks, SIZE_MAX);
	tasks_wake_all(diary.tasks);
	assert_int_equal(tasks_next_ms(diary.tasks), 0);
	tasks_run(diary.tasks, SIZE_MAX);
	assert_int_equal(tasks_next_ms(diary.tasks), -1);
	assert_int_equal(diary.n, 20);
	assert_int_equal(tasks_count(diary.tasks), 1);
	task_wake(diary.tasks, waiting.task);
	tasks_run(diary.tasks, SIZE_MAX);
	close_diary(&diary);
}

static void no_more_run_than_are_asked_for_and_the_others_are_due_at_once(void **state)
{
	struct diary diary;
	struct writer all[5];

	(void)state;
	open_diary(&diary);
	for (int i = 0; i < 5; i++) {
		all[i] = (struct writer){ .diary = &diary, .name = (char)('a' + i) };
		task_start(diary.tasks, look_at_self, &all[i]);
	}
	tasks_run(diary.tasks, 2);
	assert_string_equal(diary.text, "ab");
	assert_int_equal(tasks_next_ms(diary.tasks), 0);
	tasks_run(diary.tasks, 3);
	assert_string_equal(diary.text, "abcde");
	assert_int_equal(tasks_next_ms(diary.tasks), -1);
	close_diary(&diary);
}

enum { SLEEPERS = 200 };

struct sleeper {
	struct writer writer;
	struct sleeper *next; /* that begins to sleep after this one */
	int64_t since;        /* not after this time it asked for the time itself */
	int64_t *latest;      /* due of the one that woke before, or a little less */
	bool is_early;
};

/* Its due lies between its own beginning and that of the next. */
static void sleep_in_order(void *argument)
{
	struct sleeper *s = argument;

	s->writer.task = task_self(s->writer.diary->tasks);
	s->since = instant_monotonic();
	task_sleep(s->writer.diary->tasks, s->writer.ms);
	s->writer.wakings++;
	if (s->is_early)
		return;
	assert_true(s->next->since + s->writer.ms >= *s->latest);
	*s->latest = s->since + s->writer.ms;
}

/* Some are taken out of the middle of the heap. */
static void waking_some_early_leaves_the_others_in_order(void **state)
{
	struct diary diary;
	struct sleeper *all = memory_array(SLEEPERS + 1, sizeof *all);
	int64_t latest = 0;

	(void)state;
	open_diary(&diary);
	for (int i = 0; i < SLEEPERS; i++) {
		all[i] =
		    (struct sleeper){ .writer = { .diary = &diary, .ms = 50 + i * 37 % SLEEPERS },
			    .next = &all[i + 1],
			    .latest = &latest,
			    .is_early = i % 3 == 0 };
		task_start(diary.tasks, sleep_in_order, &all[i]);
	}
	tasks_run(diary.tasks, SIZE_MAX);
	all[SLEEPERS].since = instant_monotonic();
	for (int i = 0; i < SLEEPERS; i += 3)
		task_wake(diary.tasks, all[i].writer.task);
	run_for(diary.tasks, 5000);
	for (int i = 0; i < SLEEPERS; i++)
		assert_int_equal(all[i].writer.wakings, 1);
	close_diary(&diary);
	free(all);
}

/* ---- many ------------------------------------------------------------------------------ */

#define MANY 10000

struct counter {
	struct tasks *tasks;
	size_t begun, ended, to_start;
	struct task **waiting;
};

static void count_and_wait(void *argument)
{
	struct counter *c = argument;
	char local[512];
	size_t mine = c->begun++;

	memset(local, (int)(mine & 0xff), sizeof local);
	c->waiting[mine] = task_self(c->tasks);
	task_wait(c->tasks);
	for (size_t i = 0; i < sizeof local; i++)
		assert_int_equal((unsigned char)local[i], mine & 0xff);
	c->ended++;
}

static void ten_thousand_tasks_wait_side_by_side(void **state)
{
	struct counter c = { .tasks = tasks_new(),
		.waiting = memory_array(MANY, sizeof(struct task *)) };

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		task_start(c.tasks, count_and_wait, &c);
	tasks_run(c.tasks, SIZE_MAX);
	assert_int_equal(c.begun, MANY);
	assert_int_equal(tasks_count(c.tasks), MANY);
	for (size_t i = MANY; i-- > 0;)
		task_wake(c.tasks, c.waiting[i]);
	tasks_run(c.tasks, SIZE_MAX);
	assert_int_equal(c.ended, MANY);
	assert_int_equal(tasks_count(c.tasks), 0);
	tasks_free(c.tasks);
	free(c.waiting);
}

static void start_the_next(void *argument)
{
	struct counter *c = argument;

	c->begun++;
	if (c->to_start) {
		c->to_start--;
		task_start(c->tasks, start_the_next, c);
	}
	c->ended++;
}

static void tasks_started_by_tasks_run_in_the_same_go(void **state)
{
	struct counter c = { .tasks = tasks_new(), .to_start = MANY - 1 };

	(void)state;
	task_start(c.tasks, start_the_next, &c);
	tasks_run(c.tasks, SIZE_MAX);
	assert_int_equal(c.begun, MANY);
	assert_int_equal(c.ended, MANY);
	assert_int_equal(tasks_count(c.tasks), 0);
	tasks_free(c.tasks);
}

/* ---- stacks ------------------------------------------------------------------------------- */

static uint64_t dig(unsigned depth)
{
	volatile char local[1024];
	uint64_t sum;

	memset((void *)(uintptr_t)local, (int)(depth & 0xff), sizeof local);
	sum = depth ? dig(depth - 1) : 0;
	return sum + (unsigned char)local[depth % sizeof local];
}

static void dig_and_sleep(void *argument)
{
	struct writer *w = argument;
	uint64_t first = dig(60);

	task_sleep(w->diary->tasks, w->ms);
	assert_true(dig(60) == first);
	w->wakings++;
}

/* A stack is used again by another task, with whatever the last one left on it. */
static void stacks_are_deep_enough_and_used_again(void **state)
{
	struct diary diary;
	struct writer all[50];

	(void)state;
	open_diary(&diary);
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 50; i++) {
			all[i] = (struct writer){ .diary = &diary, .ms = i % 3 };
			task_start(diary.tasks, dig_and_sleep, &all[i]);
		}
		run_for(diary.tasks, 5000);
		for (int i = 0; i < 50; i++)
			assert_int_equal(all[i].wakings, 1);
	}
	close_diary(&diary);
}

/* What the C library writes to is checked by the sanitizers against what an ended
 * task has left poisoned on the stack. */
static void format_much(void *argument)
{
	char large[32 * 1024];
	struct writer *w = argument;

	memset(large, 'x', sizeof large);
	assert_int_equal(snprintf(large, sizeof large, "%20000d", w->wakings), 20000);
	task_sleep(w->diary->tasks, 0);
	w->wakings++;
}

static void a_task_may_use_all_that_another_has_used_before(void **state)
{
	struct diary diary;
	struct writer one = { .diary = &diary };

	(void)state;
	open_diary(&diary);
	for (int round = 0; round < 10; round++) {
		task_start(diary.tasks, round % 2 ? format_much : dig_and_sleep, &one);
		run_for(diary.tasks, 5000);
	}
	assert_int_equal(one.wakings, 10);
	close_diary(&diary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tasks_run_in_turn),
		cmocka_unit_test(a_task_knows_itself_and_outside_there_is_none),
		cmocka_unit_test(a_task_that_waits_goes_on_only_when_it_is_woken),
		cmocka_unit_test(sleepers_wake_in_order_of_their_time),
		cmocka_unit_test(a_time_that_is_over_is_no_time),
		cmocka_unit_test(a_task_woken_early_is_not_woken_again),
		cmocka_unit_test(all_sleepers_can_be_woken_at_once_but_not_those_that_wait),
		cmocka_unit_test(no_more_run_than_are_asked_for_and_the_others_are_due_at_once),
		cmocka_unit_test(waking_some_early_leaves_the_others_in_order),
		cmocka_unit_test(ten_thousand_tasks_wait_side_by_side),
		cmocka_unit_test(tasks_started_by_tasks_run_in_the_same_go),
		cmocka_unit_test(stacks_are_deep_enough_and_used_again),
		cmocka_unit_test(a_task_may_use_all_that_another_has_used_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
