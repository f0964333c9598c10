/*
 * transcript.h - plays one operation of a plugin from a file, without a network
 *
 * A transcript holds the exchanges and guides that a plugin must ask for and the
 * replies and answers to give, in order. Each step runs twice, so a plugin that
 * keeps something for itself is found out. Lines begin with a mark and a blank:
 *
 *   # a remark
 *   @ operation create           open activate link create attach message change status
 *                                remaining login
 *   @ option KEY = VALUE         a key of the portal's section
 *   @ credential KEY = VALUE     a key of [credential test]; the portal uses it
 *   @ now 2026-11-24T06:00:00Z   the default; also before a reply or answer: time goes on
 *   @ plugin NAME                whose operation it is; those of other plugins are left out
 *   @ memory {"stage": 2}        what the step before had left: also cursor, steps, sent, note;
 *                                then a reply or answer may come first
 *   @ key r-0001                 op->key; default r-0001
 *   @ ticket 42                  also ticket_name, hops
 *   @ request {"title": "..."}   also contract, customer, account, input; the JSON may go on over
 *                                further lines. Members are those of portal.h by name, `contact` an
 *                                object, `files` a list of {"name","media_type","length"},
 *                                flags as booleans: has_access_id has_contract_id is_linked; times
 *                                are seconds
 *
 *   > PUT /tickets/r-0001?a=b    the exchange that the step must build; a full address where it
 *                                follows one that the portal gave, or to another origin
 *   > Name: value                a header it must have; a secret reads {option:key}, {session}
 *   > ~ repeat never             also: ~ wait 2000, ~ auth OPTION TENANT SCOPE (OPTION '-' is the
 *   {"title": "..."}             portal's own), ~ auxiliary the same. Then the body: JSON, in which
 *                                secrets read "{access_id}", files "{file 0 OFFSET LENGTH}"; a form
 *                                as it is sent; {file 0}
 *   < 202                        the reply: status (0: lost), headers, body
 *   < Location: /operations/1
 *
 *   ? guide                      the guide that the step must build: JSON; members that are not
 *   {"link": "https://..."}      named are not compared; null: it must not be there
 *   ! ticket number=42           the answer: code and values ("quoted" if they hold blanks); or
 *                                JSON, with `account` too
 *
 *   = done {"ticket": "42"}      how it ends; members that are not named are not compared; also
 *                                "observations" (of extra), "kept" (the place of a login's
 *                                secret) and "kept_until"
 *   = go {"portal": "azure", "address": "https://...", "tenant": "..."}
 *   = by_hand {"link": null}     members of the guide, as above
 *   = failed contract M3         class, message id if there is one; then text that the sentence
 *   already associated           holds; then, in JSON, what was asked for ("missing", after
 *   {"missing": ["subscription"]}    `= failed request`) or seen ("observations")
 *   = waiting                    for a reply or person: the transcript ends here
 *
 * Behind its end a further `@ operation` may begin another one. Files are written by
 * transcript_write.h, too.
 */
#ifndef CHECK_TRANSCRIPT_H
#define CHECK_TRANSCRIPT_H

#include "base/failure.h"
#include "base/text.h"

/* Plays the transcript with the plugin of that name. The failure names the line
 * and shows what was expected and what came. */
bool transcript_play(
    const char *plugin_path, const char *plugin, const char *file, struct failure *);
/* The same; `told` gets all that each step left behind, as text. */
bool transcript_play_told(const char *plugin_path, const char *plugin, const char *file,
    struct buffer *told, struct failure *);
/* Holds it nothing but remarks? As where a request was refused before the first step. */
bool transcript_is_empty(const char *file);

#endif
