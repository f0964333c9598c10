/*
 * log.h - what the program says about its own doings, on stderr
 *
 * Lines are for operators; answers to commands go to stdout and are not log.
 * Never hand a secret to a log function.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_DETAIL };

void log_set_level(enum log_level); /* default LOG_WARNING; -v NOTICE, -vv DETAIL, -q ERROR */
void log_line(enum log_level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
