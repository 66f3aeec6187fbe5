#include "report/layout_parts.h"

#include <math.h>

enum { EM = 2048, ANY_LETTER = 1080, FULL_WIDTH = 2048, FIRST_FULL_WIDTH = 0x2E80 };

/* Advance widths of Calibri's printable ASCII characters in 1/2048 em, read from the
 * metric-compatible font Carlito. */
// clang-format off
static const uint16_t advance[95] = {
    463,  667,  821,  1020, 1038, 1464, 1397, 452,  621,  621,  1020, 1020, 511,  627,  517,  791,  1038, 1038, 1038,
    1038, 1038, 1038, 1038, 1038, 1038, 1038, 548,  548,  1020, 1020, 1020, 949,  1831, 1185, 1114, 1092, 1260, 1000,
    941,  1292, 1276, 516,  653,  1064, 861,  1751, 1322, 1356, 1058, 1378, 1112, 941,  998,  1314, 1162, 1822, 1063,
    998,  959,  628,  791,  628,  1020, 1020, 596,  981,  1076, 866,  1076, 1019, 625,  964,  1076, 470,  490,  931,
    470,  1636, 1076, 1080, 1076, 1076, 714,  801,  686,  1076, 925,  1464, 887,  927,  809,  644,  943,  644,  1020,
};
// clang-format on

static unsigned units_at(cb_str text, size_t *at)
{
    uint32_t point = cb_utf8_next(text, at);
    if (point >= 0x20 && point < 0x7F)
        return advance[point - 0x20];
    return point >= FIRST_FULL_WIDTH ? FULL_WIDTH : ANY_LETTER;
}

static cb_str take_line(cb_str *text)
{
    const char *end = text->len ? memchr(text->at, '\n', text->len) : NULL;
    cb_str line = {text->at, end ? (size_t)(end - text->at) : text->len};
    size_t used = line.len + (end != NULL);
    *text = (cb_str){text->at + used, text->len - used};
    return line;
}

unsigned cb_text_units(cb_str text)
{
    unsigned longest = 0;
    while (text.len > 0) {
        cb_str line = take_line(&text);
        unsigned units = 0;
        for (size_t at = 0; at < line.len;)
            units += units_at(line, &at);
        longest = units > longest ? units : longest;
    }
    return longest;
}

unsigned cb_word_units(cb_str text)
{
    unsigned longest = 0, units = 0;
    for (size_t at = 0; at < text.len;) {
        bool between = text.at[at] == ' ' || text.at[at] == '\n';
        unsigned more = units_at(text, &at);
        units = between ? 0 : units + more;
        longest = units > longest ? units : longest;
    }
    return longest;
}

/* Where a line of at most so many units ends: at the last space, else, where a single word is
 * longer, in the word. */
static size_t break_at(cb_str line, unsigned units)
{
    size_t space = 0, before = 0;
    unsigned used = 0;
    for (size_t at = 0; at < line.len; before = at) {
        if (line.at[at] == ' ')
            space = at;
        used += units_at(line, &at);
        if (used > units && before > 0)
            return space ? space : before;
    }
    return line.len;
}

cb_str cb_text_cut(cb_str *text, unsigned units)
{
    cb_str rest = *text;
    cb_str line = take_line(&rest);
    size_t end = break_at(line, units);
    if (end == line.len) {
        *text = rest;
        return line;
    }
    size_t next = end;
    while (next < line.len && line.at[next] == ' ')
        next++;
    *text = (cb_str){text->at + next, text->len - next};
    return (cb_str){line.at, end};
}

unsigned cb_text_rows(cb_str text, unsigned units)
{
    unsigned rows = 0;
    while (text.len > 0) {
        (void)cb_text_cut(&text, units);
        rows++;
    }
    return rows ? rows : 1;
}

unsigned cb_units_px(unsigned units, double points)
{
    return (unsigned)(units * points * 96 / 72 / EM + 1);
}

unsigned cb_px_units(unsigned px, double points)
{
    return (unsigned)(px * EM * 72 / 96 / points);
}
