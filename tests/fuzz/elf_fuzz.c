/* Any file at all as a plugin: the reader says yes or no and looks nowhere else. */
#include <stdint.h>
#include "portal/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	elf_prove(bytes, n, "caseroute_portal_1", 4096, NULL);
	return 0;
}
