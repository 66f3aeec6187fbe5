#include "casebook/numbering.h"

static size_t digits_at_end(cb_str text)
{
    size_t n = 0;
    while (n < text.len && n < CB_MAX_DIGITS && text.at[text.len - 1 - n] >= '0' &&
           text.at[text.len - 1 - n] <= '9')
        n++;
    return n;
}

cb_numbering cb_numbering_of(cb_str text)
{
    size_t width = digits_at_end(text);
    size_t prefix_len = text.len - width;
    cb_numbering how = {0};
    if (width == 0 || prefix_len > CB_MAX_PREFIX)
        return how;
    how.prefix_len = (uint32_t)prefix_len;
    how.width = (uint32_t)width;
    for (size_t i = 0; i < prefix_len; i++)
        how.prefix |= (uint64_t)(unsigned char)text.at[i] << (8 * i);
    return how;
}

uint32_t cb_number_of(const cb_numbering *how, cb_str text)
{
    char copy[CB_NUMBERED_READ] = {0};
    if (how->width == 0 || text.len == 0 || text.len > sizeof copy)
        return 0;
    memcpy(copy, text.at, text.len);
    return cb_number_within(how, (cb_str){copy, text.len});
}
