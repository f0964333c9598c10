/* The tests of `portals check`. Names are for ever: scripts and people know them. */
#include "check/inside.h"

#define PROVEN "shape one-symbol imports no-constructor no-writable-data"
#define RUNS PROVEN " layout names operations-declared login-declares-secrets"
#define WALKS RUNS " verdicts"

const struct check_entry check_list[] = {
	/* The file, of which nothing runs. */
	{ "shape", "the file is a whole shared object for this machine", check_shape, "", false },
	{ "one-symbol", "it exports caseroute_portal_1, which is data, and nothing else",
	    check_one_symbol, "shape", false },
	{ "imports", "it needs no library and calls at most memcpy, memmove, memset, memcmp",
	    check_imports, "shape", false },
	{ "no-constructor", "nothing of it runs when it is loaded", check_no_constructor, "shape",
	    false },
	{ "no-writable-data", "it keeps no variable, and its stack holds no code",
	    check_no_writable_data, "shape", false },
	/* The table. */
	{ "layout",
	    "sizes, strides, version, needs and pointers of the table are ones that caseroute "
	    "reads",
	    check_layout, PROVEN, false },
	{ "operations-declared", "create is there, and each step that is there does something",
	    check_operations_declared, PROVEN " layout", true },
	{ "names",
	    "the names of file, plugin and options fit, each option has help and a fallback "
	    "of its type",
	    check_names, PROVEN " layout", false },
	{ "login-declares-secrets", "a plugin with a login says where its replies hold secrets",
	    check_login_declares_secrets, PROVEN " layout", false },
	{ "sample-section", "the section that `portals describe` prints can be loaded",
	    check_sample_section, RUNS, false },
	{ "options-wrong", "wrong values are refused, and options_ok judges all right ones",
	    check_options_wrong, RUNS, false },
	/* Steps. */
	{ "verdicts", "a step prepares what its verdict says", check_verdicts, RUNS, true },
	{ "deterministic", "the same steps in another process come out the same",
	    check_deterministic, WALKS, true },
	{ "stateless", "stage, cursor and note are all that a step remembers", check_stateless,
	    WALKS " deterministic", true },
	{ "ends", "a portal that is never done is not asked for ever without a pause", check_ends,
	    WALKS, true },
	{ "status-matrix", "each operation meets each HTTP status with a verdict that fits",
	    check_status_matrix, WALKS, true },
	{ "lost-create", "what was lost and may not be repeated is not sent a second time",
	    check_lost_create, WALKS, true },
	{ "key-used", "what makes a ticket carries the key, or is declared never to be repeated",
	    check_key_used, WALKS, true },
	/* Replies as no portal should give them. */
	{ "body-empty", "a reply without a body does no harm", check_body_empty, WALKS, true },
	{ "body-cut", "a reply that breaks off does no harm", check_body_cut, WALKS, true },
	{ "body-deep", "a reply of lists within lists does no harm", check_body_deep, WALKS, true },
	{ "body-huge", "a reply as large as is allowed does no harm", check_body_huge, WALKS,
	    true },
	{ "body-not-json", "a reply that is a page for people does no harm", check_body_not_json,
	    WALKS, true },
	{ "body-wrong-types", "a reply whose members are of other types does no harm",
	    check_body_wrong_types, WALKS, true },
	{ "injection", "whatever an agent writes is a value in the exchange, never a part of it",
	    check_injection, WALKS, true },
	{ "no-secret", "what a reply to login holds stands in no log, note, failure or outcome",
	    check_no_secret, WALKS, true },
	/* People and other portals. */
	{ "answers", "each declared answer leads somewhere, any other to no success", check_answers,
	    WALKS, true },
	{ "go", "a hop is from open to the name of a portal or workload", check_go, WALKS, true },
	/* All together. */
	{ "transcripts", "the transcripts of the folder play", check_transcripts, RUNS, false },
	{ "confined", "in a child process without system calls all comes out the same",
	    check_confined, WALKS " deterministic stateless", true },
	{ "fuzz", "replies, answers and requests bent at random do no harm", check_fuzz, WALKS,
	    true },
};
const size_t n_check_list = sizeof check_list / sizeof check_list[0];
