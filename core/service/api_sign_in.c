/* Who asks: a caller with a key, or whoever runs the service over its Unix socket. */
#include "service/api_inside.h"

#include <pwd.h>
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

static bool refuse(struct call *call, const char *challenge, const char *detail)
{
	call->challenge = challenge;
	atomic_fetch_add(&call->api->counts.unauthorized, 1);
	api_refuse(call, 401, "unauthorized", detail);
	return false;
}

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
		call->actor = arena_format(call->arena, "caller:%s", caller->name);
	}
	generation_free(g);
	return caller != NULL;
}

/* Who failed is not told from who is gone: a stranger learns nothing. */
static bool sign_in_caller(struct call *call, struct text field)
{
	struct text key = bearer(field);

	return (key.n && find_caller(call, key)) ||
	    refuse(call, "Bearer error=\"invalid_token\"",
		"The key is not known, or not good any more.");
}

/* A key that is given counts, also from the own user: a bridge acts for its callers. */
bool api_sign_in(struct call *call)
{
	const struct server_peer *peer = server_peer(call->request);
	struct text field;

	if (server_header(call->request, "Authorization", &field))
		return sign_in_caller(call, field);
	if (!is_own_user(peer))
		return refuse(call, "Bearer", "Give a key: Authorization: Bearer KEY");
	call->is_own_user = true;
	call->actor = user_name(peer, call->arena);
	return true;
}
