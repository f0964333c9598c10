/*
 * words.h - the words of the JSON and what they stand for, each table once
 */
#ifndef DECIDE_WORDS_H
#define DECIDE_WORDS_H

#include "decide/members.h"

extern const struct word kind_words[], severity_words[], environment_words[], wish_words[],
    method_words[], account_type_words[], program_words[], role_words[], csp_kind_words[],
    centre_words[], contract_plan_words[], paid_plan_words[], plan_words[];

#endif
