/* Words stand in segments that never move, 16 bytes each; a short word (most ids) holds its own
 * bytes. They are found in two ways.
 * The table: open addressing with linear probing over 8-byte cells {tag, id}. The cell's home is the
 * low bits of the tag, so that the table doubles from its own cells, nearly in order, without a look
 * at the words; a hit costs two cache misses.
 * The numbers: the ids of a stretch of numbers, 4 bytes each. The stretch grows as numbers come, in
 * proportion to the words; a numbered word outside it stands in the table. If the stretch reaches it
 * later, it is in both when next seen: so a number without an id is looked up in the table as long
 * as any word in there might have a number. */
#include "casebook/intern.h"

enum {
    FIRST_CELLS = 64,
    SEGMENT_BITS = 8,
    SEGMENT = 1 << SEGMENT_BITS,
    INLINE_BYTES = 15,
    FIRST_NUMBERS = 1 << 10,
    NUMBERS_PER_WORD = 4,
    LONG = 255, /* the word's bytes are elsewhere */
    LEN_AT = 3, /* of a long word: its length, behind it the pointer to its bytes */
    TEXT_AT = 7,
    FIRST_TEXT_BLOCK = 1 << 12,
    MAX_TEXT_BLOCK = 1 << 20
};

typedef struct cell {
    uint32_t tag; /* low 32 bits of the hash */
    uint32_t id;  /* 0: the cell is empty (id 0, the empty word, is never in the table) */
} cell;

typedef struct word {
    uint8_t len; /* or LONG */
    char body[INLINE_BYTES];
} word;

/* The ids of the numbers first … first + n - 1; 0: no word yet. */
typedef struct stretch {
    cb_numbering how;
    uint32_t *id;
    uint32_t first, n;
    uint32_t expected; /* words */
    bool strays;       /* words of the table may have numbers */
} stretch;

typedef struct text_block {
    struct text_block *next;
    size_t bytes; /* of the body */
    char body[];
} text_block;

struct cb_intern {
    const cb_alloc *alloc;
    cell *cells;
    size_t n_cells; /* a power of two */
    size_t seated;  /* cells that are taken */
    stretch numbers;
    word **segments;
    size_t segments_cap, segments_n;
    uint32_t count, max_words, longest;
    text_block *first, *current; /* blocks behind current are spare: cb_intern_reset keeps them */
    size_t text_used;            /* of current's body */
    size_t next_block;
};

static void *get(const cb_intern *pool, size_t bytes)
{
    return pool->alloc->resize(pool->alloc->ctx, NULL, 0, bytes);
}

static void drop(const cb_intern *pool, void *old, size_t bytes)
{
    if (old)
        pool->alloc->resize(pool->alloc->ctx, old, bytes, 0);
}

/* ---- text ---- */

/* Makes the next block that holds `need` bytes the current one: a spare one, or a new one behind
 * current. */
static bool next_text_block(cb_intern *pool, size_t need)
{
    text_block **link = pool->current ? &pool->current->next : &pool->first;
    if (!*link || (*link)->bytes < need) {
        size_t body = need > pool->next_block ? need : pool->next_block;
        text_block *fresh = get(pool, sizeof *fresh + body);
        if (!fresh)
            return false;
        fresh->next = *link;
        fresh->bytes = body;
        *link = fresh;
        if (pool->next_block < MAX_TEXT_BLOCK)
            pool->next_block *= 2;
    }
    pool->current = *link;
    pool->text_used = 0;
    return true;
}

/* A copy in the blocks, NULL: no memory. */
static char *keep_text(cb_intern *pool, cb_str text)
{
    if (!pool->current || pool->current->bytes - pool->text_used < text.len)
        if (!next_text_block(pool, text.len))
            return NULL;
    char *at = pool->current->body + pool->text_used;
    memcpy(at, text.at, text.len);
    pool->text_used += text.len;
    return at;
}

/* ---- words ---- */

static word *word_of(const cb_intern *pool, uint32_t id)
{
    return &pool->segments[id >> SEGMENT_BITS][id & (SEGMENT - 1)];
}

static cb_str word_text(const word *w)
{
    if (w->len != LONG)
        return (cb_str){w->body, w->len};
    uint32_t len;
    const char *at;
    memcpy(&len, w->body + LEN_AT, sizeof len);
    memcpy(&at, w->body + TEXT_AT, sizeof at);
    return (cb_str){at, len};
}

static bool fill_word(cb_intern *pool, word *w, cb_str text)
{
    if (text.len > pool->longest)
        pool->longest = (uint32_t)text.len;
    if (text.len <= INLINE_BYTES) {
        w->len = (uint8_t)text.len;
        memcpy(w->body, text.at, text.len);
        return true;
    }
    uint32_t len = (uint32_t)text.len;
    const char *at = keep_text(pool, text);
    w->len = LONG;
    memcpy(w->body + LEN_AT, &len, sizeof len);
    memcpy(w->body + TEXT_AT, &at, sizeof at);
    return at;
}

static bool make_segment(cb_intern *pool)
{
    void *array = pool->segments;
    cb_status rc = cb_grow(pool->alloc, &array, &pool->segments_cap, pool->segments_n + 1,
                           sizeof *pool->segments, UINT32_MAX);
    pool->segments = array;
    word *segment = rc == CB_OK ? get(pool, SEGMENT * sizeof *segment) : NULL;
    if (segment)
        pool->segments[pool->segments_n++] = segment;
    return segment;
}

/* ---- table ---- */

static void seat(cell *cells, size_t mask, cell one)
{
    size_t i = one.tag & mask;
    while (cells[i].id)
        i = (i + 1) & mask;
    cells[i] = one;
}

static cell *new_cells(const cb_intern *pool, size_t n)
{
    cell *cells = get(pool, n * sizeof *cells);
    if (cells)
        memset(cells, 0, n * sizeof *cells);
    return cells;
}

static bool double_cells(cb_intern *pool)
{
    size_t n = pool->n_cells * 2;
    cell *cells = new_cells(pool, n);
    if (!cells)
        return false;
    for (size_t i = 0; i < pool->n_cells; i++)
        if (pool->cells[i].id)
            seat(cells, n - 1, pool->cells[i]);
    drop(pool, pool->cells, pool->n_cells * sizeof *pool->cells);
    pool->cells = cells;
    pool->n_cells = n;
    return true;
}

/* Room for one word more. */
static bool make_room(cb_intern *pool)
{
    if (pool->count > pool->max_words)
        return false;
    return pool->count < pool->segments_n * SEGMENT || make_segment(pool);
}

/* Room for one cell more: at most two thirds of the cells are taken. */
static bool make_cell_room(cb_intern *pool)
{
    return pool->seated + 1 < pool->n_cells / 3 * 2 || double_cells(pool);
}

/* The index of the cell that holds text, or of the empty cell where it belongs. */
static size_t find_cell(const cb_intern *pool, cb_str text, uint64_t hash)
{
    size_t mask = pool->n_cells - 1;
    uint32_t tag = (uint32_t)hash;
    for (size_t i = tag & mask;; i = (i + 1) & mask) {
        const cell *c = &pool->cells[i];
        if (!c->id)
            return i;
        if (c->tag != tag)
            continue;
        if (cb_str_eq(word_text(word_of(pool, c->id)), text))
            return i;
    }
}

/* It stands in neither the table nor the numbers yet. */
static uint32_t add_word(cb_intern *pool, cb_str text)
{
    if (text.len > UINT32_MAX || !make_room(pool) ||
        !fill_word(pool, word_of(pool, pool->count), text))
        return CB_NO_ID;
    return pool->count++;
}

static uint32_t put_in_table(cb_intern *pool, cb_str text, uint64_t hash)
{
    uint32_t id = pool->cells[find_cell(pool, text, hash)].id;
    if (id)
        return id;
    id = make_cell_room(pool) ? add_word(pool, text) : CB_NO_ID;
    if (id != CB_NO_ID) {
        seat(pool->cells, pool->n_cells - 1, (cell){(uint32_t)hash, id});
        pool->seated++;
    }
    return id;
}

/* ---- numbers ---- */

/* NULL: the number is outside the stretch. */
static uint32_t *place_of(const stretch *s, uint32_t number)
{
    uint32_t i = number - s->first; /* a number below wraps round */
    return i < s->n ? &s->id[i] : NULL;
}

static bool move_stretch(cb_intern *pool, uint32_t first, uint32_t n)
{
    stretch *s = &pool->numbers;
    uint32_t *id = get(pool, n * sizeof *id);
    if (!id)
        return false;
    memset(id, 0, n * sizeof *id);
    if (s->n > 0)
        memcpy(id + (s->first - first), s->id, s->n * sizeof *id);
    drop(pool, s->id, s->n * sizeof *id);
    s->id = id;
    s->first = first;
    s->n = n;
    return true;
}

/* Makes the stretch reach the number, unless that were too long for so few words; false: no memory.
 * It becomes at least twice as long, towards the number, or stays: else words that jump would have
 * it copied for each of them. */
static bool reach(cb_intern *pool, uint32_t number)
{
    const stretch *s = &pool->numbers;
    uint64_t most = FIRST_NUMBERS + s->expected + (uint64_t)NUMBERS_PER_WORD * pool->count;
    uint32_t first = s->n > 0 ? s->first : number;
    uint32_t end = first + s->n;
    uint32_t need = number < first ? end - number : number - first + 1;
    uint32_t n = s->n > 0 ? 2 * s->n : FIRST_NUMBERS;
    n = n < need ? need : n;
    if (n > most)
        return true;
    if (number < first)
        first = n < end ? end - n : 0;
    return move_stretch(pool, first, n);
}

static uint32_t put_at(cb_intern *pool, uint32_t *place, cb_str text)
{
    uint32_t id = 0;
    if (pool->numbers.strays)
        id = pool->cells[find_cell(pool, text, cb_hash(text))].id;
    if (id == 0)
        id = add_word(pool, text);
    if (id != CB_NO_ID)
        *place = id;
    return id;
}

/* ---- public ---- */

cb_intern *cb_intern_new(const cb_alloc *alloc, uint32_t max_words)
{
    if (!alloc)
        alloc = cb_alloc_libc();
    cb_intern *pool = alloc->resize(alloc->ctx, NULL, 0, sizeof *pool);
    if (!pool)
        return NULL;
    *pool = (cb_intern){.alloc = alloc, .n_cells = FIRST_CELLS, .next_block = FIRST_TEXT_BLOCK};
    /* Tags have 32 bits: more than 2^31 words could not be spread over the table. */
    pool->max_words = max_words < UINT32_MAX / 2 ? max_words : UINT32_MAX / 2;
    pool->cells = new_cells(pool, pool->n_cells);
    if (!pool->cells || !make_room(pool)) {
        cb_intern_free(pool);
        return NULL;
    }
    (void)fill_word(pool, word_of(pool, 0), CB_LIT(""));
    pool->count = 1;
    return pool;
}

void cb_intern_free(cb_intern *pool)
{
    if (!pool)
        return;
    while (pool->first) {
        text_block *gone = pool->first;
        pool->first = gone->next;
        drop(pool, gone, sizeof *gone + gone->bytes);
    }
    cb_intern_seal(pool);
    for (size_t i = 0; i < pool->segments_n; i++)
        drop(pool, pool->segments[i], SEGMENT * sizeof **pool->segments);
    drop(pool, pool->segments, pool->segments_cap * sizeof *pool->segments);
    drop(pool, pool, sizeof *pool);
}

uint32_t cb_intern_put_hashed(cb_intern *pool, cb_str text, uint64_t hash)
{
    if (text.len == 0)
        return CB_UNKNOWN_ID;
    if (!pool->cells)
        return CB_NO_ID;
    uint32_t number = cb_number_of(&pool->numbers.how, text);
    return number ? cb_intern_put_numbered(pool, text, number) : put_in_table(pool, text, hash);
}

uint32_t cb_intern_put(cb_intern *pool, cb_str text)
{
    return cb_intern_put_hashed(pool, text, cb_hash(text));
}

void cb_intern_number(cb_intern *pool, cb_numbering how)
{
    if (pool->numbers.how.width > 0)
        return;
    pool->numbers.how = how;
    pool->numbers.strays = pool->count > 1;
}

void cb_intern_expect(cb_intern *pool, size_t words)
{
    if (words > pool->numbers.expected)
        pool->numbers.expected = words < pool->max_words ? (uint32_t)words : pool->max_words;
}

cb_numbering cb_intern_numbering(const cb_intern *pool)
{
    return pool->numbers.how;
}

uint32_t cb_intern_put_numbered(cb_intern *pool, cb_str text, uint32_t number)
{
    if (!pool->cells)
        return CB_NO_ID;
    uint32_t *place = place_of(&pool->numbers, number);
    if (!place) {
        if (!reach(pool, number))
            return CB_NO_ID;
        place = place_of(&pool->numbers, number);
    }
    if (place)
        return *place ? *place : put_at(pool, place, text);
    pool->numbers.strays = true;
    return put_in_table(pool, text, cb_hash(text));
}

void cb_intern_prefetch(const cb_intern *pool, uint64_t hash)
{
    __builtin_prefetch(&pool->cells[(uint32_t)hash & (pool->n_cells - 1)]);
}

void cb_intern_prefetch_number(const cb_intern *pool, cb_str text, uint32_t number)
{
    const uint32_t *place = place_of(&pool->numbers, number);
    if (place)
        __builtin_prefetch(place);
    else
        cb_intern_prefetch(pool, cb_hash(text));
}

/* Of a sealed pool. */
static uint32_t walk(const cb_intern *pool, cb_str text)
{
    for (uint32_t id = 1; id < pool->count; id++)
        if (cb_str_eq(word_text(word_of(pool, id)), text))
            return id;
    return CB_NO_ID;
}

uint32_t cb_intern_find(const cb_intern *pool, cb_str text)
{
    if (text.len == 0)
        return CB_UNKNOWN_ID;
    if (!pool->cells)
        return walk(pool, text);
    uint32_t number = cb_number_of(&pool->numbers.how, text);
    const uint32_t *place = number ? place_of(&pool->numbers, number) : NULL;
    if (place && *place)
        return *place;
    uint32_t id = pool->cells[find_cell(pool, text, cb_hash(text))].id;
    return id ? id : CB_NO_ID;
}

void cb_intern_seal(cb_intern *pool)
{
    drop(pool, pool->cells, pool->n_cells * sizeof *pool->cells);
    pool->cells = NULL;
    pool->n_cells = 0;
    drop(pool, pool->numbers.id, pool->numbers.n * sizeof *pool->numbers.id);
    pool->numbers.id = NULL;
    pool->numbers.n = 0;
}

cb_str cb_intern_text(const cb_intern *pool, uint32_t id)
{
    return word_text(word_of(pool, id));
}

void cb_intern_prefetch_text(const cb_intern *pool, uint32_t id)
{
    __builtin_prefetch(word_of(pool, id));
}

uint32_t cb_intern_longest(const cb_intern *pool)
{
    return pool->longest;
}

uint32_t cb_intern_count(const cb_intern *pool)
{
    return pool->count;
}

void cb_intern_reset(cb_intern *pool)
{
    if (pool->seated > 0)
        memset(pool->cells, 0, pool->n_cells * sizeof *pool->cells);
    if (pool->numbers.n > 0)
        memset(pool->numbers.id, 0, pool->numbers.n * sizeof *pool->numbers.id);
    pool->numbers.strays = false;
    pool->seated = 0;
    pool->count = 1;
    pool->current = NULL;
    pool->text_used = 0;
}
