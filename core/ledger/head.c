#include "ledger/ledger.h"

#include <sodium.h>
#include <stdio.h>

const char *ledger_head_write(const struct ledger_head *head, char out[LEDGER_HEAD_TEXT])
{
	int n = snprintf(out, LEDGER_HEAD_TEXT, "%lld:", (long long)head->sequence);

	sodium_bin2hex(out + n, LEDGER_HEAD_TEXT - (size_t)n, head->chain, sizeof head->chain);
	return out;
}

bool ledger_head_read(struct text text, struct ledger_head *head)
{
	struct text rest = text, number;
	size_t n = 0;

	if (!text_split(&rest, ':', &number) || !text_integer(number, &head->sequence) ||
	    head->sequence < 0)
		return false;
	return sodium_hex2bin(head->chain, sizeof head->chain, rest.p, rest.n, NULL, &n, NULL) ==
	    0 &&
	    n == sizeof head->chain && rest.n == 2 * sizeof head->chain;
}
