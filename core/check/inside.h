/*
 * inside.h - a test of `portals check` while it runs, for this room
 */
#ifndef CHECK_INSIDE_H
#define CHECK_INSIDE_H

#include "check/alone.h"
#include "check/check.h"
#include "portal/loader.h"

#define CHECK_MARK "check-secret-7f3a9c" /* of a session, made up */
#define CHECK_CONFIGS 16
#define CHECK_KEYS 8192 /* bytes of a section */
#define CHECK_TRACKS 8192

/* Shared between the tests' processes and the one that waits for them: whatever stands here may
 * have been scribbled over by a plugin, so it is read as bytes of bounded length. */
struct check_shared {
	bool has_ended; /* the test has a result */
	enum check_result result;
	char expected[400], came[1600], advice[400];
	struct check_place {
		char operation[16], scene[160];
		uint32_t stage;
	} at, told_at; /* the step that runs, or ran last; as it was when the result was told */
	uint64_t steps;

	/* Sections that the plugin accepts, found out once. */
	size_t n_configs;
	char keys[CHECK_CONFIGS][CHECK_KEYS];
	char refused[600]; /* why there is none */

	/* For `deterministic`: what came of each step, as a sum. */
	size_t n_tracks[2];
	struct track {
		uint64_t sum;
		uint32_t operation, stage;
	} tracks[2][CHECK_TRACKS];
};

/* One operation as it begins. */
struct scene {
	const char *name;
	struct portal *portal;
	const char *keys, *credential; /* of which the portal was made */
	struct step_input input;
};

struct known; /* a place in a reply that the plugin has asked for */

struct check {
	const struct check_wish *wish;
	struct check_shared *shared;
	struct arena *arena, *walk; /* of the test; of the walk that is made */
	struct text bytes;          /* of the file */
	const char *folder, *plugin_name;
	const struct plugin *plugin;
	struct scene *scenes;
	size_t n_scenes, scenes_capacity;
	const char **words; /* that stand in the file */
	size_t n_words, words_capacity;
	struct known *known;
	size_t n_known;
	struct step_watch watch;
	uint64_t random;
};

/* ---- results (tell.c) ---------------------------------------------------------------- */

/* The first failure stands; a warning gives way to one. Always returns false. */
bool check_tell(struct check *, enum check_result, const char *expected, const char *advice,
    const char *came, ...) __attribute__((format(printf, 5, 6)));

/* ---- the list (list.c) ------------------------------------------------------------ */

typedef void check_test(struct check *);
struct check_entry {
	const char *name, *sentence;
	check_test *run;
	const char *after; /* tests, parted by blanks, without which this one says nothing */
	bool is_random;
};
extern const struct check_entry check_list[];
extern const size_t n_check_list;

check_test check_shape, check_one_symbol, check_imports, check_no_constructor,
    check_no_writable_data, check_layout, check_names, check_operations_declared,
    check_login_declares_secrets, check_sample_section, check_options_wrong, check_verdicts,
    check_deterministic, check_stateless, check_ends, check_status_matrix, check_lost_create,
    check_key_used, check_body_empty, check_body_cut, check_body_deep, check_body_huge,
    check_body_not_json, check_body_wrong_types, check_injection, check_no_secret, check_answers,
    check_go, check_transcripts, check_confined, check_fuzz;

/* ---- what there is to run (world.c) -------------------------------------------------- */

/* Loads the plugin and makes the scenes. False: the test is skipped, and says why. */
bool check_world(struct check *);
/* The file's table, opened; NULL: told. */
const struct portal_plugin *check_table(struct check *);
/* Lines of a section: values by option, NULL where it is left out. */
char *check_keys(struct check *, const char *const *values);
/* A value of the option's type; NULL beyond the last of several ways to write one. */
const char *check_value(struct check *, const struct portal_option *, unsigned way);
/* A portal with these keys, its plugin in the test's own process ("in-process"), where what it
 * reads can be watched, or in a child of that ("process"). */
bool check_make(struct check *, struct alone *, const char *keys, const char *credential,
    const char *isolation, struct failure *);
#define CHECK_CREDENTIAL "type = bearer-token\ntoken = env:CASEROUTE_CHECK\n"

/* ---- steps (probe.c) -------------------------------------------------------------------- */

/* One step, watched and counted. The memory is read and written. */
void check_step(struct check *, const struct scene *, const struct step_input *,
    struct step_memory *, struct arena *, struct step *);
/* A copy whose note is its own. */
struct step_memory check_remember(const struct step_memory *);

/* A step that was taken on a walk. */
struct visit {
	const struct scene *scene;
	struct step_input input;   /* with what it answers */
	const struct json *before; /* the exchange or guide that it is the answer to; NULL: none */
	const struct step_memory *from, *to;
	const struct step *step;
	unsigned depth; /* steps before it */
	struct arena *arena;
};

/* The step that follows the visited one, were this its reply or answer (one of them NULL).
 * The memory is a copy; *out is the caller's to free. */
struct probe {
	struct step step;
	struct step_memory memory;
};
void check_probe(struct check *, const struct visit *, const struct http_reply *,
    const char *answer, struct probe *out);
void check_probe_free(struct probe *);

uint32_t check_random(struct check *, uint32_t below);
/* All that came of a step. */
uint64_t check_sum(const struct step *, const struct step_memory *);
const char *check_verdict(const struct step *); /* "failed request" */
/* Headers and body are copied. */
void check_reply(struct http_reply *, unsigned status, const char *headers, struct text body);

/* ---- walks (walk.c) --------------------------------------------------------------------- */

typedef bool visit_function(struct check *, const struct visit *);

/* Walks through the scenes, each step's reply or answer by chance, until the operation ends or
 * `visit` returns false. Every scene is walked at least once. */
void check_walks(struct check *, unsigned walks, visit_function *);
/* One walk of the scene with that seed, at most `most` steps. */
bool check_walk(
    struct check *, const struct scene *, uint64_t seed, unsigned most, visit_function *);

/* Visits each step of the transcripts, as they play; before, from and depth are not set. */
void check_plays(struct check *, visit_function *); /* world.c */

/* ---- replies and answers (reply.c) --------------------------------------------------------- */

void check_look_on(struct check *); /* gathers the file's words, sets the watch */
const char *check_word(struct check *);

enum body_way { BODY_USEFUL, BODY_WRONG_TYPES, BODY_LARGE, BODY_ODD };
/* A body that holds what the plugin has asked for so far. To free. */
struct json *check_body(struct check *, const struct scene *, enum body_way);
/* Asks the plugin which places it reads, without going on. */
void check_learn(struct check *, const struct visit *);
/* A reply as a portal could give it: mostly a good one. */
void check_reply_by_chance(struct check *, const struct visit *, struct http_reply *);
/* JSON of an answer with that code and values that fit the guide; the arena's. */
const char *check_answer(
    struct check *, struct arena *, const struct json *guide, const struct json *answer);
const char *check_answer_by_chance(struct check *, struct arena *, const struct json *guide);

#endif
