/* does not do what its transcript says */
#include "bad.h"

BAD_PLUGIN("transcripts", .create = bad_nothing);
