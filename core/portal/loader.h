/*
 * loader.h - plugin files become tables of steps
 *
 * The file is copied into a sealed memory file that stays open; those bytes
 * are proven (elf.h) and opened by a path that was never used before, so what
 * was proven is what runs and a replaced file is a new plugin. Libraries are
 * never closed: others may hold their text. Equal bytes are opened once.
 */
#ifndef PORTAL_LOADER_H
#define PORTAL_LOADER_H

#include "base/failure.h"
#include "base/text.h"
#include "caseroute/portal.h"
#include "config/option.h"

#define PLUGIN_SYMBOL "caseroute_portal_1"
#define PLUGIN_BYTES ((size_t)16 * 1024 * 1024) /* of a file, at most */
#define SESSION_PLACES 8                        /* in a plugin's session_secrets */

/* Immutable; lives as long as the process. */
struct plugin {
	struct portal_plugin table;    /* as built, zero where it was shorter */
	struct portal_option *options; /* the same, without stride */
	struct option *keys;           /* the options as keys of the INI section */
	struct portal_error *errors;
	int sealed; /* the descriptor of the sealed copy; -1: there is none */
};

/* Looks for NAME.so in the folders of `path` (parted by ':'). NULL on failure,
 * which names file and rule. From any thread. */
const struct plugin *plugin_load(const char *path, const char *name, struct failure *);
/* The first NAME.so in the folders of `path`, into an empty buffer; false: there is none. */
bool plugin_find(const char *path, const char *name, struct buffer *file);
/* One file by its path; its table may carry any name. */
const struct plugin *plugin_load_file(const char *file, struct failure *);

/* The sealed copy that another process has proven: proven again, and opened. It may be closed
 * then. In a process that loads no other. */
bool plugin_load_sealed(int fd, struct plugin *, struct failure *);

/* Are a table's numbers, names and options right? For the loader and its tests. */
bool plugin_read_table(const struct portal_plugin *, struct plugin *, struct failure *);

/* The same one after the other, for `portals check`: the table of a proven file as it is, whether
 * it can be read at all, has the step create, with a login says where secrets are, and names
 * error_code and error_text by pointers. */
const struct portal_plugin *plugin_table(const char *file, struct failure *);
bool plugin_layout_ok(const struct portal_plugin *, struct failure *);
bool plugin_steps_ok(const struct portal_plugin *, struct failure *);
bool plugin_login_ok(const struct portal_plugin *, struct failure *);
bool plugin_errors_ok(const struct portal_plugin *, struct failure *);

/* [a-z][a-z0-9-]* up to 40 bytes (and '_' in options' names). */
bool plugin_name_ok(const char *name, bool is_option);

#endif
