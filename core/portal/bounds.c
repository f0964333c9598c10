#include "portal/bounds.h"

#include <link.h>
#include <string.h>

/* A place, and how far it is from it to the end of the segment that holds it. */
struct search {
	uintptr_t at;
	uint32_t flags; /* PF_ that the segment must have */
	size_t room;    /* 0: no segment holds it */
};

static int look(struct dl_phdr_info *object, size_t size, void *context)
{
	struct search *s = context;

	(void)size;
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		uintptr_t begin = object->dlpi_addr + segment->p_vaddr;

		if (segment->p_type == PT_LOAD && (segment->p_flags & s->flags) == s->flags &&
		    s->at >= begin && s->at - begin < segment->p_memsz) {
			s->room = segment->p_memsz - (s->at - begin);
			return 1;
		}
	}
	return 0;
}

static size_t room_at(const void *place, uint32_t flags)
{
	struct search s = { (uintptr_t)place, flags, 0 };

	dl_iterate_phdr(look, &s);
	return s.room;
}

static bool is_text(const char *text)
{
	size_t room = text ? room_at(text, PF_R) : 0;

	return !text || (room && memchr(text, 0, room));
}

static bool are_texts(const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!is_text(texts[i]))
			return false;
	return true;
}

/* Too short a stride is found out later. */
static uint32_t rows_of(const void *rows, uint32_t n, uint32_t stride, size_t least)
{
	return rows && stride >= least ? n : 0;
}

static bool are_rows(const void *rows, uint32_t n, uint32_t stride)
{
	return !n || (uint64_t)n * stride <= room_at(rows, PF_R);
}

static bool is_option(const struct portal_option *o)
{
	const char *const texts[] = { o->name, o->fallback, o->help, o->choices };

	return are_texts(texts, sizeof texts / sizeof texts[0]);
}

static bool is_error(const struct portal_error *e)
{
	const char *const texts[] = { e->code, e->prefix, e->message, e->meaning };

	return are_texts(texts, sizeof texts / sizeof texts[0]);
}

static bool are_options(const struct portal_plugin *t)
{
	uint32_t n =
	    rows_of(t->options, t->n_options, t->option_size, sizeof(struct portal_option));
	struct portal_option row;

	if (!are_rows(t->options, n, t->option_size))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&row, (const char *)t->options + (size_t)i * t->option_size, sizeof row);
		if (!is_option(&row))
			return false;
	}
	return true;
}

static bool are_errors(const struct portal_plugin *t)
{
	uint32_t n = rows_of(t->errors, t->n_errors, t->error_size, sizeof(struct portal_error));
	struct portal_error row;

	if (!are_rows(t->errors, n, t->error_size))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		memcpy(&row, (const char *)t->errors + (size_t)i * t->error_size, sizeof row);
		if (!is_error(&row))
			return false;
	}
	return true;
}

static bool are_steps(const struct portal_plugin *t)
{
	portal_step_function *const steps[] = { t->options_ok, t->login, t->open, t->activate,
		t->link, t->create, t->attach, t->message, t->change, t->status, t->remaining };

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		void *place;

		memcpy(&place, &steps[i], sizeof place);
		if (place && !room_at(place, PF_X))
			return false;
	}
	return true;
}

bool bounds_hold(const struct portal_plugin *t, struct failure *why)
{
	const char *const texts[] = { t->name, t->title, t->version, t->manual, t->error_code,
		t->error_text, t->session_secrets };

	if (!are_texts(texts, sizeof texts / sizeof texts[0]))
		return failure_set(
		    why, FAILURE_CONFIG, "its table points at a text that is not there");
	if (!are_options(t))
		return failure_set(
		    why, FAILURE_CONFIG, "its table points at options that are not there");
	if (!are_errors(t))
		return failure_set(
		    why, FAILURE_CONFIG, "its table points at errors that are not there");
	return are_steps(t) ||
	    failure_set(why, FAILURE_CONFIG, "its table points at a step that is not there");
}
