/*
 * raw.h - bytes to and from a server, for tests of what a proper client never sends
 */
#ifndef TESTS_SUPPORT_RAW_H
#define TESTS_SUPPORT_RAW_H

#include "base/text.h"

#define RAW_MS 5000 /* longer than anything takes that works */

int raw_connect(unsigned port); /* to 127.0.0.1; fails the test if it cannot */
int raw_connect_unix(const char *path);
void raw_send(int fd, struct text); /* what the other side no longer takes is dropped */
void raw_say(int fd, const char *c_string);
/* Reads to the end; false if that has not come in time. */
bool raw_read_all(int fd, struct buffer *, int ms);
/* Reads until the buffer holds the words; false if they never come. */
bool raw_read_until(int fd, struct buffer *, const char *words, int ms);
unsigned raw_status(const struct buffer *);  /* of the first answer; 0: there is none */
unsigned raw_answers(const struct buffer *); /* how many status lines there are */
bool raw_has(const struct buffer *, const char *words);
unsigned raw_open_descriptors(void); /* of this process */

#endif
