#include "casebook/fairness.h"
#include "casebook/practice.h"

const char *const cb_step_names[CB_STEPS] = {
    [CB_STEP_APOLOGY] = "apology",           [CB_STEP_OPTIONS] = "options",
    [CB_STEP_AGREED] = "agreed",             [CB_STEP_PROMISE_KEPT] = "promise_kept",
    [CB_STEP_FOLLOW_UP] = "follow_up",       [CB_STEP_FIRST_OWNER] = "first_owner",
    [CB_STEP_ADEQUATE] = "adequate_remedy",
};

const char *const cb_step_titles[CB_STEPS] = {
    [CB_STEP_APOLOGY] = "Apologised",
    [CB_STEP_OPTIONS] = "Offered two options or more",
    [CB_STEP_AGREED] = "Remedy agreed with the customer",
    [CB_STEP_PROMISE_KEPT] = "Promised time kept",
    [CB_STEP_FOLLOW_UP] = "Followed up within the window",
    [CB_STEP_FIRST_OWNER] = "Solved by the first owner",
    [CB_STEP_ADEQUATE] = "Remedy covers the loss",
};

const char *const cb_effect_names[CB_EFFECTS] = {"satisfied", "repeat", "churn"};

const char *const cb_funnel_names[CB_FUNNELS] = {
    [CB_FUNNEL_IN_TARGET] = "in_target",
    [CB_FUNNEL_ADEQUATE] = "adequate",
    [CB_FUNNEL_REPEAT] = "repeat",
    [CB_FUNNEL_FOLLOW_UP] = "follow_up",
};

const char *const cb_funnel_titles[CB_FUNNELS] = {
    [CB_FUNNEL_IN_TARGET] = "Solved within target, by team",
    [CB_FUNNEL_ADEQUATE] = "Remedy covers the loss, by team",
    [CB_FUNNEL_REPEAT] = "Repeat cases, by team",
    [CB_FUNNEL_FOLLOW_UP] = "Followed up, by team",
};
