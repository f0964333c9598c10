#include "decide/write.h"

void write_instant(struct json_out *out, const char *name, instant at)
{
	char text[INSTANT_TEXT];

	if (at == INSTANT_UNKNOWN)
		json_out_null(out, name);
	else
		json_out_string(out, name, instant_write(at, text));
}

void write_tri(struct json_out *out, const char *name, int value)
{
	if (value < 0)
		json_out_null(out, name);
	else
		json_out_boolean(out, name, value);
}

void write_count(struct json_out *out, const char *name, int64_t remaining)
{
	if (remaining == REMAINING_UNKNOWN)
		json_out_null(out, name);
	else if (remaining == REMAINING_UNLIMITED)
		json_out_string(out, name, "unlimited");
	else
		json_out_number(out, name, remaining);
}
