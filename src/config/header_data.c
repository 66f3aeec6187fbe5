/* Whether a first row is a header at all, or already data. */
#include "config/header.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What a cell is made of. */
typedef struct made_of {
    size_t digits, letters, date_marks, spaces;
    bool at_sign;
} made_of;

static made_of look_at(cb_str name)
{
    made_of m = {0};
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        m.digits += is_digit(c);
        m.letters += is_letter(c) || (signed char)c < 0;
        m.date_marks += c == '-' || c == '/' || c == '.' || c == ':';
        m.spaces += c == ' ';
        m.at_sign |= c == '@';
    }
    return m;
}

/* 2026-07-01T10:00:00Z, 1/2/26, 1-Feb-2026 9:30 AM, seconds since 1970 */
static bool is_time(cb_str name, const made_of *m)
{
    enum { MONTH_AND_AM = 5, EPOCH_DIGITS = 9 };
    if (name.len == 0 || !is_digit(name.at[0]) || m->letters > MONTH_AND_AM)
        return false;
    bool epoch =
        m->digits == name.len && m->digits >= EPOCH_DIGITS && m->digits != 11 && m->digits <= 13;
    return epoch || (m->digits >= 4 && m->date_marks >= 2);
}

/* A number, an id, an address, a sentence. */
static bool is_other_data(cb_str name, const made_of *m)
{
    enum { ID_DIGITS = 3, SENTENCE_SPACES = 5 };
    bool number = m->digits && !m->letters;
    bool id = m->digits >= ID_DIGITS && !m->spaces && is_digit(name.at[name.len - 1]);
    return number || id || m->at_sign || m->spaces >= SENTENCE_SPACES;
}

bool cb_header_is_data(const cb_mapping *mapping)
{
    unsigned named = 0, data = 0;
    for (unsigned c = 0; c < mapping->columns; c++) {
        cb_str name = mapping->header[c];
        made_of m = look_at(name);
        if (is_time(name, &m))
            return true;
        named += name.len > 0;
        data += name.len > 0 && is_other_data(name, &m);
    }
    return data > 0 && 2 * data > named;
}
