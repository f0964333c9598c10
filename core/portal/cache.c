/* What a portal keeps for all its operations: lists that plugins put away. */
#include "portal/inside.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_BYTES ((size_t)4 * 1024 * 1024)

static void cached_free(struct portal *portal, struct cached **at)
{
	struct cached *old = *at;

	*at = old->next;
	portal->cache_bytes -= old->n;
	free(old->name);
	free(old->value);
	free(old);
}

/* Drops what ended, what has the name, and the oldest while there is too much. */
static void make_room(struct portal *portal, const char *name, size_t bytes)
{
	struct cached **at = &portal->cache;

	while (*at)
		if (text_same((*at)->name, name))
			cached_free(portal, at);
		else
			at = &(*at)->next;
	while (portal->cache && portal->cache_bytes + bytes > CACHE_BYTES)
		cached_free(portal, &portal->cache);
}

bool cache_get(struct portal *portal, const char *name, int64_t now, struct buffer *out)
{
	bool is_there = false;

	pthread_mutex_lock(&portal->lock);
	for (struct cached *c = portal->cache; c && !is_there; c = c->next)
		if (text_same(c->name, name) && now < c->until) {
			buffer_append(out, c->value, c->n);
			is_there = true;
		}
	pthread_mutex_unlock(&portal->lock);
	return is_there;
}

void cache_put(struct portal *portal, const char *name, struct text value, int64_t until)
{
	struct cached *made = memory_new(sizeof *made), **at;

	*made = (struct cached){ NULL, memory_copy_text(name), memory_copy(value.p, value.n),
		value.n, until };
	pthread_mutex_lock(&portal->lock);
	make_room(portal, name, value.n);
	for (at = &portal->cache; *at; at = &(*at)->next)
		;
	*at = made;
	portal->cache_bytes += value.n;
	pthread_mutex_unlock(&portal->lock);
}

void cache_free(struct portal *portal)
{
	while (portal->cache)
		cached_free(portal, &portal->cache);
}
