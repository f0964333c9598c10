/*
 * signature.h - Standard Webhooks 1.0: who gets an event can tell that it is ours
 */
#ifndef SERVICE_SIGNATURE_H
#define SERVICE_SIGNATURE_H

#include "base/failure.h"
#include "base/text.h"
#include "engine/webhook.h"

/* What a secret stands for: "whsec_" (may be left out) and the base64 of 24 to 64 bytes.
 * Wipe the key. The failure holds nothing of it. */
bool signature_key(struct text secret, struct buffer *key, struct failure *);

/* Appends "v1,BASE64" of the HMAC-SHA256 of "ID.SECONDS.BODY". */
void signature_write(
    struct buffer *out, struct text key, const char *id, int64_t seconds, struct text body);

/* One for each of the webhook's secrets, parted by blanks. False: a secret cannot be read. */
bool signature_all(struct buffer *out, const struct webhook *, const char *id, int64_t seconds,
    struct text body, struct failure *);

#endif
