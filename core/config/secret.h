/*
 * secret.h - secrets by reference
 *
 * INI files name secrets ("file:PATH", "env:NAME", "cred:NAME" for
 * $CREDENTIALS_DIRECTORY/NAME) and never hold them. A secret is read when it
 * is needed, lives in one type and is wiped by its free. It has no print
 * function on purpose.
 */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include "base/failure.h"
#include "base/text.h"

struct secret {
	struct buffer bytes; /* trailing newline removed */
};

/* Reads what the reference names; relative file paths are relative to
 * base_file's folder (NULL: the working directory). At most 64 KiB, not empty.
 * Failures never hold any of it. */
bool secret_read(const char *reference, const char *base_file, struct secret *, struct failure *);
void secret_free(struct secret *);
/* Is the reference well formed? */
bool secret_reference_ok(struct text);
/* Who may read the secret's file? Looked at without opening it; a warning if it is others.
 * key: what names it in the configuration. */
struct problems;
struct value;
void secret_warn_mode(struct problems *, const struct value *, const char *key);

#endif
