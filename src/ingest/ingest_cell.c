/* One cell: trimmed, looked up among the words for nothing, and read as what its column holds. */
#include "ingest/ingest_parts.h"

/* ---- trimming, with the common case in front ---- */

static inline bool plain_end(char c)
{
    return (unsigned char)c > ' ' && (unsigned char)c < 0x80;
}

static inline cb_str trimmed(cb_str text)
{
    bool plain = text.len && plain_end(text.at[0]) && plain_end(text.at[text.len - 1]);
    return plain ? text : cb_str_trim(text);
}

/* Nearly all cells are told apart from the built-in words by their length and first byte. */
static inline bool may_be_null_word(cb_str text)
{
    char c = text.at[0];
    return text.len <= 9 &&
           (c == '-' || c == '?' || c == '#' || c == '(' || (c | 0x20) == 'n' || (c | 0x20) == 'u');
}

static bool is_declared_null(const cb_field_setting *how, cb_str text)
{
    for (unsigned i = 0; i < how->null_words; i++)
        if (cb_str_eq_nocase(text, how->null_word[i]))
            return true;
    return false;
}

static inline bool is_null(const cb_plan *plan, cb_str text)
{
    if (text.len == 0)
        return true;
    if (plan->declared_nulls)
        return is_declared_null(plan->how, text);
    return may_be_null_word(text) && cb_null_word(text);
}

/* What spreadsheets take for a formula. Kept as text, and counted. */
static inline bool is_formula(cb_str text)
{
    char c = text.at[0];
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\n';
}

/* ---- memo ---- */

/* The bytes at … at + 8 of a text, filled up with zeros: of a text of 0 to 32 all such words, with
 * the length, are all of it. Loads may read up to CB_READ_PAST bytes behind a text, without a branch
 * on its length. */
static inline uint64_t word_at(cb_str t, size_t at)
{
    static const unsigned char keep[2 * CB_READ_PAST] = {
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    uint64_t word;
    uint64_t mask;
    memcpy(&word, t.at + at, sizeof word);
    memcpy(&mask, keep + CB_READ_PAST - t.len + at, sizeof mask);
    return word & mask;
}

static inline void memo_key(cb_str t, uint64_t key[4])
{
    for (size_t i = 0; i < 4; i++)
        key[i] = word_at(t, i * sizeof *key);
}

/* The first of the two places of a text. */
static inline cb_memo *memo_pair(const cb_slot *slot, const cb_plan *plan, uint64_t mix, size_t len)
{
    mix = (mix + len) * UINT64_C(0x9E3779B97F4A7C15);
    return &slot->batch.memo[plan->field][(mix >> 56) & ~UINT64_C(1)];
}

static inline uint64_t turned(uint64_t word, unsigned by)
{
    return word << by | word >> (64 - by);
}

/* A cell in the splitter's own buffer lasts only until the next record. */
static inline bool in_chunk(const cb_slot *slot, cb_str text)
{
    return (uintptr_t)text.at - (uintptr_t)slot->text.at < slot->len;
}

/* ---- words ---- */

static cb_str currency_code(cb_str text, char code[3])
{
    if (text.len != 3)
        return text;
    for (unsigned i = 0; i < 3; i++)
        code[i] = text.at[i] >= 'a' && text.at[i] <= 'z' ? (char)(text.at[i] - 0x20) : text.at[i];
    return (cb_str){code, 3};
}

static cb_cell read_word(cb_slot *slot, const cb_plan *plan, cb_str text, uint32_t *out)
{
    char code[3];
    *out = CB_UNKNOWN_ID;
    if (is_null(plan, text))
        return CB_CELL_EMPTY;
    if (plan->is_kind)
        text = cb_mapping_kind(slot->file->mapping, text);
    else if (plan->is_currency)
        text = currency_code(text, code);
    uint32_t id = cb_intern_put(slot->batch.pool[plan->pool], text);
    if (id == CB_NO_ID)
        slot->status = CB_ENOMEM;
    *out = id;
    return CB_CELL_OK;
}

void cb_unknown_word(cb_unknown_words *words, cb_str word)
{
    bool known = words->n == CB_UNKNOWN_WORDS || word.len == 0 || word.len > CB_UNKNOWN_BYTES;
    for (unsigned i = 0; !known && i < words->n; i++)
        known = cb_str_eq_nocase(word, cb_str_of(words->word[i]));
    for (size_t i = 0; !known && i < word.len; i++)
        known = (unsigned char)word.at[i] < ' ' || word.at[i] == 127; /* no state either */
    if (known)
        return;
    memcpy(words->word[words->n], word.at, word.len);
    words->word[words->n++][word.len] = '\0';
}

static cb_cell read_status(cb_slot *slot, const cb_plan *plan, cb_str text, uint32_t *out)
{
    *out = CB_STATUS_UNKNOWN;
    if (is_null(plan, text))
        return CB_CELL_EMPTY;
    *out = (uint32_t)cb_mapping_status(slot->file->mapping, text);
    if (*out == CB_STATUS_UNKNOWN)
        cb_unknown_word(&slot->batch.tally.unknown_status, text);
    return *out == CB_STATUS_UNKNOWN ? CB_CELL_TYPE : CB_CELL_OK;
}

static bool is_word(cb_str text, const cb_str *words, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (cb_str_eq_nocase(text, words[i]))
            return true;
    return false;
}

/* A declared list takes the place of the built-in one on its side; the other side keeps its own. */
static cb_cell read_flag(const cb_plan *plan, cb_str text, uint32_t *out)
{
    const cb_field_setting *how = plan->how;
    uint8_t flag = CB_NO_FLAG;
    cb_cell result = CB_CELL_OK;
    if (is_word(text, how->true_word, how->true_words))
        flag = 1;
    else if (is_word(text, how->false_word, how->false_words))
        flag = 0;
    else if (is_null(plan, text))
        result = CB_CELL_EMPTY;
    else if ((result = cb_flag_read(text, &flag)) == CB_CELL_OK &&
             (flag ? how->true_words : how->false_words))
        result = CB_CELL_TYPE;
    *out = result == CB_CELL_OK ? flag : CB_NO_FLAG;
    return result;
}

static cb_cell read_small(const cb_plan *plan, cb_str text, uint32_t *out)
{
    uint16_t value = CB_NO_COUNT;
    cb_cell result = CB_CELL_EMPTY;
    if (!is_null(plan, text))
        result = plan->type == CB_TYPE_COUNT ? cb_count_read(text, &value)
                                             : cb_score_read(text, &plan->scale, &value);
    *out = value;
    return result;
}

static cb_cell read_few(cb_slot *slot, const cb_plan *plan, cb_str text, uint32_t *out)
{
    switch (plan->type) {
    case CB_TYPE_WORD:
        return read_word(slot, plan, text, out);
    case CB_TYPE_STATUS:
        return read_status(slot, plan, text, out);
    case CB_TYPE_FLAG:
        return read_flag(plan, text, out);
    default:
        return read_small(plan, text, out);
    }
}

static inline void store_few(cb_slot *slot, const cb_plan *plan, uint32_t row, uint32_t value,
                             cb_type type)
{
    void *cells = slot->batch.cells[plan->field];
    switch (type) {
    case CB_TYPE_WORD:
        ((uint32_t *)cells)[row] = value;
        break;
    case CB_TYPE_COUNT:
    case CB_TYPE_SCORE:
        ((uint16_t *)cells)[row] = (uint16_t)value;
        break;
    default:
        ((uint8_t *)cells)[row] = (uint8_t)value;
        break;
    }
}

static inline cb_cell recall(cb_slot *slot, const cb_plan *plan, uint32_t row, const cb_memo *m,
                             cb_type type)
{
    if (type == CB_TYPE_WORD)
        slot->batch.tally.formulas += m->formula;
    store_few(slot, plan, row, m->value, type);
    return (cb_cell)m->result;
}

/* Reads the cell for the first time, and remembers it where the newer of two texts is; the newer
 * becomes the older. */
static cb_cell learn(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row, cb_memo *at)
{
    cb_memo fresh = {.len = (uint32_t)raw.len + 1};
    cb_str text = trimmed(raw);
    cb_cell result = read_few(slot, plan, text, &fresh.value);
    fresh.result = (uint8_t)result;
    fresh.formula = plan->type == CB_TYPE_WORD && result == CB_CELL_OK && is_formula(raw);
    if (at && slot->status == CB_OK) {
        memo_key(raw, fresh.key);
        at[1] = at[0];
        at[0] = fresh;
    }
    return recall(slot, plan, row, &fresh, plan->type);
}

/* One copy for each type: the compiler would share one of all and choose in it, cell by cell. */
#define FOR_EACH_TYPE static inline __attribute__((always_inline))

/* 0 … 16 bytes */
FOR_EACH_TYPE cb_cell cell_of_few_16(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row,
                                     cb_type type)
{
    uint64_t first = word_at(raw, 0);
    uint64_t second = word_at(raw, 8);
    cb_memo *at = memo_pair(slot, plan, first ^ turned(second, 7), raw.len);
    for (unsigned i = 0; i < 2; i++)
        if (at[i].len == raw.len + 1 && ((at[i].key[0] ^ first) | (at[i].key[1] ^ second)) == 0)
            return recall(slot, plan, row, &at[i], type);
    return learn(slot, plan, raw, row, at);
}

/* 17 … 32 bytes */
static cb_cell cell_of_few_32(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    uint64_t key[4];
    memo_key(raw, key);
    uint64_t mix = key[0] ^ turned(key[1], 7) ^ turned(key[2], 19) ^ turned(key[3], 29);
    cb_memo *at = memo_pair(slot, plan, mix, raw.len);
    for (unsigned i = 0; i < 2; i++)
        if (at[i].len == raw.len + 1 && memcmp(at[i].key, key, sizeof key) == 0)
            return recall(slot, plan, row, &at[i], plan->type);
    return learn(slot, plan, raw, row, at);
}

/* 0 … 8 bytes: most of the counts, flags and states. */
FOR_EACH_TYPE cb_cell cell_of_few_8(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row,
                                    cb_type type)
{
    uint64_t word = word_at(raw, 0);
    cb_memo *at = memo_pair(slot, plan, word, raw.len);
    for (unsigned i = 0; i < 2; i++)
        if (at[i].len == raw.len + 1 && at[i].key[0] == word)
            return recall(slot, plan, row, &at[i], type);
    return learn(slot, plan, raw, row, at);
}

/* Columns of few distinct cells; all cells may be read past by CB_READ_PAST bytes. */
FOR_EACH_TYPE cb_cell cell_of_few(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row,
                                  cb_type type)
{
    if (type != CB_TYPE_WORD && raw.len <= 8)
        return cell_of_few_8(slot, plan, raw, row, type);
    if (raw.len <= 16)
        return cell_of_few_16(slot, plan, raw, row, type);
    return raw.len <= CB_READ_PAST ? cell_of_few_32(slot, plan, raw, row)
                                   : learn(slot, plan, raw, row, NULL);
}

static cb_cell cell_of_few_words(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    return cell_of_few(slot, plan, raw, row, CB_TYPE_WORD);
}

static cb_cell cell_of_small(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    return cell_of_few(slot, plan, raw, row, CB_TYPE_COUNT);
}

static cb_cell cell_of_byte(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    return cell_of_few(slot, plan, raw, row, CB_TYPE_FLAG);
}

/* ---- ids ---- */

/* The text may be read past by CB_READ_PAST bytes. */
static cb_id_cell id_cell(cb_numbering *how, cb_str text, uint32_t at)
{
    if (how->width == 0)
        *how = cb_numbering_of(text);
    uint32_t number = cb_number_within(how, text);
    uint32_t len = (uint32_t)text.len;
    return number > 0 ? (cb_id_cell){number, at, len | CB_NUMBERED}
                      : (cb_id_cell){cb_hash(text), at, len};
}

static cb_cell cell_of_id(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    cb_id_cell *cell = (cb_id_cell *)slot->batch.cells[plan->field] + row;
    cb_numbering *how = &slot->numbering[plan->field];
    cb_str text = trimmed(raw);
    *cell = (cb_id_cell){0};
    if (is_null(plan, text))
        return CB_CELL_EMPTY;
    slot->batch.tally.formulas += is_formula(raw);
    if (in_chunk(slot, text)) {
        *cell = id_cell(how, text, (uint32_t)(text.at - slot->text.at));
        return CB_CELL_OK;
    }
    *cell = id_cell(how, text, (uint32_t)slot->batch.spill.len | CB_SPILLED);
    cb_status rc = cb_buf_append(&slot->batch.spill, text.at, text.len);
    if (rc != CB_OK)
        slot->status = rc;
    return CB_CELL_OK;
}

/* ---- times, amounts, texts ---- */

static cb_cell cell_of_time(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    int64_t *cell = (int64_t *)slot->batch.cells[plan->field] + row;
    cb_str text = trimmed(raw);
    uint32_t shape = 0;
    slot->readings[plan->field] = 0;
    *cell = CB_NO_TIME;
    if (text.len == 0 || (plan->declared_nulls && is_null(plan, text)))
        return CB_CELL_EMPTY;
    unsigned readings = plan->declared ? cb_time_scan_as(&plan->format, text, cell)
                                       : cb_time_scan(text, cell, &shape);
    if (readings == 0 && is_null(plan, text))
        return CB_CELL_EMPTY;
    slot->readings[plan->field] = (uint8_t)readings;
    cb_time_see(&slot->batch.tally.times[plan->field], readings, shape);
    if (shape != slot->batch.tally.shapes[plan->field].last)
        cb_shapes_see(&slot->batch.tally.shapes[plan->field], shape, slot->line_no);
    return readings ? CB_CELL_OK : CB_CELL_TYPE;
}

/* More than a number: a sign of currency, perhaps. */
static inline bool is_wrapped(cb_str text)
{
    return ((unsigned)text.at[0] - '0' > 9) | ((unsigned)text.at[text.len - 1] - '0' > 9);
}

static cb_cell cell_of_amount(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    int64_t *cell = (int64_t *)slot->batch.cells[plan->field] + row;
    cb_str text = trimmed(raw);
    int64_t packed = CB_NO_AMOUNT;
    *cell = CB_NO_AMOUNT;
    if (text.len == 0 || (plan->declared_nulls && is_null(plan, text)))
        return CB_CELL_EMPTY;
    unsigned readings = cb_amount_scan(text, &packed);
    if (readings == 0 && is_null(plan, text))
        return CB_CELL_EMPTY;
    *cell = CB_UNREAD_AMOUNT;
    if (readings == 0 || packed < 0)
        return readings ? CB_CELL_CONSTRAINT : CB_CELL_TYPE;
    cb_mark_see(&slot->batch.tally.marks[plan->field], readings);
    slot->signed_amounts |= (uint64_t)is_wrapped(text) << plan->field;
    *cell = packed;
    return CB_CELL_OK;
}

static cb_cell cell_of_duration(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    int64_t *cell = (int64_t *)slot->batch.cells[plan->field] + row;
    cb_str text = trimmed(raw);
    *cell = CB_NO_TIME;
    return is_null(plan, text) ? CB_CELL_EMPTY
                               : cb_duration_read(text, plan->unit_s, plan->mark, cell);
}

static cb_cell cell_of_text(cb_slot *slot, const cb_plan *plan, cb_str raw, uint32_t row)
{
    uint32_t *cell = (uint32_t *)slot->batch.cells[plan->field] + row;
    *cell = 0;
    if (is_null(plan, trimmed(raw)))
        return CB_CELL_EMPTY;
    *cell = CB_TEXT_SEEN | cb_phrase_bits(slot->file->ingest->phrases, raw);
    return CB_CELL_OK;
}

cb_cell_reader *cb_cell_reader_of(const cb_plan *plan)
{
    switch (plan->type) {
    case CB_TYPE_TIME:
        return cell_of_time;
    case CB_TYPE_AMOUNT:
        return cell_of_amount;
    case CB_TYPE_TEXT:
        return cell_of_text;
    case CB_TYPE_DURATION:
        return cell_of_duration;
    case CB_TYPE_WORD:
        return plan->many_words ? cell_of_id : cell_of_few_words;
    case CB_TYPE_COUNT:
    case CB_TYPE_SCORE:
        return cell_of_small;
    default:
        return cell_of_byte;
    }
}
