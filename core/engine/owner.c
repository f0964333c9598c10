#include "engine/owner.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Field 22 of /proc/PID/stat: a number that is given to another process later does
 * not make it the same one. 0 if there is no such process. */
static unsigned long long started(long pid)
{
	char path[64], line[1024], *at;
	unsigned long long when = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	at = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	fclose(file);
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at && sscanf(at, " %llu", &when) == 1 ? when : 0;
}

static void host(char out[48])
{
	memset(out, 0, 48);
	gethostname(out, 47);
}

void owner_self(char out[OWNER_TEXT])
{
	char name[48];

	host(name);
	snprintf(out, OWNER_TEXT, "%s:%ld:%llu", name, (long)getpid(), started(getpid()));
}

void owner_part(char owner[OWNER_TEXT], uint64_t number)
{
	char room[NUMBER_TEXT];
	struct text digits = text_of_number((int64_t)number, room);
	size_t n = strlen(owner);

	if (n + 1 + digits.n >= OWNER_TEXT)
		return;
	owner[n] = '/';
	memcpy(owner + n + 1, digits.p, digits.n);
	owner[n + 1 + digits.n] = 0;
}

bool owner_is_gone(const char *owner)
{
	char name[48];
	unsigned long long when;
	long pid;
	size_t n;

	host(name);
	n = strlen(name);
	if (!owner || strncmp(owner, name, n) != 0 || owner[n] != ':' ||
	    sscanf(owner + n + 1, "%ld:%llu", &pid, &when) != 2)
		return false;
	return started(pid) != when;
}
