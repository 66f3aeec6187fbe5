#include "report/layout_parts.h"

/* A4 less the margins of xlsx.c (0.5 at the sides, 0.6 above, 0.7 below), in pixels of 1/96 inch; a
 * little less in height, to be safe. */
enum {
    LONG_PX = 1026,
    SHORT_PX = 698,
    LONG_HEIGHT_PX = 970,
    SHORT_HEIGHT_PX = 645,
    MAX_PAGES = 1000,
    MIN_START_PX = 150,
    MOST_ON_ONE_PERCENT = 120 /* of a page: that much is printed smaller rather than cut */
};

typedef struct pages {
    cb_flow *flow;
    uint64_t start_px,
        page_px; /* where the page under way starts; height of a page, both unscaled */
    size_t cap;
} pages;

/* The page shows the whole width of the sheet, so a wide sheet is scaled down and more rows fit. */
static uint64_t page_px(const cb_sheet_layout *sheet)
{
    unsigned room = sheet->sheet->portrait ? SHORT_PX : LONG_PX;
    unsigned height = sheet->sheet->portrait ? LONG_HEIGHT_PX : SHORT_HEIGHT_PX;
    unsigned width = cb_left_px(sheet, sheet->print_columns);
    return width > room ? (uint64_t)height * width / room : height;
}

static void start_page(pages *p, uint32_t row, uint64_t top_px)
{
    cb_sheet_layout *sheet = p->flow->sheet;
    p->start_px = top_px;
    if (sheet->pages < MAX_PAGES && cb_flow_grow(p->flow, (void **)&sheet->page, &p->cap,
                                                 sheet->pages + 1, sizeof *sheet->page))
        sheet->page[sheet->pages++] = row;
}

/* A block that would be cut goes to the next page, if it fits there or could only begin on this
 * one. */
static void place_band(pages *p, uint32_t row, uint64_t top_px, uint64_t end_px)
{
    bool cut = end_px > p->start_px + p->page_px;
    bool fits = end_px - top_px <= p->page_px;
    /* A table whose headings are repeated may begin in the upper half and go on overleaf. */
    bool may_be_cut = p->flow->sheet->header_row < UINT32_MAX &&
                      2 * (top_px - p->start_px) <= p->page_px && end_px - top_px > p->page_px / 2;
    bool late = top_px + MIN_START_PX > p->start_px + p->page_px;
    if (cut && top_px > p->start_px && ((fits && !may_be_cut) || late))
        start_page(p, row, top_px);
    while (end_px > p->start_px + p->page_px) /* the pages that a long block fills by itself */
        p->start_px += p->page_px;
}

static void break_pages(cb_flow *f)
{
    const cb_sheet_layout *sheet = f->sheet;
    pages p = {.flow = f, .page_px = page_px(sheet)};
    uint64_t top = 0, px = 0;
    uint32_t row = 0;
    for (size_t i = 0; i < sheet->bands && sheet->band[i] < sheet->print_rows && f->rc == CB_OK;
         i++) {
        uint32_t end = i + 1 < sheet->bands ? sheet->band[i + 1] : sheet->print_rows;
        for (; row < sheet->band[i]; row++)
            px += cb_height_px(sheet, row);
        top = px;
        for (; row < end; row++)
            px += cb_height_px(sheet, row);
        place_band(&p, sheet->band[i], top, px);
    }
}

static uint64_t height_px(const cb_sheet_layout *sheet)
{
    uint64_t px = 0;
    for (uint32_t row = 0; row < sheet->print_rows; row++)
        px += cb_height_px(sheet, row);
    return px;
}

void cb_flow_pages(cb_flow *f)
{
    cb_sheet_layout *sheet = f->sheet;
    uint64_t px_of_all = height_px(sheet);
    sheet->one_page =
        px_of_all > page_px(sheet) && px_of_all * 100 <= page_px(sheet) * MOST_ON_ONE_PERCENT;
    if (!sheet->one_page)
        break_pages(f);
}
