/*
 * elf.h - what a plugin's file would do when it is loaded, proven before
 *
 * dlopen runs constructors, resolves indirect functions and loads what a file
 * needs, so looking at a plugin must not begin with dlopen. This reader takes
 * the file's bytes and follows them as the dynamic linker would.
 */
#ifndef PORTAL_ELF_H
#define PORTAL_ELF_H

#include <stddef.h>
#include "base/failure.h"

/* Is this a shared object for this machine that runs nothing when loaded, needs
 * no library, imports at most memcpy, memmove, memset and memcmp, has no
 * writable memory once it is loaded, and exports `symbol` alone? `page` is the
 * size of a memory page. On failure a sentence, without the file's name. */
bool elf_prove(
    const unsigned char *bytes, size_t n, const char *symbol, size_t page, struct failure *);

/* What a refusal is about. */
enum elf_aspect {
	ELF_SHAPE,   /* no whole shared object of this machine, or odd: the rest cannot be told */
	ELF_SYMBOL,  /* what it exports */
	ELF_IMPORTS, /* what it takes from others */
	ELF_CONSTRUCTOR, /* what runs when it is loaded */
	ELF_WRITABLE,    /* what could be changed while it runs */
	ELF_ASPECTS
};

/* The same proof, which goes on after a refusal: the first of each aspect, for `portals check`. */
void elf_examine(const unsigned char *bytes, size_t n, const char *symbol, size_t page,
    struct failure found[ELF_ASPECTS]);

#endif
