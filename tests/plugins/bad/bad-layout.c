/* forgets the slash of a pointer, so its table of errors is never found */
#include "bad.h"

BAD_PLUGIN("layout", .error_code = "code", .create = bad_nothing);
