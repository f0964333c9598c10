#include "base/instant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static instant pinned = INSTANT_UNKNOWN;

void instant_pin(struct text when)
{
	if (!instant_read(when, &pinned))
		pinned = INSTANT_UNKNOWN;
}

instant instant_now(void)
{
	struct timespec now;

	if (pinned != INSTANT_UNKNOWN)
		return pinned;
	clock_gettime(CLOCK_REALTIME, &now);
	return (instant)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t instant_monotonic(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Days since 1970-01-01 of a proleptic Gregorian date, and back
 * (Howard Hinnant's civil algorithms; years start in March). */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t z = days + 719468, era = z / 146097, of_era = z - era * 146097;
	int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

	*day = of_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + era * 400 + (*month <= 2);
}

#define LAST ((instant)253402300799999) /* 9999-12-31T23:59:59.999Z */

static bool digits(struct text *rest, size_t n, int64_t *number)
{
	*number = 0;
	if (rest->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (rest->p[i] < '0' || rest->p[i] > '9')
			return false;
		*number = *number * 10 + (rest->p[i] - '0');
	}
	rest->p += n;
	rest->n -= n;
	return true;
}

static bool mark(struct text *rest, const char *allowed)
{
	if (!rest->n || !rest->p[0] || !strchr(allowed, rest->p[0]))
		return false;
	rest->p++;
	rest->n--;
	return true;
}

static int64_t days_in(int64_t year, int64_t month)
{
	static const int64_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && is_leap ? 29 : days[month - 1];
}

static bool read_date(struct text *rest, instant *at)
{
	int64_t year, month, day;

	if (!digits(rest, 4, &year) || !mark(rest, "-") || !digits(rest, 2, &month) ||
	    !mark(rest, "-") || !digits(rest, 2, &day))
		return false;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month))
		return false;
	*at = days_of(year, month, day) * INSTANT_DAY;
	return true;
}

static bool read_fraction(struct text *rest, int64_t *ms)
{
	int64_t scale = 100, digit;
	size_t n = 0;

	*ms = 0;
	if (!mark(rest, "."))
		return true;
	for (; digits(rest, 1, &digit); n++) {
		*ms += digit * scale;
		scale /= 10;
	}
	return n > 0;
}

static bool read_offset(struct text *rest, int64_t *minutes)
{
	bool is_west = rest->n && rest->p[0] == '-';
	int64_t hour, minute;

	*minutes = 0;
	if (mark(rest, "Zz"))
		return true;
	if (!mark(rest, "+-") || !digits(rest, 2, &hour) || !mark(rest, ":") ||
	    !digits(rest, 2, &minute))
		return false;
	*minutes = (hour * 60 + minute) * (is_west ? -1 : 1);
	return hour < 24 && minute < 60;
}

bool instant_read(struct text text, instant *at)
{
	int64_t hour, minute, second, ms, offset;
	struct text rest = text;
	instant day;

	if (!read_date(&rest, &day) || !mark(&rest, "Tt ") || !digits(&rest, 2, &hour) ||
	    !mark(&rest, ":") || !digits(&rest, 2, &minute) || !mark(&rest, ":") ||
	    !digits(&rest, 2, &second) || !read_fraction(&rest, &ms) ||
	    !read_offset(&rest, &offset))
		return false;
	if (rest.n || hour > 23 || minute > 59 || second > 60)
		return false;
	/* A leap second is the last one of its minute. */
	second = second == 60 ? 59 : second;
	day += ((hour * 60 + minute - offset) * 60 + second) * 1000 + ms;
	if (day < 0 || day > LAST) /* an offset may lead out of the years */
		return false;
	*at = day;
	return true;
}

bool instant_read_date(struct text text, instant *at)
{
	struct text rest = text;
	instant day;

	if (read_date(&rest, &day) && !rest.n) {
		*at = day;
		return true;
	}
	return instant_read(text, at);
}

bool instant_read_end(struct text text, instant *at)
{
	struct text rest = text;
	instant day;

	if (read_date(&rest, &day) && !rest.n) {
		*at = day + INSTANT_DAY - 1;
		return true;
	}
	return instant_read(text, at);
}

/* Times are written several times for each request; snprintf() took a microsecond for each. */
static void put_digits(char *out, size_t n, int64_t number)
{
	while (n--) {
		out[n] = (char)('0' + number % 10);
		number /= 10;
	}
}

const char *instant_write_date(instant at, char out[INSTANT_TEXT])
{
	int64_t days = at / INSTANT_DAY - (at % INSTANT_DAY < 0), year, month, day;

	date_of(days, &year, &month, &day);
	put_digits(out, 4, year);
	put_digits(out + 5, 2, month);
	put_digits(out + 8, 2, day);
	out[4] = out[7] = '-';
	out[10] = 0;
	return out;
}

const char *instant_write(instant at, char out[INSTANT_TEXT])
{
	int64_t days = at / INSTANT_DAY - (at % INSTANT_DAY < 0),
		second = (at - days * INSTANT_DAY) / 1000;

	instant_write_date(at, out);
	put_digits(out + 11, 2, second / 3600);
	put_digits(out + 14, 2, second / 60 % 60);
	put_digits(out + 17, 2, second % 60);
	out[10] = 'T';
	out[13] = out[16] = ':';
	memcpy(out + 19, "Z", 2);
	return out;
}

bool duration_read(struct text text, int64_t *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {
		{ "ms", 1 },
		{ "s", 1000 },
		{ "m", 60000 },
		{ "h", 3600000 },
		{ "d", 86400000 },
	};
	size_t n = 0;
	int64_t number;

	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	if (!text_integer((struct text){ text.p, n }, &number))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
		if (text_is((struct text){ text.p + n, text.n - n }, units[i].unit))
			return !__builtin_mul_overflow(number, units[i].ms, ms);
	return false;
}

const char *duration_words(int64_t ms, char out[INSTANT_TEXT])
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = {
		{ 86400000, "day" },
		{ 3600000, "hour" },
		{ 60000, "minute" },
		{ 1000, "second" },
	};

	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		int64_t n = ms / units[i].ms;

		if (n > 0) {
			snprintf(out, INSTANT_TEXT, "%lld %s%s", (long long)n, units[i].unit,
			    n == 1 ? "" : "s");
			return out;
		}
	}
	snprintf(out, INSTANT_TEXT, "moments");
	return out;
}
