#include "service/metric.h"

void metric_head(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metric_counter(struct buffer *out, const char *name, const char *help, uint64_t value)
{
	metric_head(out, name, "counter", help);
	buffer_format(out, "%s %llu\n", name, (unsigned long long)value);
}

void metric_gauge(struct buffer *out, const char *name, const char *help, int64_t value)
{
	metric_head(out, name, "gauge", help);
	buffer_format(out, "%s %lld\n", name, (long long)value);
}

void metric_seconds(
    struct buffer *out, const char *name, const char *type, const char *help, int64_t ms)
{
	metric_head(out, name, type, help);
	buffer_format(out, "%s %lld.%03lld\n", name, (long long)ms / 1000, (long long)ms % 1000);
}

void metric_label(struct buffer *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			buffer_char(out, '\\');
		buffer_char(out, *value == '\n' ? ' ' : *value);
	}
}

void metric_of(
    struct buffer *out, const char *name, const char *label, const char *value, int64_t number)
{
	buffer_format(out, "%s{%s=\"", name, label);
	metric_label(out, value);
	buffer_format(out, "\"} %lld\n", (long long)number);
}

void metric_info(
    struct buffer *out, const char *name, const char *help, const char *label, const char *value)
{
	metric_head(out, name, "gauge", help);
	metric_of(out, name, label, value, 1);
}
