/* Cells of the types that have one reading: counts, yes/no, scores, and words for nothing. */
#include "casebook/coerce.h"

enum { MAX_COUNT = 65534, HUNDRED = 100, LOW_STARS = 100, HIGH_STARS = 500 };

static bool one_of(cb_str text, const char *const *words)
{
    for (; *words; words++)
        if (cb_str_eq_nocase(text, cb_str_of(*words)))
            return true;
    return false;
}

bool cb_null_word(cb_str text)
{
    static const char *const words[] = {"-",      "--",   "?",         "n/a",    "na",
                                        "#n/a",   "null", "none",      "(none)", "nil",
                                        "(null)", "nan",  "undefined", NULL};
    if (text.len == 0 || text.len > 9)
        return text.len == 0;
    switch (text.at[0]) { /* nearly all cells are told apart from these words by their first byte */
    case '-':
    case '?':
    case '#':
    case '(':
    case 'n':
    case 'N':
    case 'u':
    case 'U':
        return one_of(text, words);
    default:
        return false;
    }
}

/* ---- numbers with a few decimals ---- */

typedef struct decimal {
    bool negative, huge;
    int64_t whole; /* capped: no number of a count or scale is that large */
    unsigned hundredths;
    bool finer; /* digits behind the hundredths that are not 0 */
} decimal;

enum { WHOLE_CAP = 1000000000 };

static size_t read_whole(cb_str text, size_t at, decimal *out)
{
    for (; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++) {
        out->whole = out->whole * 10 + (text.at[at] - '0');
        if (out->whole > WHOLE_CAP)
            out->whole = WHOLE_CAP;
    }
    return at;
}

static size_t read_decimals(cb_str text, size_t at, decimal *out)
{
    unsigned weight = 10;
    for (; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++) {
        unsigned digit = (unsigned)(text.at[at] - '0');
        out->hundredths += digit * weight;
        out->finer |= weight == 0 && digit;
        weight /= 10;
    }
    return at;
}

/* Reads a number at the front; returns the bytes it takes, 0: none. */
static size_t read_decimal(cb_str text, decimal *out)
{
    *out = (decimal){0};
    size_t at = 0;
    if (text.len && (text.at[0] == '-' || text.at[0] == '+'))
        out->negative = text.at[at++] == '-';
    size_t digits = at;
    at = read_whole(text, at, out);
    if (at == digits)
        return 0;
    if (at + 1 < text.len && (text.at[at] == '.' || text.at[at] == ',')) {
        size_t behind = read_decimals(text, at + 1, out);
        at = behind > at + 1 ? behind : at;
    }
    return at;
}

cb_cell cb_count_read(cb_str text, uint16_t *out)
{
    decimal d;
    *out = CB_NO_COUNT;
    if (text.len == 0)
        return CB_CELL_EMPTY;
    if (read_decimal(text, &d) != text.len || d.hundredths || d.finer)
        return CB_CELL_TYPE;
    if (d.negative && d.whole)
        return CB_CELL_CONSTRAINT;
    *out = d.whole > MAX_COUNT ? (uint16_t)MAX_COUNT : (uint16_t)d.whole;
    return CB_CELL_OK;
}

cb_cell cb_flag_read(cb_str text, uint8_t *out)
{
    /* English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Polish, Turkish,
     * Hungarian */
    static const char *const yes[] = {"yes",  "y",         "true", "t",         "1",    "1.0",
                                      "on",   "x",         "ja",   "j",         "wahr", "oui",
                                      "vrai", "s\xC3\xAD", "si",   "s\xC3\xAC", "vero", "sim",
                                      "tak",  "evet",      "igen", "verdadero", NULL};
    static const char *const no[] = {"no",         "n",    "false",  "f",   "0",    "0.0",
                                     "off",        "nein", "falsch", "non", "faux", "falso",
                                     "n\xC3\xA3o", "nao",  "nee",    "nej", "nie",  "hay\xC4\xB1r",
                                     "hayir",      "nem",  NULL};
    *out = CB_NO_FLAG;
    if (text.len == 0)
        return CB_CELL_EMPTY;
    if (one_of(text, yes))
        *out = 1;
    else if (one_of(text, no))
        *out = 0;
    return *out == CB_NO_FLAG ? CB_CELL_TYPE : CB_CELL_OK;
}

/* ---- scores ---- */

static bool read_range(cb_scale *out, cb_str text)
{
    decimal low;
    decimal high;
    size_t n = read_decimal(text, &low);
    if (n == 0 || n + 1 >= text.len || text.at[n] != '-')
        return false;
    cb_str rest = {text.at + n + 1, text.len - n - 1};
    if (read_decimal(rest, &high) != rest.len || low.finer || high.finer || low.negative ||
        high.negative)
        return false;
    int64_t from = low.whole * HUNDRED + low.hundredths;
    int64_t to = high.whole * HUNDRED + high.hundredths;
    if (from >= to || to > WHOLE_CAP)
        return false;
    *out = (cb_scale){false, (int32_t)from, (int32_t)to};
    return true;
}

bool cb_scale_read(cb_scale *out, cb_str text)
{
    static const struct {
        const char *name;
        cb_scale scale;
    } named[] = {
        {"", {false, LOW_STARS, HIGH_STARS}},           {"good-bad", {true, 0, 0}},
        {"percent", {false, 0, 100 * HUNDRED}},         {"stars/5", {false, LOW_STARS, HIGH_STARS}},
        {"stars/10", {false, LOW_STARS, 10 * HUNDRED}},
    };
    text = cb_str_trim(text);
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (cb_str_eq_nocase(text, cb_str_of(named[i].name))) {
            *out = named[i].scale;
            return true;
        }
    return read_range(out, text);
}

static cb_cell read_opinion(cb_str text, uint16_t *out)
{
    static const char *const good[] = {"good", "satisfied", "happy", "positive", NULL};
    static const char *const bad[] = {"bad",     "dissatisfied", "unsatisfied",
                                      "unhappy", "negative",     NULL};
    static const char *const none[] = {"offered", "unoffered", "not offered", "not_offered", NULL};
    if (one_of(text, none))
        return CB_CELL_EMPTY;
    /* Zendesk writes "Good with comment" too. */
    size_t word = 0;
    while (word < text.len && text.at[word] != ' ')
        word++;
    cb_str first = {text.at, word};
    if (one_of(first, good))
        *out = HIGH_STARS;
    else if (one_of(first, bad))
        *out = LOW_STARS;
    return *out == CB_NO_SCORE ? CB_CELL_TYPE : CB_CELL_OK;
}

/* What may stand behind the number of a score. */
static bool unit_of_score(cb_str rest, const cb_scale *scale)
{
    static const char *const units[] = {"%", "star", "stars", "/", NULL};
    rest = cb_str_trim(rest);
    if (rest.len == 0 || one_of(rest, units))
        return true;
    decimal of;
    if (rest.at[0] != '/')
        return false;
    cb_str top = cb_str_trim((cb_str){rest.at + 1, rest.len - 1});
    return read_decimal(top, &of) == top.len && top.len && !of.finer &&
           of.whole * HUNDRED + of.hundredths == scale->high;
}

cb_cell cb_score_read(cb_str text, const cb_scale *scale, uint16_t *out)
{
    decimal d;
    *out = CB_NO_SCORE;
    if (text.len == 0)
        return CB_CELL_EMPTY;
    if (scale->words)
        return read_opinion(text, out);
    size_t n = read_decimal(text, &d);
    if (n == 0 || !unit_of_score((cb_str){text.at + n, text.len - n}, scale))
        return CB_CELL_TYPE;
    int64_t v = (d.whole * HUNDRED + d.hundredths) * (d.negative ? -1 : 1);
    if (v < scale->low || v > scale->high || (v == scale->high && d.finer))
        return CB_CELL_CONSTRAINT;
    int64_t span = scale->high - scale->low;
    *out = (uint16_t)(LOW_STARS +
                      ((v - scale->low) * (HIGH_STARS - LOW_STARS) * 2 + span) / (2 * span));
    return CB_CELL_OK;
}

/* ---- bytes ---- */

bool cb_text_ascii(cb_str text)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    size_t i = 0;
    uint64_t odd = 0;
    for (; i + 32 <= text.len; i += 32) { /* four at a time: compilers make vector code of it */
        uint64_t w[4];
        memcpy(w, text.at + i, sizeof w);
        for (unsigned k = 0; k < 4; k++)
            odd |= (w[k] | (w[k] - ones)) & tops;
    }
    for (; i + 8 <= text.len; i += 8) {
        uint64_t w;
        memcpy(&w, text.at + i, 8);
        odd |= (w | (w - ones)) & tops; /* a byte over 127, or a 0 that borrows */
    }
    for (; i < text.len; i++)
        odd |= (uint64_t)((signed char)text.at[i] <= 0);
    return odd == 0;
}

/* ---- phrases ---- */

static char lower_of(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

cb_phrases *cb_phrases_new(cb_arena *arena, const cb_pairs *pairs)
{
    cb_phrases *out = cb_arena_get(arena, sizeof *out);
    if (!out)
        return NULL;
    for (; out->n < pairs->n && out->n < CB_MAX_PHRASES; out->n++) {
        cb_str words = pairs->pair[out->n].meaning;
        char *at = cb_arena_get(arena, words.len);
        if (!at)
            return NULL;
        for (size_t i = 0; i < words.len; i++)
            at[i] = lower_of(words.at[i]);
        uint32_t bit = UINT32_C(1) << out->n;
        out->lower[out->n] = (cb_str){at, words.len};
        for (int c = 0; c < 256 && words.len; c++) {
            out->first[c] |= lower_of((char)c) == at[0] ? bit : 0;
            out->second[c] |= words.len == 1 || lower_of((char)c) == at[1] ? bit : 0;
        }
    }
    return out;
}

static bool stands_here(cb_str rest, cb_str lower)
{
    if (lower.len > rest.len)
        return false;
    for (size_t i = 0; i < lower.len; i++)
        if (lower_of(rest.at[i]) != lower.at[i])
            return false;
    return true;
}

/* Those of the phrases `open` that stand at the beginning of rest. */
static uint32_t stand_here(const cb_phrases *phrases, uint32_t open, cb_str rest)
{
    uint32_t found = 0;
    for (; open; open &= open - 1) {
        unsigned p = (unsigned)__builtin_ctz(open);
        found |= stands_here(rest, phrases->lower[p]) ? UINT32_C(1) << p : 0;
    }
    return found;
}

uint32_t cb_phrase_bits(const cb_phrases *phrases, cb_str text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    uint32_t sought = UINT32_MAX;
    if (phrases->n == 0 || text.len == 0)
        return 0;
    const unsigned char *last = at + text.len - 1;
    for (; at < last; at++) {
        uint32_t open = phrases->first[at[0]] & phrases->second[at[1]] & sought;
        if (open)
            sought &=
                ~stand_here(phrases, open, (cb_str){(const char *)at, (size_t)(last - at) + 1});
    }
    uint32_t open = phrases->first[*last] & sought;
    return ~sought | (open ? stand_here(phrases, open, (cb_str){(const char *)last, 1}) : 0);
}
