/* The secrets that an exchange names, from wherever they are. */
#include "portal/sending.h"

#include <stdlib.h>
#include <string.h>

bool sending_fail(struct sending *s, const char *text)
{
	return failure_set(s->why, FAILURE_CONFIG, "%s", text);
}

struct secret *sending_place(struct sending *s, const char *name, struct secret *value)
{
	struct placed *p = memory_new(sizeof *p);

	p->name = memory_copy_text(name);
	p->value = *value;
	p->next = s->placed;
	s->placed = p;
	return &p->value;
}

static struct secret *find_placed(struct sending *s, const char *name)
{
	for (struct placed *p = s->placed; p; p = p->next)
		if (text_same(p->name, name))
			return &p->value;
	return NULL;
}

static bool read_option(struct sending *s, const char *name, struct secret *out)
{
	const struct plugin *plugin = s->portal->plugin;

	for (uint32_t i = 0; i < plugin->table.n_options; i++) {
		const struct secret_place *place = &s->portal->options[i].secret;

		if (text_same(plugin->options[i].name, name) && place->reference)
			return secret_read(place->reference, place->base_file, out, s->why);
	}
	return failure_set(s->why, FAILURE_CONFIG, "it has no secret '%s'", name);
}

static bool read_session(struct sending *s, struct secret *out)
{
	struct portal *portal = s->portal;

	if (s->log_in && !s->log_in(s))
		return false;
	s->has_renewable = s->log_in != NULL;
	pthread_mutex_lock(&portal->lock);
	buffer_append(&out->bytes, portal->session.bytes.p ? portal->session.bytes.p : "",
	    portal->session.bytes.n);
	pthread_mutex_unlock(&portal->lock);
	return out->bytes.n > 0 || sending_fail(s, "there is no session; login must come first");
}

/* Both IDs come together; the one that was not asked for is wiped at once. */
static bool read_contract(struct sending *s, const char *name, struct secret *out)
{
	struct secret access = { 0 }, contract = { 0 };
	bool is_access = text_same(name, "access_id"), is_ok;

	if (!s->source || !s->source->contract_ids)
		return sending_fail(s, "the contract's IDs are not in hand");
	is_ok = s->source->contract_ids(s->source->context, &access, &contract, s->why);
	*out = is_access ? access : contract;
	secret_free(is_access ? &contract : &access);
	if (is_ok && out->bytes.n)
		return true;
	secret_free(out);
	return sending_fail(s, "the contract's IDs are not in hand");
}

struct secret *sending_secret(struct sending *s, const char *name)
{
	struct secret *known = name ? find_placed(s, name) : NULL, value = { 0 };
	bool is_ok = false;

	if (known)
		return known;
	if (!name)
		sending_fail(s, "the exchange names no secret");
	else if (strncmp(name, "option:", 7) == 0)
		is_ok = read_option(s, name + 7, &value);
	else if (text_same(name, "session"))
		is_ok = read_session(s, &value);
	else if (text_same(name, "access_id") || text_same(name, "contract_id"))
		is_ok = read_contract(s, name, &value);
	else
		sending_fail(s, "the exchange names an unknown secret");
	return is_ok ? sending_place(s, name, &value) : NULL;
}

void sending_forget(struct sending *s)
{
	while (s->placed) {
		struct placed *p = s->placed;

		s->placed = p->next;
		secret_free(&p->value);
		free(p->name);
		free(p);
	}
}
