/* A catalogue from INI text or from the delivered files, with what was wrong as text. */
#ifndef CATALOGUE_FIXTURE_H
#define CATALOGUE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "catalogue/catalogue.h"

struct fixture {
	struct problems *problems;
	struct config *config;
	struct catalogue *catalogue;
	struct arena *arena;
	char *said; /* the problems, printed */
};

static inline void fixture_finish(struct fixture *fixture)
{
	size_t n = 0;
	FILE *to = open_memstream(&fixture->said, &n);

	fixture->catalogue = catalogue_read(fixture->config, fixture->problems);
	config_finish(fixture->config, fixture->problems);
	problems_print(fixture->problems, to, false);
	fclose(to);
	fixture->arena = arena_new();
}

static inline struct fixture fixture_of(const char *ini)
{
	struct fixture fixture = { .problems = problems_new() };

	fixture.config = config_read_text("test.ini", text_of(ini), fixture.problems);
	fixture_finish(&fixture);
	return fixture;
}

static inline struct fixture fixture_delivered(void)
{
	struct fixture fixture = { .problems = problems_new() };

	fixture.config = config_read(SOURCE_DIR "/tests/data/catalogue.ini", fixture.problems);
	fixture_finish(&fixture);
	return fixture;
}

static inline void fixture_free(struct fixture *fixture)
{
	arena_free(fixture->arena);
	catalogue_free(fixture->catalogue);
	config_free(fixture->config);
	problems_free(fixture->problems);
	free(fixture->said);
}

static inline struct reading tell(struct fixture *fixture, const char *product, const char *release,
    const char *title, const char *description)
{
	struct clue clue = { .product = text_of(product),
		.release = text_of(release),
		.title = text_of(title),
		.description = text_of(description) };
	struct reading reading;

	catalogue_tell(fixture->catalogue, &clue, fixture->arena, &reading);
	return reading;
}

static inline const char *id_of(const struct product *product)
{
	return product ? product->id : "(none)";
}

static inline const char *environment_of(const struct reading *reading)
{
	return reading->environment ? environment_name(reading->environment) : "unknown";
}

#endif
