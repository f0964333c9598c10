/*
 * What a step costs in this process and in a confined child, and the start of a child.
 * The request carries 1 KiB of text; the step builds an exchange of nine members.
 * Ends with 1 if a target is missed: an empty step here 100 ns, a round trip to the child
 * 60 us in the median, a start 10 ms.
 *   build/tests/step_bench [ROUND TRIPS]
 */
#include "portal/child_run.h"
#include "portal/result.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCHES 20 /* the quickest counts: others use the machine too */
#define HERE 10000
#define STARTS 20

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ---- what a step gets --------------------------------------------------------------------- */

static const struct portal_contact contact = { .size = sizeof contact,
	.email = { "a@b.example", 11 } };
static const struct portal_customer customer = { .size = sizeof customer, .id = { "fabrikam", 8 } };
static const struct portal_file *const no_files[] = { NULL };
static struct portal_request request;

static struct step_input input_of(enum operation_kind kind)
{
	static char kib[1025];

	memset(kib, 'x', sizeof kib - 1);
	request = (struct portal_request){ .size = sizeof request,
		.severity = 2,
		.title = PORTAL_STR("Mail queue grows"),
		.text = { kib, sizeof kib - 1 },
		.contact = &contact,
		.files = no_files };
	return (struct step_input){ .kind = kind,
		.request = &request,
		.customer = &customer,
		.ticket = TEXT(""),
		.ticket_name = TEXT(""),
		.key = TEXT("caseroute-1"),
		.input_json = TEXT(""),
		.answer = TEXT(""),
		.now = 1795500000000 };
}

static void run(struct portal *portal, const struct step_input *in, struct arena *arena,
    enum portal_verdict wanted)
{
	struct step_memory memory = { 0 };
	struct step step;

	portal_step(portal, in, &memory, arena, &step);
	if (step.verdict != wanted) {
		fprintf(stderr, "%s\n", step.failure_text ? step.failure_text : "another verdict");
		exit(2);
	}
	step_free(&step);
	buffer_free(&memory.note);
	arena_reset(arena);
}

static double quickest_ns(struct portal *portal, const struct step_input *in, struct arena *arena,
    enum portal_verdict wanted)
{
	double quickest = 1e9;

	for (int batch = 0; batch < BATCHES; batch++) {
		double begun = now_us(), ns;

		for (int i = 0; i < HERE; i++)
			run(portal, in, arena, wanted);
		ns = (now_us() - begun) * 1e3 / HERE;
		quickest = ns < quickest ? ns : quickest;
	}
	return quickest;
}

/* ---- here ---------------------------------------------------------------------------------- */

static uint32_t nothing(struct portal_op *op)
{
	(void)op;
	return PORTAL_DONE;
}

static double empty_step_ns(struct arena *arena)
{
	struct plugin plugin = { .table = { .name = "empty", .status = nothing } };
	struct portal portal = { .name = "empty", .plugin = &plugin };
	struct step_input in = input_of(OPERATION_STATUS);

	return quickest_ns(&portal, &in, arena, PORTAL_DONE);
}

/* ---- the same plugin in both homes ------------------------------------------------------------
 */

static struct portals *open_relay(const char *folder, const char *isolation)
{
	struct problems *problems = problems_new();
	struct buffer ini = { 0 };
	struct config *config;
	struct portals *portals;

	buffer_format(&ini,
	    "[portal relay]\nplugin = relay\norigin = http://127.0.0.1:1\nisolation = %s\n",
	    isolation);
	config = config_read_text("bench.ini", buffer_as_text(&ini), problems);
	portals = portals_read(config, folder, problems);
	if (!portals_count(portals)) {
		problems_print(problems, stderr, false);
		exit(2);
	}
	config_free(config);
	problems_free(problems);
	buffer_free(&ini);
	return portals;
}

static double relay_here_ns(const char *folder, struct arena *arena)
{
	struct portals *portals = open_relay(folder, "in-process");
	struct step_input in = input_of(OPERATION_CREATE);
	double ns = quickest_ns(portals_at(portals, 0), &in, arena, PORTAL_FETCH);

	portals_free(portals);
	return ns;
}

static double start_ms(const char *folder, struct arena *arena)
{
	struct step_input in = input_of(OPERATION_CREATE);
	double took[STARTS];

	for (int i = 0; i < STARTS; i++) {
		struct portals *portals = open_relay(folder, "process");
		double begun = now_us();

		run(portals_at(portals, 0), &in, arena, PORTAL_FETCH);
		took[i] = (now_us() - begun) / 1e3;
		portals_free(portals);
	}
	qsort(took, STARTS, sizeof took[0], by_size);
	return took[STARTS / 2];
}

static double round_trip_us(const char *folder, struct arena *arena, size_t n, double *late)
{
	struct portals *portals = open_relay(folder, "process");
	struct step_input in = input_of(OPERATION_CREATE);
	double *took = memory_array(n, sizeof *took), median;

	run(portals_at(portals, 0), &in, arena, PORTAL_FETCH);
	for (size_t i = 0; i < n; i++) {
		double begun = now_us();

		run(portals_at(portals, 0), &in, arena, PORTAL_FETCH);
		took[i] = now_us() - begun;
	}
	qsort(took, n, sizeof *took, by_size);
	median = took[n / 2];
	*late = took[n - n / 100 - 1];
	free(took);
	portals_free(portals);
	return median;
}

int main(int argc, char **argv)
{
	size_t n = argc > 1 && argv[1][0] != '-' ? strtoul(argv[1], NULL, 10) : 20000;
	struct arena *arena;
	char folder[4096];
	double empty, start, trip, late;

	child_take_over(argc, argv);
	arena = arena_new();
	snprintf(folder, sizeof folder, "%.*s/bench",
	    strrchr(argv[0], '/') ? (int)(strrchr(argv[0], '/') - argv[0]) : 1,
	    strrchr(argv[0], '/') ? argv[0] : ".");
	empty = empty_step_ns(arena);
	printf("an empty step here       %8.0f ns\n", empty);
	printf("an exchange built here   %8.0f ns\n", relay_here_ns(folder, arena));
	trip = round_trip_us(folder, arena, n, &late);
	printf(
	    "the same in a child      %8.1f us in the median, %.1f us in 99 of 100\n", trip, late);
	start = start_ms(folder, arena);
	printf("start of a child         %8.1f ms with its first step\n", start);
	arena_free(arena);
	return empty > 100 || trip > 60 || start > 10;
}
