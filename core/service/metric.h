/*
 * metric.h - writing Prometheus' text format 0.0.4
 *
 * Labels are words of this program or of its configuration only: nothing that a request
 * holds makes a series.
 */
#ifndef SERVICE_METRIC_H
#define SERVICE_METRIC_H

#include "base/text.h"

void metric_head(struct buffer *, const char *name, const char *type, const char *help);
void metric_counter(struct buffer *, const char *name, const char *help, uint64_t value);
void metric_gauge(struct buffer *, const char *name, const char *help, int64_t value);
/* Milliseconds, written as seconds. */
void metric_seconds(
    struct buffer *, const char *name, const char *type, const char *help, int64_t ms);
void metric_info(
    struct buffer *, const char *name, const char *help, const char *label, const char *value);
/* Under a head: one series with one label. */
void metric_of(struct buffer *, const char *name, const char *label, const char *value, int64_t);
void metric_label(struct buffer *, const char *value); /* escaped, without the quotes */

/* process_...: as other programs tell of themselves (metric_process.c) */
void metric_process(struct buffer *);

#endif
