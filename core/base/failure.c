#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool failure_set(struct failure *why, enum failure_kind kind, const char *format, ...)
{
	va_list args;

	if (!why || why->kind != FAILURE_NONE)
		return false;
	why->kind = kind;
	va_start(args, format);
	vsnprintf(why->text, sizeof why->text, format, args);
	va_end(args);
	return false;
}

bool failure_context(struct failure *why, const char *format, ...)
{
	char old[sizeof why->text], context[256];
	va_list args;

	if (!why || why->kind == FAILURE_NONE)
		return false;
	va_start(args, format);
	vsnprintf(context, sizeof context, format, args);
	va_end(args);
	memcpy(old, why->text, sizeof old);
	/* A text that no longer fits is cut at its end, never at its context. */
	snprintf(why->text, sizeof why->text, "%s: %.*s", context,
	    (int)(sizeof why->text - sizeof context - 3), old);
	return false;
}
