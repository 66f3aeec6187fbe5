/* coerce.h - a cell's text into a typed value, or the reason why not.
 *
 * Why two steps for times and amounts: one export writes all cells of a column alike, but a single
 * cell often fits two readings (03/04/2026; 1.234). So a cell is scanned into a neutral form that
 * keeps every reading, the cells' readings are counted as evidence for their column, and one
 * reading is chosen when the file has ended. It is never guessed cell by cell: a column that fits
 * two readings with different values is refused.
 *
 * Sequence, times:
 *   cb_time_scan (or cb_time_scan_as with a declared format) -> cb_time_see for each cell ->
 *   cb_time_choose -> cb_time_value for each cell
 * Sequence, amounts:
 *   cb_amount_scan (money.h) -> cb_mark_see -> cb_mark_choose -> cb_amount_value
 * The other types have one reading and are read at once.
 *
 * Formats of times (contract.md):
 *   ISO 8601 with 'T' or a space, fractions of a second (dropped), 'Z', "UTC" or an offset (+02:00,
 *   +0200, +02), or the date only; Y/M/D
 *   D/M/Y and M/D/Y with '/', '-' or '.', 4-digit or 2-digit years (00-68: 2000s, 69-99: 1900s, as
 *   POSIX strptime)
 *   D-Mon-YY, DD-MON-YYYY, D/Mon/YY (English month names)
 *   clock H:MM, H:MM:SS, H.MM, H.MM.SS, with AM or PM or without
 *   epoch seconds (9-10 digits) and milliseconds (12-13 digits)
 * A date without a clock is its midnight. Years before 1900 or after 2200 are typing errors, so
 * unreadable; so is second 60. Excel's serial numbers and dates without marks (20260131) are not
 * detected: the latter can be declared (%Y%m%d).
 *
 * All functions here are pure; text is trimmed by the caller (cb_str_trim). */
#ifndef CASEBOOK_COERCE_H
#define CASEBOOK_COERCE_H

#include <stdbool.h>
#include <stdint.h>

#include "casebook/civil.h"
#include "casebook/money.h"
#include "casebook/schema.h"
#include "casebook/settings.h"

/* ---- times ---- */

typedef enum cb_order { CB_DAY_FIRST, CB_MONTH_FIRST } cb_order;

/* What cb_time_scan returns: which orders can read the cell; SAME: both, and they agree. 0: no time
 * at all. */
enum { CB_READS_DAY_FIRST = 1, CB_READS_MONTH_FIRST = 2, CB_READS_SAME = 4, CB_TIME_READINGS = 8 };

/* How a cell is laid out (bits of *shape); a column's shape is the union over its cells. */
enum {
    CB_SHAPE_SLASH = 1u << 0,
    CB_SHAPE_DASH = 1u << 1,
    CB_SHAPE_DOT = 1u << 2,
    CB_SHAPE_SPACE = 1u << 3,
    CB_SHAPE_YEAR2 = 1u << 4,
    CB_SHAPE_YEAR4 = 1u << 5,
    CB_SHAPE_YEAR_FIRST = 1u << 6,
    CB_SHAPE_MONTH_NAME = 1u << 7,
    CB_SHAPE_NUMERIC = 1u << 8, /* two numbers before the year: D/M/Y or M/D/Y */
    CB_SHAPE_DATE_ONLY = 1u << 9,
    CB_SHAPE_CLOCK = 1u << 10,
    CB_SHAPE_CLOCK_DOT = 1u << 11,
    CB_SHAPE_SECONDS = 1u << 12,
    CB_SHAPE_AM_PM = 1u << 13,
    CB_SHAPE_ZONE = 1u << 14,
    CB_SHAPE_T = 1u << 15,
    CB_SHAPE_EPOCH_S = 1u << 16,
    CB_SHAPE_EPOCH_MS = 1u << 17
};

// cb_time_scan reads text in any detectable format. Returns CB_READS_… bits (0: unreadable, *packed
// is CB_NO_TIME) and writes the neutral form and the shape bits.
unsigned cb_time_scan(cb_str text, int64_t *packed, uint32_t *shape);

/* A declared format, compiled: strptime's %d %m %b %B %y %Y %H %I %M %S %p %z %f %s %% and literal
 * text; a space matches any run of spaces, also none. %d %m %H %I %M %S take 1 or 2 digits; %Y
 * four, %y two; %f any; %z Z, +hh, +hhmm, +hh:mm. */
enum { CB_MAX_FORMAT = 48 };
typedef struct cb_time_format {
    unsigned n;
    struct {
        char letter; /* 0: the literal byte */
        char literal;
    } part[CB_MAX_FORMAT];
} cb_time_format;

// cb_time_format_read compiles text; false if a letter is unknown, the text is too long, or the
// format names no whole date (day, month and year, or %s). *why then says what is wrong (a static
// string).
bool cb_time_format_read(cb_time_format *out, cb_str text, const char **why);

// cb_time_scan_as reads text by a declared format: CB_READS_SAME with both orders, or 0.
unsigned cb_time_scan_as(const cb_time_format *format, cb_str text, int64_t *packed);

// cb_time_format_shape returns the shape of the cells that the format reads, as far as it matters
// for cb_time_same_layout, and the order that it proves; 0 if it is not D/M/Y or M/D/Y in numbers.
uint32_t cb_time_format_shape(const cb_time_format *format, cb_order *order);

/* Evidence of a column: cells by their reading (index: the bits cb_time_scan returned), and the
 * union of shapes. */
typedef struct cb_time_evidence {
    uint64_t cells[CB_TIME_READINGS]; /* [0]: unreadable */
    uint32_t shape;
} cb_time_evidence;

static inline void cb_time_see(cb_time_evidence *evidence, unsigned readings, uint32_t shape)
{
    evidence->cells[readings]++;
    evidence->shape |= shape;
}
void cb_time_join(cb_time_evidence *evidence, const cb_time_evidence *other);

typedef enum cb_choice {
    CB_CHOSEN,    /* one order reads the column (or all cells are the same under both) */
    CB_AMBIGUOUS, /* every cell fits both orders and they differ */
    CB_MIXED      /* some cells prove the one order, too many others the other */
} cb_choice;

enum { CB_SETTLED_CELLS = 1000 }; /* so many proofs on both sides are never typing errors */

// cb_time_choose chooses the order that reads the most cells. The other order's proofs are taken
// for typing errors while they are one cell, or under CB_SETTLED_CELLS and at most a tenth of the
// chosen one's; else the column is CB_MIXED.
cb_choice cb_time_choose(const cb_time_evidence *evidence, cb_order *order);

// cb_time_same_layout says whether two columns are written alike (mark, digits of the year, 12-hour
// clock): then an order proved by one of them may be used for the other, since an export writes all
// its dates alike.
bool cb_time_same_layout(uint32_t shape_a, uint32_t shape_b);

// cb_time_value gives the seconds of a scanned cell under an order; *absolute: they are UTC, else
// local (civil.h). CB_NO_TIME if the cell does not fit the order.
int64_t cb_time_value(int64_t packed, cb_order order, bool *absolute);

// cb_time_to_utc is cb_time_value with local time read in zone.
int64_t cb_time_to_utc(int64_t packed, cb_order order, const cb_zone *zone);

// cb_time_is_plain says whether a scanned cell (or none) has one value, whatever the order.
static inline bool cb_time_is_plain(int64_t packed)
{
    return packed == CB_NO_TIME || packed >> 60 != 2;
}

// cb_time_of_utc is the neutral form of an instant.
int64_t cb_time_of_utc(int64_t utc_s);

// cb_time_layout writes the layout in letters for people ("D/M/YYYY H:MM", "ISO 8601", "epoch
// milliseconds").
void cb_time_layout(char out[48], uint32_t shape, cb_order order);

// cb_time_format_text writes the format to declare for a column of that shape ("%d/%m/%Y %H:%M").
void cb_time_format_text(char out[48], uint32_t shape, cb_order order);

// cb_time_example writes a made-up cell of that shape, 3 April of 2025 under CB_DAY_FIRST
// ("03/04/2025 09:30").
void cb_time_example(char out[48], uint32_t shape);

/* ---- amounts ---- */

typedef struct cb_mark_evidence {
    uint64_t cells[4]; /* index: what cb_amount_scan returned; [0]: unreadable */
} cb_mark_evidence;

static inline void cb_mark_see(cb_mark_evidence *evidence, unsigned readings)
{
    evidence->cells[readings & 3]++;
}
void cb_mark_join(cb_mark_evidence *evidence, const cb_mark_evidence *other);

// cb_mark_proved says whether the cells show the decimal mark, and not as many of them the one as the
// other.
bool cb_mark_proved(const cb_mark_evidence *evidence);
// cb_mark_choose returns the decimal mark that reads the most cells; a tie (also: no proof at all)
// is the point. Without proof "1,234" so is 1234; a column with "1.234" is for the caller to refuse.
cb_mark cb_mark_choose(const cb_mark_evidence *evidence);
// cb_mark_text returns "decimal point", "decimal comma" or, without any proof where it matters,
// "decimal point (assumed …)".
const char *cb_mark_text(const cb_mark_evidence *evidence, cb_mark mark);

/* ---- types with one reading ---- */

typedef enum cb_cell {
    CB_CELL_OK,
    CB_CELL_EMPTY,     /* blank or a null word: unknown */
    CB_CELL_TYPE,      /* type-error */
    CB_CELL_CONSTRAINT /* constraint-error */
} cb_cell;

// cb_count_read reads a whole number, 0 … ("3", "3.0" as spreadsheets and pandas write whole
// numbers); more than 65534 is kept as 65534. Negative: CB_CELL_CONSTRAINT; decimals or other text:
// CB_CELL_TYPE.
cb_cell cb_count_read(cb_str text, uint16_t *out);

// cb_flag_read reads yes/no in the built-in words (English and ten more languages, 1/0, true/false,
// on/off, x).
cb_cell cb_flag_read(cb_str text, uint8_t *out);

// cb_duration_unit finds the unit of time that a column's name speaks of ("Resolution time (in hrs)",
// "First reply time in minutes"): its seconds, or 0.
int64_t cb_duration_unit(cb_str label);

// cb_duration_read reads an elapsed time into whole seconds: a number of units of unit_s seconds
// (0: not known, so a plain number is a type error) with `mark` before decimals; "26:38:02" with as
// many hours as it takes; "3 12:00:00" with days; "26:38" where the unit is hours, "5:30" where it is
// minutes; words ("3 Days 12 Hours", "1h 30m"). Negative, or over 100 years: CB_CELL_CONSTRAINT.
cb_cell cb_duration_read(cb_str text, int64_t unit_s, cb_mark mark, int64_t *seconds);

/* Scale of a score: a range of numbers, or words. */
typedef struct cb_scale {
    bool words;        /* Good / Bad */
    int32_t low, high; /* hundredths */
} cb_scale;

// cb_scale_read reads "1-5" (also ""), "0-10", any "LOW-HIGH", "stars/10" (1-10), "percent"
// (0-100), "good-bad".
bool cb_scale_read(cb_scale *out, cb_str text);

// cb_score_read reads a number of the scale ('.' or ',' before decimals; a sign % or "stars"
// behind) and maps the scale's ends onto 1 and 5, in hundredths; outside: CB_CELL_CONSTRAINT.
// "good-bad": Good 5, Bad 1; Offered and Unoffered are EMPTY.
cb_cell cb_score_read(cb_str text, const cb_scale *scale, uint16_t *out);

// cb_null_word says whether text is a built-in word for "nothing": "", "-", "--", "?", N/A, NA,
// n/a, #N/A, null, NULL, (null), nil, none, (none), nan, NaN, undefined (by cb_str_eq_nocase).
bool cb_null_word(cb_str text);

// cb_text_ascii says whether text holds only bytes 1 … 127 (so: valid UTF-8 without a NUL), 8 bytes
// at a time.
bool cb_text_ascii(cb_str text);

/* Phrases looked for in texts, without regard to ASCII case, anywhere in the text (also within a
 * word). */
typedef struct cb_phrases {
    unsigned n;
    cb_str lower[CB_MAX_PHRASES]; /* in lower case, the arena's */
    uint32_t first[256],
        second[256]; /* phrases that begin with that byte; that go on with it, or have ended */
} cb_phrases;

// cb_phrases_new prepares the words of the pairs; phrase i is pair i. NULL: no memory.
cb_phrases *cb_phrases_new(cb_arena *arena, const cb_pairs *pairs);

// cb_phrase_bits returns bit i for each phrase i that stands in text, in one pass.
uint32_t cb_phrase_bits(const cb_phrases *phrases, cb_str text);

#endif
