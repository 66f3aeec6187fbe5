/* actions.h - private to src/report: the cases that need someone, one row a case, for the nightly workbook.
 *
 * A case is listed when at least one reason applies at as_of. Sorted by value at stake, largest first, then by since when, then in
 * the order of opening, so that the order is the same everywhere. Value at stake: the customer's yearly value where known, plus the loss not made good. */
#ifndef CASEBOOK_REPORT_ACTIONS_H
#define CASEBOOK_REPORT_ACTIONS_H

#include "compose.h"

typedef enum cb_action_reason {
    CB_ACTION_LIABILITY,    /* injury or legal exposure, open or solved within the year, not escalated */
    CB_ACTION_PROMISE,      /* promised time is past, case still open */
    CB_ACTION_TARGET,       /* open past its target */
    CB_ACTION_SHORTFALL,    /* solved in the last follow_up_days x 4 days, remedy short of the loss */
    CB_ACTION_FOLLOW_UP,    /* solved follow_up_days ago or up to four times that, no follow-up */
    CB_ACTION_REPEAT,       /* open, and a repeat (Q1) */
    CB_ACTION_REASONS
} cb_action_reason;
extern const char *const cb_action_titles[CB_ACTION_REASONS];

typedef struct cb_action {
    uint32_t row;
    unsigned reasons;        /* bits */
    int64_t since_utc_s;     /* earliest of the reasons' beginnings */
    int64_t stake_minor;
    bool stake_known;        /* a yearly value or a loss is known */
} cb_action;

typedef struct cb_action_list {
    uint32_t n;
    cb_action *action;
    uint32_t by_reason[CB_ACTION_REASONS];
} cb_action_list;

CB_MUST_USE cb_status cb_actions_find(cb_compose *c, cb_action_list *out);
void cb_sheet_actions(cb_compose *c, const cb_action_list *actions);

#endif
