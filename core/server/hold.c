/* The server lives until its owner and the last request or stream have let it go. */
#include "server/inside.h"

#include <stdlib.h>

void server_hold(struct server *server)
{
	atomic_fetch_add(&server->references, 1);
}

void server_release(struct server *server)
{
	if (atomic_fetch_sub(&server->references, 1) != 1)
		return;
	for (unsigned i = 0; i < server->options.threads; i++)
		pthread_mutex_destroy(&server->loops[i].lock);
	free(server->loops);
	free(server->listeners);
	crowd_free(server->crowd);
	wire_tls_free(server->tls);
	free(server);
}
