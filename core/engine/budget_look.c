#include "engine/budget_look.h"
#include "engine/view.h"

#include <stdlib.h>
#include <strings.h>

#define PAGE 200
#define LOOKED_AT 1000 /* requests, the newest: who signs in for which plan */

struct look {
	struct engine *engine;
	struct arena *arena;
	struct failure *why;
	instant now;
	size_t n;
};

/* One condition of one thing. */
struct finding {
	enum budget_kind kind;
	const char *subject; /* contract or offer */
	const char *account; /* NULL: of none */
	const char *level;   /* NULL: it does not hold */
	const char *why;
	int64_t left; /* REMAINING_UNKNOWN: not told */
	instant end;
};

/* ---- recording --------------------------------------------------------------------- */

static void write_detail(const struct finding *f, struct buffer *out)
{
	struct json *o = json_new_object();
	char date[INSTANT_TEXT];

	json_set(o, "subject", json_new_string(f->subject));
	if (f->account)
		json_set(o, "account", json_new_string(f->account));
	if (f->left != REMAINING_UNKNOWN)
		json_set(o, "remaining", json_new_number(f->left));
	if (f->end != INSTANT_UNKNOWN)
		json_set(o, "end", json_new_string(instant_write_date(f->end, date)));
	json_write(o, JSON_LINE, out);
	json_free(o);
}

/* What was told last stands beside the event, in one commit. */
static bool record(struct look *look, const struct finding *f, const char *name)
{
	struct ledger_row row = { .kind = ROW_CACHE,
		.cache = { name, text_of(f->level), INSTANT_UNKNOWN } };
	struct ledger_change change = { .rows = &row, .n_rows = 1 };
	struct buffer detail = { 0 };
	bool is_ok;

	if (f->level) {
		write_detail(f, &detail);
		change.event = (struct event_row){ .who = look->engine->actor,
			.what = budget_word(f->kind),
			.why = f->why,
			.detail = buffer_as_text(&detail) };
	}
	is_ok = engine_commit(look->engine, &change, 1, look->why);
	look->n += is_ok && f->level;
	buffer_free(&detail);
	return is_ok;
}

static bool note(struct look *look, const struct finding *f)
{
	const char *name = arena_format(look->arena, "budget/%s/%s/%s", budget_word(f->kind),
	    f->subject, f->account ? f->account : "");
	struct text told = TEXT("");

	if (!ledger_cache(look->engine->ledger, name, look->now, look->arena, &told, look->why) &&
	    look->why->kind != FAILURE_NONE)
		return false;
	return text_equal(told, text_of(f->level)) || record(look, f, name);
}

/* ---- contracts ------------------------------------------------------------------------ */

static bool note_balance(struct look *look, const struct contract_fact *c)
{
	struct finding f = {
		.kind = BALANCE_LOW, .subject = c->id, .left = c->remaining, .end = INSTANT_UNKNOWN
	};
	int64_t granted = c->remaining;
	struct balance b;

	if (ledger_balance(look->engine->ledger, c->id, look->arena, &b, look->why) &&
	    b.observed_at != INSTANT_UNKNOWN && b.observed != REMAINING_UNKNOWN &&
	    b.observed != REMAINING_UNLIMITED) {
		f.left = b.observed > b.spent_since ? b.observed - b.spent_since : 0;
		granted = b.observed + b.spent_ever - b.spent_since;
	}
	if (look->why->kind != FAILURE_NONE)
		return false;
	if (c->end == INSTANT_UNKNOWN || look->now <= c->end)
		f.level = budget_balance(&look->engine->generation->budget, f.left, granted);
	f.why = arena_format(look->arena, "contract %s has %lld left", c->id, (long long)f.left);
	return note(look, &f);
}

static bool note_end(struct look *look, const struct contract_fact *c)
{
	struct finding f = {
		.kind = ENDS_SOON, .subject = c->id, .left = REMAINING_UNKNOWN, .end = c->end
	};
	char date[INSTANT_TEXT], words[INSTANT_TEXT];

	f.level = budget_end(&look->engine->generation->budget, c->end, look->now, look->arena);
	if (f.level)
		f.why = arena_format(look->arena, "contract %s ends on %s, in %s", c->id,
		    instant_write_date(c->end, date), duration_words(c->end - look->now, words));
	return note(look, &f);
}

static bool look_at_contracts(struct look *look)
{
	struct known known = { .generation = look->engine->generation,
		.ledger = look->engine->ledger,
		.now = look->now };
	struct facts f;

	if (!known_facts(&known, look->arena, &f, look->why))
		return false;
	for (size_t i = 0; i < f.n_contracts; i++)
		if (!note_balance(look, &f.contracts[i]) || !note_end(look, &f.contracts[i]))
			return false;
	return true;
}

/* ---- links ------------------------------------------------------------------------------ */

struct used {
	const char *account;
	enum plan_id plan;
};

struct uses {
	struct used *list;
	size_t n, capacity;
};

static void add_use(struct uses *uses, const struct request_row *row, struct arena *arena)
{
	enum plan_id plan = plan_read(text_of(row->plan));

	if (!row->ticket || !row->account || !row->contract)
		return;
	for (size_t i = 0; i < uses->n; i++)
		if (uses->list[i].plan == plan &&
		    strcasecmp(uses->list[i].account, row->account) == 0)
			return;
	uses->list = memory_grow(uses->list, uses->n, &uses->capacity, sizeof *uses->list);
	uses->list[uses->n++] = (struct used){ arena_format(arena, "%s", row->account), plan };
}

/* A page at a time: the loop has other things to do. */
static bool find_uses(struct look *look, struct uses *uses)
{
	struct request_filter filter = {
		.due_before = INSTANT_UNKNOWN, .unclaimed_at = INSTANT_UNKNOWN, .limit = PAGE
	};
	struct engine *e = look->engine;
	struct request_row *rows;
	size_t n = PAGE;

	for (size_t seen = 0; n == PAGE && seen < LOOKED_AT; seen += n) {
		if (!ledger_requests(e->ledger, &filter, look->arena, &rows, &n, look->why))
			return false;
		for (size_t i = 0; i < n; i++)
			add_use(uses, &rows[i], look->arena);
		if (n)
			filter.after = rows[n - 1].id;
		if (e->runner)
			e->runner->sleep(e->runner->context, 0);
	}
	return true;
}

static bool note_links(struct look *look, const struct used *used)
{
	struct known known = { .generation = look->engine->generation,
		.ledger = look->engine->ledger,
		.now = look->now,
		.account = used->account };
	struct facts f;

	if (!known_facts(&known, look->arena, &f, look->why))
		return false;
	for (size_t i = 0; i < f.n_contracts; i++) {
		const struct contract_fact *c = &f.contracts[i];
		struct finding one = { .kind = LINK_MISSING,
			.subject = c->id,
			.account = used->account,
			.level = budget_link(c, c->plan == used->plan, look->now),
			.why = arena_format(
			    look->arena, "contract %s is not linked for %s", c->id, used->account),
			.left = REMAINING_UNKNOWN,
			.end = INSTANT_UNKNOWN };

		if (!note(look, &one))
			return false;
	}
	return true;
}

static bool look_at_links(struct look *look)
{
	struct uses uses = { 0 };
	bool is_ok = find_uses(look, &uses);

	for (size_t i = 0; is_ok && i < uses.n; i++)
		is_ok = note_links(look, &uses.list[i]);
	free(uses.list);
	return is_ok;
}

/* ---- benefits ----------------------------------------------------------------------------- */

static bool note_benefit(struct look *look, const struct partner_offer *offer)
{
	enum tristate activated = offer->activated;
	struct finding f = { .kind = BENEFIT_NOT_ACTIVATED,
		.subject = offer->name,
		.left = REMAINING_UNKNOWN,
		.end = INSTANT_UNKNOWN };
	bool is_activated;
	instant at;

	if (ledger_benefit(look->engine->ledger, offer->name, &is_activated, &at, look->why))
		activated = is_activated ? TRI_YES : TRI_NO;
	if (look->why->kind != FAILURE_NONE)
		return false;
	f.level = budget_benefit(activated);
	f.why = arena_format(
	    look->arena, "the support benefit of offer %s is not activated", offer->name);
	return note(look, &f);
}

static bool look_at_benefits(struct look *look)
{
	const struct partner *p = look->engine->generation->partner;

	for (size_t i = 0; i < p->n_offers; i++)
		if (!note_benefit(look, &p->offers[i]))
			return false;
	return true;
}

bool budget_look(struct engine *e, bool whole, size_t *n, struct failure *why)
{
	struct look look = { .engine = e, .arena = arena_new(), .why = why, .now = instant_now() };
	bool is_ok = look_at_contracts(&look) &&
	    (!whole || (look_at_links(&look) && look_at_benefits(&look)));

	*n = look.n;
	arena_free(look.arena);
	return is_ok;
}
