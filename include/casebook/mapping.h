/* mapping.h - which column of an export feeds which field, and how its words are read.
 *
 * Why: every vendor has its own names for the same thing. The header row alone decides, by rules that can be read
 * (`casebook map FILE` prints the result as a config section); the rows are never looked at, nothing is guessed.
 *
 * For each field of the role, the first of these that is in the header:
 *   1. the column that the config names: `[cases] opened_at = Created | Created at` (the first that is present),
 *      where "(column 3)" is the third column whatever its name, "(line)" the record's line as an id (ids only) and
 *      "(none)" no column at all
 *   2. the field's own name, spelled exactly, if it has a '_': opened_at (a plain word, as "status", is anyone's)
 *   3. the preset's column: of the preset that is forced, else of the preset whose `require` columns are all there (the most such
 *      columns win, then the most fields, then the preset's name)
 *   4. the field's own name as cb_name_eq compares: "Opened At", "Status"
 *   5. a name of the alias table that no other field uses
 * Names match by cb_name_eq: a byte-order mark, case, spaces, '_', '-', '.', and ?#:()[] do not count; where two
 * columns match, the one spelled exactly so wins, else the left one; for a required field two equal labels are refused,
 * and for its own name (4, and 2) two that match. One column may feed several fields.
 *
 * Sequence: cb_presets_new once; per input cb_mapping_new for each delimiter that is tried; the one with the better score
 * (cb_mapping_better) is kept; cb_mapping_check then says what is missing. Ingest reads mapping->field[f].
 * Ownership: a mapping and all texts in it live in the arena that the caller gives, except what points into the settings and
 * presets, which must outlive it. Header cells may be freed after the call. Read-only afterwards, shared by threads.
 * Errors: cb_mapping_new fails for memory, an unknown preset, a preset of another role (CB_ECONFIG); cb_mapping_check
 * gives CB_ECONFIG for a configured column that the header lacks, CB_EDATA for a required field without a column (or with two), each with the nearest
 * names of the header and what to write. Column names are quoted in messages, cells never: nothing of a first row
 * that looks like data (dates, numbers, ids, sentences), since that is no header. */
#ifndef CASEBOOK_MAPPING_H
#define CASEBOOK_MAPPING_H

#include "casebook/alloc.h"
#include "casebook/schema.h"
#include "casebook/settings.h"

/* What stands in cb_field_source.column instead of an index. */
enum { CB_COLUMN_NONE = -1, CB_COLUMN_LINE = -2 /* the id is "<input's name>:<line where the record starts>" */ };

typedef enum cb_map_reason {
    CB_MAP_UNMAPPED, CB_MAP_CONFIG, CB_MAP_NAME, CB_MAP_PRESET, CB_MAP_ALIAS, CB_MAP_REASONS
} cb_map_reason;
extern const char *const cb_map_reason_names[CB_MAP_REASONS]; /* "not in the header", "config", "name", "preset", "alias" */

/* A vendor's layout: an INI file of src/presets, embedded at build time. */
typedef struct cb_preset {
    cb_str name, title;    /* "zendesk-export", "Zendesk Support, full ticket export" */
    cb_role role;
    unsigned footer;       /* lines of one cell that may stand at the end behind a blank one, and are no rows */
    unsigned requires;
    cb_str *require;       /* columns that identify the layout */
    cb_role_setting *setting;
    cb_pairs status, kinds;
} cb_preset;

typedef struct cb_presets {
    unsigned n;
    const cb_preset *preset; /* by name, ascending */
    cb_arena *arena;
} cb_presets;

// cb_presets_new parses the embedded presets; free with cb_presets_free.
CB_MUST_USE cb_status cb_presets_new(cb_presets **out, const cb_alloc *alloc, cb_error *err);
void cb_presets_free(cb_presets *presets);

// cb_presets_find finds a preset by name; CB_ECONFIG with the nearest name if there is none.
CB_MUST_USE cb_status cb_presets_find(const cb_presets *presets, cb_str name, const cb_preset **out, cb_error *err);

/* Where one field comes from. `how` is never NULL: format, zone, decimal, scale, word lists in effect (config over
 * preset, part by part); its `column` is what the config or preset asked for. */
typedef struct cb_field_source {
    int clock;  /* of a time: the column with its time of day, or CB_COLUMN_NONE */
    int column; /* index into the header row, CB_COLUMN_NONE or CB_COLUMN_LINE */
    cb_map_reason reason;
    const cb_field_setting *how;
} cb_field_source;

/* A flaw of the header that does not stop the reading, under frictionless's name. */
typedef struct cb_label_note {
    const char *code; /* "duplicate-label" or "missing-label" */
    unsigned column;  /* 0-based */
    int read;         /* the column of that label that a field reads, or CB_COLUMN_NONE */
} cb_label_note;

typedef struct cb_mapping {
    cb_role role;
    const cb_preset *preset; /* NULL: none */
    unsigned columns;
    const cb_str *header;    /* the names, trimmed, without a byte-order mark */
    const char *const *label;/* the same as C strings without control characters, for messages */
    const char *const *hint; /* labels that a message may suggest: "" where a field reads the column or it is a field's name */
    cb_field_source field[CB_MAX_FIELDS_OF_ROLE];
    uint64_t fields;         /* bit f: field f has a column (or the line) */
    uint64_t required_absent;/* bit f: required, and without a column */
    uint64_t ambiguous;      /* bit f: required, and two columns fit its name equally well */
    uint64_t config_absent;  /* bit f: the config names a column that the header lacks */
    unsigned required_found, optional_found;
    unsigned notes;
    const cb_label_note *note;
    cb_pairs status, kinds;  /* words in effect, first match counts; built-in words come after them */
    cb_str encoding, delimiter; /* config over preset; "" detect */
} cb_mapping;

/* What a header is mapped under. */
typedef struct cb_mapping_request {
    const cb_settings *settings;
    const cb_presets *presets;
    cb_role role;          /* CB_ROLES: not known, the role that fits best is taken (`casebook map`) */
    cb_str preset;         /* forced by --preset; "": [role] preset of the settings, else by the header */
    const char *file;      /* for messages */
} cb_mapping_request;

CB_MUST_USE cb_status cb_mapping_new(cb_mapping **out, const cb_mapping_request *request, const cb_str *header,
                                     size_t columns, cb_arena *arena, cb_error *err);

// cb_mapping_better says whether a fits its header better than b: no required field missing counts first, then
// required, then optional fields found, then a recognised preset. False on a tie, so that the first tried stays.
bool cb_mapping_better(const cb_mapping *a, const cb_mapping *b);

// cb_mapping_check says in full what stops the reading (see Errors above), or CB_OK.
CB_MUST_USE cb_status cb_mapping_check(const cb_mapping *mapping, const cb_mapping_request *request, cb_error *err);

// cb_mapping_print appends the mapping as a commented config section: pasted into a config file it gives the same mapping.
CB_MUST_USE cb_status cb_mapping_print(const cb_mapping *mapping, const char *file, cb_buf *out);

// cb_mapping_status returns what a word of the status column means: [status] of the config, the preset's words, then the neutral
// vocabulary (open, new, in progress, on hold, solved, closed, cancelled …); CB_STATUS_UNKNOWN if it is in none.
cb_case_status cb_mapping_status(const cb_mapping *mapping, cb_str word);

// cb_mapping_kind returns the problem kind that a word of the kind column means (cb_kind_names), or the word
// itself, trimmed, where neither config, preset nor the built-in synonyms know it: it then counts as a kind of its own.
cb_str cb_mapping_kind(const cb_mapping *mapping, cb_str word);

#endif
