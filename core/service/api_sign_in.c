/* Who asks: a caller with a key or an issuer's token, or whoever runs the service over its
 * Unix socket. */
#include "service/api_inside.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* As the kernel says; nobody else gets through the socket's mode anyway. */
static bool is_own_user(const struct server_peer *peer)
{
	return peer->is_unix && (peer->uid == getuid() || peer->uid == 0);
}

static const char *user_name(const struct server_peer *peer, struct arena *arena)
{
	struct passwd entry, *found = NULL;
	char bytes[1024];

	if (getpwuid_r(peer->uid, &entry, bytes, sizeof bytes, &found) == 0 && found)
		return arena_format(arena, "%s", found->pw_name);
	return arena_format(arena, "uid %u", peer->uid);
}

/* ---- refusing --------------------------------------------------------------------------- */

static bool refuse(struct call *call, const char *challenge, const char *detail)
{
	call->challenge = challenge;
	atomic_fetch_add(&call->api->counts.unauthorized, 1);
	api_refuse(call, 401, "unauthorized", detail);
	return false;
}

/* Whose wrong ones are counted together: a user of this machine, an address, and of IPv6 the
 * /64, since whoever has one address there has them all. */
static struct text counted_as(const struct call *call)
{
	const struct server_peer *peer = server_peer(call->request);
	struct in6_addr six;

	if (peer->is_unix)
		return text_of(arena_format(call->arena, "uid %u", peer->uid));
	if (inet_pton(AF_INET6, peer->address, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six))
		return (struct text){ arena_copy(call->arena, (const char *)&six, 8), 8 };
	return text_of(peer->address);
}

/* A good key still gets in from an address that has shown many wrong ones: it may be a proxy's,
 * and a key cannot be guessed. Who is held off is only spared the work: see sign_in_token(). */
static unsigned held_off_s(const struct call *call)
{
	return strikes_wait_s(call->api->strikes, counted_as(call), instant_monotonic());
}

/* Who failed is not told from who is gone: a stranger learns nothing. */
static bool refuse_wrong(struct call *call)
{
	call->retry_s = held_off_s(call);
	if (call->retry_s) {
		atomic_fetch_add(&call->api->counts.held_off, 1);
		api_refuse(call, 429, "too-many-wrong",
		    "Too many wrong keys or tokens came from here; a good one still gets in.");
		return false;
	}
	strikes_add(call->api->strikes, counted_as(call), instant_monotonic());
	return refuse(call, "Bearer error=\"invalid_token\"",
	    "The key or token is not known, or not good any more.");
}

/* ---- keys ------------------------------------------------------------------------------- */

/* What the field Authorization holds after its scheme; "" where it is another one. */
static struct text bearer(struct text field)
{
	struct text scheme = TEXT("Bearer ");

	if (field.n <= scheme.n || strncasecmp(field.p, scheme.p, scheme.n) != 0)
		return TEXT("");
	return text_trim((struct text){ field.p + scheme.n, field.n - scheme.n });
}

/* By the configuration in force now: a key that was taken away is gone with the reload. */
static bool find_caller(struct call *call, struct text key)
{
	struct generation *g = loop_generation(call->api->loop);
	const struct caller *caller = callers_find(g->callers, key, instant_now());

	if (caller) {
		call->roles = caller->roles;
		call->actor = arena_join(call->arena, "caller:", caller->name, NULL);
	}
	generation_free(g);
	return caller != NULL;
}

/* ---- tokens of an issuer ---------------------------------------------------------------- */

/* Keys of ours have no dots; a token has two. */
static bool is_token(struct text field)
{
	return memchr(field.p, '.', field.n) != NULL;
}

static void take_caller(struct call *call, const struct jwt *jwt, const struct issuer *issuer)
{
	call->roles = jwt_roles(jwt, issuer);
	call->actor =
	    arena_join(call->arena, "caller:", jwt_caller(jwt, issuer, call->arena), NULL);
	call->signed_until =
	    json_number(json_get(jwt->claims, "exp"), 0) * INSTANT_SECOND + issuer->skew_ms;
}

/* After KEYS_LATER the call may be somebody else's already. */
static enum key_answer prove(
    struct call *call, struct generation *g, struct text token, key_sets_again *again)
{
	const struct issuer *issuer = NULL;
	enum key_answer answer = KEYS_REFUSE;
	struct failure why = { 0 };
	struct jwt jwt;

	if (jwt_read(&jwt, token, &why))
		issuer = issuers_find(g->issuers, jwt_issuer(&jwt));
	if (issuer && jwt_fits(&jwt, issuer, instant_now(), &why))
		answer = key_sets_prove(call->api->key_sets, issuer, &jwt, again, call);
	if (answer == KEYS_PROVE)
		take_caller(call, &jwt, issuer);
	if (answer == KEYS_REFUSE)
		log_line(LOG_NOTICE, "%s%s: trace %s: a token is refused: %s",
		    issuer ? "issuer " : "tokens", issuer ? issuer->name : "", call->trace.id,
		    why.kind     ? why.text
			: issuer ? "its signature is not good"
				 : "its issuer is not known");
	jwt_free(&jwt);
	return answer;
}

/* Nothing is fetched, and nobody waits, for an address that is held off. */
static bool sign_in_token(struct call *call, struct text token, key_sets_again *again)
{
	struct generation *g = loop_generation(call->api->loop);
	enum key_answer answer = prove(call, g, token, held_off_s(call) ? NULL : again);

	generation_free(g);
	if (answer == KEYS_REFUSE)
		return refuse_wrong(call);
	if (answer == KEYS_AWAY) {
		call->retry_s = 5;
		api_refuse(call, 503, "issuer-away", "The issuer's keys cannot be had now.");
	}
	return answer == KEYS_PROVE;
}

/* ---- who -------------------------------------------------------------------------------- */

static bool sign_in_caller(struct call *call, struct text field, key_sets_again *again)
{
	struct text shown = bearer(field);

	if (is_token(shown))
		return sign_in_token(call, shown, again);
	return (shown.n && find_caller(call, shown)) || refuse_wrong(call);
}

/* The command line says for whom it acts: whoever runs the service could write so into the ledger
 * by itself. */
static const char *own_actor(struct call *call, const struct server_peer *peer)
{
	struct text name;

	if (server_header(call->request, "Caseroute-Actor", &name) && caller_name_ok(name))
		return arena_copy(call->arena, name.p, name.n);
	return user_name(peer, call->arena);
}

/* A key that is given counts, also from the own user: a bridge acts for its callers. */
bool api_sign_in(struct call *call, key_sets_again *again)
{
	const struct server_peer *peer = server_peer(call->request);
	struct text field;

	if (server_header(call->request, "Authorization", &field))
		return sign_in_caller(call, field, again);
	if (!is_own_user(peer))
		return refuse(call, "Bearer", "Give a key or token: Authorization: Bearer ...");
	call->is_own_user = true;
	call->actor = own_actor(call, peer);
	return true;
}
