#include "portal/loader.h"
#include "base/file.h"
#include "base/memory.h"
#include "portal/bounds.h"
#include "portal/elf.h"

#include <dirent.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of 1.0: none is shorter. What is longer than ours is of a later minor version. */
enum { TABLE_BYTES = 200, OPTION_BYTES = 56, ERROR_BYTES = 40 };

/* Plugins that were opened, by what their files held: the sealed copy itself. */
static struct opened {
	struct opened *next;
	const unsigned char *bytes;
	size_t n;
	struct plugin plugin;
} * all_opened;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the file ------------------------------------------------------------------- */

static bool check_file(const char *file, struct failure *why)
{
	struct stat s;

	if (stat(file, &s) != 0)
		return failure_set(why, FAILURE_NO_INPUT, "%s", strerror(errno));
	if (!S_ISREG(s.st_mode))
		return failure_set(why, FAILURE_CONFIG, "it is not a regular file");
	if (s.st_mode & S_IWOTH)
		return failure_set(why, FAILURE_NO_PERMISSION,
		    "anybody may write to it; take that right away (chmod o-w)");
	return true;
}

static bool write_all(int fd, struct text bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
	return true;
}

/* A copy that nobody can change any more; -1 on failure. */
static int seal(struct text bytes, struct failure *why)
{
	int fd = memfd_create("caseroute-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && write_all(fd, bytes) &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	failure_set(why, FAILURE_INTERNAL, "no sealed copy: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Instrumented builds put constructors and imports into every object. */
static bool prove(const unsigned char *bytes, size_t n, struct failure *why)
{
#ifdef CASEROUTE_INSTRUMENTED
	(void)bytes;
	(void)n;
	(void)why;
	return true;
#else
	return elf_prove(bytes, n, PLUGIN_SYMBOL, (size_t)sysconf(_SC_PAGESIZE), why);
#endif
}

/* The sealed copy, mapped for good when it is proven; NULL on failure. */
static const unsigned char *proven(int fd, size_t n, struct failure *why)
{
	unsigned char *bytes = mmap(NULL, n ? n : 1, PROT_READ, MAP_PRIVATE, fd, 0);

	if (bytes == MAP_FAILED) {
		failure_set(why, FAILURE_INTERNAL, "no sealed copy: %s", strerror(errno));
		return NULL;
	}
	if (prove(bytes, n, why))
		return bytes;
	munmap(bytes, n ? n : 1);
	return NULL;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The object file knows how long the table is; the table may lie. */
static bool is_long_enough(const struct portal_plugin *table, struct failure *why)
{
	const Elf64_Sym *symbol = NULL;
	Dl_info info;

	if (!dladdr1(table, &info, (void **)(uintptr_t)&symbol, RTLD_DL_SYMENT) || !symbol)
		return true;
	if (symbol->st_size >= TABLE_BYTES && symbol->st_size >= table->size)
		return true;
	return failure_set(why, FAILURE_CONFIG, "its table is cut off (%llu bytes)",
	    (unsigned long long)symbol->st_size);
}

/* Of another major version nobody knows where the pointers are; it is refused later. */
static bool is_bounded(const struct portal_plugin *table, struct failure *why)
{
	struct portal_plugin copy = { 0 };

	if (table->abi_major != PORTAL_ABI_MAJOR || table->size < TABLE_BYTES)
		return true;
	memcpy(&copy, table, least(table->size, sizeof copy));
	return bounds_hold(&copy, why);
}

static const struct portal_plugin *open_sealed(int fd, struct failure *why)
{
	char path[64];
	void *library;
	const struct portal_plugin *table;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		failure_set(why, FAILURE_CONFIG, "%s", dlerror());
		return NULL;
	}
	table = dlsym(library, PLUGIN_SYMBOL);
	if (!table)
		failure_set(why, FAILURE_CONFIG,
		    "it does not export %s (see PORTAL_PLUGIN in portal.h)", PLUGIN_SYMBOL);
	return table && is_long_enough(table, why) && is_bounded(table, why) ? table : NULL;
}

/* ---- the table ------------------------------------------------------------------- */

bool plugin_name_ok(const char *name, bool is_option)
{
	size_t n;

	if (!name || name[0] < 'a' || name[0] > 'z')
		return false;
	for (n = 0; name[n]; n++) {
		char c = name[n];

		if (n >= 40 ||
		    !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
			(is_option && c == '_')))
			return false;
	}
	return true;
}

static bool refuse(const struct portal_plugin *t, struct failure *why, const char *text)
{
	return failure_set(why, FAILURE_CONFIG,
	    "it is built for plugin ABI %u.%u, this caseroute speaks %u.%u: %s", t->abi_major,
	    t->abi_minor, PORTAL_ABI_MAJOR, PORTAL_ABI_MINOR, text);
}

/* Before anything else of the table is looked at. */
static bool check_version(const struct portal_plugin *t, struct failure *why)
{
	char text[128];

	if (t->abi_major > PORTAL_ABI_MAJOR)
		return refuse(t, why, "use a newer caseroute");
	if (t->abi_major < PORTAL_ABI_MAJOR)
		return refuse(t, why, "build it again with this caseroute's portal.h");
	if (t->size < TABLE_BYTES || t->size % 4 || t->size > 65536)
		return failure_set(why, FAILURE_CONFIG,
		    "its table has an impossible size (%u bytes): make it with PORTAL_PLUGIN",
		    t->size);
	snprintf(text, sizeof text, "it needs what this one does not have (0x%x); %s", t->needs,
	    t->abi_minor > PORTAL_ABI_MINOR ? "use a newer caseroute"
					    : "needs is 0 in this version");
	return !t->needs || refuse(t, why, text);
}

/* What an older caseroute cannot know. */
static bool refuse_option(const struct plugin *plugin, const struct portal_option *o,
    const char *what, struct failure *why)
{
	char text[128];

	snprintf(text, sizeof text, "option %s has %s that this one does not know; %s", o->name,
	    what,
	    plugin->table.abi_minor > PORTAL_ABI_MINOR ? "use a newer caseroute"
						       : "see portal.h for those that there are");
	return refuse(&plugin->table, why, text);
}

/* Where secrets stand in the replies to a login. */
static bool is_place(struct text place)
{
	if (place.n < 2 || place.n > 200)
		return false;
	for (size_t i = 0; i < place.n; i++)
		if ((unsigned char)place.p[i] <= ' ' || (place.p[0] != '/' && place.p[i] == ':'))
			return false;
	return true;
}

static bool check_places(const char *places, struct failure *why)
{
	struct text rest = text_of(places), place;
	size_t n = 0;

	for (; text_split(&rest, ' ', &place); n++)
		if (!is_place(place))
			return failure_set(why, FAILURE_CONFIG,
			    "session_secrets: '%.*s' is neither a pointer nor a header",
			    TEXT_ARGS(place));
	return (n > 0 && n <= SESSION_PLACES) ||
	    failure_set(why, FAILURE_CONFIG,
		"it has a step login, so session_secrets must name 1 to %d places", SESSION_PLACES);
}

static bool check_pointers(const char *name, const char *pointers, struct failure *why)
{
	struct text rest = text_of(pointers ? pointers : ""), pointer;

	while (text_split(&rest, ' ', &pointer)) {
		bool is_one = pointer.p[0] == '/';

		for (size_t i = 0; i < pointer.n; i++)
			is_one = is_one && (unsigned char)pointer.p[i] > ' ';
		if (!is_one)
			return failure_set(why, FAILURE_CONFIG,
			    "%s: '%.*s' is no JSON pointer; write \"/code /error/code\" or the "
			    "like",
			    name, TEXT_ARGS(pointer));
	}
	return true;
}

static bool check_tables(const struct portal_plugin *t, struct failure *why)
{
	if (t->n_options && (!t->options || t->option_size < OPTION_BYTES))
		return failure_set(why, FAILURE_CONFIG, "its table of options is malformed");
	if (t->n_errors && (!t->errors || t->error_size < ERROR_BYTES))
		return failure_set(why, FAILURE_CONFIG, "its table of errors is malformed");
	if (t->n_options > 200 || t->n_errors > 1000)
		return failure_set(why, FAILURE_CONFIG, "it has too many options or errors");
	return true;
}

bool plugin_layout_ok(const struct portal_plugin *t, struct failure *why)
{
	return check_version(t, why) && check_tables(t, why);
}

bool plugin_errors_ok(const struct portal_plugin *t, struct failure *why)
{
	return check_pointers("error_code", t->error_code, why) &&
	    check_pointers("error_text", t->error_text, why);
}

bool plugin_login_ok(const struct portal_plugin *t, struct failure *why)
{
	return !t->login || check_places(t->session_secrets, why);
}

static bool names_ok(const struct portal_plugin *t, struct failure *why)
{
	if (!plugin_name_ok(t->name, false))
		return failure_set(why, FAILURE_CONFIG, "its name does not fit [a-z][a-z0-9-]*");
	if (!t->title || !t->version)
		return failure_set(why, FAILURE_CONFIG, "it has no title or version");
	return true;
}

bool plugin_steps_ok(const struct portal_plugin *t, struct failure *why)
{
	return t->create ||
	    failure_set(why, FAILURE_CONFIG, "it cannot create a ticket: step create is missing");
}

static bool check_option(const struct plugin *plugin, uint32_t at, struct failure *why)
{
	const struct portal_option *o = &plugin->options[at];

	if (!plugin_name_ok(o->name, true))
		return failure_set(why, FAILURE_CONFIG,
		    "the name of option %u does not fit [a-z][a-z0-9_-]*", at + 1);
	if (!o->help || !*o->help)
		return failure_set(why, FAILURE_CONFIG, "option %s has no help", o->name);
	if (o->type < PORTAL_TEXT || o->type > PORTAL_CREDENTIAL)
		return refuse_option(plugin, o, "a type", why);
	if (o->flags & ~(PORTAL_REQUIRED | PORTAL_LIST))
		return refuse_option(plugin, o, "flags", why);
	if (o->type == PORTAL_CHOICE && (!o->choices || !*o->choices))
		return failure_set(why, FAILURE_CONFIG, "option %s has no choices", o->name);
	if ((o->flags & PORTAL_LIST) && (o->type == PORTAL_SECRET || o->type == PORTAL_CREDENTIAL))
		return failure_set(
		    why, FAILURE_CONFIG, "option %s: a secret cannot be a list", o->name);
	for (uint32_t i = 0; i < at; i++)
		if (strcmp(plugin->options[i].name, o->name) == 0)
			return failure_set(
			    why, FAILURE_CONFIG, "option %s is there twice", o->name);
	return true;
}

static struct option as_key(const struct portal_option *o)
{
	return (struct option){
		.name = o->name,
		.type = o->type == PORTAL_CREDENTIAL ? OPTION_TEXT : o->type,
		.flags = (o->flags & PORTAL_REQUIRED ? OPTION_REQUIRED : 0) |
		    (o->flags & PORTAL_LIST ? OPTION_NUMBERED : 0),
		.fallback = o->fallback,
		.choices = o->choices,
		.min = o->min,
		.max = o->max,
		.help = o->help,
	};
}

static bool check_fallback(const struct option *key, struct failure *why)
{
	struct failure wrong = { 0 };
	struct value value;

	if (!key->fallback || option_parse(key, text_of(key->fallback), &value, &wrong))
		return true;
	return failure_set(
	    why, FAILURE_CONFIG, "the fallback of option %s %s", key->name, wrong.text);
}

/* Rows of a table whose stride may be another than ours: what is not there is zero. */
static void *copy_rows(const void *rows, uint32_t n, uint32_t stride, size_t ours)
{
	unsigned char *copy = memory_array(n, ours);

	for (uint32_t i = 0; i < n; i++)
		memcpy(copy + i * ours, (const unsigned char *)rows + (size_t)i * stride,
		    least(stride, ours));
	return copy;
}

static void plugin_clear(struct plugin *plugin)
{
	free(plugin->options);
	free(plugin->keys);
	free(plugin->errors);
	*plugin = (struct plugin){ .sealed = -1 };
}

bool plugin_read_table(
    const struct portal_plugin *table, struct plugin *plugin, struct failure *why)
{
	*plugin = (struct plugin){ .sealed = -1 };
	if (!plugin_layout_ok(table, why))
		return false;
	memcpy(&plugin->table, table, least(table->size, sizeof plugin->table));
	if (!names_ok(&plugin->table, why) || !plugin_steps_ok(&plugin->table, why) ||
	    !plugin_login_ok(&plugin->table, why) || !plugin_errors_ok(&plugin->table, why))
		return false;
	plugin->options = copy_rows(
	    table->options, table->n_options, table->option_size, sizeof *plugin->options);
	plugin->errors =
	    copy_rows(table->errors, table->n_errors, table->error_size, sizeof *plugin->errors);
	plugin->keys = memory_array(table->n_options, sizeof *plugin->keys);
	for (uint32_t i = 0; i < table->n_options; i++) {
		plugin->keys[i] = as_key(&plugin->options[i]);
		if (!check_option(plugin, i, why) || !check_fallback(&plugin->keys[i], why)) {
			plugin_clear(plugin);
			return false;
		}
	}
	return true;
}

/* ---- both --------------------------------------------------------------------------- */

static const struct plugin *find_opened(struct text bytes)
{
	for (struct opened *o = all_opened; o; o = o->next)
		if (o->n == bytes.n && memcmp(o->bytes, bytes.p, bytes.n) == 0)
			return &o->plugin;
	return NULL;
}

/* The table in a proven and sealed copy of the bytes; NULL on failure. */
static const struct portal_plugin *open_copy(
    struct text bytes, int *fd, const unsigned char **copy, struct failure *why)
{
	*fd = seal(bytes, why);
	*copy = *fd >= 0 ? proven(*fd, bytes.n, why) : NULL;
	if (*copy)
		return open_sealed(*fd, why); /* from here on the descriptor stays open */
	if (*fd >= 0)
		close(*fd);
	return NULL;
}

static const struct plugin *open_new(struct text bytes, struct failure *why)
{
	struct opened *opened = memory_new(sizeof *opened);
	int fd;
	const struct portal_plugin *table = open_copy(bytes, &fd, &opened->bytes, why);

	if (!table || !plugin_read_table(table, &opened->plugin, why)) {
		free(opened);
		return NULL;
	}
	opened->plugin.sealed = fd;
	opened->n = bytes.n;
	opened->next = all_opened;
	all_opened = opened;
	return &opened->plugin;
}

bool plugin_load_sealed(int fd, struct plugin *plugin, struct failure *why)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
	const struct portal_plugin *table;
	struct stat s;

	if (fcntl(fd, F_GET_SEALS) != seals || fstat(fd, &s) != 0)
		return failure_set(why, FAILURE_INTERNAL, "the plugin's copy is not sealed");
	if (!proven(fd, (size_t)s.st_size, why))
		return false;
	table = open_sealed(fd, why);
	return table && plugin_read_table(table, plugin, why);
}

static const struct plugin *open_bytes(struct text bytes, struct failure *why)
{
	const struct plugin *plugin;

	pthread_mutex_lock(&lock);
	plugin = find_opened(bytes);
	if (!plugin)
		plugin = open_new(bytes, why);
	pthread_mutex_unlock(&lock);
	return plugin;
}

const struct plugin *plugin_load_file(const char *file, struct failure *why)
{
	struct buffer bytes = { 0 };
	const struct plugin *plugin = NULL;

	if (check_file(file, why) && file_read(file, PLUGIN_BYTES, &bytes, why))
		plugin = open_bytes(buffer_as_text(&bytes), why);
	if (!plugin)
		failure_context(why, "plugin %s", file);
	buffer_free(&bytes);
	return plugin;
}

const struct portal_plugin *plugin_table(const char *file, struct failure *why)
{
	struct buffer bytes = { 0 };
	const struct portal_plugin *table = NULL;
	const unsigned char *copy;
	int fd;

	if (check_file(file, why) && file_read(file, PLUGIN_BYTES, &bytes, why))
		table = open_copy(buffer_as_text(&bytes), &fd, &copy, why);
	buffer_free(&bytes);
	return table;
}

static const struct plugin *load_named(const char *file, const char *name, struct failure *why)
{
	const struct plugin *plugin = plugin_load_file(file, why);

	if (!plugin || strcmp(plugin->table.name, name) == 0)
		return plugin;
	failure_set(why, FAILURE_CONFIG,
	    "plugin %s: it calls itself '%s'; file and plugin must have one name", file,
	    plugin->table.name);
	return NULL;
}

/* ---- a name that is not there ---------------------------------------------------------- */

#define NAMES 200

static size_t add_names(struct text folder, char *names[NAMES], size_t n)
{
	char *path = memory_copy(folder.p, folder.n);
	DIR *all = opendir(path);
	struct dirent *entry;

	while (all && n < NAMES && (entry = readdir(all))) {
		size_t length = strlen(entry->d_name);

		if (length > 3 && strcmp(entry->d_name + length - 3, ".so") == 0)
			names[n++] = memory_copy(entry->d_name, length - 3);
	}
	if (all)
		closedir(all);
	free(path);
	return n;
}

static void tell_missing(const char *path, const char *name, struct failure *why)
{
	struct text rest = text_of(path), folder;
	char *names[NAMES];
	const char *nearest;
	size_t n = 0;

	while (text_split(&rest, ':', &folder))
		n = add_names(folder, names, n);
	nearest = text_nearest(name, (const char *const *)names, n);
	failure_set(why, FAILURE_CONFIG, "there is no %s.so in %s%s%s%s", name,
	    *path ? path : "no folder at all", nearest ? "; did you mean \"" : "",
	    nearest ? nearest : "", nearest ? "\"?" : "");
	while (n)
		free(names[--n]);
}

bool plugin_find(const char *path, const char *name, struct buffer *file)
{
	struct text rest = text_of(path), folder;

	while (text_split(&rest, ':', &folder)) {
		file->n = 0;
		buffer_format(file, "%.*s/%s.so", TEXT_ARGS(folder), name);
		if (access(file->p, F_OK) == 0)
			return true;
	}
	return false;
}

const struct plugin *plugin_load(const char *path, const char *name, struct failure *why)
{
	const struct plugin *plugin;
	struct buffer file = { 0 };
	bool is_there;

	if (!plugin_name_ok(name, false)) {
		failure_set(why, FAILURE_CONFIG, "a plugin's name is [a-z][a-z0-9-]*");
		return NULL;
	}
	is_there = plugin_find(path, name, &file);
	plugin = is_there ? load_named(file.p, name, why) : NULL;
	if (!is_there)
		tell_missing(path, name, why);
	buffer_free(&file);
	return plugin;
}
