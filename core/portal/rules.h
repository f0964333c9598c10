/*
 * rules.h - small rules that the host calls and the judges share
 */
#ifndef PORTAL_RULES_H
#define PORTAL_RULES_H

#include "base/text.h"

bool is_method(const char *); /* GET: 1 to 10 capital letters */
bool is_header_name(const char *);
bool is_header_value(struct text); /* one line */
/* Its usual spelling if it is the host's: of the connection, or of tokens, unless a secret goes
 * into it and it is one that carries secrets; else NULL. */
const char *own_header(const char *name, bool is_secret);
bool is_answer_word(struct text); /* of codes and values: [a-z][a-z0-9_]*, up to 40 bytes */
/* May the bytes stand in an address as they are? */
bool is_address_text(struct text);

#endif
