/* Secrets that come back are made unreadable. */
#include "base/json.h"
#include "portal/inside.h"

#include <string.h>

/* A digit becomes a digit, so that a JSON number stays one. */
static void blank(struct buffer *in, struct text secret)
{
	char *at = in->p;

	if (secret.n < 4 || !in->n) /* what is so short is everywhere */
		return;
	while ((at = memmem(at, in->n - (size_t)(at - in->p), secret.p, secret.n)))
		for (size_t i = 0; i < secret.n; i++, at++)
			*at = *at >= '0' && *at <= '9' ? '9' : '*';
}

/* As it is, and as it reads inside a JSON text. */
void secret_blank(struct buffer *in, struct text secret)
{
	struct json *text = json_new_text(secret);
	struct buffer escaped = { 0 };

	blank(in, secret);
	json_write(text, JSON_LINE, &escaped);
	blank(in, (struct text){ escaped.p + 1, escaped.n - 2 });
	buffer_wipe(&escaped);
	json_free(text);
}
