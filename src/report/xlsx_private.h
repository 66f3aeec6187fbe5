/* xlsx_private.h - what the writer's files share: xlsx.c (sheets, cells), xlsx_style.c (formats),
 * xlsx_chart.c (charts). Nobody else includes xlsxwriter.h. */
#ifndef CASEBOOK_REPORT_XLSX_PRIVATE_H
#define CASEBOOK_REPORT_XLSX_PRIVATE_H

#include <xlsxwriter.h>

#include "casebook/layout.h"

enum {
    CB_COLOUR_MAIN = 0x1F4E79,
    CB_COLOUR_SECOND = 0xE69F00,
    CB_COLOUR_THIRD = 0x009E73,
    CB_COLOUR_SIGNAL = 0xD55E00,
    CB_COLOUR_TEXT = 0x262626,
    CB_COLOUR_QUIET = 0x595959,
    CB_COLOUR_GREY = 0x7F7F7F,
    CB_COLOUR_MUTED = 0xA6A6A6,
    CB_COLOUR_HAIR = 0xD9D9D9,
    CB_COLOUR_HEAD = 0xDCE6F1,
    CB_COLOUR_TOTAL = 0xF2F2F2,
    CB_COLOUR_AMBER = 0xFFE699,
    CB_COLOUR_INPUT = 0xFFF8DC,
    CB_COLOUR_LINK = 0x0B5394
};

enum { CB_MAX_FORMATS = 512, CB_MAX_NUMBER_FORMAT = 64 };

typedef struct cb_xlsx {
    const cb_layout *layout;
    lxw_workbook *book;
    lxw_worksheet *sheet; /* the one being written */
    uint32_t key[CB_MAX_FORMATS];
    lxw_format *format[CB_MAX_FORMATS];
    unsigned formats;
    cb_status rc;
    cb_error *err;
} cb_xlsx;

// cb_xlsx_ok turns the library's code into the status of x; what names the step ("a chart").
bool cb_xlsx_ok(cb_xlsx *x, lxw_error code, const char *what);

// cb_xlsx_format returns the format of a style, made once; NULL sets the status.
lxw_format *cb_xlsx_format(cb_xlsx *x, const cb_style *style);

// cb_xlsx_number_format writes the number format of a kind: "#,##0.00".
void cb_xlsx_number_format(char out[CB_MAX_NUMBER_FORMAT], cb_cell_kind kind, unsigned decimals);

// cb_xlsx_chart inserts the chart of a frame.
void cb_xlsx_chart(cb_xlsx *x, const cb_frame *frame);

#endif
