/* clusters.h - private to src/report: the rows of clusters (Q3, Q4) in the quarterly and the root-cause workbook. */
#ifndef CASEBOOK_REPORT_CLUSTERS_H
#define CASEBOOK_REPORT_CLUSTERS_H

#include "quarterly.h"

enum { CB_CLUSTER_COLUMNS = 13 };
typedef enum cb_pareto_order { CB_PARETO_COUNT, CB_PARETO_MONEY, CB_PARETO_LOST, CB_PARETO_ORDERS } cb_pareto_order;

extern const cb_grid_column cb_cluster_columns[CB_CLUSTER_COLUMNS];
void cb_cluster_cells(cb_compose *c, cb_grid *grid, const cb_cluster *cluster);

// cb_pareto_grid adds the first `most` clusters in an order, with share and cumulated share of the whole. NULL without clusters.
cb_grid *cb_pareto_grid(cb_compose *c, cb_sheet *sheet, cb_pareto_order order, const char *id, const char *title, uint32_t most);

// cb_pareto_chart adds a bar chart of the first rows of a pareto grid: column is one of its money columns.
void cb_pareto_chart(cb_compose *c, cb_sheet *sheet, const cb_grid *pareto, unsigned column, const char *what);

// cb_kinds_table (sheet_kinds.c) adds a row a kind of problem: count, time, adequacy, repeats, cost.
void cb_kinds_table(cb_compose *c, cb_sheet *sheet);

#endif
