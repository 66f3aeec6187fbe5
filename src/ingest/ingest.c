/* The sequence of a run's inputs, and the checks when all are read. */
#include <stdio.h>

#include "ingest/ingest_parts.h"

/* ---- beginning and end ---- */

static cb_status prepare(cb_ingest *in, cb_error *err)
{
    in->arena = cb_arena_new(in->alloc, 0);
    in->phrases = in->arena ? cb_phrases_new(in->arena, &in->settings->phrases) : NULL;
    if (!in->phrases)
        return cb_nomem(err, "reading the inputs");
    cb_status rc = cb_presets_new(&in->presets, in->alloc, err);
    return rc == CB_OK ? cb_book_new(&in->book, in->alloc, err) : rc;
}

cb_status cb_ingest_new(cb_ingest **out, cb_settings *settings, const cb_ingest_options *options,
                        cb_error *err)
{
    const cb_alloc *alloc = options->alloc ? options->alloc : cb_alloc_libc();
    cb_ingest *in = alloc->resize(alloc->ctx, NULL, 0, sizeof *in);
    *out = NULL;
    if (!in)
        return cb_nomem(err, "reading the inputs");
    *in = (cb_ingest){
        .alloc = alloc, .settings = settings, .options = *options, .chunk_bytes = CB_CHUNK_BYTES};
    cb_status rc = prepare(in, err);
    if (rc != CB_OK)
        cb_ingest_free(in);
    else
        *out = in;
    return rc;
}

void cb_ingest_free(cb_ingest *in)
{
    if (!in)
        return;
    const cb_alloc *alloc = in->alloc;
    void *inputs = in->input;
    void *zones = in->zone;
    for (size_t i = 0; i < in->inputs; i++)
        cb_reject_log_free(&in->input[i]->facts.rejects);
    for (size_t i = 0; i < in->zones; i++)
        cb_zone_free(in->zone[i]);
    cb_drop(alloc, &inputs, &in->inputs_cap, sizeof *in->input);
    cb_drop(alloc, &zones, &in->zones_cap, sizeof *in->zone);
    cb_book_free(in->book);
    cb_presets_free(in->presets);
    cb_arena_free(in->arena);
    alloc->resize(alloc->ctx, in, sizeof *in, 0);
}

void cb_ingest_chunk_bytes(cb_ingest *in, size_t bytes)
{
    in->chunk_bytes = bytes;
}

const cb_book *cb_ingest_book(const cb_ingest *in)
{
    return in->book;
}

unsigned cb_ingest_inputs(const cb_ingest *in)
{
    return (unsigned)in->inputs;
}

const cb_input_facts *cb_ingest_input(const cb_ingest *in, unsigned ix)
{
    return &in->input[ix]->facts;
}

/* ---- the name under which rejects are kept ---- */

static size_t fold_stem(cb_str name, char *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < name.len && n < cap; i++) {
        char c = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] | 0x20) : name.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            out[n++] = c;
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n && out[n - 1] == '-')
        n--;
    return n;
}

static cb_str base_name(const char *path)
{
    static const char *const endings[] = {".gz", ".zst", ".xz", ".zip", ".csv", ".tsv", ".txt"};
    const char *slash = strrchr(path, '/');
    cb_str name = cb_str_of(slash ? slash + 1 : path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]);
        if (name.len > n &&
            cb_str_eq_nocase((cb_str){name.at + name.len - n, n}, cb_str_of(endings[i])))
            name.len -= n;
    }
    return name;
}

static bool stem_taken(const cb_ingest *in, cb_str stem)
{
    for (size_t i = 0; i < in->inputs; i++)
        if (cb_str_eq(in->input[i]->facts.stem, stem))
            return true;
    return false;
}

/* "Cases 2026.csv.gz" gives cases-2026; a second one cases-2026-2. */
static cb_str stem_of(cb_ingest *in, cb_role role, const char *path)
{
    char folded[64];
    cb_str stem = {folded, fold_stem(base_name(path), folded, sizeof folded)};
    if (stem.len == 0)
        stem = cb_str_of(cb_role_names[role]);
    cb_str unique = cb_arena_copy(in->arena, stem);
    for (unsigned i = 2; unique.at && stem_taken(in, unique); i++)
        unique = cb_arena_text(in->arena, CB_STR_FMT "-%u", CB_STR_ARG(stem), i);
    return unique;
}

/* ---- one input ---- */

static cb_status add_input(cb_ingest *in, cb_role role, const char *path, cb_error *err)
{
    static const char purpose[] = "the list of inputs";
    void *inputs = in->input;
    if (in->inputs == CB_MAX_INPUTS)
        return cb_fail(err, CB_ELIMIT, "more than %d inputs", (int)CB_MAX_INPUTS);
    cb_status rc = cb_grow(in->alloc, &inputs, &in->inputs_cap, in->inputs + 1, sizeof *in->input,
                           CB_MAX_INPUTS);
    in->input = inputs;
    cb_input *input = rc == CB_OK ? cb_arena_get(in->arena, sizeof *input) : NULL;
    if (!input)
        return cb_nomem(err, purpose);
    cb_input_facts *facts = &input->facts;
    facts->role = role;
    facts->path = cb_arena_copy(in->arena, cb_str_of(path));
    facts->stem = stem_of(in, role, path);
    for (unsigned f = 0; f < CB_MAX_FIELDS_OF_ROLE; f++)
        input->column_of[f] = -1;
    if (!facts->path.at || !facts->stem.at)
        return cb_nomem(err, purpose);
    cb_reject_log_init(&facts->rejects, in->alloc, CB_KEEP_BYTES);
    in->input[in->inputs++] = input;
    return CB_OK;
}

/* Some more than threads, so that a thread finds a chunk ready while another reads the next. */
static size_t slots_for(unsigned threads)
{
    enum { MOST_SPARE = 4 };
    unsigned spare = threads < MOST_SPARE ? threads : MOST_SPARE;
    return threads > 1 ? threads + spare : 1;
}

static cb_status run_pipe(cb_file *file, cb_error *err)
{
    cb_ingest *in = file->ingest;
    void *slots[CB_MAX_SLOTS] = {NULL};
    cb_slot *slot = NULL;
    cb_status rc = CB_OK;
    size_t n = 0;
    for (; n < slots_for(in->options.workers.threads) && rc == CB_OK; n++) {
        rc = cb_slot_new(&slot, file, err);
        slots[n] = slot;
    }
    cb_pipe pipe = {cb_take, cb_work, cb_give, file, slots, n};
    if (rc == CB_OK)
        rc = cb_workers_pipe(&in->options.workers, &pipe, err);
    while (n-- > 0)
        cb_slot_free(slots[n]);
    return rc;
}

static cb_status read_file(cb_file *file, const char *path, cb_str preset, cb_error *err)
{
    cb_status rc = cb_file_open(file, path, preset, err);
    if (rc == CB_OK) {
        file->expected_bytes = cb_source_facts_of(file->feed.source).total_bytes;
        rc = cb_file_plan(file, err);
    }
    if (rc == CB_OK)
        rc = run_pipe(file, err);
    if (rc != CB_OK)
        return rc;
    file->facts->source = cb_source_facts_of(file->feed.source);
    rc = cb_file_read_how(file, err);
    return rc == CB_OK ? cb_file_close(file, err) : rc;
}

cb_status cb_ingest_file(cb_ingest *in, cb_role role, const char *path, cb_str preset,
                         cb_error *err)
{
    cb_status rc = add_input(in, role, path, err);
    if (rc != CB_OK)
        return rc;
    cb_file *file = in->alloc->resize(in->alloc->ctx, NULL, 0, sizeof *file);
    if (!file)
        return cb_nomem(err, "reading the inputs");
    *file = (cb_file){
        .ingest = in, .role = role, .input_ix = (uint16_t)(in->inputs - 1), .raw = {.role = role}};
    file->facts = &in->input[in->inputs - 1]->facts;
    cb_buf_init(&file->kept_bytes, in->alloc, CB_KEEP_BYTES);
    for (unsigned f = 0; f < CB_MAX_FIELDS_OF_ROLE; f++)
        atomic_init(&file->settled[f], -1);
    rc = read_file(file, path, preset, err);
    void *kept = file->kept;
    cb_drop(in->alloc, &kept, &file->kept_cap, sizeof *file->kept);
    cb_buf_free(&file->kept_bytes);
    cb_table_free(&file->raw);
    cb_feed_close(&file->feed);
    in->alloc->resize(in->alloc->ctx, file, sizeof *file, 0);
    return rc;
}

/* ---- when all are read ---- */

static cb_status account(cb_ingest *in, cb_error *err)
{
    for (size_t i = 0; i < in->inputs; i++) {
        cb_input_facts *f = &in->input[i]->facts;
        f->superseded = in->book->superseded[i];
        f->later_rows = in->book->later_rows[i];
        f->future_cells = in->book->future_cells[i];
        f->accepted = in->input[i]->taken - f->superseded;
        if (f->rows != f->accepted + f->superseded + f->rejected + f->blank)
            return cb_fail(
                err, CB_EDATA,
                CB_STR_FMT
                ": internal fault: %llu rows were read but do not add up; please report it",
                CB_STR_ARG(f->path), (unsigned long long)f->rows);
    }
    return CB_OK;
}

static void count_contradictions(cb_ingest *in)
{
    const cb_table *cases = &in->book->table[CB_CASES];
    for (uint32_t row = 0; row < cases->n; row++) {
        cb_case_status status = cb_status_of(cases, row);
        bool open = status == CB_STATUS_OPEN || status == CB_STATUS_PENDING;
        if (open && cb_time(cases, CB_CASE_RESOLVED, row) != CB_NO_TIME)
            in->input[cases->input_ix[row]]->facts.contradictions++;
    }
}

/* Appends what is wrong with one input to the message; nothing if all is well. */
static cb_status judge(const cb_ingest *in, const cb_input *input, cb_buf *why)
{
    const cb_input_facts *f = &input->facts;
    uint64_t rows = f->rows - f->blank;
    double percent = rows ? 100.0 * (double)f->rejected / (double)rows : 0;
    bool unusable = input->taken == 0;
    cb_status rc = CB_OK;
    if (!unusable && percent <= in->settings->max_rejects_percent)
        return CB_OK;
    rc = cb_buf_text(why, "%s" CB_STR_FMT ": ", why->len ? "; " : "", CB_STR_ARG(f->path));
    if (rc == CB_OK && unusable)
        rc = cb_buf_text(why, "no usable row%s",
                         f->rejected ? "" : ": there is nothing behind the header");
    if (rc == CB_OK && f->rejected)
        rc = cb_buf_text(why,
                         "%s%llu of %llu rows rejected (%.1f %%, allowed are %g %%: --max-rejects)",
                         unusable ? ": " : "", (unsigned long long)f->rejected,
                         (unsigned long long)rows, percent, in->settings->max_rejects_percent);
    for (unsigned c = 0; rc == CB_OK && c < CB_REJECT_CODES; c++) {
        /* Of a review's required cells only the rating has bounds. */
        bool ratings = f->role == CB_REVIEWS && c == CB_REJECT_CONSTRAINT_ERROR;
        if (f->rejects.by_code[c])
            rc = cb_buf_text(why, ", %s %llu%s", cb_reject_names[c],
                             (unsigned long long)f->rejects.by_code[c],
                             ratings ? " (ratings outside the scale, which is 1-5 unless the "
                                       "configuration says another: [reviews] rating.scale = 1-10)"
                                     : "");
    }
    return rc;
}

static cb_status judge_all(const cb_ingest *in, cb_error *err)
{
    cb_buf why;
    unsigned flawed = 0;
    cb_status rc = CB_OK;
    cb_buf_init(&why, in->alloc, SIZE_MAX);
    for (size_t i = 0; i < in->inputs && rc == CB_OK && flawed < CB_MAX_FLAWED_FILES; i++) {
        size_t before = why.len;
        rc = judge(in, in->input[i], &why);
        flawed += why.len > before;
    }
    if (rc != CB_OK)
        rc = cb_nomem(err, "the check of the inputs");
    else if (flawed)
        rc = cb_fail(err, CB_EDATA, "%.*s", (int)why.len, why.at);
    cb_buf_free(&why);
    return rc;
}

cb_status cb_ingest_done(cb_ingest *in, cb_error *err)
{
    int64_t link_days = (int64_t)in->settings->assumption[CB_A_REVIEW_LINK_DAYS].base;
    cb_status rc = cb_ingest_money(in, err);
    if (rc == CB_OK)
        rc =
            cb_book_finish(in->book, in->options.as_of_utc_s, link_days, &in->options.workers, err);
    if (rc == CB_OK)
        rc = account(in, err);
    if (rc != CB_OK)
        return rc;
    count_contradictions(in);
    return judge_all(in, err);
}
