#include "portal/portals.h"
#include "portal/inside.h"

#include <string.h>

static void print_steps(FILE *out, const struct portal_plugin *table)
{
	fputs("Steps:", out);
	for (unsigned i = OPERATION_OPEN; i <= OPERATION_LOGIN; i++)
		if (operation_step(table, (enum operation_kind)i))
			fprintf(out, " %s", operation_name((enum operation_kind)i));
	fputs("\n\n", out);
}

static const char *class_name(uint32_t class)
{
	static const char *const names[] = { "?", "request", "contract", "spent", "denied", "busy",
		"unsure", "portal" };

	return names[class < sizeof names / sizeof names[0] ? class : 0];
}

static void print_errors(FILE *out, const struct plugin *plugin)
{
	if (plugin->table.n_errors)
		fputs("\nRefusals of the portal, as this plugin reads them:\n\n", out);
	for (uint32_t i = 0; i < plugin->table.n_errors; i++) {
		const struct portal_error *e = &plugin->errors[i];

		if (e->status)
			fprintf(out, "  %u", e->status);
		else
			fputs("  any", out);
		fprintf(out, " %s %s%s%s -> %s%s%s: %s\n", e->code ? e->code : "any code",
		    e->prefix ? "\"" : "", e->prefix ? e->prefix : "", e->prefix ? "...\"" : "",
		    class_name(e->failure), e->message ? " " : "", e->message ? e->message : "",
		    e->meaning ? e->meaning : "");
	}
}

bool portal_describe(const char *plugin_path, const char *name, FILE *out, struct failure *why)
{
	const struct plugin *plugin = plugin_load(plugin_path, name, why);

	if (!plugin)
		return false;
	fprintf(out, "# %s, plugin %s %s\n[portal %s]\nplugin = %s\n", plugin->table.title, name,
	    plugin->table.version, name, name);
	option_print_sample(out, plugin->keys, plugin->table.n_options);
	option_print_sample(out, portal_keys + 1, n_portal_keys - 1); /* plugin stands above */
	fputc('\n', out);
	if (plugin->table.manual)
		fprintf(out, "%s\n\n", plugin->table.manual);
	print_steps(out, &plugin->table);
	option_print_manual(out, plugin->keys, plugin->table.n_options);
	option_print_manual(out, portal_keys, n_portal_keys);
	print_errors(out, plugin);
	return true;
}
