#include "server/inside.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 256

struct member {
	struct member *next;
	unsigned char key[16];
	unsigned n;
};

struct crowd {
	unsigned limit;
	pthread_mutex_t lock;
	struct member *buckets[BUCKETS];
};

struct crowd *crowd_new(unsigned limit)
{
	struct crowd *crowd = memory_new(sizeof *crowd);

	crowd->limit = limit;
	pthread_mutex_init(&crowd->lock, NULL);
	return crowd;
}

void crowd_free(struct crowd *crowd)
{
	if (!crowd)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (crowd->buckets[i]) {
			struct member *next = crowd->buckets[i]->next;

			free(crowd->buckets[i]);
			crowd->buckets[i] = next;
		}
	pthread_mutex_destroy(&crowd->lock);
	free(crowd);
}

/* One household has a /64 of IPv6, so that counts as one address. */
static void key_of(const struct sockaddr_storage *address, unsigned char key[16])
{
	memset(key, 0, 16);
	if (address->ss_family == AF_INET6)
		memcpy(key, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 8);
	else
		memcpy(key + 8, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
}

static struct member **find(struct crowd *crowd, const unsigned char key[16])
{
	unsigned hash = 5381;
	struct member **at;

	for (size_t i = 0; i < 16; i++)
		hash = hash * 33 + key[i];
	at = &crowd->buckets[hash % BUCKETS];
	while (*at && memcmp((*at)->key, key, 16) != 0)
		at = &(*at)->next;
	return at;
}

static bool is_counted(const struct crowd *crowd, const struct sockaddr_storage *address)
{
	return crowd->limit && (address->ss_family == AF_INET || address->ss_family == AF_INET6);
}

bool crowd_enter(struct crowd *crowd, const struct sockaddr_storage *address)
{
	unsigned char key[16];
	struct member **at;
	bool fits;

	if (!is_counted(crowd, address))
		return true;
	key_of(address, key);
	pthread_mutex_lock(&crowd->lock);
	at = find(crowd, key);
	if (!*at) {
		*at = memory_new(sizeof **at);
		memcpy((*at)->key, key, 16);
	}
	fits = (*at)->n < crowd->limit;
	(*at)->n += fits;
	pthread_mutex_unlock(&crowd->lock);
	return fits;
}

void crowd_leave(struct crowd *crowd, const struct sockaddr_storage *address)
{
	unsigned char key[16];
	struct member **at, *gone;

	if (!is_counted(crowd, address))
		return;
	key_of(address, key);
	pthread_mutex_lock(&crowd->lock);
	at = find(crowd, key);
	if (*at && --(*at)->n == 0) {
		gone = *at;
		*at = gone->next;
		free(gone);
	}
	pthread_mutex_unlock(&crowd->lock);
}
