#!/usr/bin/env python3
"""Books of every shape, each still a good sheet: tests/tools/scales.py PROGRAM [SHAPE…].

One kind of problem or 3,000, one product or 5,000, a quarter or ten years, all unknown, no customers, one case, names of 300
characters, right-to-left text, emoji, texts like formulas. Of each: the run ends well, no workbook above 20 MB, tables by group
stay short and still add up, words from the input never become a formula, a sheet's name or half a letter, Excel's own rules are
kept, LibreOffice opens it.
"""
import csv
import json
import os
import random
import sys
from datetime import datetime, timedelta

from excel_rules import faults_of
from runs import Folder, Tally, ended, run
from sheets import Book, convert, grids_of, office

MOST_BYTES = 20 << 20
LONGEST_TABLE = 30  # rows of a table by group, its others included
HEADER = ("case_id", "customer_id", "opened_at", "resolved_at", "status", "kind", "root_cause", "product", "team", "priority",
          "loss_amount", "remedy_type", "remedy_amount", "satisfaction")
HOSTILE = ("=cmd()", "+1+1", "-2", "@SUM(A1)", "\t=1", "=HYPERLINK(\"http://a.example\",\"b\")", "{churn_ways!1}", "%s%n", "_x0041_",
           "]]>", "<b>&amp;", "'quoted'", "History")
NEVER = ("cmd", "+1+1", "A1)", "HYPERLINK", "a.example")  # in a formula
ARABIC = ("\u0645\u0636\u062e\u0629", "\u0635\u0645\u0627\u0645", "\u05de\u05e9\u05d0\u05d1\u05d4", "\u0645\u062d\u0631\u0643 12")
EMOJI = ("\U0001f527 wrench", "\U0001f469\u200d\U0001f527", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", "e\u0301\u0323", "\U0001f4a3")
LONG = tuple((f"{i} a very long name of a thing " * 12)[:300] for i in range(4))


def plain(prefix, n):
    return lambda i, r: f"{prefix} {r.randrange(n)}"


def one_of(words):
    return lambda i, r: words[r.randrange(len(words))]


def blank(i, r):
    return ""


# name -> cases, days, and what a column holds
SHAPES = {
    "3 kinds": dict(cases=600, days=400, kind=plain("kind", 3)),
    "3,000 kinds": dict(cases=9000, days=400, kind=plain("kind", 3000), root_cause=plain("cause", 3000)),
    "one product": dict(cases=600, days=400, product=plain("product", 1)),
    "5,000 products": dict(cases=12000, days=400, product=plain("product", 5000)),
    "a quarter": dict(cases=400, days=85),
    "ten years": dict(cases=6000, days=3650),
    "all unknown": dict(cases=500, days=400, kind=blank, root_cause=blank, product=blank, team=blank, priority=blank,
                        customer_id=blank, loss_amount=blank, remedy_amount=blank, remedy_type=blank, satisfaction=blank),
    "no customers": dict(cases=500, days=400, customer_id=blank),
    "one case": dict(cases=1, days=1),
    "300 characters": dict(cases=500, days=400, kind=one_of(LONG), root_cause=one_of(LONG), product=one_of(LONG),
                           team=one_of(LONG), priority=one_of(LONG)),
    "right to left": dict(cases=500, days=400, kind=one_of(ARABIC), root_cause=one_of(ARABIC), product=one_of(ARABIC),
                          team=one_of(ARABIC)),
    "emoji": dict(cases=500, days=400, kind=one_of(EMOJI), root_cause=one_of(EMOJI), product=one_of(EMOJI), team=one_of(EMOJI)),
    "like formulas": dict(cases=500, days=400, kind=one_of(HOSTILE), root_cause=one_of(HOSTILE), product=one_of(HOSTILE),
                          team=one_of(HOSTILE), priority=one_of(HOSTILE), customer_id=one_of(HOSTILE)),
}
USUAL = dict(kind=plain("kind", 9), root_cause=plain("cause", 12), product=plain("product", 10), team=plain("team", 6),
             priority=one_of(("high", "normal", "low")), customer_id=plain("K", 300),
             loss_amount=lambda i, r: f"{r.randrange(1, 90000) / 100:.2f}", remedy_type=one_of(("refund", "none")),
             remedy_amount=lambda i, r: f"{r.randrange(0, 90000) / 100:.2f}", satisfaction=lambda i, r: str(r.randrange(1, 6)))


def write_cases(path, shape):
    r = random.Random(7)
    last = datetime(2026, 9, 30, 12)
    with open(path, "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f)
        out.writerow(HEADER)
        for i in range(shape["cases"]):
            opened = last - timedelta(minutes=r.randrange(shape["days"] * 1440))
            solved = opened + timedelta(minutes=r.randrange(20000))
            is_open = solved > last
            row = {"case_id": f"C{i}", "opened_at": opened.isoformat(), "resolved_at": "" if is_open else solved.isoformat(),
                   "status": "open" if is_open else "resolved"}
            for column, make in {**USUAL, **{k: v for k, v in shape.items() if callable(v)}}.items():
                row[column] = make(i, r)
            out.writerow([row[c] for c in HEADER])


def check_tables(tally, name, twin):
    """Tables by group are short, and with their last line add up to the whole."""
    cases = twin["flow"]["opened"] + twin["flow"]["opened_closed_unknown"]
    for _, grid in grids_of(twin):
        if not grid["id"].startswith(("resolution_by_", "remedy_by_", "churn_by_", "clusters_by_")) or grid["id"].endswith("_chart"):
            continue
        where = f"{name}: {grid['id']}"
        tally.ok(len(grid["rows"]) <= LONGEST_TABLE, where + " is short", str(len(grid["rows"])))
        if grid["id"].startswith("resolution_by_") and cases:
            tally.equal(sum(row[1] for row in grid["rows"]), cases, where + " adds up")
        if grid["id"].startswith("clusters_by_") and cases:
            column = [c["title"] for c in grid["columns"]].index("Cases")
            tally.equal(sum(row[column] for row in grid["rows"]), cases, where + " adds up")
    checks = next(g for _, g in grids_of(twin) if g["id"] == "checks")
    tally.equal([row for row in checks["rows"] if row[3] != 0], [], f"{name}: every check agrees")


def check_workbook(tally, name, path):
    tally.ok(os.path.getsize(path) <= MOST_BYTES, f"{name}: {os.path.basename(path)} below 20 MB", str(os.path.getsize(path)))
    book = Book(path)
    formulas = [f for s in book.sheets.values() for f in s.formulas.values()]
    tally.equal([f for f in formulas for w in NEVER if w in f], [], f"{name}: no formula from the input")
    tally.equal(faults_of(path), [], f"{name}: {os.path.basename(path)} keeps Excel's rules")


def check_shape(program, tally, folder, name):
    shape, out = SHAPES[name], folder(name, "out")
    os.makedirs(folder(name))
    write_cases(folder(name, "cases.csv"), shape)
    done = run([program, "all", "--cases", folder(name, "cases.csv"), "--as-of", "2026-09-30T12:00:00Z", "--out", out])
    if not tally.equal(ended(done), (0, b""), f"{name}: runs"):
        return []
    files = sorted(os.listdir(out))
    for file in files:
        if file.endswith(".json"):
            with open(os.path.join(out, file), encoding="utf-8") as f:
                check_tables(tally, f"{name}, {file}", json.load(f))
        if file.endswith(".xlsx"):
            check_workbook(tally, name, os.path.join(out, file))
    return [os.path.join(out, f) for f in files if f.startswith("quarterly") and f.endswith(".xlsx")]


def main():
    tally, names = Tally(), sys.argv[2:] or list(SHAPES)
    program = os.path.abspath(sys.argv[1])
    with Folder() as folder:
        made = []
        for name in names:
            for path in check_shape(program, tally, folder, name):
                made.append(folder(f"{len(made)}.xlsx"))
                os.rename(path, made[-1])
            tally.section(name)
        if not office():
            tally.skip("LibreOffice opens them", "LibreOffice is not there")
        elif tally.equal(convert(made, "xlsx", folder("again"), folder("profile")), "", "LibreOffice opens them"):
            for path in made:
                wrong = [v for s in Book(folder("again", os.path.basename(path))).sheets.values() for p, v in s.cells.items()
                         if isinstance(v, str) and (v.startswith("#") or v.startswith("Err:")) and p in s.formulas]
                tally.equal(wrong, [], f"{os.path.basename(path)}: no formula fails")
            tally.section("opened by LibreOffice")
    return tally.end("shapes of books")


if __name__ == "__main__":
    sys.exit(main())
