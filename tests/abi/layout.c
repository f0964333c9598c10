/*
 * layout.c - the frozen layout and numbers of ABI 1.0
 *
 * For every machine on which long and pointers have 64 bits, so for x86-64 and
 * 64-bit ARM alike: members follow each other without gaps (-Wpadded), so
 * nothing depends on a machine's rules of alignment. A line that fails here is
 * a plugin out there that breaks: undo the change. What is added at an end
 * raises the minor version and gets lines of its own.
 */
#pragma GCC diagnostic error "-Wpadded"
#include <caseroute/portal.h>

#if defined(__LP64__)

#define SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type " has another size")
#if PORTAL_ABI_MINOR == 0
#define AT_LEAST SIZE
#else /* has grown at its end */
#define AT_LEAST(type, bytes) _Static_assert(sizeof(struct type) >= (bytes), #type " has shrunk")
#endif
#define PLACE(type, member, offset, bytes)                                                         \
	_Static_assert(offsetof(struct type, member) == (offset) &&                                \
		sizeof(((struct type *)0)->member) == (bytes),                                     \
	    #type "." #member " has moved or has another size")
#define NUMBER(name, value) _Static_assert((name) == (value), #name " has another value")
#define ORDINAL(type, name, value)                                                                 \
	_Static_assert((enum type)(value) == (name), #name " has another value")

_Static_assert(sizeof(long) == 8 && sizeof(void *) == 8 && sizeof(size_t) == 8, "this is LP64");
_Static_assert(PORTAL_ABI_MAJOR == 1, "this is the layout of 1.x");

SIZE(portal_str, 16);
PLACE(portal_str, p, 0, 8);
PLACE(portal_str, n, 8, 8);

AT_LEAST(portal_option, 56);
PLACE(portal_option, name, 0, 8);
PLACE(portal_option, type, 8, 4);
PLACE(portal_option, flags, 12, 4);
PLACE(portal_option, fallback, 16, 8);
PLACE(portal_option, help, 24, 8);
PLACE(portal_option, choices, 32, 8);
PLACE(portal_option, min, 40, 8);
PLACE(portal_option, max, 48, 8);

SIZE(portal_value, 24);
PLACE(portal_value, text, 0, 16);
PLACE(portal_value, number, 16, 8);

AT_LEAST(portal_contract, 80);
PLACE(portal_contract, size, 0, 4);
PLACE(portal_contract, flags, 4, 4);
PLACE(portal_contract, id, 8, 16);
PLACE(portal_contract, plan, 24, 16);
PLACE(portal_contract, plan_names, 40, 8);
PLACE(portal_contract, n_plan_names, 48, 4);
PLACE(portal_contract, unit, 52, 4);
PLACE(portal_contract, start, 56, 8);
PLACE(portal_contract, end, 64, 8);
PLACE(portal_contract, remaining, 72, 8);

AT_LEAST(portal_account, 56);
PLACE(portal_account, size, 0, 4);
PLACE(portal_account, flags, 4, 4);
PLACE(portal_account, name, 8, 16);
PLACE(portal_account, visible, 24, 16);
PLACE(portal_account, type, 40, 4);
PLACE(portal_account, programs, 44, 4);
PLACE(portal_account, roles, 48, 4);
PLACE(portal_account, csp_kind, 52, 4);

AT_LEAST(portal_customer, 72);
PLACE(portal_customer, size, 0, 4);
PLACE(portal_customer, flags, 4, 4);
PLACE(portal_customer, id, 8, 16);
PLACE(portal_customer, tenant, 24, 16);
PLACE(portal_customer, domain, 40, 16);
PLACE(portal_customer, name, 56, 16);

AT_LEAST(portal_contact, 136);
PLACE(portal_contact, size, 0, 4);
PLACE(portal_contact, around_the_clock, 4, 4);
PLACE(portal_contact, first_name, 8, 16);
PLACE(portal_contact, last_name, 24, 16);
PLACE(portal_contact, email, 40, 16);
PLACE(portal_contact, phone, 56, 16);
PLACE(portal_contact, method, 72, 16);
PLACE(portal_contact, language, 88, 16);
PLACE(portal_contact, country, 104, 16);
PLACE(portal_contact, time_zone, 120, 16);

AT_LEAST(portal_file, 48);
PLACE(portal_file, size, 0, 4);
PLACE(portal_file, flags, 4, 4);
PLACE(portal_file, name, 8, 16);
PLACE(portal_file, media_type, 24, 16);
PLACE(portal_file, length, 40, 8);

AT_LEAST(portal_request, 240);
PLACE(portal_request, size, 0, 4);
PLACE(portal_request, severity, 4, 4);
PLACE(portal_request, id, 8, 16);
PLACE(portal_request, reference, 24, 16);
PLACE(portal_request, kind, 40, 16);
PLACE(portal_request, title, 56, 16);
PLACE(portal_request, text, 72, 16);
PLACE(portal_request, product, 88, 16);
PLACE(portal_request, release, 104, 16);
PLACE(portal_request, environment, 120, 16);
PLACE(portal_request, workload, 136, 16);
PLACE(portal_request, subscription, 152, 16);
PLACE(portal_request, resource, 168, 16);
PLACE(portal_request, plan, 184, 16);
PLACE(portal_request, plan_names, 200, 8);
PLACE(portal_request, n_plan_names, 208, 4);
PLACE(portal_request, n_files, 212, 4);
PLACE(portal_request, problem_started, 216, 8);
PLACE(portal_request, contact, 224, 8);
PLACE(portal_request, files, 232, 8);

AT_LEAST(portal_reply, 32);
PLACE(portal_reply, size, 0, 4);
PLACE(portal_reply, status, 4, 4);
PLACE(portal_reply, flags, 8, 4);
PLACE(portal_reply, reserved, 12, 4);
PLACE(portal_reply, body, 16, 16);

AT_LEAST(portal_answer, 40);
PLACE(portal_answer, size, 0, 4);
PLACE(portal_answer, flags, 4, 4);
PLACE(portal_answer, code, 8, 16);
PLACE(portal_answer, account, 24, 16);

AT_LEAST(portal_outcome, 104);
PLACE(portal_outcome, size, 0, 4);
PLACE(portal_outcome, state, 4, 4);
PLACE(portal_outcome, ticket, 8, 16);
PLACE(portal_outcome, ticket_name, 24, 16);
PLACE(portal_outcome, address, 40, 16);
PLACE(portal_outcome, detail, 56, 16);
PLACE(portal_outcome, remaining, 72, 8);
PLACE(portal_outcome, until, 80, 8);
PLACE(portal_outcome, start, 88, 8);
PLACE(portal_outcome, unit, 96, 4);
PLACE(portal_outcome, reserved, 100, 4);

AT_LEAST(portal_op, 176);
PLACE(portal_op, size, 0, 4);
PLACE(portal_op, flags, 4, 4);
PLACE(portal_op, operation, 8, 4);
PLACE(portal_op, hops, 12, 4);
PLACE(portal_op, host, 16, 8);
PLACE(portal_op, options, 24, 8);
PLACE(portal_op, account, 32, 8);
PLACE(portal_op, contract, 40, 8);
PLACE(portal_op, customer, 48, 8);
PLACE(portal_op, request, 56, 8);
PLACE(portal_op, ticket, 64, 16);
PLACE(portal_op, ticket_name, 80, 16);
PLACE(portal_op, key, 96, 16);
PLACE(portal_op, now, 112, 8);
PLACE(portal_op, reply, 120, 8);
PLACE(portal_op, answer, 128, 8);
PLACE(portal_op, stage, 136, 4);
PLACE(portal_op, cursor, 140, 12);
PLACE(portal_op, note, 152, 16);
PLACE(portal_op, out, 168, 8);

AT_LEAST(portal_host, 440);
PLACE(portal_host, size, 0, 4);
PLACE(portal_host, flags, 4, 4);
PLACE(portal_host, request, 8, 8);
PLACE(portal_host, follow, 16, 8);
PLACE(portal_host, query, 24, 8);
PLACE(portal_host, header, 32, 8);
PLACE(portal_host, header_secret, 40, 8);
PLACE(portal_host, wait, 48, 8);
PLACE(portal_host, authorize, 56, 8);
PLACE(portal_host, authorize_auxiliary, 64, 8);
PLACE(portal_host, put, 72, 8);
PLACE(portal_host, put_number, 80, 8);
PLACE(portal_host, put_boolean, 88, 8);
PLACE(portal_host, put_json, 96, 8);
PLACE(portal_host, put_secret, 104, 8);
PLACE(portal_host, put_file, 112, 8);
PLACE(portal_host, send_file, 120, 8);
PLACE(portal_host, form, 128, 8);
PLACE(portal_host, form_secret, 136, 8);
PLACE(portal_host, get, 144, 8);
PLACE(portal_host, get_number, 152, 8);
PLACE(portal_host, get_length, 160, 8);
PLACE(portal_host, get_name, 168, 8);
PLACE(portal_host, find, 176, 8);
PLACE(portal_host, get_header, 184, 8);
PLACE(portal_host, keep_secret, 192, 8);
PLACE(portal_host, get_input, 200, 8);
PLACE(portal_host, get_answer, 208, 8);
PLACE(portal_host, has_option, 216, 8);
PLACE(portal_host, list_length, 224, 8);
PLACE(portal_host, list_get, 232, 8);
PLACE(portal_host, cache_get, 240, 8);
PLACE(portal_host, cache_put, 248, 8);
PLACE(portal_host, guide_title, 256, 8);
PLACE(portal_host, guide_sign_in, 264, 8);
PLACE(portal_host, guide_link, 272, 8);
PLACE(portal_host, guide_step, 280, 8);
PLACE(portal_host, guide_field, 288, 8);
PLACE(portal_host, guide_secret, 296, 8);
PLACE(portal_host, guide_choice, 304, 8);
PLACE(portal_host, guide_answer, 312, 8);
PLACE(portal_host, guide_due, 320, 8);
PLACE(portal_host, observe, 328, 8);
PLACE(portal_host, go, 336, 8);
PLACE(portal_host, format, 344, 8);
PLACE(portal_host, fill, 352, 8);
PLACE(portal_host, write_time, 360, 8);
PLACE(portal_host, read_time, 368, 8);
PLACE(portal_host, read_end, 376, 8);
PLACE(portal_host, read_number, 384, 8);
PLACE(portal_host, log, 392, 8);
PLACE(portal_host, fail, 400, 8);
PLACE(portal_host, reject, 408, 8);
PLACE(portal_host, reject_as, 416, 8);
PLACE(portal_host, need, 424, 8);
PLACE(portal_host, extension, 432, 8);

AT_LEAST(portal_error, 40);
PLACE(portal_error, status, 0, 4);
PLACE(portal_error, failure, 4, 4);
PLACE(portal_error, code, 8, 8);
PLACE(portal_error, prefix, 16, 8);
PLACE(portal_error, message, 24, 8);
PLACE(portal_error, meaning, 32, 8);

AT_LEAST(portal_plugin, 200);
PLACE(portal_plugin, size, 0, 4);
PLACE(portal_plugin, abi_major, 4, 2);
PLACE(portal_plugin, abi_minor, 6, 2);
PLACE(portal_plugin, option_size, 8, 4);
PLACE(portal_plugin, n_options, 12, 4);
PLACE(portal_plugin, options, 16, 8);
PLACE(portal_plugin, needs, 24, 4);
PLACE(portal_plugin, memory, 28, 4);
PLACE(portal_plugin, error_size, 32, 4);
PLACE(portal_plugin, n_errors, 36, 4);
PLACE(portal_plugin, errors, 40, 8);
PLACE(portal_plugin, error_code, 48, 8);
PLACE(portal_plugin, error_text, 56, 8);
PLACE(portal_plugin, session_secrets, 64, 8);
PLACE(portal_plugin, name, 72, 8);
PLACE(portal_plugin, title, 80, 8);
PLACE(portal_plugin, version, 88, 8);
PLACE(portal_plugin, manual, 96, 8);
PLACE(portal_plugin, options_ok, 104, 8);
PLACE(portal_plugin, login, 112, 8);
PLACE(portal_plugin, open, 120, 8);
PLACE(portal_plugin, activate, 128, 8);
PLACE(portal_plugin, link, 136, 8);
PLACE(portal_plugin, create, 144, 8);
PLACE(portal_plugin, attach, 152, 8);
PLACE(portal_plugin, message, 160, 8);
PLACE(portal_plugin, change, 168, 8);
PLACE(portal_plugin, status, 176, 8);
PLACE(portal_plugin, remaining, 184, 8);
PLACE(portal_plugin, extension, 192, 8);

ORDINAL(portal_verdict, PORTAL_FAILED, 0);
ORDINAL(portal_verdict, PORTAL_FETCH, 1);
ORDINAL(portal_verdict, PORTAL_DONE, 2);
ORDINAL(portal_verdict, PORTAL_ASK, 3);
ORDINAL(portal_verdict, PORTAL_GO, 4);
ORDINAL(portal_verdict, PORTAL_BY_HAND, 5);

ORDINAL(portal_failure, PORTAL_E_REQUEST, 1);
ORDINAL(portal_failure, PORTAL_E_CONTRACT, 2);
ORDINAL(portal_failure, PORTAL_E_SPENT, 3);
ORDINAL(portal_failure, PORTAL_E_DENIED, 4);
ORDINAL(portal_failure, PORTAL_E_BUSY, 5);
ORDINAL(portal_failure, PORTAL_E_UNSURE, 6);
ORDINAL(portal_failure, PORTAL_E_PORTAL, 7);

ORDINAL(portal_repeat, PORTAL_REPEAT_SAFE, 1);
ORDINAL(portal_repeat, PORTAL_REPEAT_NEVER, 2);

ORDINAL(portal_operation, PORTAL_OP_LOGIN, 1);
ORDINAL(portal_operation, PORTAL_OP_OPEN, 2);
ORDINAL(portal_operation, PORTAL_OP_ACTIVATE, 3);
ORDINAL(portal_operation, PORTAL_OP_LINK, 4);
ORDINAL(portal_operation, PORTAL_OP_CREATE, 5);
ORDINAL(portal_operation, PORTAL_OP_ATTACH, 6);
ORDINAL(portal_operation, PORTAL_OP_MESSAGE, 7);
ORDINAL(portal_operation, PORTAL_OP_CHANGE, 8);
ORDINAL(portal_operation, PORTAL_OP_STATUS, 9);
ORDINAL(portal_operation, PORTAL_OP_REMAINING, 10);
ORDINAL(portal_operation, PORTAL_OP_OPTIONS_OK, 11);

ORDINAL(portal_state, PORTAL_OPEN, 1);
ORDINAL(portal_state, PORTAL_WAITING, 2);
ORDINAL(portal_state, PORTAL_SOLVED, 3);
ORDINAL(portal_state, PORTAL_CLOSED, 4);

ORDINAL(portal_unit, PORTAL_INCIDENTS, 0);
ORDINAL(portal_unit, PORTAL_HOURS, 1);

ORDINAL(portal_option_type, PORTAL_TEXT, 1);
ORDINAL(portal_option_type, PORTAL_INTEGER, 2);
ORDINAL(portal_option_type, PORTAL_BOOLEAN, 3);
ORDINAL(portal_option_type, PORTAL_DURATION, 4);
ORDINAL(portal_option_type, PORTAL_CHOICE, 5);
ORDINAL(portal_option_type, PORTAL_ORIGIN, 6);
ORDINAL(portal_option_type, PORTAL_SECRET, 7);
ORDINAL(portal_option_type, PORTAL_CREDENTIAL, 8);

ORDINAL(portal_account_type, PORTAL_ACCOUNT_WORK, 1);
ORDINAL(portal_account_type, PORTAL_ACCOUNT_PERSONAL, 2);

ORDINAL(portal_csp_kind, PORTAL_CSP_DIRECT_BILL, 1);
ORDINAL(portal_csp_kind, PORTAL_CSP_PROVIDER, 2);
ORDINAL(portal_csp_kind, PORTAL_CSP_INDIRECT_RESELLER, 3);
ORDINAL(portal_csp_kind, PORTAL_CSP_ADVISOR, 4);

ORDINAL(portal_tenant, PORTAL_TENANT_OWN, 0);
ORDINAL(portal_tenant, PORTAL_TENANT_CUSTOMER, 1);
ORDINAL(portal_tenant, PORTAL_TENANT_PARTNER, 2);

NUMBER(PORTAL_UNLIMITED, INT64_MAX);
NUMBER(PORTAL_UNKNOWN, INT64_MIN);
NUMBER(PORTAL_REQUIRED, 1u);
NUMBER(PORTAL_LIST, 2u);
NUMBER(PORTAL_SESSION, UINT32_MAX);
NUMBER(PORTAL_ACCESS_ID, UINT32_MAX - 1);
NUMBER(PORTAL_CONTRACT_ID, UINT32_MAX - 2);
NUMBER(PORTAL_HAS_ACCESS_ID, 1u);
NUMBER(PORTAL_HAS_CONTRACT_ID, 2u);
NUMBER(PORTAL_IS_LINKED, 4u);
NUMBER(PORTAL_PROGRAM_MPN, 1u);
NUMBER(PORTAL_PROGRAM_CSP, 2u);
NUMBER(PORTAL_ROLE_GLOBAL_ADMIN, 1u);
NUMBER(PORTAL_ROLE_MPN_PARTNER_ADMIN, 2u);
NUMBER(PORTAL_ROLE_ADMIN_AGENT, 4u);
NUMBER(PORTAL_ROLE_OTHER, 8u);
NUMBER(PORTAL_KNOWS_PROGRAMS, 1u);
NUMBER(PORTAL_KNOWS_ROLES, 2u);
NUMBER(PORTAL_MAY_HAVE_ARRIVED, 1u);
NUMBER(PORTAL_NOTE_BYTES, 16384u);
NUMBER(PORTAL_DEFAULT_CREDENTIAL, UINT32_MAX);
NUMBER(PORTAL_NO_CREDENTIAL, UINT32_MAX - 1);

#endif

/* Every type of the ABI, for abidw: it describes what a symbol leads to. */
const struct portal_plugin *abi_plugin(const struct portal_plugin *);
const struct portal_plugin *abi_plugin(const struct portal_plugin *plugin)
{
	return plugin;
}

int abi_numbers(enum portal_verdict, enum portal_failure, enum portal_repeat, enum portal_operation,
    enum portal_state, enum portal_unit, enum portal_option_type, enum portal_account_type,
    enum portal_csp_kind, enum portal_tenant);
int abi_numbers(enum portal_verdict a, enum portal_failure b, enum portal_repeat c,
    enum portal_operation d, enum portal_state e, enum portal_unit f, enum portal_option_type g,
    enum portal_account_type h, enum portal_csp_kind i, enum portal_tenant j)
{
	return (int)a + (int)b + (int)c + (int)d + (int)e + (int)f + (int)g + (int)h + (int)i +
	    (int)j;
}
