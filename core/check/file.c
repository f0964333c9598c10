/* Tests of the file: its bytes alone. */
#include "check/inside.h"
#include "portal/elf.h"

#include <unistd.h>

static void judge(struct check *c, enum elf_aspect aspect, const char *expected, const char *advice)
{
	struct failure found[ELF_ASPECTS] = { 0 };

	elf_examine((const unsigned char *)c->bytes.p, c->bytes.n, PLUGIN_SYMBOL,
	    (size_t)sysconf(_SC_PAGESIZE), found);
#ifdef CASEROUTE_INSTRUMENTED
	if (aspect != ELF_SHAPE || found[aspect].kind) {
		check_tell(c, CHECK_SKIP, "", "",
		    "this caseroute is built with a sanitizer, and such builds of plugins cannot "
		    "be proven");
		return;
	}
#endif
	if (found[aspect].kind)
		check_tell(c, CHECK_FAIL, expected, advice, "%s", found[aspect].text);
}

void check_shape(struct check *c)
{
	judge(c, ELF_SHAPE, "an ELF shared object, built for this machine and whole",
	    "build it with add_portal_plugin(), copy it whole");
}

void check_one_symbol(struct check *c)
{
	judge(c, ELF_SYMBOL, "one exported symbol, " PLUGIN_SYMBOL,
	    "PORTAL_PLUGIN() makes it; all other functions are static, or hidden with "
	    "-fvisibility=hidden");
}

void check_imports(struct check *c)
{
	judge(c, ELF_IMPORTS, "no library, and no import but memcpy, memmove, memset, memcmp",
	    "ask the host (op->host->...) instead; link with -nostdlib as add_portal_plugin() "
	    "does");
}

void check_no_constructor(struct check *c)
{
	judge(c, ELF_CONSTRUCTOR, "nothing that runs when the file is loaded",
	    "take away constructors, destructors and objects with constructors; -nostdlib leaves "
	    "the start files out");
}

void check_no_writable_data(struct check *c)
{
	judge(c, ELF_WRITABLE, "no variable that lives longer than a step",
	    "make tables const; what a step must remember goes to op->stage, cursor and note");
}
