/* The process, from /proc; what cannot be read there is left out. */
#include "service/metric.h"
#include "base/instant.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int64_t ms_of(struct timeval t)
{
	return (int64_t)t.tv_sec * 1000 + t.tv_usec / 1000;
}

static void write_processor(struct buffer *out)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) == 0)
		metric_seconds(out, "process_cpu_seconds_total", "counter",
		    "Processor time used, of the user and of the system.",
		    ms_of(used.ru_utime) + ms_of(used.ru_stime));
}

/* statm(5): pages in all, pages in memory. */
static void write_memory(struct buffer *out)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long long all, resident, page = sysconf(_SC_PAGESIZE);

	if (!file)
		return;
	if (fscanf(file, "%lld %lld", &all, &resident) == 2) {
		metric_gauge(out, "process_virtual_memory_bytes", "Address space.", all * page);
		metric_gauge(
		    out, "process_resident_memory_bytes", "Memory in use.", resident * page);
	}
	fclose(file);
}

static void write_descriptors(struct buffer *out)
{
	DIR *folder = opendir("/proc/self/fd");
	struct rlimit limit;
	int64_t n = -3; /* ".", ".." and the folder itself */

	if (folder) {
		while (readdir(folder))
			n++;
		closedir(folder);
		metric_gauge(out, "process_open_fds", "File descriptors in use.", n);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		metric_gauge(
		    out, "process_max_fds", "File descriptors allowed.", (int64_t)limit.rlim_cur);
}

void metric_process(struct buffer *out)
{
	write_processor(out);
	write_memory(out);
	write_descriptors(out);
}
