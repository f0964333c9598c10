#include "service/strikes.h"
#include "base/id.h"
#include "base/memory.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define SETS 1024 /* of so many addresses each: */
#define WAYS 4

/* A bucket by its end: the instant at which all is forgiven. That is one number for how
 * full it is, and for how long it has been quiet. */
struct bucket {
	uint64_t who; /* keyed hash: nobody can choose whom to push out */
	instant clean_at;
};

struct strikes {
	unsigned char key[crypto_shorthash_KEYBYTES];
	pthread_mutex_t lock;
	struct bucket buckets[SETS][WAYS];
};

struct strikes *strikes_new(void)
{
	struct strikes *s = memory_new(sizeof *s);

	random_bytes(s->key, sizeof s->key);
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void strikes_free(struct strikes *s)
{
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* The bucket of that address; else the emptiest of its set. */
static struct bucket *find(struct strikes *s, uint64_t who)
{
	struct bucket *set = s->buckets[who % SETS], *emptiest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].who == who)
			return &set[i];
		if (set[i].clean_at < emptiest->clean_at)
			emptiest = &set[i];
	}
	return emptiest;
}

static uint64_t hash(const struct strikes *s, struct text who)
{
	unsigned char bytes[crypto_shorthash_BYTES];
	uint64_t value = 0;

	crypto_shorthash(bytes, (const unsigned char *)who.p, who.n, s->key);
	for (size_t i = 0; i < sizeof bytes; i++)
		value = value << 8 | bytes[i];
	return value;
}

unsigned strikes_wait_s(struct strikes *s, struct text who, instant now)
{
	uint64_t h = hash(s, who);
	const struct bucket *b;
	int64_t over = 0;

	pthread_mutex_lock(&s->lock);
	b = find(s, h);
	if (b->who == h)
		over = b->clean_at - now - (STRIKES_MOST - 1) * STRIKES_EACH_MS;
	pthread_mutex_unlock(&s->lock);
	return over > 0 ? (unsigned)((over + 999) / 1000) : 0;
}

void strikes_add(struct strikes *s, struct text who, instant now)
{
	uint64_t h = hash(s, who);
	struct bucket *b;

	pthread_mutex_lock(&s->lock);
	b = find(s, h);
	if (b->who != h || b->clean_at < now)
		b->clean_at = now;
	b->who = h;
	b->clean_at += STRIKES_EACH_MS;
	if (b->clean_at > now + STRIKES_MOST * STRIKES_EACH_MS)
		b->clean_at = now + STRIKES_MOST * STRIKES_EACH_MS;
	pthread_mutex_unlock(&s->lock);
}
