#include "base/log.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum log_level level = LOG_WARNING;

void log_set_level(enum log_level wanted)
{
	level = wanted;
}

void log_line(enum log_level at, const char *format, ...)
{
	static const char *const words[] = { "error", "warning", "notice", "detail" };
	struct buffer line = { 0 };
	va_list args;

	if (at > level)
		return;
	buffer_format(&line, "caseroute: %s: ", words[at]);
	va_start(args, format);
	buffer_vformat(&line, format, args);
	va_end(args);
	buffer_char(&line, '\n');
	/* One write a line, so that lines of two threads do not mix. */
	if (write(STDERR_FILENO, line.p, line.n) < 0)
		level = LOG_ERROR;
	buffer_free(&line);
}
