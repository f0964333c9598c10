#include "decide/routes.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_PORTAL, KEY_PLAN, KEY_NOTE, KEY_MATCH };

static const struct option route_options[] = {
	[KEY_PORTAL] = { .name = "portal",
	    .type = OPTION_TEXT,
	    .fallback = "auto",
	    .help = "auto (rules and portal map choose), ask, or the name of a portal" },
	[KEY_PLAN] = { .name = "plan",
	    .type = OPTION_WORDS,
	    .choices = "csp contract included premier advanced",
	    .help = "plans in order of preference; default csp, contract, included" },
	[KEY_NOTE] = { .name = "note",
	    .type = OPTION_TEXT,
	    .help = "shown to the agent with the decision" },
	[KEY_MATCH] = { .name = "match",
	    .type = OPTION_TEXT,
	    .flags = OPTION_OPEN,
	    .help = "match.FIELD = a, b*   match.FIELD.not = ...   FIELD: kind product release "
		    "environment workload "
		    "severity account customer" },
};

enum { N_KEYS = sizeof route_options / sizeof route_options[0], N_FIELDS = 8 };

static const char *const field_names[N_FIELDS] = { "kind", "product", "release", "environment",
	"workload", "severity", "account", "customer" };

enum shape { EXACT, PREFIX, SUFFIX, ANY };

struct pattern { /* one alternative of a condition */
	enum shape shape;
	const char *text; /* folded, without the star */
	size_t n;
};

struct condition {
	struct pattern *patterns;
	size_t n;
};

struct rule {
	struct route route;
	struct place portal_place;
	struct condition positive[N_FIELDS], negative[N_FIELDS];
};

/* Sets of routes are worked on eight words at a time; their lengths are multiples. */
typedef uint64_t words512 __attribute__((vector_size(64), aligned(8), may_alias));
enum { WIDE = sizeof(words512) / sizeof(uint64_t) };

/* A hash table from (shape, text) to the routes that name it. */
struct posting {
	struct pattern pattern;
	uint32_t *routes;
	uint64_t *bits; /* the same as a bit set, where the list would be longer; else NULL */
	size_t n, capacity;
	bool is_negative;
};

struct field {
	uint64_t *open; /* routes without a positive condition on this field */
	struct posting *postings;
	size_t n, capacity; /* capacity: a power of two; 0: nobody asks about this field */
	size_t longest;     /* of the prefixes and suffixes */
};

struct routes {
	struct arena *arena;
	struct rule *rules;
	size_t n, capacity, words;
	struct field fields[N_FIELDS];
};

/* ---- reading ------------------------------------------------------------------ */

static const char *folded(struct arena *arena, struct text text, size_t *n)
{
	char *copy = arena_take(arena, text.n * 2 + 1);

	*n = text_fold(text, copy, text.n * 2);
	copy[*n] = 0;
	return copy;
}

static bool read_pattern(struct arena *arena, struct text text, struct pattern *pattern)
{
	bool leads = text.p[0] == '*', ends = text.p[text.n - 1] == '*';
	size_t stars = 0;

	for (size_t i = 0; i < text.n; i++)
		stars += text.p[i] == '*';
	if (stars > 1 || (stars == 1 && !leads && !ends))
		return false;
	pattern->shape = text.n == 1 && stars ? ANY : leads ? SUFFIX : ends ? PREFIX : EXACT;
	if (leads)
		text = (struct text){ text.p + 1, text.n - 1 };
	else if (ends)
		text.n--;
	pattern->text = folded(arena, text, &pattern->n);
	return true;
}

static void read_condition(struct routes *routes, struct condition *condition,
    const struct option_item *item, struct problems *problems)
{
	struct text rest = item->text, one;
	size_t capacity = 0;

	while (text_split(&rest, ',', &one)) {
		struct pattern pattern;

		if (!read_pattern(routes->arena, one, &pattern)) {
			problem_add(problems, PROBLEM_ERROR, E_VALUE, item->place,
			    "match.%s: \"%.*s\" may hold one '*', at its beginning or end",
			    item->suffix, TEXT_ARGS(one));
			continue;
		}
		condition->patterns =
		    memory_grow(condition->patterns, condition->n, &capacity, sizeof pattern);
		condition->patterns[condition->n++] = pattern;
	}
	if (!condition->n)
		problem_add(problems, PROBLEM_ERROR, E_VALUE, item->place,
		    "match.%s names nothing to match", item->suffix);
}

static void read_match(struct routes *routes, struct rule *rule, const struct option_item *item,
    struct problems *problems)
{
	size_t n = strlen(item->suffix);
	bool is_negative = n > 4 && strcmp(item->suffix + n - 4, ".not") == 0;
	char name[64];
	const char *nearest;

	snprintf(name, sizeof name, "%.*s", (int)(is_negative ? n - 4 : n), item->suffix);
	for (size_t f = 0; f < N_FIELDS; f++)
		if (strcmp(name, field_names[f]) == 0) {
			read_condition(routes,
			    is_negative ? &rule->negative[f] : &rule->positive[f], item, problems);
			return;
		}
	nearest = text_nearest(name, field_names, N_FIELDS);
	problem_add(problems, PROBLEM_ERROR, E_UNKNOWN_KEY, item->place,
	    "[route %s] unknown key \"match.%s\"%s%s%s; fields are kind product release "
	    "environment workload severity "
	    "account customer",
	    rule->route.name, item->suffix, nearest ? "; did you mean \"match." : "",
	    nearest ? nearest : "", nearest ? "\"?" : "");
}

static void read_route(struct routes *routes, struct config *config, struct config_section *section,
    struct problems *problems)
{
	struct value values[N_KEYS];
	struct rule *rule;

	option_read(config, section, route_options, N_KEYS, values, problems);
	routes->rules = memory_grow(routes->rules, routes->n, &routes->capacity, sizeof *rule);
	rule = &routes->rules[routes->n++];
	*rule = (struct rule){ .route = { .name = section_name(section),
				   .place = section_place(section),
				   .plan = values[KEY_PLAN].text } };
	if (!*rule->route.name)
		problem_add(problems, PROBLEM_ERROR, E_NAME, rule->route.place,
		    "a route needs a name: [route NAME]");
	if (!text_is(values[KEY_PORTAL].text, "auto")) {
		rule->route.portal = values[KEY_PORTAL].text.p;
		rule->portal_place = values[KEY_PORTAL].place;
	}
	if (values[KEY_NOTE].given)
		rule->route.note = values[KEY_NOTE].text.p;
	for (size_t i = 0; i < values[KEY_MATCH].n_items; i++)
		read_match(routes, rule, &values[KEY_MATCH].items[i], problems);
}

/* ---- compiling ------------------------------------------------------------------ */

static size_t hash(enum shape shape, const char *text, size_t n)
{
	uint64_t h = 14695981039346656037u ^ (uint64_t)shape;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)text[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 29);
}

static struct posting *slot(
    const struct field *field, enum shape shape, const char *text, size_t n, bool is_negative)
{
	for (size_t i = hash(shape, text, n);; i++) {
		struct posting *p = &field->postings[i & (field->capacity - 1)];

		if (!p->pattern.text ||
		    (p->pattern.shape == shape && p->is_negative == is_negative &&
			p->pattern.n == n && memcmp(p->pattern.text, text, n) == 0))
			return p;
	}
}

static void grow(struct field *field)
{
	struct field bigger = *field;

	bigger.capacity = field->capacity ? field->capacity * 2 : 16;
	bigger.postings = memory_array(bigger.capacity, sizeof *bigger.postings);
	for (size_t i = 0; i < field->capacity; i++) {
		struct posting *p = &field->postings[i];

		if (p->pattern.text)
			*slot(&bigger, p->pattern.shape, p->pattern.text, p->pattern.n,
			    p->is_negative) = *p;
	}
	free(field->postings);
	*field = bigger;
}

static void post(
    struct field *field, const struct pattern *pattern, bool is_negative, uint32_t route)
{
	struct posting *p;

	if (field->n * 2 >= field->capacity)
		grow(field);
	p = slot(field, pattern->shape, pattern->text, pattern->n, is_negative);
	if (!p->pattern.text) {
		p->pattern = *pattern;
		p->is_negative = is_negative;
		field->n++;
	}
	p->routes = memory_grow(p->routes, p->n, &p->capacity, sizeof *p->routes);
	p->routes[p->n++] = route;
	if (pattern->shape != EXACT && pattern->n > field->longest)
		field->longest = pattern->n;
}

/* A value that thousands of routes name is a bit set: one pass over its words. */
static void pack(const struct routes *routes, struct posting *p)
{
	if (p->n <= routes->words)
		return;
	p->bits = memory_array(routes->words, sizeof *p->bits);
	for (size_t i = 0; i < p->n; i++)
		p->bits[p->routes[i] / 64] |= (uint64_t)1 << p->routes[i] % 64;
}

static void compile_field(struct routes *routes, size_t f)
{
	struct field *field = &routes->fields[f];

	field->open = memory_array(routes->words + 1, sizeof *field->open);
	for (size_t r = 0; r < routes->n; r++) {
		const struct rule *rule = &routes->rules[r];

		if (!rule->positive[f].n)
			field->open[r / 64] |= (uint64_t)1 << r % 64;
		for (size_t i = 0; i < rule->positive[f].n; i++)
			post(field, &rule->positive[f].patterns[i], false, (uint32_t)r);
		for (size_t i = 0; i < rule->negative[f].n; i++)
			post(field, &rule->negative[f].patterns[i], true, (uint32_t)r);
	}
	for (size_t i = 0; i < field->capacity; i++)
		pack(routes, &field->postings[i]);
}

struct routes *routes_read(struct config *config, struct problems *problems)
{
	struct routes *routes = memory_new(sizeof *routes);

	routes->arena = arena_new();
	for (struct config_section *s = NULL; (s = config_next(config, "route", s));)
		read_route(routes, config, s, problems);
	routes->words = (routes->n / 64 + WIDE) / WIDE * WIDE;
	for (size_t f = 0; f < N_FIELDS; f++)
		compile_field(routes, f);
	return routes;
}

void routes_free(struct routes *routes)
{
	if (!routes)
		return;
	for (size_t r = 0; r < routes->n; r++)
		for (size_t f = 0; f < N_FIELDS; f++) {
			free(routes->rules[r].positive[f].patterns);
			free(routes->rules[r].negative[f].patterns);
		}
	for (size_t f = 0; f < N_FIELDS; f++) {
		for (size_t i = 0; i < routes->fields[f].capacity; i++) {
			free(routes->fields[f].postings[i].routes);
			free(routes->fields[f].postings[i].bits);
		}
		free(routes->fields[f].postings);
		free(routes->fields[f].open);
	}
	free(routes->rules);
	arena_free(routes->arena);
	free(routes);
}

size_t routes_count(const struct routes *routes)
{
	return routes->n;
}

const struct route *routes_at(const struct routes *routes, size_t i)
{
	return i < routes->n ? &routes->rules[i].route : NULL;
}

/* ---- finding --------------------------------------------------------------------- */

static void apply_bits(const uint64_t *from, bool is_negative, uint64_t *bits, size_t words)
{
	const words512 *f = (const words512 *)(const void *)from;
	words512 *b = (words512 *)(void *)bits;

	for (size_t w = 0; w < words / WIDE; w++)
		if (is_negative)
			b[w] &= ~f[w];
		else
			b[w] |= f[w];
}

static void keep_common(uint64_t *all, const uint64_t *bits, size_t words)
{
	const words512 *f = (const words512 *)(const void *)bits;
	words512 *a = (words512 *)(void *)all;

	for (size_t w = 0; w < words / WIDE; w++)
		a[w] &= f[w];
}

static void apply(const struct routes *routes, const struct posting *p, uint64_t *bits)
{
	if (p->bits) {
		apply_bits(p->bits, p->is_negative, bits, routes->words);
		return;
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->is_negative)
			bits[p->routes[i] / 64] &= ~((uint64_t)1 << p->routes[i] % 64);
		else
			bits[p->routes[i] / 64] |= (uint64_t)1 << p->routes[i] % 64;
}

/* The routes that this field lets pass: first all that ask for the value, then
 * less those that rule it out. A value that is not known fits no pattern. */
static void field_bits(const struct routes *routes, const struct field *field, const char *value,
    uint64_t *bits, struct arena *arena)
{
	const char *text;
	size_t n;

	memcpy(bits, field->open, routes->words * sizeof *bits);
	if (!value)
		return;
	text = folded(arena, text_of(value), &n);
	for (int negative = 0; negative <= 1; negative++) {
		apply(routes, slot(field, EXACT, text, n, negative), bits);
		apply(routes, slot(field, ANY, "", 0, negative), bits);
		for (size_t k = 1; k <= n && k <= field->longest; k++) {
			apply(routes, slot(field, PREFIX, text, k, negative), bits);
			apply(routes, slot(field, SUFFIX, text + n - k, k, negative), bits);
		}
	}
}

static const struct route *first_of(const struct routes *routes, uint64_t *bits,
    bool (*may_take)(const void *, const struct route *), const void *context)
{
	for (size_t w = 0; w < routes->words; w++)
		for (; bits[w]; bits[w] &= bits[w] - 1) {
			const struct route *route =
			    &routes->rules[w * 64 + (size_t)__builtin_ctzll(bits[w])].route;

			if (!may_take || may_take(context, route))
				return route;
		}
	return NULL;
}

const struct route *routes_find(const struct routes *routes, const struct route_key *key,
    bool (*may_take)(const void *, const struct route *), const void *context, struct arena *arena)
{
	const char *const values[N_FIELDS] = { key->kind, key->product, key->release,
		key->environment, key->workload, key->severity, key->account, key->customer };
	uint64_t *all = arena_take(arena, (routes->words + 1) * sizeof *all);
	uint64_t *bits = arena_take(arena, (routes->words + 1) * sizeof *bits);

	memset(all, 0xff, routes->n / 64 * sizeof *all);
	if (routes->n % 64)
		all[routes->n / 64] = ((uint64_t)1 << routes->n % 64) - 1;
	for (size_t f = 0; f < N_FIELDS; f++) {
		if (!routes->fields[f].n)
			continue;
		field_bits(routes, &routes->fields[f], values[f], bits, arena);
		keep_common(all, bits, routes->words);
	}
	return first_of(routes, all, may_take, context);
}

/* ---- checking ----------------------------------------------------------------------- */

static bool pattern_covers(const struct pattern *wide, const struct pattern *narrow)
{
	if (wide->shape == ANY)
		return true;
	if (wide->shape == EXACT || narrow->shape == ANY)
		return wide->shape == narrow->shape && wide->n == narrow->n &&
		    memcmp(wide->text, narrow->text, wide->n) == 0;
	if (narrow->n < wide->n || (narrow->shape != EXACT && narrow->shape != wide->shape))
		return false;
	return memcmp(wide->text,
		   wide->shape == PREFIX ? narrow->text : narrow->text + narrow->n - wide->n,
		   wide->n) == 0;
}

static bool is_covered(const struct condition *wide, const struct pattern *narrow)
{
	for (size_t i = 0; i < wide->n; i++)
		if (pattern_covers(&wide->patterns[i], narrow))
			return true;
	return false;
}

/* Does the early rule take all that `late` takes in this field? What the early
 * one rules out must be ruled out by the late one as well. */
static bool field_covers(const struct rule *early, const struct rule *late, size_t f)
{
	for (size_t i = 0; i < early->negative[f].n; i++)
		if (!is_covered(&late->negative[f], &early->negative[f].patterns[i]))
			return false;
	if (!early->positive[f].n)
		return true;
	for (size_t i = 0; i < late->positive[f].n; i++)
		if (!is_covered(&early->positive[f], &late->positive[f].patterns[i]))
			return false;
	return late->positive[f].n > 0;
}

/* The fields in which `early` does not take all of `late`; at most two are counted. */
static unsigned open_fields(const struct rule *early, const struct rule *late, size_t *field)
{
	unsigned open = 0;

	for (size_t f = 0; f < N_FIELDS && open < 2; f++)
		if (!field_covers(early, late, f)) {
			open++;
			*field = f;
		}
	return open;
}

static void check_pair(const struct rule *early, const struct rule *late, bool *is_unreachable,
    struct problems *problems)
{
	size_t f = 0;
	unsigned open = open_fields(early, late, &f);

	if (!open) {
		problem_add(problems, PROBLEM_WARNING, E_UNREACHABLE, late->route.place,
		    "[route %s] is never reached: [route %s] (line %u) takes all its requests",
		    late->route.name, early->route.name, early->route.place.line);
		*is_unreachable = true;
		return;
	}
	if (open != 1 || early->negative[f].n)
		return;
	for (size_t i = 0; i < late->positive[f].n; i++)
		if (is_covered(&early->positive[f], &late->positive[f].patterns[i]))
			problem_add(problems, PROBLEM_WARNING, E_SHADOWED, late->route.place,
			    "[route %s] never sees %s \"%s%s%s\": [route %s] (line %u) takes it "
			    "before",
			    late->route.name, field_names[f],
			    late->positive[f].patterns[i].shape == SUFFIX ? "*" : "",
			    late->positive[f].patterns[i].text,
			    late->positive[f].patterns[i].shape == PREFIX ? "*" : "",
			    early->route.name, early->route.place.line);
}

static bool takes_all(const struct rule *rule)
{
	for (size_t f = 0; f < N_FIELDS; f++)
		if (rule->positive[f].n || rule->negative[f].n)
			return false;
	return true;
}

void routes_check(const struct routes *routes, struct problems *problems)
{
	for (size_t late = 1; late < routes->n; late++) {
		bool is_unreachable = false;

		for (size_t early = 0; early < late && !is_unreachable; early++)
			check_pair(
			    &routes->rules[early], &routes->rules[late], &is_unreachable, problems);
	}
	if (!routes->n)
		problem_add(problems, PROBLEM_ERROR, E_NO_LAST_ROUTE, (struct place){ 0 },
		    "there is no [route NAME]; write one without match keys as the last");
	else if (!takes_all(&routes->rules[routes->n - 1]))
		problem_add(problems, PROBLEM_ERROR, E_NO_LAST_ROUTE,
		    routes->rules[routes->n - 1].route.place,
		    "[route %s] is the last and does not take everything; add a [route NAME] "
		    "without match keys",
		    routes->rules[routes->n - 1].route.name);
}

void routes_check_portals(const struct routes *routes, bool (*exists)(const void *, const char *),
    const void *context, const char *const *names, size_t n, struct problems *problems)
{
	for (size_t r = 0; r < routes->n; r++) {
		const struct route *route = &routes->rules[r].route;
		const char *nearest;

		if (!route->portal || strcmp(route->portal, "ask") == 0 ||
		    exists(context, route->portal))
			continue;
		nearest = text_nearest(route->portal, names, n);
		problem_add(problems, PROBLEM_ERROR, E_REFERENCE, routes->rules[r].portal_place,
		    "[route %s] portal \"%s\" is not defined%s%s%s", route->name, route->portal,
		    nearest ? "; did you mean \"" : "; there is no [portal ",
		    nearest ? nearest : route->portal, nearest ? "\"?" : "]");
	}
}
