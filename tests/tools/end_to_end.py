#!/usr/bin/env python3
"""Whole runs of casebook, looked at from outside: tests/tools/end_to_end.py PROGRAM [SECTION…].

Same bytes on any number of threads, zone and locale; two notations of one export; the dirty twin row by row; what is said
where and when; what a signal, a lock, a full disk leaves behind; the workbooks in LibreOffice and against the rules of Excel; a
short sweep of faults.
"""
import csv
import io
import json
import os
import re
import shutil
import sys

import behaviour
import office
import refusals
import rejected_rows
from faults import short_sweep
from runs import (ROOT, SHARED, Folder, Tally, ended, environment, inputs_of, run, visible,
                  without_prom)

SAMPLE = os.path.join(ROOT, "sample-data")
DIRTY = os.path.join(SAMPLE, "dirty")
THREADS = (1, 2, 7)
ZONES = ("UTC", "America/New_York", "Asia/Kolkata")


# ---- same bytes -----------------------------------------------------------------------------------------------------

def locales(folder):
    """A locale with a decimal comma, made here if this machine can; else what there is."""
    made = folder("de_DE.UTF-8")
    if shutil.which("localedef"):
        run(["localedef", "-i", "de_DE", "-f", "UTF-8", made])
    if os.path.isdir(made):
        return [{"LC_ALL": "C"}, {"LC_ALL": "de_DE.UTF-8", "LOCPATH": folder()}]
    return [{"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}]


def places(folder):
    """Every number of threads in every zone and every locale."""
    return [(threads, {"TZ": zone, **locale}) for threads in THREADS for zone in ZONES for locale in locales(folder)]


def same_bytes(program, tally, data, name, wanted):
    with Folder() as folder:
        reference = None
        for threads, env in [wanted[0]] + wanted:
            where = f"{name}: {threads} threads, {env['TZ']}, {env['LC_ALL']}"
            out = folder(f"out{tally.held}")
            done = run([program, "all", *inputs_of(data), "--threads", threads, "--out", out], env=environment(**env))
            if not tally.equal(ended(done), (0, b""), where + ": runs"):
                continue
            files = visible(out)
            shutil.rmtree(out)
            reference = reference or files
            tally.equal(sorted(files), sorted(reference), where + ": the same files")
            apart = [n for n, data in without_prom(files).items() if reference.get(n) != data]
            tally.equal(apart, [], where + ": the same bytes")


def section_same(program, tally):
    with Folder() as folder:
        wanted = places(folder)
        same_bytes(program, tally, DIRTY, "dirty twin", wanted)
        # Each pair of values once: the large book takes longer.
        pairs = [wanted[i] for i in (0, 3, 4, 7, 8, 11, 13, 14, 17)]
        same_bytes(program, tally, SAMPLE, "sample data", pairs)


# ---- two notations of one export ------------------------------------------------------------------------------------

def figures_only(path):
    """The JSON twin without what tells of the input file: its name, bytes, hash and blank rows."""
    with open(path, encoding="utf-8") as f:
        document = json.load(f)
    for key in ("inputs", "run_id"):
        del document[key]
    document["sheets"] = [s for s in document["sheets"] if s["name"] not in ("Data quality", "Checks", "Run")]
    return document


def differences(a, b, path=""):
    """Where two JSON values differ; numbers as written."""
    if isinstance(a, dict) and isinstance(b, dict):
        return [d for k in sorted(set(a) | set(b)) for d in differences(a.get(k), b.get(k), f"{path}.{k}")]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in differences(x, y, f"{path}.{i}")]
    return [] if a == b else [f"{path}: {a!r} and {b!r}"]


def section_notations(program, tally):
    files = [os.path.join(SHARED, "cases", f"tsa-claims-2014-{n}-notation.csv") for n in ("us", "iso")]
    if not all(os.path.exists(f) for f in files):
        return tally.skip("two notations", "the folder of real data is not there")
    with Folder() as folder:
        read = []
        for file in files:
            out = folder(os.path.basename(file))
            for command in ("quarterly", "root-cause"):
                done = run([program, command, "--cases", file, "--period", "2014", "--format", "json", "--out", out])
                tally.equal(ended(done), (0, b""), f"{command} {os.path.basename(file)}")
            read.append({n: figures_only(os.path.join(out, n)) for n in sorted(os.listdir(out)) if n.endswith(".json")})
        tally.equal(sorted(read[0]), sorted(read[1]), "notations: the same reports")
        for name in read[0]:
            tally.equal(differences(read[0][name], read[1].get(name)), [], f"notations: {name}")
            flow = read[0][name]["flow"]
            tally.equal(flow["opened"] + flow["opened_closed_unknown"], 8855, f"notations: {name} counts the claims")
            tally.ok(len(read[0][name]["sheets"]) > 3, f"notations: {name} has sheets to compare")


# ---- the dirty twin -------------------------------------------------------------------------------------------------

def record_at(lines, line, broken):
    """The bytes of the record that begins at a line: to the first line end of even quotes; a broken one is its line."""
    record = lines[line - 1]
    while not broken and record.count(b'"') % 2 and line < len(lines):
        record += lines[line]
        line += 1
    return record


def check_rejected_bytes(tally, role, out, expected):
    with open(os.path.join(DIRTY, role + ".csv"), "rb") as f:
        lines = f.read().splitlines(keepends=True)
    header = lines[0].removeprefix(b"\xef\xbb\xbf")
    want = header + b"".join(record_at(lines, r["line"], r["code"] == "quote-error") for r in expected["rejected_rows"])
    with open(os.path.join(out, "rejected", role + ".csv"), "rb") as f:
        tally.equal(f.read(), want, f"dirty {role}: rejected records byte for byte")


def check_error_rows(tally, role, out, expected):
    with open(os.path.join(out, "rejected", role + ".errors.tsv"), encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    tally.equal([(int(r["line"]), r["code"]) for r in rows], [(r["line"], r["code"]) for r in expected["rejected_rows"]],
                f"dirty {role}: line and code of every reject")
    for got, want in zip(rows, expected["rejected_rows"]):
        if "field" in want:
            tally.equal(got["field"], want["field"], f"dirty {role}: field of line {want['line']}")


def check_accounts(tally, role, facts, expected):
    for key in ("rows", "accepted", "superseded", "rejected", "rejects", "unknown_cells"):
        tally.equal(facts[key], expected[key], f"dirty {role}: {key}")
    tally.equal(facts["blank"], expected["blank"], f"dirty {role}: blank")
    tally.equal(facts["rows"], facts["accepted"] + facts["superseded"] + facts["rejected"] + facts["blank"],
                f"dirty {role}: rows add up")


def quarterly_of(out):
    name = next(n for n in sorted(os.listdir(out)) if n.startswith("quarterly") and n.endswith(".json"))
    with open(os.path.join(out, name), encoding="utf-8") as f:
        return json.load(f)


MENDED_ID = {"cases": "C-9{:05}", "reviews": "R-9{:05}", "customers": "K9{:05}"}
MENDED_CELL = {"opened_at": "2024-10-01 10:00:00", "posted_at": "2024-10-01 10:00:00", "rating": "3", "resolved_at": ""}


def mended_row(role, header, record, reject, number):
    """What a person would do with a rejected row: cells added or taken away, quotes and bytes put right, values filled in."""
    text = record.replace(b"\0", b"").decode("latin-1").rstrip("\r\n")
    if reject["code"] == "quote-error":
        text = text.replace('"', "")
    row = next(csv.reader(io.StringIO(text)))
    row = (row + [""] * len(header))[:len(header)]
    cells = dict(zip(header, row))
    cells.update({k: MENDED_CELL[k] for k in MENDED_CELL if k in cells and (reject.get("field") == k or cells[k] == "")
                  and k != "resolved_at"})
    if reject["code"] == "row-constraint":
        cells["resolved_at"] = ""
    cells[header[0]] = MENDED_ID[role].format(number)
    return [cells[k] for k in header]


def mend(role, out, expected, path):
    with open(os.path.join(DIRTY, role + ".csv"), "rb") as f:
        lines = f.read().splitlines(keepends=True)
    header = next(csv.reader([lines[0].decode("utf-8")]))
    with open(path, "w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(header)
        for number, reject in enumerate(expected["rejected_rows"]):
            record = record_at(lines, reject["line"], reject["code"] == "quote-error")
            writer.writerow(mended_row(role, header, record, reject, number))


def check_mended(program, tally, folder, out, expected):
    words = ["--config", os.path.join(DIRTY, "casebook.ini")]
    for role in expected:
        mend(role, out, expected[role], folder("mended-" + role + ".csv"))
        words += ["--" + role, os.path.join(DIRTY, role + ".csv"), folder("mended-" + role + ".csv")]
    done = run([program, "quarterly", *words, "--format", "json", "--out", folder("again")])
    if tally.equal(ended(done), (0, b""), "mended rows: the run"):
        for facts in quarterly_of(folder("again"))["inputs"]:
            if facts["file"].startswith("mended-"):
                wanted = expected[facts["role"]]["rejected"]
                tally.equal((facts["rows"], facts["accepted"], facts["rejected"]), (wanted, wanted, 0),
                            f"mended {facts['role']}: all taken")


def section_dirty(program, tally):
    with open(os.path.join(DIRTY, "expected.json"), encoding="utf-8") as f:
        expected = {e["role"]: e for e in json.load(f)["inputs"]}
    with Folder() as folder:
        out = folder("out")
        done = run([program, "all", *inputs_of(DIRTY), "--out", out])
        tally.equal(ended(done), (0, b""), "dirty: the run")
        for facts in quarterly_of(out)["inputs"]:
            check_accounts(tally, facts["role"], facts, expected[facts["role"]])
        for role, want in expected.items():
            check_error_rows(tally, role, out, want)
            check_rejected_bytes(tally, role, out, want)
            for name in (role + ".csv", role + ".errors.tsv"):
                mode = os.stat(os.path.join(out, "rejected", name)).st_mode & 0o777
                tally.equal(oct(mode), oct(0o600), f"dirty: rejected/{name} is its owner's alone")
        check_mended(program, tally, folder, out, expected)


# ---- a report for a past date ---------------------------------------------------------------------------------------

AS_OF = "2026-03-31 23:59:59"
LATER = {"cases": ("first_response_at", "resolved_at", "updated_at", "follow_up_at", "escalated_at"), "reviews": (),
         "customers": ("churned_at", "last_active_at")}
BEGINS = {"cases": "opened_at", "reviews": "posted_at", "customers": "since"}


def cut_row(role, row):
    """A row as it stood at AS_OF (wall-clock times of one zone, so that texts compare), or None. What has no time stays."""
    begins = row[BEGINS[role]]
    if begins and begins > AS_OF:
        return row if role == "customers" else None
    later = [k for k in LATER[role] if row[k] and row[k] > AS_OF]
    if "resolved_at" in later:
        row["status"] = "Open"
    for key in later:
        row[key] = ""
    return row


def cut_inputs(data, folder):
    for role in BEGINS:
        with open(os.path.join(data, role + ".csv"), newline="", encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        with open(folder(role + ".csv"), "w", newline="", encoding="utf-8") as f:
            writer = csv.DictWriter(f, rows[0])
            writer.writeheader()
            writer.writerows(r for r in (cut_row(role, row) for row in rows) if r)
    shutil.copy(os.path.join(data, "casebook.ini"), folder("casebook.ini"))


PAST = ("flow", "resolution", "remedy", "churn", "recurrence", "practice", "reviews", "as_of", "period")


def section_past(program, tally):
    """T2: what happened later does not exist; a report for a past date is the one of an input that ends there."""
    with Folder() as folder:
        cut_inputs(SAMPLE, folder)
        for name, data, out in (("whole input", SAMPLE, folder("whole")), ("cut input", folder(), folder("cut"))):
            done = run([program, "all", *inputs_of(data), "--format", "json", "--as-of", AS_OF.replace(" ", "T"), "--out", out])
            tally.equal(ended(done), (0, b""), f"past: {name}")
        names = [sorted(without_prom(visible(folder(d)))) for d in ("whole", "cut")]
        tally.equal(names[0], names[1], "past: the same reports")
        tally.ok("quarterly-2026-Q1.json" in names[0], "past: of the last whole quarter", str(names[0]))
        for name in names[0]:
            read = []
            for out in ("whole", "cut"):
                with open(folder(out, name), encoding="utf-8") as f:
                    document = json.load(f)
                read.append({k: document[k] for k in PAST if k in document})
            tally.equal(differences(*read)[:5], [], f"past: {name}")


# ---- the collections of CSV files -----------------------------------------------------------------------------------

GOOD_ROWS = b"K1,2026-01-02,x\nK2,2026-01-03,y\nK3,2026-01-04,z\n"
BAD_FILES = {"less-fields": "missing-cell", "more-fields": "extra-cell", "missing-quote": "quote-error",
             "quotes-with-unescaped-quote": "quote-error", "unescaped-quote": "quote-error"}


def read_as_json_says(program, tally, path, wanted):
    """Rows and columns; that the cells are right is looked at in tests/unit/test_fields.c."""
    with open(wanted, encoding="utf-8", errors="replace") as f:
        rows = json.load(f)
    rows = rows if isinstance(rows, list) else [rows]
    if rows and isinstance(rows[0], list):  # one collection counts the header as a row
        labels, rows = rows[0], rows[1:]
    else:
        labels = list(rows[0]) if rows else None
    done = run([program, "check", "--cases", path, "--format", "json", "--max-rejects", "100", "--set", "cases.case_id=(line)",
                "--set", "cases.opened_at=(column 1)"])
    name = os.path.basename(path)
    if name == "all-empty.csv":
        tally.ok(done.returncode == 65 and b"no header" in done.stderr, f"{name}: no header", str(done.stderr))
        return
    if not tally.ok(done.stdout, f"{name}: read", f"{done.returncode} {done.stderr!r}"):
        return
    facts = json.loads(done.stdout)["inputs"][0]
    tally.equal((facts["rows"], facts["blank"]), (len(rows), sum(r == [""] for r in rows)), f"{name}: rows, and blank ones")
    if labels:
        tally.equal([c["column"].strip() for c in facts["columns"]], [x.strip() for x in labels], f"{name}: columns")


def check_bad_file(program, tally, folder, path, code):
    with open(path, "rb") as f:
        data = f.read().rstrip(b"\n") + b"\n" + GOOD_ROWS
    with open(folder("bad.csv"), "wb") as f:
        f.write(data)
    done = run([program, "quarterly", "--cases", folder("bad.csv"), "--set", "cases.case_id=foo", "--set", "cases.opened_at=bar",
                "--max-rejects", "50", "--format", "json", "--out", folder("out")])
    name = os.path.basename(path)
    if tally.equal(ended(done, warned=True), (0, b""), f"{name}: the run"):
        with open(folder("out", "rejected", "bad.errors.tsv"), encoding="utf-8", newline="") as f:
            rows = [(r["line"], r["code"]) for r in csv.DictReader(f, delimiter="\t")]
        tally.equal(rows, [("2", code)], f"{name}: line and code")
        tally.equal(quarterly_of(folder("out"))["inputs"][0]["accepted"], 3, f"{name}: the rows behind it are read")


def section_csv(program, tally):
    folders = [os.path.join(SHARED, "csv", n) for n in ("csv-spectrum", "csv-test-data")]
    if not all(os.path.isdir(f) for f in folders):
        return tally.skip("collections of CSV files", "the folder of real data is not there")
    with Folder() as folder:
        for place in folders:
            for name in sorted(os.listdir(place)):
                wanted = os.path.join(place + "-expected", name[:-4] + ".json")
                if os.path.exists(wanted):
                    read_as_json_says(program, tally, os.path.join(place, name), wanted)
        for name, code in BAD_FILES.items():
            bad = [n for n in os.listdir(folders[1]) if n.startswith("bad-") and n.endswith(name + ".csv")]
            check_bad_file(program, tally, folder, os.path.join(folders[1], min(bad, key=len)), code)


# ---- ids as codes ---------------------------------------------------------------------------------------------------

def section_pseudonyms(program, tally):
    with Folder() as folder:
        with open(folder("key"), "wb") as f:
            f.write(b"0123456789abcdef0123456789abcdef\n")
        words = inputs_of(DIRTY) + ["--set", "report.pseudonym_key_file=" + folder("key")]
        out = folder("out")
        done = run([program, "all", *words, "--pseudonymise", "--out", out])
        tally.equal(ended(done), (0, b""), "pseudonyms: the run")
        run([program, "all", *words, "--out", folder("plain")])
        shown = set()
        for name in visible(folder("plain")):
            ids = re.compile(rb"\b(?:C-\d{6}|K\d{6}|R-\d{6})\b")
            if name.endswith(".json"):
                shown |= set(ids.findall(visible(folder("plain"))[name]))
                left = ids.findall(visible(out)[name])
            elif name.endswith(".xlsx"):
                book = office.Package(os.path.join(out, name))
                left = [v[2] for v in book.cells.values() if ids.search(v[2].encode())]
            else:
                continue
            tally.equal(left[:3], [], f"pseudonyms: no id in {name}")
        tally.ok(len(shown) > 20, "pseudonyms: without them there are ids", str(len(shown)))
        with open(os.path.join(folder("plain"), "quarterly-2026-Q3.json"), encoding="utf-8") as a:
            plain = json.load(a)
        with open(os.path.join(out, "quarterly-2026-Q3.json"), encoding="utf-8") as b:
            coded = json.load(b)
        for key in ("flow", "resolution", "remedy", "churn", "recurrence", "reviews"):
            tally.equal(differences(plain[key], coded[key])[:3], [], f"pseudonyms: the same {key}")


def section_privacy(program, tally):
    """What customers wrote is searched for phrases and stands nowhere; what is rejected is its owner's alone."""
    with Folder() as folder:
        for role in ("cases", "reviews", "customers"):
            with open(os.path.join(SAMPLE, role + ".csv"), newline="", encoding="utf-8") as f:
                rows = list(csv.DictReader(f))[:3000]
            for i, row in enumerate(rows):
                if row.get("text"):
                    row["text"] = f"CANARY{i} " + row["text"]
            rows[5][BEGINS[role]] = "CANARY soon"
            with open(folder(role + ".csv"), "w", newline="", encoding="utf-8") as f:
                writer = csv.DictWriter(f, rows[0])
                writer.writeheader()
                writer.writerows(rows)
        shutil.copy(os.path.join(SAMPLE, "casebook.ini"), folder("casebook.ini"))
        done = run([program, "all", *inputs_of(folder()), "--out", folder("out"), "--verbose"])
        tally.ok(done.returncode == 0 and b"CANARY" not in done.stderr + done.stdout, "privacy: no message has a customer's words", str(done.stderr))
        for name, data in visible(folder("out")).items():
            if name.endswith(".xlsx"):
                data = b"".join(office.Package(os.path.join(folder("out"), name)).parts.values())
            if not name.startswith("rejected") or name.endswith(".errors.tsv"):
                tally.ok(b"CANARY" not in data, f"privacy: {name} has none of a customer's words")
        tally.ok(b"CANARY" in visible(folder("out"))["rejected/cases.csv"], "privacy: the rejected row is kept")


# ---- the case directories elsewhere ---------------------------------------------------------------------------------

def section_cases(program, tally):
    """Every case directory in another zone and another locale than the one that `make test-cases` had."""
    with Folder() as folder:
        for zone, locale in zip(("America/New_York", "Asia/Kolkata"), reversed(locales(folder))):
            done = run([sys.executable, os.path.join(ROOT, "tests", "tools", "run_cases.py"), program, os.path.join(ROOT, "tests", "cases")],
                       env=environment(TZ=zone, **locale), timeout=600)
            tally.ok(done.returncode == 0, f"case directories under {zone}, {locale['LC_ALL']}", done.stdout.decode("utf-8", "replace")[-3000:])


SECTIONS = {
    "same": section_same,
    "notations": section_notations,
    "dirty": section_dirty,
    "past": section_past,
    "csv": section_csv,
    "pseudonyms": section_pseudonyms,
    "privacy": section_privacy,
    "cases": section_cases,
    "terminal": behaviour.section_terminal,
    "signals": behaviour.section_signals,
    "lock": behaviour.section_lock,
    "own-inputs": rejected_rows.section_own_inputs,
    "rejected": rejected_rows.section_rejected,
    "inputs": behaviour.section_inputs,
    "rights": behaviour.section_rights,
    "folders": behaviour.section_folders,
    "reasons": refusals.section_reasons,
    "workbooks": office.section_workbooks,
    "excel": office.section_excel,
    "hostile": office.section_hostile,
    "odd": office.section_odd,
    "faults": short_sweep,
}


def main():
    program = os.path.abspath(sys.argv[1])
    tally = Tally()
    for name in sys.argv[2:] or SECTIONS:
        SECTIONS[name](program, tally)
        tally.section(name)
    return tally.end("end to end")


if __name__ == "__main__":
    sys.exit(main())
