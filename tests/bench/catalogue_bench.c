/*
 * What telling a product costs, and that it does not grow with the catalogue:
 * 300 bytes of free text against 300 and 30,000 made-up names, and against the
 * delivered files, with the time to read those.
 */
#include "base/memory.h"
#include "catalogue/catalogue.h"

#include <stdlib.h>
#include <time.h>

#define ROUNDS 20000

static const char title[] = "Exchange Server 2019: mail queue grows since the cumulative update";
static const char description[] = "Hello, since Friday messages to outside stay in the queue of "
				  "both servers, inside the company mail goes through. "
				  "We restarted the transport service and tried another connector, "
				  "DNS answers quickly and Outlook opens normally. "
				  "Order 4711";

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *syllable(unsigned i)
{
	static const char *const syllables[] = { "ka", "lor", "mi", "ter", "san", "vel", "dro",
		"pin", "gul", "fex", "bar", "tis", "nor", "qua", "zel", "hum" };

	return syllables[i % 16];
}

/* A catalogue of n made-up products with the names that real ones have beside them. */
static struct catalogue *made_up(unsigned n)
{
	struct problems *problems = problems_new();
	struct buffer text = { 0 };
	struct config *config;
	struct catalogue *catalogue;

	buffer_text(&text,
	    "[product Exchange Server]\nenvironment = on-premises\nworkload = exchange-server\n"
	    "[product Outlook]\nenvironment = unknown\nworkload = office-client\n");
	for (unsigned i = 0; i < n; i++)
		buffer_format(&text,
		    "[product %s%s%s %s%s Server %u]\nenvironment = cloud\nworkload = azure\n",
		    syllable(i), syllable(i / 16), syllable(i / 256), syllable(i / 7),
		    syllable(i / 112), i);
	config = config_read_text("made-up.ini", buffer_as_text(&text), problems);
	catalogue = catalogue_read(config, problems);
	problems_print(problems, stderr, false);
	config_free(config);
	problems_free(problems);
	buffer_free(&text);
	return catalogue;
}

static double time_telling(const struct catalogue *catalogue)
{
	struct clue clue = { .product = TEXT(""),
		.release = TEXT(""),
		.title = { title, sizeof title - 1 },
		.description = { description, sizeof description - 1 } };
	struct arena *arena = arena_new();
	struct reading reading;
	double best = 1e9;

	for (int again = 0; again < 5; again++) {
		double start = seconds();

		for (int i = 0; i < ROUNDS; i++) {
			catalogue_tell(catalogue, &clue, arena, &reading);
			arena_reset(arena);
		}
		start = (seconds() - start) / ROUNDS;
		best = start < best ? start : best;
	}
	arena_free(arena);
	return best * 1e9;
}

static void time_delivered(void)
{
	double best = 1e9;

	for (int again = 0; again < 9; again++) {
		struct problems *problems = problems_new();
		double start = seconds();
		struct config *config =
		    config_read(SOURCE_DIR "/tests/data/catalogue.ini", problems);
		double read = seconds();
		struct catalogue *catalogue = catalogue_read(config, problems);
		double end = seconds();

		if (end - start < best) {
			best = end - start;
			printf("delivered files: config_read %.2f ms, catalogue_read %.2f ms, %zu "
			       "products\n",
			    (read - start) * 1e3, (end - read) * 1e3, catalogue_count(catalogue));
		}
		if (again == 8)
			printf("delivered files: %.0f ns to tell %zu bytes\n",
			    time_telling(catalogue), sizeof title + sizeof description - 2);
		catalogue_free(catalogue);
		config_free(config);
		problems_free(problems);
	}
}

int main(void)
{
	struct catalogue *few = made_up(300), *many = made_up(30000);
	double with_few = time_telling(few), with_many = time_telling(many);

	printf("300 names: %.0f ns, 30,000 names: %.0f ns, ratio %.2f\n", with_few, with_many,
	    with_many / with_few);
	time_delivered();
	catalogue_free(few);
	catalogue_free(many);
	return with_many > 2 * with_few;
}
