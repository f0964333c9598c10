/*
 * secret_source.h - secrets and files that an exchange takes from outside the configuration
 */
#ifndef PORTAL_SECRET_SOURCE_H
#define PORTAL_SECRET_SOURCE_H

#include "base/failure.h"
#include "base/text.h"
#include "config/secret.h"

/* Where secrets that are not in the configuration come from and go to. Members
 * may be NULL: then there are none. Called in the thread of portal_send(). */
struct secret_source {
	void *context;
	bool (*contract_ids)(
	    void *, struct secret *access_id, struct secret *contract_id, struct failure *);
	/* False without a failure set: none is kept. */
	bool (*refresh_token_get)(
	    void *, const char *credential, struct secret *, struct failure *);
	bool (*refresh_token_put)(
	    void *, const char *credential, struct text value, struct failure *);
	bool (*file_read)(void *, uint32_t index, uint64_t offset, uint64_t length, struct buffer *,
	    struct failure *);
	const char *const *media_types; /* of files by index; NULL: octet-stream */
	size_t n_media_types;
};

#endif
