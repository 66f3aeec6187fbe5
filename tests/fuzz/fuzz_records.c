/* Records of any bytes: they cover the input, each ends at a line end, and the same ones come out
 * of chunks of any size. */
#include "casebook/records.h"

#include <stdlib.h>

#define PIECES                                                                                     \
    "a", ",", "\"", "\n", "\r", "\r\n", "\"\"", "\",\"", "\"\n", "\n\"", ",\"", "\",",             \
        "id,text\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

#include "loop.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

static uint64_t line_ends_of(cb_str text)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += text.at[i] == '\r' || (text.at[i] == '\n' && (i == 0 || text.at[i - 1] != '\r'));
    return n;
}

static bool ends_line(cb_str text, size_t at)
{
    return at == text.len || text.at[at] == '\n' || text.at[at] == '\r';
}

/* Where `record`, which starts at `from`, must end and what its flags must say. */
static void check_record(cb_str text, size_t from, const cb_record *record, size_t limit)
{
    size_t end = from + record->text.len;
    must(record->text.at == text.at + from && record->next > from && record->next <= text.len &&
         record->lines >= 1);
    must(record->text.len <= limit && (record->oversize || ends_line(text, end)));
    must(record->lines == 1 || !(record->malformed || record->oversize));
    must(!record->has_quote == !memchr(record->text.at, '"', record->text.len) ||
         record->text.len == 0);
    cb_str whole = {text.at + from, record->next - from};
    must(line_ends_of(whole) + (record->next == text.len && !ends_line(text, text.len - 1)) ==
         record->lines);
}

/* The text in chunks that grow by `step`: each record of a chunk must be that of the whole. */
static void check_chunks(cb_str text, char delimiter, size_t limit, size_t step)
{
    size_t start = 0, end = 0, at = 0;
    while (start < text.len) {
        end = text.len - end < step ? text.len : end + step;
        uint64_t lines = 0, sum = 0;
        cb_str chunk = {text.at + start, end - start};
        chunk.len = cb_record_cut(chunk, delimiter, limit, end == text.len, &lines);
        for (size_t in = 0; in < chunk.len;) {
            cb_record piece = cb_record_next(chunk, in, delimiter, limit),
                      whole = cb_record_next(text, at, delimiter, limit);
            must(piece.text.at == whole.text.at && piece.text.len == whole.text.len &&
                 piece.lines == whole.lines);
            must(piece.malformed == whole.malformed && piece.oversize == whole.oversize &&
                 piece.has_quote == whole.has_quote);
            must(piece.next - in == whole.next - at);
            in = piece.next;
            at = whole.next;
            sum += piece.lines;
        }
        must(sum == lines);
        start += chunk.len;
    }
    must(at == text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2)
        return 0;
    static const char delimiters[] = {',', ';', '\t', '|'};
    char delimiter = delimiters[bytes[0] % 4];
    size_t limit = bytes[0] & 4 ? 1 + (bytes[0] >> 3) : 1 << 20, step = 1 + bytes[1];
    cb_str text = {(const char *)bytes + 2, n - 2};
    for (size_t at = 0; at < text.len;) {
        cb_record record = cb_record_next(text, at, delimiter, limit);
        check_record(text, at, &record, limit);
        at = record.next;
    }
    check_chunks(text, delimiter, limit, step);
    return 0;
}
