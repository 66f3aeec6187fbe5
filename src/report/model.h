/* model.h - private to src/report: the cost model of methods C1 to C9 as live formulas.
 *
 * Why: who changes the 15 % in the Assumptions sheet and recalculates must get, to the cent, what casebook gives with
 * --set assumptions.annual_loss_rate=…; so each line of the model is a formula over named cells: the assumptions (KEY, KEY_low,
 * KEY_high), facts from the inputs, and lines above it. Formulas use IF, MIN, MAX, ROUND and the four operations only.
 *
 * Only the quarterly workbook carries the model. Of the other workbooks' costs none is live.
 * Sequence: the Assumptions sheet adds facts and lines (cb_model_sheet); other sheets refer to lines by name, and by
 * cb_model_swapped and cb_put_share_of_cost. Names need no order: a sheet before may use them. */
#ifndef CASEBOOK_REPORT_MODEL_H
#define CASEBOOK_REPORT_MODEL_H

#include "compose.h"

// cb_model_live says whether the model follows the base cell of an assumption; the others shape what is counted.
bool cb_model_live(const cb_compose *c, int assumption);

// cb_model_sheet adds the facts and the model to the Assumptions sheet.
void cb_model_sheet(cb_compose *c, cb_sheet *sheet);

// cb_model_facts (sheet_facts.c) adds the facts alone.
void cb_model_facts(cb_compose *c, cb_sheet *sheet);

// cb_model_scale returns the minor units of a major one; cb_model_years C6's factor: the years that a customer's value counts.
double cb_model_scale(const cb_compose *c);
double cb_model_years(const cb_settings *settings);

// cb_model_swapped returns the formula (with '=') of a line of the model, with one assumption at its low or high cell: what does not
// depend on it is named, the rest written out. "" for an assumption that the model does not follow, or without memory.
const char *cb_model_swapped(cb_compose *c, const char *line, cb_assumption_ix assumption, bool high);

// cb_model_of_window returns the formula of a line for the period before or a year before.
const char *cb_model_of_window(cb_compose *c, const char *line, cb_window_ix window);
/* The suffix of the names of a window's facts: "" for the period itself. */
extern const char *const cb_model_windows[CB_WINDOWS];

// cb_model_has says whether the workbook carries the model.
static inline bool cb_model_has(const cb_compose *c) { return c->report->kind == CB_REPORT_QUARTERLY; }

/* A part of the headline cost (Q3's division), minor units, plus what does not follow from it; `lost` is the same part of
 * the customers lost, for when no cost is known yet. */
typedef struct cb_cost_share {
    double cost_minor, lost, rest_minor;
    bool rest_alone; /* without a known cost the rest stands alone */
} cb_cost_share;

// cb_put_share_of_cost puts cost + rest, n/e with the reason where it is not known; live where the workbook carries the model.
void cb_put_share_of_cost(cb_compose *c, cb_grid *grid, unsigned column, cb_cost_share share);

// cb_put_share_of_lost puts customers lost a year, live likewise.
void cb_put_share_of_lost(cb_compose *c, cb_grid *grid, unsigned column, double lost);

#endif
