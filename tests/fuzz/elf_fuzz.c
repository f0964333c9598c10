/* Any file at all as a plugin: the reader says yes or no and looks nowhere else. Examined to its
 * end, it comes to the same: what is proven has no finding, what is not has one. */
#include <stdint.h>
#include <stdlib.h>
#include "portal/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct failure found[ELF_ASPECTS] = { 0 };
	bool is_proven = elf_prove(bytes, n, "caseroute_portal_1", 4096, NULL), is_clean = true;

	elf_examine(bytes, n, "caseroute_portal_1", 4096, found);
	for (int i = 0; i < ELF_ASPECTS; i++)
		is_clean = is_clean && !found[i].kind;
	if (is_clean != is_proven)
		abort();
	return 0;
}
