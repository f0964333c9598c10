/* needs a feature that nobody knows */
#include "bad.h"

BAD_PLUGIN("layout", .needs = 0x80000000u, .create = bad_nothing);
