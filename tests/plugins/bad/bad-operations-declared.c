/* makes no tickets */
#include "bad.h"

BAD_PLUGIN("operations-declared", .status = bad_nothing);
