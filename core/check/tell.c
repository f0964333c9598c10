#include "check/inside.h"

#include <stdio.h>

bool check_tell(struct check *c, enum check_result result, const char *expected, const char *advice,
    const char *came, ...)
{
	struct check_shared *s = c->shared;
	va_list args;

	if (s->result == CHECK_FAIL || (s->result != CHECK_PASS && result != CHECK_FAIL))
		return false;
	s->result = result;
	s->told_at = s->at;
	snprintf(s->expected, sizeof s->expected, "%s", expected);
	snprintf(s->advice, sizeof s->advice, "%s", advice);
	va_start(args, came);
	vsnprintf(s->came, sizeof s->came, came, args);
	va_end(args);
	return false;
}
