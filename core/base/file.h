/*
 * file.h - whole files
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdio.h>
#include "base/failure.h"
#include "base/text.h"

/* Reads a regular file (or stdin for "-") of at most max_bytes into out, which
 * is then NUL-terminated. Failure: NO_INPUT, NO_PERMISSION or DATA (too long). */
bool file_read(const char *path, size_t max_bytes, struct buffer *out, struct failure *);

/* Writes a new file of the given mode: a temporary beside it, synced, renamed.
 * An existing file is an error unless `replace`. */
bool file_write(const char *path, struct text, unsigned mode, bool replace, struct failure *);

/* So that the file's name survives a power cut as well as what is in it. */
bool file_sync_folder(const char *path);

/* Makes the directory and its parents (mode 0700 for those it makes). */
bool file_make_directory(const char *path, struct failure *);

#endif
