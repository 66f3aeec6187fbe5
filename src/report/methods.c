#include "casebook/report.h"

/* The methods of record. Each line stands in the Method sheets and answers `casebook explain`. */
const cb_method cb_methods[] = {
    {"T1", "Times and zones", "as_of period",
     "All times are whole seconds in UTC. A time without a zone is read in the configured zone; in "
     "the autumn's double hour the first is meant, in spring's missing hour the time moves forward "
     "by the gap.",
     "IANA time zone database."},
    {"T2", "As-of time", "as_of",
     "What happened after the as-of time does not exist: later cases are left out, later solutions "
     "and departures have not happened. A report for a past date can be made again and is the "
     "same.",
     "as_of: given, else the latest event in the inputs."},
    {"T3", "Periods and comparisons", "period previous_period year_before_period",
     "A period begins with its first and ends before the first second of the next. It is compared "
     "with the period before and the same period a year earlier; a running period over as many "
     "days as it has.",
     "[from, to) in the configured zone."},
    {"T4", "Business hours", "resolution.business_hours",
     "Only the configured hours of work count, without holidays.",
     "Seconds of the weekly hours between two instants, daylight saving included."},
    {"T5", "One case, one row", "inputs",
     "Rows with the same id are states of one case: the latest update counts, the others are "
     "counted as superseded.",
     "Latest updated_at, else the later row."},
    {"R1", "Resolution time",
     "resolution.hours resolution.business_hours resolution.first_response_hours",
     "From opening to solution. A case still open has lasted at least until the as-of time and "
     "counts as such.",
     "resolved_at - opened_at; open = censored at as_of - opened_at."},
    {"R2", "Median and percentiles with open cases",
     "resolution.hours.median resolution.hours.p90 resolution.hours.p95",
     "Half (90 %, 95 %) of all cases, open ones included, are solved within this time. Leaving out "
     "open cases would make a growing backlog look fast.",
     "Kaplan-Meier, S(t) = prod(1 - d/n); smallest t with S(t) <= 1 - q; log(-log) Greenwood "
     "interval, inverted for quantiles (Brookmeyer and Crowley 1982)."},
    {"R3", "Restricted mean", "resolution.hours.restricted_mean resolution.hours.tau",
     "Mean time within the first tau hours, so that the longest open cases cannot distort it.",
     "Area under S(t) to tau = 95th percentile of follow-up."},
    {"R4", "Of resolved cases only", "resolution.hours.resolved_only",
     "The usual figures of other tools, over solved cases alone, for comparison.",
     "Mean; median, p90, p95 by linear interpolation (type 7, as PERCENTILE.INC)."},
    {"R5", "Share within target", "resolution.target",
     "Of the cases whose target time is decided: solved in time. Open cases past their target "
     "count as missed; open cases still in time are not judged yet.",
     "within / (resolved + open past target); Wilson interval."},
    {"R6", "Flow", "flow", "What was open, came, came back and went adds up to what is open.",
     "open at start + opened + reopened - resolved = open at end."},
    {"R7", "Period against period", "resolution.versus_previous",
     "Whether solving became faster or slower beyond chance.",
     "Log-rank test of the two cohorts; p-values of groups adjusted by Benjamini and Hochberg "
     "(1995)."},
    {"R8", "Closed at an unknown time", "resolution.closed_unknown resolution.contradictions",
     "Closed without a date: counted, but in no time figure. A solution date with a status still "
     "open: the date counts, and the contradiction is counted.",
     "Status closed, resolved_at blank."},
    {"R9", "Exports of closed cases only", "resolution.hours",
     "An export that leaves out open cases cannot tell how long cases really take; then only R4 is "
     "given.",
     "No open case among more than 1,000."},
    {"A1", "Eligible for adequacy", "remedy.eligible remedy.coverage",
     "Closed cases with a known loss above zero and a known remedy.",
     "Loss = direct + consequential. Blank remedy is 0 where the type is blank or none, unknown "
     "where a remedy is named. An amount that cannot be read, or has no rate, is unknown."},
    {"A2", "Adequacy bands", "remedy.bands remedy.ratio",
     "None (0), partial (below the loss), adequate (1 to 1.5 times), generous (more; loyalty stops "
     "rising there).",
     "Remedy / loss; Haesevoets et al. 2017, Judgment and Decision Making 12:2."},
    {"A3", "Shortfall",
     "remedy.loss remedy.remedy remedy.median_ratio remedy.share_adequate remedy.shortfall "
     "remedy.excess remedy.by",
     "What customers lost and did not get back. Sums of money, never a mean of ratios; with and "
     "without the ten largest losses.",
     "sum max(0, loss - remedy); Wilson interval for the share."},
    {"A4", "Exposure", "remedy.exposure", "Losses of cases still open, apart.",
     "Sum of known losses of open cases."},
    {"C1", "Prior", "churn.benchmark.rate",
     "The often-quoted 15 % a year lost to poor service: a widely repeated figure without a "
     "traceable study (grade C), used as a starting point only.",
     "annual_loss_rate x service_share, weight n0 customer-years."},
    {"C2", "Benchmark cost", "churn.benchmark churn.customers",
     "What the 15 % would mean for this customer base.",
     "customers x rate x share x yearly value."},
    {"C3", "Own data", "churn.own churn.excess churn.credibility",
     "How much more often customers leave in the year after a problem than customers without one, "
     "and what that costs a year.",
     "Rates of two states, lambda ~ Gamma(1/2 + e, y); excess = exp(-lambda clean) - exp(-lambda "
     "after); credibility Z = Y / (n0 + Y)."},
    {"C4", "Silent customers", "churn.silent churn.silent_cost",
     "About half of those with a problem never say so. A line of its own, in no other figure; "
     "beside "
     "it what C5's shares for silence would mean.",
     "P = C / c; silent leavers = min(s, 1 - c) x P; by stated intent (P - C) x (baseline - share "
     "buying again after silence)."},
    {"C5", "Bottom-up", "churn.bottom_up",
     "What stated intentions after a complaint would mean for the customers recorded here.",
     "Would-buy-again shares by outcome and size of loss, less the baseline without a problem "
     "(TARP; stated intent, grade B)."},
    {"C6", "Value of a customer", "churn.value_per_customer",
     "Yearly value from the customer list, else as configured; one year, or lifetime value as a "
     "switch.",
     "m x r / (1 + d - r) for lifetime."},
    {"C7", "Headline", "churn.cost churn.rate churn.expected_losses churn.method",
     "Own data and benchmark combined by how much own data there are; always beside both of them "
     "and the bottom-up figure.",
     "Z x own + (1 - Z) x benchmark; 20,000 draws for the interval. Amber where two ways differ "
     "more than threefold."},
    {"C8", "Which assumption matters", "churn.tornado",
     "The headline with each assumption at its low and its high value, largest effect first.",
     "One at a time, the rest at base."},
    {"C9", "Word of mouth", "reviews.reach",
     "People who hear of it. Money only when a value a person is set.",
     "leavers x 8 to 16; reach of low reviews."},
    {"C10", "Back-test", "churn.backtest",
     "What this method would have forecast for each earlier quarter, against what was then seen.",
     "C3 as of each quarter's start."},
    {"Q1", "Repeats", "recurrence.repeats recurrence.eligible recurrence.rate",
     "A case whose customer had one of the same kind in the 90 days before.",
     "Over cases with 90 days of look-back; Wilson interval. Repeated breakdown: 3 or more of one "
     "customer and product in a year."},
    {"Q2", "Cases a customer", "recurrence",
     "How many cases a customer has had on average, by time under observation.",
     "Mean cumulative function, Nelson's estimate and variance (1995)."},
    {"Q3", "Clusters", "recurrence.clusters churn.by",
     "Cause x product, with cases, customers, repeats, time, shortfall and expected churn cost.",
     "A customer's excess loss is divided equally over the customer's cases."},
    {"Q4", "Worth of a fix", "recurrence.clusters",
     "What a year of a cluster's cases costs, and so what ending it would be worth.",
     "Churn cost + shortfall + handling cost of the period's cases, taken to a year. Interval: the "
     "churn cost's and the number of cases' (exact Poisson) at once."},
    {"Q5", "New or rising", "recurrence.signals",
     "Groups with more cases than the four periods before lead one to expect, beyond chance.",
     "Exact conditional Poisson test; Benjamini-Hochberg at 5 %."},
    {"Q6", "Pairs", "recurrence",
     "Attributes that occur together more often than chance would have it.",
     "Lift and leverage with minimum support; Benjamini-Hochberg."},
    {"Q7", "Control charts", "trend",
     "A signal is a point outside the limits, seven on one side, seven rising or falling, or two "
     "of three in the outer third. All else is noise.",
     "XmR; Laney p' and u' (2002). Moving ranges of 3.267 times their mean or more are screened."},
    {"P1", "Steps of the practice", "practice",
     "How often each step was done in the period, and outcomes with and without it, over all cases "
     "opened before the period's end. Association, not proof.",
     "Mantel-Haenszel within kind and band of loss (an unknown loss is a band of its own); 95 % "
     "interval."},
    {"P2", "All steps together", "practice.regression",
     "Which steps go with leaving or dissatisfaction when all are looked at at once.",
     "Logistic regression with kind and band of loss; a kind with fewer than ten cases of either "
     "outcome stands with the most frequent one; refused below ten events a variable."},
    {"F1", "Fair comparison", "fairness",
     "Teams against limits that allow for their size. No ranking; small groups are not shown.",
     "Funnel limits 95 % and 99.8 %, widened for over-dispersion (Spiegelhalter 2005)."},
    {"F2", "Shares and many tests", "remedy.share_adequate recurrence.rate practice.share",
     "Every share has an interval; where many are tested at once, chance findings are controlled.",
     "Wilson (1927); Benjamini and Hochberg (1995)."},
    {"V1", "Reviews", "reviews.n reviews.mean reviews.low",
     "Number, mean and share of low ratings, with reach.", "Wilson interval."},
    {"V2", "Reviews and cases", "reviews.linked",
     "A review belongs to a case by its number, else by customer and product within 90 days after "
     "the opening.",
     "Link by id, else by customer and product."},
    {"V3", "Words in texts", "practice.phrases reviews.phrases",
     "How often listed phrases occur. In aggregate only.",
     "Visible list in [phrases]; coverage is given."},
    {NULL, NULL, NULL, NULL, NULL},
};
