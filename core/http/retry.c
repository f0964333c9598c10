#include "http/http.h"
#include "base/id.h"

#include <curl/curl.h>
#include <string.h>

#define LONGEST_MS (7 * INSTANT_DAY) /* what a server may ask for at most */

static int64_t clamp(int64_t ms)
{
	if (ms < 0)
		return 0;
	return ms > LONGEST_MS ? LONGEST_MS : ms;
}

static int64_t date_from_now(struct text value, instant now)
{
	char date[64];
	time_t seconds;

	if (value.n >= sizeof date)
		return -1;
	memcpy(date, value.p, value.n);
	date[value.n] = 0;
	seconds = curl_getdate(date, NULL);
	return seconds < 0 ? -1 : clamp((int64_t)seconds * INSTANT_SECOND - now);
}

int64_t http_retry_after(struct text value, instant now)
{
	int64_t seconds;

	value = text_trim(value);
	if (value.n == 0)
		return -1;
	if (value.p[0] < '0' || value.p[0] > '9')
		return date_from_now(value, now);
	if (!text_integer(value, &seconds))
		return -1;
	return seconds > LONGEST_MS / INSTANT_SECOND ? LONGEST_MS : seconds * INSTANT_SECOND;
}

int64_t http_backoff_ms(unsigned tries, int64_t base_ms, int64_t cap_ms, int64_t retry_after_ms)
{
	int64_t limit = base_ms, wait;

	while (tries-- > 0 && limit < cap_ms)
		limit = limit > INT64_MAX / 2 ? cap_ms : limit * 2;
	if (limit > cap_ms)
		limit = cap_ms;
	wait = limit > 0 ? (int64_t)random_below((uint64_t)limit + 1) : 0;
	return wait > retry_after_ms ? wait : retry_after_ms;
}
