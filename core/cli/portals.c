#include "cli/cli.h"
#include "engine/view.h"

#include <stdio.h>
#include <stdlib.h>

static const enum operation_kind shown[] = { OPERATION_OPEN, OPERATION_ACTIVATE, OPERATION_LINK,
	OPERATION_CREATE, OPERATION_ATTACH, OPERATION_MESSAGE, OPERATION_CHANGE, OPERATION_STATUS,
	OPERATION_REMAINING };

static void print_home(const struct cli *cli, const struct portal *portal)
{
	struct portal_home home;

	portal_home(portal, &home);
	cli_paint(cli, PAINT_DIM, "  runs %s: %s\n",
	    home.is_process ? "in a child of its own" : "in this process", home.reason);
	if (home.unconfined)
		cli_paint(cli, PAINT_BAD, "  NOT CONFINED: %s\n", home.unconfined);
}

static void print_portal(const struct cli *cli, const struct generation *g, struct portal *portal)
{
	const struct portal_entry *entry = policy_portal(g->policy, portal_name(portal));

	cli_paint(cli, PAINT_BOLD, "%-22s", portal_name(portal));
	printf(" %-22s %-8s", portal_plugin_name(portal), portal_plugin_version(portal));
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		if (portal_can(portal, shown[i]))
			printf(" %s", operation_name(shown[i]));
	printf("\n  %s", entry ? entry->title : portal_title(portal));
	if (entry && entry->workloads.n)
		cli_paint(cli, PAINT_DIM, "   workloads %.*s", TEXT_ARGS(entry->workloads));
	putchar('\n');
	print_home(cli, portal);
}

int portals_list(struct cli *cli, int argc, char **argv)
{
	struct generation *g;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 0, 0, &status) < 0)
		return status;
	g = cli_load(cli, &status);
	if (!g)
		return status;
	if (cli->json)
		cli_json(view_portals(g));
	else
		for (size_t i = 0; i < portals_count(g->portals); i++)
			print_portal(cli, g, portals_at(g->portals, i));
	generation_free(g);
	return 0;
}

const char *cli_plugin_path(const struct cli *cli, struct arena *arena)
{
	struct problems *problems = problems_new();
	char *path = config_find(cli->config);
	struct config *config = path ? config_read(path, problems) : NULL;
	const char *folders = generation_plugin_path(config, arena, problems);

	config_free(config);
	problems_free(problems);
	free(path);
	return folders;
}

int portals_describe(struct cli *cli, int argc, char **argv)
{
	struct failure why = { 0 };
	struct arena *arena;
	int status;

	if (cli_options(cli, argc, argv, NULL, 0, 1, 1, &status) < 0)
		return status;
	arena = arena_new();
	if (!portal_describe(cli_plugin_path(cli, arena), argv[0], stdout, &why))
		status = cli_fail(&why);
	arena_free(arena);
	return status;
}
