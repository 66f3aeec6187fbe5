/* TZif, versions 1 to 4 (RFC 8536, RFC 9636): all numbers are big-endian; from version 2 on, a
 * second block with 64-bit times follows the first, and behind it a TZ string between two line
 * ends. */
#include "base/zone_parts.h"

enum {
    HEAD_BYTES = 44,
    TYPE_BYTES = 6,
    MAX_CHANGES = 10000,
    MAX_TYPES = 256,
    MAX_OFFSET_S = 26 * CB_HOUR_S
};
/* Times outside 34,000 years are placeholders for "always". */
#define MAX_TIME_S (INT64_C(1) << 40)

typedef struct tzif_head {
    char version;
    size_t utc_flags, standard_flags, leaps, times, types, chars;
} tzif_head;

/* Where the arrays of a block begin. */
typedef struct tzif_block {
    tzif_head head;
    size_t time_bytes;
    const unsigned char *times, *indexes, *types;
} tzif_block;

static uint64_t big_endian(const unsigned char *p, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

static int64_t signed_of(const unsigned char *p, size_t n)
{
    uint64_t value = big_endian(p, n);
    return n == 4 ? (int64_t)(int32_t)(uint32_t)value : (int64_t)value;
}

static bool read_head(cb_str bytes, size_t at, tzif_head *out)
{
    if (bytes.len < HEAD_BYTES || at > bytes.len - HEAD_BYTES ||
        memcmp(bytes.at + at, "TZif", 4) != 0)
        return false;
    const unsigned char *p = (const unsigned char *)bytes.at + at;
    *out = (tzif_head){
        .version = (char)p[4],
        .utc_flags = big_endian(p + 20, 4),
        .standard_flags = big_endian(p + 24, 4),
        .leaps = big_endian(p + 28, 4),
        .times = big_endian(p + 32, 4),
        .types = big_endian(p + 36, 4),
        .chars = big_endian(p + 40, 4),
    };
    return out->times <= MAX_CHANGES && out->types >= 1 && out->types <= MAX_TYPES &&
           out->leaps <= MAX_CHANGES && out->chars <= MAX_CHANGES &&
           out->standard_flags <= MAX_TYPES && out->utc_flags <= MAX_TYPES;
}

/* Reads the block at `at`; returns the place behind it, 0 if it is damaged. */
static size_t read_block(cb_str bytes, size_t at, size_t time_bytes, tzif_block *out)
{
    if (!read_head(bytes, at, &out->head))
        return 0;
    const tzif_head *h = &out->head;
    const unsigned char *body = (const unsigned char *)bytes.at + at + HEAD_BYTES;
    out->time_bytes = time_bytes;
    out->times = body;
    out->indexes = body + h->times * time_bytes;
    out->types = out->indexes + h->times;
    size_t size = h->times * (time_bytes + 1) + h->types * TYPE_BYTES + h->chars +
                  h->leaps * (time_bytes + 4) + h->standard_flags + h->utc_flags;
    return size <= bytes.len - at - HEAD_BYTES ? at + HEAD_BYTES + size : 0;
}

static bool type_offset(const tzif_block *block, size_t type, int32_t *out)
{
    if (type >= block->head.types)
        return false;
    int64_t offset = signed_of(block->types + type * TYPE_BYTES, 4);
    *out = (int32_t)offset;
    return offset >= -MAX_OFFSET_S && offset <= MAX_OFFSET_S;
}

/* Writes the changes in ascending order; false if they are not. *first is the offset before them.
 */
static bool read_changes(const tzif_block *block, cb_change *out, size_t *n, int32_t *first)
{
    int64_t last = INT64_MIN;
    *n = 0;
    if (!type_offset(block, 0, first))
        return false;
    for (size_t i = 0; i < block->head.times; i++) {
        cb_change change = {.at_utc_s =
                                signed_of(block->times + i * block->time_bytes, block->time_bytes)};
        if (!type_offset(block, block->indexes[i], &change.offset_s))
            return false;
        if ((i > 0 && change.at_utc_s <= last) || change.at_utc_s > MAX_TIME_S)
            return false;
        last = change.at_utc_s;
        if (last < -MAX_TIME_S)
            *first = change.offset_s;
        else
            out[(*n)++] = change;
    }
    return true;
}

/* The TZ string between two line ends at `at`; empty: none. */
static bool read_footer(cb_str bytes, size_t at, cb_str *out)
{
    if (at >= bytes.len || bytes.at[at] != '\n')
        return false;
    const char *from = bytes.at + at + 1;
    const char *end = memchr(from, '\n', bytes.len - at - 1);
    if (!end)
        return false;
    *out = (cb_str){from, (size_t)(end - from)};
    return true;
}

/* Finds the block to use and the rule behind it. */
static bool read_parts(cb_str bytes, tzif_block *block, cb_tzrule *rule, bool *has_rule)
{
    cb_str footer = {"", 0};
    *has_rule = false;
    size_t end = read_block(bytes, 0, 4, block);
    if (end == 0)
        return false;
    if (block->head.version == '\0')
        return true;
    end = read_block(bytes, end, 8, block);
    if (end == 0 || !read_footer(bytes, end, &footer))
        return false;
    *has_rule = footer.len > 0;
    return footer.len == 0 || cb_tzrule_parse(rule, footer);
}

bool cb_tzif_read(cb_zone **out, const cb_alloc *alloc, const char *name, cb_str bytes,
                  const char **why)
{
    tzif_block block = {.time_bytes = 0};
    cb_tzrule rule;
    bool has_rule = false;
    int32_t first = 0;
    size_t n = 0;
    *out = NULL;
    *why = "the file of the time zone is damaged";
    if (!read_parts(bytes, &block, &rule, &has_rule))
        return false;
    if (block.head.leaps > 0) {
        *why = "the time zone counts leap seconds, which casebook's times do not";
        return false;
    }
    size_t room = (block.head.times + 1) * sizeof(cb_change);
    cb_change *changes = alloc->resize(alloc->ctx, NULL, 0, room);
    if (!changes)
        return true;
    bool good = read_changes(&block, changes, &n, &first);
    if (good)
        *out = cb_zone_build(alloc, name, first, changes, n, has_rule ? &rule : NULL);
    alloc->resize(alloc->ctx, changes, room, 0);
    return good;
}
