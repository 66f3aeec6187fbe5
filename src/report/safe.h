/* safe.h - text from anywhere made fit for a cell of a workbook, by one function.
 *
 * Why: libxlsxwriter accepts bytes that make the file unreadable (ill-formed UTF-8, XML's illegal
 * code points), counts lengths in code points where Excel counts UTF-16 units, and writes "_x0041_"
 * so that Excel shows "A".
 * Rules (reliability.md section 2):
 *   ill-formed UTF-8, U+FFFE, U+FFFF, controls  -> U+FFFD (TAB: a space; CR LF and CR: LF)
 *   line feeds after the 253rd                  -> a space
 *   more than 32,767 UTF-16 units as stored     -> cut to 32,700 and "… [truncated n]", n the
 *                                                  characters left out
 *   "_xHHHH_" (exactly four hex digits)         -> its first '_' is stored as "_x005F_"
 *                                                  (cb_safe_cell only)
 * cb_safe_text is idempotent: what it made stays as it is.
 * Ownership: cb_safe_text's result belongs to the arena, NUL-terminated. */
#ifndef CASEBOOK_REPORT_SAFE_H
#define CASEBOOK_REPORT_SAFE_H

#include "casebook/alloc.h"
#include "report/ascii.h"

enum {
    CB_CELL_MAX_UNITS = 32767,
    CB_CELL_CUT_UNITS = 32700,
    CB_CELL_MAX_LINE_FEEDS = 253,
    CB_ESCAPE_UNITS = 7 /* "_x005F_" */
};

// cb_safe_text copies text into the arena by the first three rules; .at NULL: no memory. *changed
// (may be NULL) says whether anything had to be changed.
cb_str cb_safe_text(cb_arena *arena, cb_str text, bool *changed);

// cb_text_is_plain tells that nothing has to be changed or escaped: short, printable ASCII without '_'.
bool cb_text_is_plain(cb_str text);

// cb_text_is_fit tells that cb_safe_text would give the same bytes; cb_text_stays is its slow part.
bool cb_text_stays(cb_str text);
static inline bool cb_text_is_fit(cb_str text)
{
    return (text.len <= CB_CELL_MAX_UNITS / CB_ESCAPE_UNITS && cb_ascii_printable(text)) ||
           cb_text_stays(text);
}

// cb_safe_cell sets buf to the bytes that are stored for text, NUL-terminated (the NUL is not
// counted in buf->len).
CB_MUST_USE cb_status cb_safe_cell(cb_buf *buf, cb_str text);

#endif
