#include "config/header.h"

/* What the words of a status column mean when neither the config nor a preset says it. Only words
 * that mean the same in every product are here; others stay unknown, and are counted. */
static const struct {
    cb_case_status status;
    const char *words; /* parted by '|' */
} status_words[] = {
    {CB_STATUS_OPEN,
     "open|opened|new|active|assigned|unassigned|in progress|work in progress|in review|"
     "under review|received|started|reopened|re-opened|to do|backlog|escalated|working|"
     "submitted|acknowledged|triage|investigating|not started|unresolved"},
    {CB_STATUS_PENDING,
     "pending|on hold|hold|waiting|blocked|paused|suspended|deferred|awaiting reply|"
     "awaiting customer|awaiting user info|awaiting response|awaiting vendor|"
     "waiting on customer|waiting for customer|waiting on third party|pending customer|"
     "pending customer response|pending vendor"},
    {CB_STATUS_RESOLVED, "resolved|solved|done|fixed|complete|completed|answered|finished|settled"},
    {CB_STATUS_CLOSED,
     "closed|archived|closed with explanation|closed complete|closed - resolved|rejected|"
     "denied"},
    {CB_STATUS_WITHDRAWN,
     "withdrawn|cancelled|canceled|spam|merged|duplicate|deleted|void|invalid|"
     "closed - duplicate|closed - cancelled|closed as duplicate"},
};

static const struct {
    cb_kind kind;
    const char *words;
} kind_words[] = {
    {CB_KIND_LATE_URGENT, "late urgent delivery|urgent order late|late rush order"},
    {CB_KIND_WRONG_PART,
     "wrong item|wrong product|wrong article|incorrect part|incorrect item|wrong item sent|"
     "wrong item received"},
    {CB_KIND_MISTREATED,
     "mistreated|mistreatment|rude staff|rudeness|staff conduct|staff behaviour|"
     "staff behavior|mistreated by employee"},
    {CB_KIND_FALSE_PROMISE, "broken promise|false statement|misrepresentation"},
    {CB_KIND_BREAKDOWN, "repeat breakdown|repeated failure|recurring breakdown|recurring failure"},
    {CB_KIND_SPECIAL_REQUEST, "special request|special request not met|special order unmet"},
    {CB_KIND_DEFECTIVE,
     "defect|defective|defective item|faulty product|faulty item|damaged product|"
     "product defect"},
    {CB_KIND_INJURY, "personal injury|bodily injury|accident with injury"},
    {CB_KIND_ROUTINE, "routine problem|routine case"},
};

static bool in_list(const char *words, cb_str word)
{
    cb_str rest = cb_str_of(words), item;
    while (cb_config_item(&rest, '|', &item))
        if (cb_config_words_eq(item, word))
            return true;
    return false;
}

static const cb_pair *find_pair(const cb_pairs *pairs, cb_str word)
{
    for (unsigned i = 0; i < pairs->n; i++)
        if (cb_config_words_eq(pairs->pair[i].word, word))
            return &pairs->pair[i];
    return NULL;
}

cb_case_status cb_mapping_status(const cb_mapping *mapping, cb_str word)
{
    const cb_pair *pair = find_pair(&mapping->status, word);
    for (int s = 0; pair && s < CB_CASE_STATUSES; s++)
        if (cb_str_eq(pair->meaning, cb_str_of(cb_case_status_names[s])))
            return (cb_case_status)s;
    for (size_t i = 0; i < sizeof status_words / sizeof *status_words; i++)
        if (in_list(status_words[i].words, word))
            return status_words[i].status;
    return CB_STATUS_UNKNOWN;
}

cb_str cb_mapping_kind(const cb_mapping *mapping, cb_str word)
{
    const cb_pair *pair = find_pair(&mapping->kinds, word);
    if (pair)
        return pair->meaning;
    int kind = cb_kind_find(word);
    if (kind >= 0)
        return cb_str_of(cb_kind_names[kind]);
    for (size_t i = 0; i < sizeof kind_words / sizeof *kind_words; i++)
        if (in_list(kind_words[i].words, word))
            return cb_str_of(cb_kind_names[kind_words[i].kind]);
    return cb_str_trim(word);
}
