/* xlsx.h - a workbook model into an .xlsx file, and the file read back and compared.
 *
 * Writing is by libxlsxwriter, which says "success" for files that lack cells (a full disk, a
 * failed allocation), and may crash when memory fails: so cb_xlsx_write is only called in a child
 * process (publish.h), and cb_xlsx_verify, in another, reads the file back through libarchive and
 * expat, without libxlsxwriter: zip and CRC, every part well-formed, no part and no relation
 * missing, and for each sheet every cell (row, column, type, text or value, formula, note, link,
 * name) against the model. Nothing is trusted that was not read back.
 * Text from the inputs is never a formula or a link; control characters, lone surrogates, _xHHHH_
 * and over-long texts are made safe by one function (report/safe.h), and what was changed is
 * counted (cb_workbook.texts_mended). */
#ifndef CASEBOOK_XLSX_H
#define CASEBOOK_XLSX_H

#include "casebook/workbook.h"

// cb_xlsx_write writes path (must not exist). tmp_dir is where the library puts its temporary
// files.
CB_MUST_USE cb_status cb_xlsx_write(const cb_workbook *workbook, const char *path,
                                    const char *tmp_dir, cb_error *err);

// cb_xlsx_verify compares the file with the model; CB_EIO with the first difference (sheet, cell,
// what; no content).
CB_MUST_USE cb_status cb_xlsx_verify(const cb_workbook *workbook, const char *path, cb_error *err);

#endif
