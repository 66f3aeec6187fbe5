/* ingest_parts.h - what the files of the pipeline share. Private to src/ingest (and its tests,
 * for the size of a chunk).
 *
 * The way of a file:
 *   ingest_open.c     source, delimiter, header, mapping
 *   ingest_plan.c     a cb_plan a mapped field: how its cells are read
 *   ingest_take.c     one thread at a time: bytes into a slot, cut behind a whole record
 *   ingest_row.c      side by side: a slot's records into its batch of typed cells, or reasons
 *   lines.c             … found and split in one pass (marks.c: 64 bytes at a time)
 *   ingest_cell.c       … one cell
 *   ingest_give.c     one at a time, in order: the batch onto the file's raw table, words pooled
 *   ingest_reading.c  the file has ended: one reading for each column of times and amounts
 *   ingest_close.c    rows that fail under the chosen reading, times to UTC, facts
 *   ingest_duration.c durations into the times that they stand for
 *   ingest_sign.c     signs of currency in amounts: seen by row, compared when all files have ended
 *   ingest_money.c    all files have ended: one currency
 *   ingest.c          the sequence of it all, and the checks at the end
 *
 * What take() writes belongs to cb_feed, what give() writes to cb_file; work() reads both only
 * where they stay as they are. The one exception is cb_file.settled: a hint, atomic, that never
 * changes a result (see cb_kept). */
#ifndef CB_INGEST_INGEST_PARTS_H
#define CB_INGEST_INGEST_PARTS_H

#include <stdatomic.h>

#include "casebook/coerce.h"
#include "casebook/fields.h"
#include "casebook/ingest.h"

enum {
    CB_KEEP_BYTES = 256 << 20,  /* rejected records of a file that are held in memory */
    CB_MAX_FLAWED_FILES = 8     /* named in one message */
};

struct cb_plan;
struct cb_slot;
/* One cell into row `row` of the batch. A failure (memory) is left in slot->status. */
typedef cb_cell cb_cell_reader(struct cb_slot *slot, const struct cb_plan *plan, cb_str text,
                               uint32_t row);

/* How the cells of a field are read. */
typedef struct cb_plan {
    unsigned field;
    int column;                  /* of the record, or CB_COLUMN_LINE */
    int clock;                   /* of the record: the time of day that belongs to a date, or -1 */
    bool composed;               /* not read from one cell of the record as it stands */
    cb_cell_reader *read;
    cb_type type;
    cb_pool pool;
    bool required;
    bool many_words;             /* ids: mostly new words, so pooled only once, in give() */
    bool is_kind, is_currency;
    bool declared;               /* format is the one to use */
    bool declared_nulls;         /* how->null_word in place of the built-in words */
    bool mark_declared;
    cb_mark mark;
    const cb_field_setting *how;
    const cb_zone *zone;
    cb_time_format format;
    cb_scale scale;
    int64_t unit_s;              /* of a duration's plain numbers; 0: not known */
    cb_str label;
} cb_plan;

/* ---- a chunk's cells ---- */

typedef struct cb_id_cell {
    uint64_t key;                /* hash, or with CB_NUMBERED the number in the slot's numbering */
    uint32_t at;                 /* in the chunk, or with CB_SPILLED in the batch's spill */
    uint32_t len;                /* 0: unknown; or with CB_NUMBERED */
} cb_id_cell;
#define CB_SPILLED (UINT32_C(1) << 31)
#define CB_NUMBERED (UINT32_C(1) << 31)

/* A cell seen before in this column gives the same value again: exact for cells of 0 to 32
 * bytes. */
typedef struct cb_memo {
    uint64_t key[4];
    uint32_t len;                /* one more than the cell has; 0: free */
    uint32_t value;
    uint8_t result;              /* cb_cell */
    bool formula;
} cb_memo;
enum { CB_MEMOS = 256, CB_READ_PAST = CB_CELL_SLACK };

/* A row that is rejected, or may be once the readings are chosen. Of the latter, all are here
 * whose row could fail under any reading that is still possible; so at the end only these are
 * looked at, and their bytes are at hand. */
typedef struct cb_kept {
    uint64_t line_no;
    uint64_t type_errors, constraint_errors; /* optional cells, by field; uncounted if it goes */
    size_t at, len;  /* bytes in the chunk, later in cb_file.kept_bytes; len 0: not kept */
    uint32_t row;    /* of the batch, later of the raw table; CB_NO_ROW: rejected already */
    uint32_t formulas;
    cb_reject_code code;
    int column;
} cb_kept;

/* Signs of currency in a column of amounts, each with the first line that has it. */
typedef struct cb_sign_seen {
    char sign[CB_SIGN_BYTES + 1];
    uint64_t line_no;
} cb_sign_seen;
enum { CB_SIGNS_KEPT = 8 }; /* more than any one currency has */
typedef struct cb_sign_evidence {
    unsigned n;
    cb_sign_seen seen[CB_SIGNS_KEPT]; /* where the row names no currency */
    cb_sign_seen clash;               /* where it names another; line_no 0: nowhere */
    char row_code[4];                 /* of the clash */
} cb_sign_evidence;

/* The ways in which a column's dates are written, each with the first line that has it. */
enum { CB_SHAPES_KEPT = 8 };
typedef struct cb_shape_seen {
    uint32_t shape; /* CB_SHAPE_… */
    uint64_t line_no;
} cb_shape_seen;
typedef struct cb_shapes {
    uint32_t last; /* seen */
    unsigned n;
    cb_shape_seen seen[CB_SHAPES_KEPT];
} cb_shapes;

typedef struct cb_tally {
    cb_time_evidence times[CB_MAX_FIELDS_OF_ROLE];
    cb_shapes shapes[CB_MAX_FIELDS_OF_ROLE];
    cb_mark_evidence marks[CB_MAX_FIELDS_OF_ROLE];
    cb_sign_evidence signs[CB_MAX_FIELDS_OF_ROLE];
    uint64_t type_errors[CB_MAX_FIELDS_OF_ROLE], constraint_errors[CB_MAX_FIELDS_OF_ROLE];
    uint64_t rows, blank, formulas;
    cb_unknown_words unknown_status;
} cb_tally;

typedef struct cb_batch {
    uint32_t rows;
    size_t cap;
    /* as the table's columns, but words are ids of pool[], and many_words are cb_id_cell */
    void *cells[CB_MAX_FIELDS_OF_ROLE];
    size_t cell_bytes[CB_MAX_FIELDS_OF_ROLE]; /* of cells[] */
    bool narrow[CB_MAX_FIELDS_OF_ROLE];       /* times: UTC in 4 bytes (book.h), not neutral in 8 */
    cb_buf spill;                       /* id cells that are not bytes of the chunk */
    cb_intern *pool[CB_POOLS];          /* live through many chunks: most words are met again */
    uint32_t *global[CB_POOLS];         /* id of pool[] -> id of the book's pool */
    size_t global_cap[CB_POOLS];
    uint32_t given[CB_POOLS];           /* ids below have their global id */
    cb_memo *memo[CB_MAX_FIELDS_OF_ROLE];
    cb_kept *kept;
    size_t n_kept, kept_cap;
    cb_tally tally;
} cb_batch;

struct cb_file;

typedef struct cb_slot {
    struct cb_file *file;
    cb_buf text;                 /* with CB_READ_PAST bytes of room behind its end */
    size_t len;                  /* whole records in text */
    uint64_t first_line;
    uint64_t line_no;            /* of the record in hand */
    cb_splitter *splitter;
    cb_status status;            /* of the row that is being read */
    uint8_t readings[CB_MAX_FIELDS_OF_ROLE]; /* of its times: CB_READS_… */
    uint64_t signed_amounts;     /* bit f: its amount f has more in it than a number */
    cb_numbering numbering[CB_MAX_FIELDS_OF_ROLE]; /* of ids: as the first was, or as the pool's */
    cb_zone_stretch stretch[CB_MAX_FIELDS_OF_ROLE]; /* of a field's zone, where its times lie */
    cb_batch batch;
} cb_slot;

/* ---- a file ---- */

typedef struct cb_feed {
    cb_source *source;
    cb_buf ahead;                /* what was read for the header, from ahead_at on not yet taken */
    size_t ahead_at;
    cb_buf carry;                /* the beginning of the record that the last cut left over */
    uint64_t line_no;            /* of the next byte */
    bool ended;
} cb_feed;

typedef struct cb_file {
    cb_ingest *ingest;
    cb_role role;
    uint16_t input_ix;
    cb_input_facts *facts;
    cb_mapping *mapping;
    char delimiter;
    unsigned columns;
    unsigned plans, required;    /* the first `required` plans are the required fields */
    cb_plan plan[CB_MAX_FIELDS_OF_ROLE];
    int plan_of[CB_MAX_FIELDS_OF_ROLE]; /* by field; -1: not mapped */
    cb_feed feed;
    /* -1, or the cb_order that any final choice will be */
    atomic_int settled[CB_MAX_FIELDS_OF_ROLE];

    int64_t expected_bytes;      /* of text: as many as are stored; <= 0: not known */
    cb_table raw;
    cb_tally tally;
    cb_kept *kept;
    size_t n_kept, kept_cap;
    cb_buf kept_bytes;
    cb_order order[CB_MAX_FIELDS_OF_ROLE];
    cb_mark mark[CB_MAX_FIELDS_OF_ROLE];
} cb_file;

typedef struct cb_input {
    cb_input_facts facts;
    cb_mark mark[CB_MAX_FIELDS_OF_ROLE];       /* for ingest_money.c */
    cb_sign_evidence signs[CB_MAX_FIELDS_OF_ROLE];
    int column_of[CB_MAX_FIELDS_OF_ROLE];      /* index into facts.column, or -1 */
    uint64_t taken; /* rows that went into the book, superseded ones included */
} cb_input;

struct cb_ingest {
    const cb_alloc *alloc;
    cb_arena *arena;
    cb_settings *settings;
    cb_presets *presets;
    cb_phrases *phrases;
    cb_ingest_options options;
    size_t chunk_bytes;
    cb_book *book;
    cb_input **input;
    size_t inputs, inputs_cap;
    cb_zone **zone;              /* of columns that name one */
    size_t zones, zones_cap;
};

/* For tests: the bytes read for a chunk; results never depend on it. */
void cb_ingest_chunk_bytes(cb_ingest *ingest, size_t bytes);

enum { CB_RANGE_ROWS = 1 << 16 }; /* of a table, where they are tasks */

/* ingest_open.c */
CB_MUST_USE cb_status cb_file_open(cb_file *file, const char *path, cb_str preset, cb_error *err);
void cb_feed_close(cb_feed *feed);
/* ingest_plan.c */
CB_MUST_USE cb_status cb_file_plan(cb_file *file, cb_error *err);
/* ingest_take.c */
CB_MUST_USE cb_status cb_feed_read(cb_feed *feed, char *into, size_t cap, size_t *got,
                                   cb_error *err);
cb_status cb_take(void *file, void *slot, bool *end, cb_error *err);
/* ingest_row.c */
cb_status cb_work(void *file, void *slot, cb_error *err);
/* ingest_cell.c: what reads the cells of a plan, which is otherwise complete. */
cb_cell_reader *cb_cell_reader_of(const cb_plan *plan);
void cb_unknown_word(cb_unknown_words *words, cb_str word);
/* ingest_batch.c */
CB_MUST_USE cb_status cb_slot_new(cb_slot **out, cb_file *file, cb_error *err);
void cb_slot_free(cb_slot *slot);
CB_MUST_USE cb_status cb_batch_begin(cb_slot *slot, cb_error *err);
CB_MUST_USE cb_status cb_batch_room(cb_slot *slot, cb_error *err);
// cb_batch_times: the batch's times in UTC, where no order of day and month needs to be known for it.
void cb_batch_times(cb_slot *slot);
/* ingest_give.c */
cb_status cb_give(void *file, void *slot, cb_error *err);
/* ingest_reading.c */
void cb_shapes_see(cb_shapes *shapes, uint32_t shape, uint64_t line_no);
void cb_shapes_join(cb_shapes *shapes, const cb_shapes *later);
CB_MUST_USE cb_status cb_file_read_how(cb_file *file, cb_error *err);
/* ingest_close.c */
CB_MUST_USE cb_status cb_file_close(cb_file *file, cb_error *err);
/* ingest_duration.c */
CB_MUST_USE cb_status cb_file_durations(cb_file *file, cb_error *err);
/* ingest_sign.c */
// cb_signs_see takes note of the signs in a row's amounts slot->signed_amounts, whose other cells are read.
void cb_signs_see(cb_slot *slot, const cb_cells *cells, uint32_t row);
void cb_signs_join(cb_sign_evidence *evidence, const cb_sign_evidence *later);
// cb_ingest_signs refuses signs that contradict each other, their row or the report's currency.
CB_MUST_USE cb_status cb_ingest_signs(const cb_ingest *ingest, cb_error *err);
extern const unsigned cb_currency_field[CB_ROLES]; /* CB_MAX_FIELDS_OF_ROLE: none */
/* ingest_money.c */
CB_MUST_USE cb_status cb_ingest_money(cb_ingest *ingest, cb_error *err);

#endif
