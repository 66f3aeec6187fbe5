/* Cells of any bytes: what the shortcuts give is what libcsv gives, under any limits; and for any
 * text cut into records, a malformed record is never split, and the one pass over a chunk gives the
 * same records and cells. */
#include "ingest/lines.h"

#include <stdlib.h>

#define PIECES                                                                                     \
    "a", ",", "\"", "\"\"", "\",\"", ",\"", "\",", " ", "\n", "\r\n", "1.5", "\"a b\"", "\"a,b\"", \
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

#include "loop.h"

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_record(cb_splitter *mine, cb_splitter *libcsv, const cb_record *record)
{
    cb_cells got, want;
    cb_status status, other;
    cb_split split = cb_split_record(mine, record, &got, &status);
    must(cb_split_by_libcsv(libcsv, record, &want, &other) == split && status == CB_OK &&
         other == CB_OK);
    must(got.n == want.n && got.bad_cell == want.bad_cell);
    for (unsigned i = 0; i < got.n; i++)
        must(cb_str_eq(got.at[i], want.at[i]));
    must(!record->malformed || record->oversize || split != CB_SPLIT_OK);
}

static void check_line(cb_lines *lines, cb_splitter *mine, cb_splitter *libcsv,
                       const cb_record *record, size_t at)
{
    cb_line line;
    cb_cells got, want;
    cb_status status;
    if (!cb_line_next(lines, mine, at, &line, &got, &status)) {
        must(status == CB_OK);
        cb_lines_seek(lines, record->next);
        return;
    }
    must(cb_split_by_libcsv(libcsv, record, &want, &status) == CB_SPLIT_OK && got.n == want.n);
    must(!record->malformed && !record->oversize && line.record.next == record->next &&
         line.record.lines == record->lines && cb_str_eq(line.record.text, record->text));
    for (unsigned i = 0; i < got.n; i++)
        must(cb_str_eq(got.at[i], want.at[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2)
        return 0;
    static const char delimiters[] = {',', ';', '\t', ' '};
    char delimiter = delimiters[bytes[0] % 4];
    unsigned columns = bytes[0] & 4 ? 1 + bytes[0] / 16 : 512;
    size_t field_bytes = bytes[0] & 8 ? 1 + bytes[1] / 8 : 1 << 16,
           limit = bytes[1] & 1 ? 64 : 1 << 20;
    cb_splitter *mine = cb_splitter_new(cb_alloc_libc(), delimiter, columns, field_bytes);
    cb_splitter *libcsv = cb_splitter_new(cb_alloc_libc(), delimiter, columns, field_bytes);
    must(mine && libcsv);
    cb_str text = {(const char *)bytes + 2, n - 2};
    cb_record whole = {.text = text,
                       .next = text.len,
                       .lines = 1,
                       .has_quote = memchr(text.at, '"', text.len) != NULL};
    check_record(mine, libcsv, &whole);
    cb_lines lines = cb_lines_begin(text, delimiter, limit);
    for (size_t at = 0; at < text.len;) {
        cb_record record = cb_record_next(text, at, delimiter, limit);
        check_record(mine, libcsv, &record);
        check_line(&lines, mine, libcsv, &record, at);
        at = record.next;
    }
    cb_splitter_free(libcsv);
    cb_splitter_free(mine);
    return 0;
}
