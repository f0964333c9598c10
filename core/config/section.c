#include "config/section.h"

#include <stdlib.h>
#include <string.h>

static size_t hash(const char *text)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

struct config_section *index_find(const struct section_index *index, const char *folded)
{
	if (!index->capacity)
		return NULL;
	for (size_t i = hash(folded);; i++) {
		struct config_section *section = index->slots[i & (index->capacity - 1)];

		if (!section || strcmp(section->folded, folded) == 0)
			return section;
	}
}

static void place_in(struct section_index *index, struct config_section *section)
{
	size_t i = hash(section->folded);

	while (index->slots[i & (index->capacity - 1)])
		i++;
	index->slots[i & (index->capacity - 1)] = section;
}

void index_add(struct section_index *index, const char *folded, struct config_section *section)
{
	(void)folded;
	if (index->n * 2 >= index->capacity) {
		struct section_index bigger = { NULL, index->capacity ? index->capacity * 2 : 64,
			index->n };

		bigger.slots = memory_array(bigger.capacity, sizeof *bigger.slots);
		for (size_t i = 0; i < index->capacity; i++)
			if (index->slots[i])
				place_in(&bigger, index->slots[i]);
		free(index->slots);
		*index = bigger;
	}
	place_in(index, section);
	index->n++;
}

void index_free(struct section_index *index)
{
	free(index->slots);
}

size_t config_count(const struct config *config)
{
	return config->n;
}

struct config_section *config_at(const struct config *config, size_t i)
{
	return i < config->n ? config->sections[i] : NULL;
}

struct config_section *config_next(
    const struct config *config, const char *kind, const struct config_section *after)
{
	size_t i = after ? after->position + 1 : 0;

	for (; i < config->n; i++)
		if (strcmp(config->sections[i]->kind, kind) == 0)
			return config->sections[i];
	return NULL;
}

struct config_section *config_find_section(
    const struct config *config, const char *kind, const char *name)
{
	struct buffer folded = { 0 };
	struct config_section *section;

	buffer_format(&folded, "%s%s%s", kind, *name ? " " : "", name);
	for (char *c = folded.p; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	section = index_find(&config->index, folded.p);
	buffer_free(&folded);
	return section;
}

const char *section_kind(const struct config_section *section)
{
	return section->kind;
}

const char *section_name(const struct config_section *section)
{
	return section->name;
}

struct place section_place(const struct config_section *section)
{
	return section->place;
}

size_t section_count(const struct config_section *section)
{
	return section->n;
}

const struct config_entry *section_at(const struct config_section *section, size_t i)
{
	return i < section->n ? &section->entries[i] : NULL;
}

const struct config_entry *section_entry(const struct config_section *section, const char *key)
{
	for (size_t i = 0; i < section->n; i++)
		if (strcmp(section->entries[i].key, key) == 0)
			return &section->entries[i];
	return NULL;
}
