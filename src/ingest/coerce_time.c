/* The scanner of times: one pass over the cell, no table of formats to try in turn.
 *
 * Neutral form (int64, never negative but CB_NO_TIME):
 *   bits 60-61  kind: local seconds, UTC seconds, or the numbers of a D/M/Y or M/D/Y cell
 *   seconds:    bits 0-41, biased so that years 1900-2200 are positive
 *   numbers:    first 7 | second 7 | year 12 | second of the day 17 | has zone 1 |
 *               offset in minutes 12, biased */
#include "ingest/coerce_parts.h"

enum {
    OFFSET_BIAS = 2048,
    ZONE_AT = 12,
    CLOCK_AT = 13,
    YEAR_AT = 30,
    SECOND_AT = 42,
    FIRST_AT = 49
};
static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- neutral form ---- */

static inline bool good_date(int year, unsigned month, unsigned day)
{
    static const uint8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < CB_FIRST_YEAR || year > CB_LAST_YEAR || month < 1 || month > 12 || day < 1)
        return false;
    if (day <= 28)
        return true;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month] + (unsigned)(month == 2 && leap);
}

/* cb_days_from_civil within the years that good_date lets through. */
static inline int64_t days_of(int year, unsigned month, unsigned day)
{
    /* days of a year that begins on 1 March, and from its first to 1970-01-01 */
    static const uint16_t before[13] = {0, 306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
    enum { EPOCH_SHIFT = 719469 };
    unsigned y = (unsigned)year - (month <= 2);
    return (int64_t)(y * 365 + y / 4 - y / 100 + y / 400 + before[month] + day) - EPOCH_SHIFT;
}

static inline unsigned pack_date(const cb_time_parts *p, int64_t *packed)
{
    if (!good_date(p->year, p->month, p->day))
        return 0;
    int64_t s = days_of(p->year, p->month, p->day) * CB_DAY_S + p->clock_s;
    *packed = cb_time_pack(s - (p->zoned ? p->offset_min * 60 : 0), p->zoned);
    return CB_READS_DAY_FIRST | CB_READS_MONTH_FIRST | CB_READS_SAME;
}

unsigned cb_time_pack_epoch(int64_t s, int64_t *packed)
{
    static const int64_t first = -INT64_C(2208988800),
                         last = INT64_C(7289654400); /* 1900-01-01, 2201-01-01 */
    if (s < first || s >= last)
        return 0;
    *packed = cb_time_pack(s, true);
    return CB_READS_DAY_FIRST | CB_READS_MONTH_FIRST | CB_READS_SAME;
}

unsigned cb_time_pack_date(const cb_time_parts *parts, int64_t *packed)
{
    return pack_date(parts, packed);
}

/* Two numbers before the year: month and day hold the first and the second of them. */
static unsigned pack_numbers(const cb_time_parts *p, unsigned first, unsigned second,
                             int64_t *packed)
{
    unsigned reads = (good_date(p->year, second, first) ? CB_READS_DAY_FIRST : 0u) |
                     (good_date(p->year, first, second) ? CB_READS_MONTH_FIRST : 0u);
    if (!reads)
        return 0;
    if (first == second)
        reads |= CB_READS_SAME;
    *packed = (int64_t)CB_TIME_NUMBERS << CB_TIME_KIND_AT | (int64_t)first << FIRST_AT |
              (int64_t)second << SECOND_AT | (int64_t)p->year << YEAR_AT |
              (int64_t)p->clock_s << CLOCK_AT | (int64_t)p->zoned << ZONE_AT |
              (p->offset_min + OFFSET_BIAS);
    return reads;
}

static unsigned bits(int64_t packed, int at, int n)
{
    return (unsigned)(packed >> at) & ((1u << n) - 1);
}

static int64_t value_of_numbers(int64_t packed, cb_order order, bool *absolute)
{
    unsigned first = bits(packed, FIRST_AT, 7);
    unsigned second = bits(packed, SECOND_AT, 7);
    unsigned day = order == CB_DAY_FIRST ? first : second;
    unsigned month = order == CB_DAY_FIRST ? second : first;
    int year = (int)bits(packed, YEAR_AT, 12);
    if (!good_date(year, month, day))
        return CB_NO_TIME;
    int64_t s = days_of(year, month, day) * CB_DAY_S + bits(packed, CLOCK_AT, 17);
    *absolute = bits(packed, ZONE_AT, 1);
    return *absolute ? s - ((int64_t)bits(packed, 0, 12) - OFFSET_BIAS) * 60 : s;
}

int64_t cb_time_value(int64_t packed, cb_order order, bool *absolute)
{
    *absolute = false;
    if (packed == CB_NO_TIME)
        return CB_NO_TIME;
    int kind = (int)(packed >> CB_TIME_KIND_AT);
    if (kind == CB_TIME_NUMBERS)
        return value_of_numbers(packed, order, absolute);
    *absolute = kind == CB_TIME_UTC;
    return cb_time_seconds(packed);
}

int64_t cb_time_of_utc(int64_t utc_s)
{
    return utc_s == CB_NO_TIME ? CB_NO_TIME : cb_time_pack(utc_s, true);
}

int64_t cb_time_to_utc(int64_t packed, cb_order order, const cb_zone *zone)
{
    bool absolute = false;
    int64_t s = cb_time_value(packed, order, &absolute);
    return s == CB_NO_TIME || absolute ? s : cb_zone_to_utc(zone, s);
}

/* ---- parts of a cell; each moves the cursor and says whether it was there ---- */

// cb_scan_number reads 1 to max digits; *digits gets how many.
bool cb_scan_number(cb_scan *in, unsigned max, unsigned *digits, unsigned *value)
{
    unsigned n = 0;
    unsigned v = 0;
    while (n < max && in->at < in->end && is_digit(*in->at)) {
        v = v * 10 + (unsigned)(*in->at++ - '0');
        n++;
    }
    *digits = n;
    *value = v;
    return n > 0;
}

bool cb_scan_month(cb_scan *in, unsigned *month)
{
    static const char *const name[12] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    size_t n = 0;
    while (in->at + n < in->end && is_letter(in->at[n]))
        n++;
    cb_str word = {in->at, n};
    for (unsigned m = 0; m < 12; m++) {
        size_t whole = strlen(name[m]);
        bool sept = m == 8 && n == 4;
        if ((n == 3 || n == whole || sept) && cb_str_eq_nocase(word, (cb_str){name[m], n})) {
            *month = m + 1;
            in->at += n;
            return true;
        }
    }
    return false;
}

int cb_year_of_two_digits(unsigned year)
{
    return (int)year + (year <= 68 ? 2000 : 1900);
}

/* Two digits of a clock behind its mark. */
static bool two_digits(cb_scan *in, unsigned limit, unsigned *value)
{
    unsigned digits = 0;
    return cb_scan_number(in, 2, &digits, value) && digits == 2 && *value < limit;
}

static void skip_fraction(cb_scan *in)
{
    if (in->end - in->at < 2 || (*in->at != '.' && *in->at != ',') || !is_digit(in->at[1]))
        return;
    in->at++;
    while (in->at < in->end && is_digit(*in->at))
        in->at++;
}

void cb_scan_spaces(cb_scan *in)
{
    while (in->at < in->end && *in->at == ' ')
        in->at++;
}

bool cb_scan_am_pm(cb_scan *in, bool *pm)
{
    if (in->end - in->at < 2)
        return false;
    char a = (char)(in->at[0] | 0x20);
    if ((a != 'a' && a != 'p') || (in->at[1] | 0x20) != 'm')
        return false;
    *pm = a == 'p';
    in->at += 2;
    return true;
}

/* hour in 0-23, or 1-12 with AM or PM */
static bool hour_of_day(cb_scan *in, unsigned *hour)
{
    cb_scan behind = *in;
    bool pm = false;
    cb_scan_spaces(&behind);
    if (!cb_scan_am_pm(&behind, &pm))
        return *hour < 24;
    *in = behind;
    in->shape |= CB_SHAPE_AM_PM;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (pm ? 12 : 0);
    return true;
}

static bool scan_clock(cb_scan *in, int32_t *clock_s)
{
    unsigned digits = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    if (!cb_scan_number(in, 2, &digits, &hour) || in->at == in->end ||
        (*in->at != ':' && *in->at != '.'))
        return false;
    char mark = *in->at++;
    in->shape |= CB_SHAPE_CLOCK | (mark == '.' ? CB_SHAPE_CLOCK_DOT : 0u);
    if (!two_digits(in, 60, &minute))
        return false;
    if (in->at < in->end && *in->at == mark) {
        in->at++;
        in->shape |= CB_SHAPE_SECONDS;
        if (!two_digits(in, 60, &second))
            return false;
        skip_fraction(in);
    }
    if (!hour_of_day(in, &hour))
        return false;
    *clock_s = (int32_t)(hour * 3600 + minute * 60 + second);
    return true;
}

static bool scan_word(cb_scan *in, const char *word)
{
    size_t n = strlen(word);
    if ((size_t)(in->end - in->at) < n || memcmp(in->at, word, n) != 0)
        return false;
    in->at += n;
    return true;
}

bool cb_scan_zone(cb_scan *in, int32_t *offset_min)
{
    unsigned hours = 0;
    unsigned minutes = 0;
    *offset_min = 0;
    if (scan_word(in, "Z") || scan_word(in, "z") || scan_word(in, "UTC") || scan_word(in, "GMT"))
        return true;
    if (in->at == in->end || (*in->at != '+' && *in->at != '-'))
        return false;
    bool west = *in->at++ == '-';
    if (!two_digits(in, 24, &hours))
        return false;
    bool colon = scan_word(in, ":");
    if ((colon || in->at < in->end) && !two_digits(in, 60, &minutes))
        return false;
    *offset_min = (int32_t)(hours * 60 + minutes) * (west ? -1 : 1);
    return true;
}

/* What may follow a date: nothing, or a clock and then perhaps a zone. */
static bool scan_rest(cb_scan *in, cb_time_parts *p)
{
    if (in->at == in->end) {
        in->shape |= CB_SHAPE_DATE_ONLY;
        return true;
    }
    if (*in->at == 'T' || *in->at == 't') {
        in->shape |= CB_SHAPE_T;
        in->at++;
    } else if (*in->at == ' ' || *in->at == ',') {
        in->at++;
        cb_scan_spaces(in);
    } else {
        return false;
    }
    if (!scan_clock(in, &p->clock_s))
        return false;
    cb_scan_spaces(in);
    if (in->at < in->end) {
        in->shape |= CB_SHAPE_ZONE;
        p->zoned = cb_scan_zone(in, &p->offset_min);
        return p->zoned && in->at == in->end;
    }
    return true;
}

/* ---- whole cells ---- */

static bool scan_mark(cb_scan *in, char *mark)
{
    if (in->at == in->end)
        return false;
    *mark = *in->at;
    switch (*mark) {
    case '/':
        in->shape |= CB_SHAPE_SLASH;
        break;
    case '-':
        in->shape |= CB_SHAPE_DASH;
        break;
    case '.':
        in->shape |= CB_SHAPE_DOT;
        break;
    case ' ':
        in->shape |= CB_SHAPE_SPACE;
        break;
    default:
        return false;
    }
    in->at++;
    return true;
}

static bool scan_year(cb_scan *in, int *year)
{
    unsigned digits = 0;
    unsigned value = 0;
    if (!cb_scan_number(in, 4, &digits, &value) || (digits != 2 && digits != 4))
        return false;
    in->shape |= digits == 2 ? CB_SHAPE_YEAR2 : CB_SHAPE_YEAR4;
    *year = digits == 2 ? cb_year_of_two_digits(value) : (int)value;
    return true;
}

static bool scan_same_mark(cb_scan *in, char mark)
{
    return in->at < in->end && *in->at++ == mark;
}

static unsigned scan_year_first(cb_scan *in, unsigned year, int64_t *packed)
{
    cb_time_parts p = {.year = (int)year};
    unsigned digits = 0;
    char mark = 0;
    in->shape |= CB_SHAPE_YEAR_FIRST | CB_SHAPE_YEAR4;
    if (!scan_mark(in, &mark) || mark == ' ' || !cb_scan_number(in, 2, &digits, &p.month) ||
        !scan_same_mark(in, mark) || !cb_scan_number(in, 2, &digits, &p.day) || !scan_rest(in, &p))
        return 0;
    return cb_time_pack_date(&p, packed);
}

static unsigned scan_day_or_month_first(cb_scan *in, unsigned first, int64_t *packed)
{
    cb_time_parts p = {0};
    unsigned digits = 0;
    unsigned second = 0;
    char mark = 0;
    if (!scan_mark(in, &mark))
        return 0;
    bool named = cb_scan_month(in, &p.month);
    if (!named && (mark == ' ' || !cb_scan_number(in, 2, &digits, &second)))
        return 0;
    in->shape |= named ? CB_SHAPE_MONTH_NAME : CB_SHAPE_NUMERIC;
    if (!scan_same_mark(in, mark) || !scan_year(in, &p.year) || !scan_rest(in, &p))
        return 0;
    p.day = first;
    return named ? cb_time_pack_date(&p, packed) : pack_numbers(&p, first, second, packed);
}

/* Digits only: 9 or 10 are seconds (1973 … 2286), 12 or 13 milliseconds; nothing else is safe to
 * take for an epoch. */
static unsigned scan_epoch(cb_scan *in, cb_str text, int64_t *packed)
{
    int64_t value = 0;
    if (text.len < 9 || text.len > 13 || text.len == 11 || !cb_parse_i64(text, &value) || value < 0)
        return 0;
    in->shape |= text.len > 10 ? CB_SHAPE_EPOCH_MS : CB_SHAPE_EPOCH_S;
    return cb_time_pack_epoch(text.len > 10 ? value / 1000 : value, packed);
}

static unsigned scan_any(cb_scan *in, cb_str text, int64_t *packed)
{
    unsigned digits = 0;
    unsigned number = 0;
    if (!cb_scan_number(in, 5, &digits, &number))
        return 0;
    if (digits == 5)
        return scan_epoch(in, text, packed);
    if (digits == 4)
        return scan_year_first(in, number, packed);
    return digits <= 2 ? scan_day_or_month_first(in, number, packed) : 0;
}

/* ---- the common case without branches per character: YYYY-MM-DD[ T]HH:MM:SS[Z] ---- */

/* Eight bytes against a pattern at once: a byte XOR its pattern must be 0 to 9 where the pattern
 * says '0', else 0. Adding `slack` carries into a byte's top bit where it is more; a top bit
 * that is set already shows by itself. */
static inline uint64_t misfit(uint64_t bytes_by_pattern, const char *slack)
{
    return ((bytes_by_pattern + cb_eight_at(slack)) | bytes_by_pattern) &
           UINT64_C(0x8080808080808080);
}

/* Digits in bytes into numbers of two: byte i gets ten times byte i plus the byte behind it. None
 * exceeds 99, so nothing is carried from byte to byte. */
static inline uint64_t pairs(uint64_t digits)
{
    return digits * 10 + (digits >> 8);
}

static inline unsigned byte_of(uint64_t bytes, unsigned at)
{
    return (unsigned)(bytes >> 8 * at) & 0xFF;
}

#define D "\x76" /* 0x80 - 10 */
#define M "\x7F" /* 0x80 - 1 */

/* text is 19 bytes, or 20 with a Z. false: it is written otherwise. */
static inline bool read_iso(cb_str text, cb_time_parts *p, bool *good_clock)
{
    uint64_t years = cb_eight_at(text.at) ^ cb_eight_at("0000-00-");
    uint64_t date = cb_eight_at(text.at + 2) ^ cb_eight_at("00-00-00");
    uint64_t clock = cb_eight_at(text.at + 11) ^ cb_eight_at("00:00:00");
    uint64_t odd = misfit(years, D D D D M D D M) | misfit(date, D D M D D M D D) |
                   misfit(clock, D D M D D M D D);
    if (odd || (text.at[10] != ' ' && text.at[10] != 'T'))
        return false;
    date = pairs(date);
    clock = pairs(clock);
    p->year = (int)(byte_of(pairs(years), 0) * 100 + byte_of(date, 0));
    p->month = byte_of(date, 3);
    p->day = byte_of(date, 6);
    unsigned hour = byte_of(clock, 0);
    unsigned minute = byte_of(clock, 3);
    unsigned second = byte_of(clock, 6);
    *good_clock = hour < 24 && minute < 60 && second < 60;
    p->clock_s = (int32_t)(hour * 3600 + minute * 60 + second);
    return true;
}

static unsigned pack_iso(cb_str text, const cb_time_parts *p, int64_t *packed, uint32_t *shape)
{
    *shape = CB_SHAPE_YEAR_FIRST | CB_SHAPE_YEAR4 | CB_SHAPE_DASH | CB_SHAPE_CLOCK |
             CB_SHAPE_SECONDS | (text.at[10] == 'T' ? CB_SHAPE_T : 0u) |
             (p->zoned ? CB_SHAPE_ZONE : 0u);
    return pack_date(p, packed);
}

static __attribute__((noinline)) unsigned scan_slowly(cb_str text, int64_t *packed, uint32_t *shape)
{
    cb_scan in = {text.at, text.at + text.len, 0};
    unsigned reads = text.len ? scan_any(&in, text, packed) : 0;
    *shape = reads ? in.shape : 0;
    if (!reads)
        *packed = CB_NO_TIME;
    return reads;
}

unsigned cb_time_scan(cb_str text, int64_t *packed, uint32_t *shape)
{
    cb_time_parts iso = {.zoned = text.len == 20};
    bool good_clock = false;
    *packed = CB_NO_TIME;
    if ((text.len == 19 || (text.len == 20 && text.at[19] == 'Z')) &&
        read_iso(text, &iso, &good_clock))
        return good_clock ? pack_iso(text, &iso, packed, shape) : 0;
    return scan_slowly(text, packed, shape);
}
