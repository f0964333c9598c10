#include "server/head.h"

static const struct server_refusal refusals[] = {
	{ 400, "malformed", "The request is not well-formed HTTP/1.1." },
	{ 400, "control-byte",
	    "A line of the request holds a control byte, or does not end in CR LF." },
	{ 400, "request-line",
	    "The first line is not METHOD, one blank, target, one blank, version." },
	{ 400, "field-name", "A field's name is not letters, digits and dashes up to the colon." },
	{ 400, "folded-field", "A field goes on in a second line." },
	{ 400, "field-twice", "A field that may stand once stands twice." },
	{ 400, "host", "There must be one Host, a name or address with or without a port." },
	{ 400, "other-host", "The target names another host than the field Host does." },
	{ 400, "length", "Content-Length must be one number of 1 to 18 digits." },
	{ 400, "two-lengths", "Content-Length and Transfer-Encoding cannot stand together." },
	{ 400, "coding", "The only transfer coding taken is chunked, in HTTP/1.1." },
	{ 400, "chunk", "A chunk is not its size in hexadecimal, its bytes, and CR LF." },
	{ 400, "trailer", "Fields behind the last chunk are not taken." },
	{ 400, "target", "The target must be a path that begins with a slash." },
	{ 400, "target-byte", "The target holds a byte that must be percent-encoded." },
	{ 400, "target-encoding",
	    "A percent-encoding is broken, hides a control byte or is not UTF-8." },
	{ 400, "target-segment", "The path holds an empty segment, or one of dots." },
	{ 400, "ended-early", "The request ended before it was whole." },
	{ 408, "slow-head", "The head of the request did not come in time." },
	{ 408, "slow-body", "The body of the request did not come in time." },
	{ 413, "body-too-large", "The body is larger than this server takes." },
	{ 414, "target-too-long", "The target is longer than this server takes." },
	{ 417, "expectation", "The only expectation met is 100-continue." },
	{ 431, "head-too-large", "The fields are more or longer than this server takes." },
	{ 500, "no-answer",
	    "The request was not answered in time; whether it took effect is unknown." },
	{ 501, "method", "Methods are up to 16 capital letters." },
	{ 503, "too-many-connections", "There are too many connections; try again." },
	{ 505, "version", "The versions spoken are HTTP/1.1 and HTTP/1.0." },
};

const struct server_refusal *server_refusal_of(const char *code)
{
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (text_same(refusals[i].code, code))
			return &refusals[i];
	return &refusals[0];
}
