/*
 * exchange.h - the JSON of exchanges and guides, as journaled
 *
 * Neither ever holds a secret: places name them, portal_send() or the reveal
 * fills them in. SECRET is "option:NAME" (a key of the portal's section),
 * "session", "access_id" or "contract_id".
 *
 * An exchange (members without a value are left out):
 *
 *   { "method": "PUT",
 *     "origin": "https://host[:port]",
 *     "path": "/a/b", "query": "c=d",          encoded already
 *     "address": "https://host/...",           instead of the three: sent as it is
 *     "headers": [ ["Name", "value"] ],
 *     "secret_headers": [ { "name", "prefix", "secret": SECRET } ],
 *     "auth": { "credential": OPTION, "scope": "", "tenant": "own" },
 *     "auxiliary": [ the same, up to 3 ],
 *     "body": JSON,
 *     "body_secrets": [ { "pointer", "secret" } ],
 *     "body_files": [ { "pointer", "file": 0, "offset": 0, "length": 100 } ],
 *     "form": [ { "name", "value" } | { "name", "secret" } ],
 *     "file": 0,                               body is this file
 *     "repeat": "safe" | "never",
 *     "wait_ms": 2000 }
 *
 *   OPTION is the name of an option of type CREDENTIAL, "" for the portal's own
 *   credential, null for none. tenant: own, customer, partner. A missing "auth"
 *   means { "", "", own } if the portal has a credential.
 *
 * A guide:
 *
 *   { "title": "Link the contract",
 *     "sign_in": "anna@contoso.example",
 *     "link": "https://...",
 *     "steps": [ "..." ],
 *     "fields": [ { "name", "value" } ],
 *     "secrets": [ "access_id", "contract_id" ],
 *     "choices": [ { "value", "text" } ],
 *     "answers": [ { "code", "meaning", "values": [ "number" ], "optional": [ "end" ] } ],
 *     "due_ms": 86400000 }
 *
 * An answer: { "code": "ticket", "values": { "number": "1" }, "account": "anna@..." }.
 */
#ifndef PORTAL_EXCHANGE_H
#define PORTAL_EXCHANGE_H

#define EXCHANGE_BYTES ((size_t)1 << 20) /* texts of one exchange, files aside */
#define GUIDE_BYTES ((size_t)256 * 1024)
#define GUIDE_STEPS 40
#define GUIDE_FIELDS 60
#define GUIDE_CHOICES 100
#define GUIDE_ANSWERS 20
#define LOG_LINES 50
#define LOG_BYTES 1000

#endif
