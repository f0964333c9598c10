/*
 * transcript_inside.h - a transcript while it plays, for transcript*.c
 */
#ifndef CHECK_TRANSCRIPT_INSIDE_H
#define CHECK_TRANSCRIPT_INSIDE_H

#include "check/alone.h"

/* A mark with its line, and what follows up to the next mark. */
struct block {
	char mark;
	unsigned line;
	struct text head;  /* of the first line, without the mark */
	struct text *more; /* further lines with the same mark, for > and < */
	size_t n_more, more_capacity;
	struct buffer body; /* lines without a mark */
};

struct play {
	const char *file;
	struct arena *arena;
	struct block *blocks;
	size_t n, capacity, at;
	struct buffer text; /* of the file; what the blocks lend */
	struct buffer config, credential;
	struct buffer made; /* of which `alone` was made: keys, then those of the credential */
	struct text plugin; /* that the operation is of; "": whichever plays it */
	bool is_ours;       /* there is an operation to play; else the file is at its end */
	struct step_input input;
	struct step_memory memory;
	struct http_reply reply;
	struct alone alone;
	const char *more; /* keys that every section has beside its own; NULL: none */
	struct failure *why;
	struct buffer *told; /* NULL, or what all steps left behind */
	/* NULL, or called after each step: the input is what it had, the memory what it left. */
	void (*seen)(void *context, const struct play *, const struct step *);
	void *context;
};

/* The caller sets file, arena, more and why; what is read from the file. False: a failure. */
bool play_read_file(struct play *);
/* The settings of the next operation that is this plugin's: the input of its first step, and the
 * portal. */
bool play_set_up(struct play *, const char *plugin_path, const char *plugin);
/* All operations of the file that are this plugin's, from where it is. */
bool play_all(struct play *, const char *plugin_path, const char *plugin);
void play_free(struct play *); /* and its arena */

/* Sets the failure with file and line. Always returns false. */
bool play_fail(struct play *, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* `head` and the block's body as JSON; NULL with a failure. */
struct json *block_json(struct play *, const struct block *, struct text head);
/* Takes a transcript apart into its marks; the text must outlive the play. */
void play_read(struct play *, struct text);
/* The word at the beginning, taken off the rest. */
struct text play_word(struct text *rest);
/* On one line, in the arena; "nothing" for NULL. */
struct text play_write(struct play *, const struct json *);

/* How a transcript shows things (transcript_compare.c); texts are the arena's. */
const char *step_verdict(struct arena *, const struct step *); /* "failed contract M3" */
struct json *step_end(const struct step *);                    /* of done, go, by_hand */
struct json *step_failure(const struct step *);                /* what was missing, and seen */
struct text shown_address(struct arena *, const struct json *exchange); /* whole */
const char *shown_secret(struct arena *, const struct json *entry);     /* "{session}" */
struct text shown_auth(struct arena *, const struct json *auth);        /* "- own SCOPE" */
struct text shown_body(struct arena *, const struct json *exchange);

/* Appends all that a step left behind; transcript_tell.c. */
void play_tell(const struct step *, const struct step_memory *, struct buffer *);

/* Is it what the block says? A failure shows both. */
bool compare_exchange(struct play *, const struct block *, const struct json *exchange);
bool compare_guide(struct play *, const struct block *, const struct json *guide);
bool compare_end(struct play *, const struct block *, const struct step *);

#endif
