/*
 * host.h - one step while it runs: what the host calls build and read
 *
 * The first failure sticks (stick()); after it the calls do nothing and the
 * step fails with its sentence.
 */
#ifndef PORTAL_HOST_H
#define PORTAL_HOST_H

#include "portal/exchange.h"
#include "portal/inside.h"
#include "portal/step.h"

enum body_kind { BODY_NONE, BODY_JSON, BODY_FORM, BODY_FILE };

struct running {
	struct portal_op op; /* first: the host calls get its address */
	struct portal *portal;
	const struct step_input *in;
	const struct step_memory *memory;
	struct arena *arena;
	const char *stuck; /* the first failure of a host call; NULL: none */
	bool is_ended;     /* fail(), reject() or need() was called */
	uint32_t failure_class;
	const char *failure_text, *failure_message;
	struct json *missing;

	struct json *exchange, *guide, *extra, *log;
	bool is_followed; /* the exchange's address is not ours to change */
	enum body_kind body;
	size_t exchange_bytes, guide_bytes;
	uint32_t repeat;
	int64_t wait_ms;
	const char *go_portal, *go_address, *go_tenant;
	const char *kept; /* login: the place of the secret to keep; NULL: none */
	int64_t kept_until;

	struct json *reply, *answer, *input; /* parsed; NULL: none or not JSON */
};

extern const struct portal_host host_table; /* host_table.c */

struct running *running_of(struct portal_op *);
/* NULL once a call has failed: then there is nothing to do. */
struct running *working(struct portal_op *);
/* Is the text that a call cannot do without there? Else it sticks. */
bool given(struct running *, const char *text);
void stick(struct running *, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct text text_from(struct running *, portal_str);          /* sticks on what is none */
portal_str str_of(struct running *, struct text);             /* copied into the arena */
portal_str str_buffer(struct running *, struct buffer *);     /* the same; frees it */
const char *chars_of(struct running *, portal_str);           /* NUL-terminated copy */
struct json *array_in(struct json *object, const char *name); /* made if missing */

/* "option:NAME", "session" ...; NULL and stuck if there is no such secret. */
const char *secret_name(struct running *, uint32_t secret);

/* A subset of printf without anything that writes or allocates; text.c. */
void host_vformat(struct running *, struct buffer *, const char *format, va_list);

/* Text of a string, number or boolean; "" for the rest. */
portal_str scalar_text(struct running *, const struct json *);

/* The calls, by file. */
void host_request(struct portal_op *, const char *, portal_str, const char *, const portal_str *,
    size_t, uint32_t);
void host_follow(struct portal_op *, portal_str, portal_str);
void host_query(struct portal_op *, const char *, portal_str);
void host_header(struct portal_op *, const char *, portal_str);
void host_header_secret(struct portal_op *, const char *, const char *, uint32_t);
void host_wait(struct portal_op *, uint32_t);
void host_authorize(struct portal_op *, uint32_t, portal_str, uint32_t);
void host_authorize_auxiliary(struct portal_op *, uint32_t, portal_str, uint32_t);

void host_put(struct portal_op *, const char *, portal_str);
void host_put_number(struct portal_op *, const char *, int64_t);
void host_put_boolean(struct portal_op *, const char *, int);
void host_put_json(struct portal_op *, const char *, portal_str);
void host_put_secret(struct portal_op *, const char *, uint32_t);
void host_put_file(struct portal_op *, const char *, uint32_t, uint64_t, uint64_t);
void host_send_file(struct portal_op *, uint32_t);
void host_form(struct portal_op *, const char *, portal_str);
void host_form_secret(struct portal_op *, const char *, uint32_t);

portal_str host_get(struct portal_op *, const char *);
int64_t host_get_number(struct portal_op *, const char *, int64_t);
uint32_t host_get_length(struct portal_op *, const char *);
portal_str host_get_name(struct portal_op *, const char *, uint32_t);
uint32_t host_find(struct portal_op *, const char *, const char *, portal_str);
portal_str host_get_header(struct portal_op *, const char *);
void host_keep_secret(struct portal_op *, const char *, int64_t);
portal_str host_get_input(struct portal_op *, const char *);
portal_str host_get_answer(struct portal_op *, const char *);

int host_has_option(struct portal_op *, uint32_t);
uint32_t host_list_length(struct portal_op *, uint32_t);
struct portal_value host_list_get(struct portal_op *, uint32_t, uint32_t);
portal_str host_cache_get(struct portal_op *, const char *);
void host_cache_put(struct portal_op *, const char *, portal_str, int64_t);

void host_guide_title(struct portal_op *, const char *, ...) PORTAL_FORMAT(2, 3);
void host_guide_sign_in(struct portal_op *, portal_str);
void host_guide_link(struct portal_op *, portal_str);
void host_guide_step(struct portal_op *, const char *, ...) PORTAL_FORMAT(2, 3);
void host_guide_field(struct portal_op *, const char *, portal_str);
void host_guide_secret(struct portal_op *, uint32_t);
void host_guide_choice(struct portal_op *, portal_str, portal_str);
void host_guide_answer(struct portal_op *, const char *, const char *, const char *);
void host_guide_due(struct portal_op *, int64_t);

void host_observe(struct portal_op *, portal_str, int64_t, int64_t, uint32_t);
uint32_t host_go(struct portal_op *, portal_str, portal_str, portal_str);
portal_str host_format(struct portal_op *, const char *, ...) PORTAL_FORMAT(2, 3);
portal_str host_fill(struct portal_op *, portal_str, const portal_str *, size_t);
portal_str host_write_time(struct portal_op *, int64_t);
int64_t host_read_time(struct portal_op *, portal_str);
int64_t host_read_end(struct portal_op *, portal_str);
int64_t host_read_number(struct portal_op *, portal_str, int64_t);
void host_log(struct portal_op *, const char *, ...) PORTAL_FORMAT(2, 3);
uint32_t host_fail(struct portal_op *, uint32_t, const char *, const char *, ...)
    PORTAL_FORMAT(4, 5);
uint32_t host_reject(struct portal_op *);
uint32_t host_reject_as(struct portal_op *, portal_str, portal_str);
uint32_t host_need(struct portal_op *, const char *);

#endif
