#!/usr/bin/env python3
"""Live assumptions: tests/tools/assumptions.py PROGRAM.

Every assumption that the quarterly workbook carries is changed in the file, LibreOffice recalculates it, and every cell with a
formula must then hold what `casebook quarterly --set assumptions.KEY=VALUE` writes: money to the cent. All three workbooks are
recalculated unchanged, too, and may use only functions that every spreadsheet program has.
"""
import json
import os
import re
import sys

from runs import Folder, Tally, ended, generator_beside, inputs_of, run, sample
from sheets import Book, convert, grids_of, header_row, office

CASES = 5000  # of the generated inputs
FUNCTIONS = {"IF", "MIN", "MAX", "ROUND", "SUM"}
# What to set where neither low nor high differs from the base.
ENDS = "all low and high"
OTHER = {"customers": 4321, "annual_value": 777.77, "lifetime": 1, "word_of_mouth_value": 1.25}


def report(program, tally, inputs, out, sets=(), kinds="json", command="quarterly"):
    words = [program, command, *inputs, "--format", kinds, "--out", out]
    for assignment in sets:
        words += ["--set", "assumptions." + assignment]
    done = run(words)
    tally.equal(ended(done), (0, b""), f"{command} {' '.join(sets)} runs")
    name = next(n for n in sorted(os.listdir(out)) if n.startswith(command.replace("all", "quarterly")) and n.endswith(".json"))
    with open(os.path.join(out, name), encoding="utf-8") as f:
        return json.load(f)


def live_keys(twin):
    """key -> (low, base, high, least, most) of the assumptions that the workbook carries."""
    grid = next(g for _, g in grids_of(twin) if g["id"] == "assumptions")
    column = {c["title"]: i for i, c in enumerate(grid["columns"])}
    wanted = [column[t] for t in ("Low", "Base", "High", "Min. allowed", "Max. allowed")]
    return {row[0]: tuple(row[c] for c in wanted) for row in grid["rows"]}


def other_value(key, low, base, high, least, most):
    if key in OTHER:
        return OTHER[key]
    for value in (low, high):
        if value != base:
            return value
    value = base * 0.9
    return min(max(value, least), most) if most is not None else max(value, least)


# ---- comparing ------------------------------------------------------------------------------------------------------

def label(row):
    """A row is known by its leading texts."""
    return tuple(x for x in row[:2] if isinstance(x, str))


def cells_with_formulas(book, twin):
    """((sheet, row, column), grid id, label, grid column, kind of the column) of every formula of the workbook."""
    found, seen = [], set()
    for name, grid in grids_of(twin):
        sheet = book.sheets[name]
        top = header_row(sheet, grid)
        for r, row in enumerate(grid["rows"]):
            for c, column in enumerate(grid["columns"]):
                if top is not None and (top + 1 + r, c) in sheet.formulas:
                    seen.add((name, top + 1 + r, c))
                    found.append(((name, top + 1 + r, c), grid["id"], label(row), c, column["kind"]))
    return found, {(n, *p) for n, s in book.sheets.items() for p in s.formulas} - seen


def wanted_cells(twin, digits=2):
    return {(grid["id"], label(row), c): value
            for _, grid in grids_of(twin) for row in grid["rows"] for c, value in enumerate(row)}


def same(got, want, kind):
    if want is None or isinstance(want, str) or not isinstance(got, float):
        return got == ("n/e" if want is None else want)
    if kind == "money":
        return round(got * 100) == round(want * 100)
    return abs(got - want) <= 1e-9 * max(1, abs(got), abs(want))


def compare(tally, where, cells, book, want, ends):
    """Every cell with a formula against the run with that setting; rows that a run orders out of a top list are left out."""
    absent = 0
    shown = {(grid, name) for grid, name, _ in want}
    moved = {grid for _, grid, name, _, _ in cells if (grid, name) not in shown}
    for (sheet, row, column), grid, name, c, kind in cells:
        key = (grid, name, c)
        # --set KEY=VALUE sets low and high as well, which stay as they are in the file.
        if grid == "silent" and c != 2 and not ends:
            continue
        # What the rows below the first few add up to depends on which these are.
        if grid in moved and re.fullmatch(r"[0-9,]+ others?", name[0]):
            continue
        if key not in want:
            absent += 1
            continue
        got = book.sheets[sheet].cells.get((row, column))
        # A rounded cell may stand in a column of numbers.
        tally.ok(same(got, want[key], kind), f"{where}: {grid} {name} column {c}", f"wanted {want[key]!r}, got {got!r}")
    tally.ok(absent * 4 <= len(cells), f"{where}: most cells are in both", f"{absent} of {len(cells)} are not")


# ---- sections -------------------------------------------------------------------------------------------------------

def scenarios(keys):
    """name -> (cells to change, settings): each assumption alone, then the low and high of all at once."""
    one = {key: other_value(key, *values) for key, values in keys.items()}
    found = {key: ({key: value}, [f"{key}={value!r}"]) for key, value in one.items()}
    cells, sets = {}, []
    for key, (low, base, high, least, most) in keys.items():
        low, high = max(low * 0.8, least), high * 1.1
        high = high if most is None else min(high, most)
        if key not in ("customers", "annual_value", "lifetime") and low < base <= high:
            cells |= {key + "_low": low, key + "_high": high}
            sets.append(f"{key}={low!r}..{base!r}..{high!r}")
    found[ENDS] = (cells, sets)
    return found


def check_model(program, tally, folder, name, inputs, chosen=None):
    """Patches, recalculates and compares one book of inputs."""
    out = folder(name)
    twin = report(program, tally, inputs, out, kinds="xlsx,json")
    path = next(os.path.join(out, n) for n in os.listdir(out) if n.endswith(".xlsx"))
    book, keys = Book(path), live_keys(twin)
    cells, unknown = cells_with_formulas(book, twin)
    tally.equal(unknown, set(), f"{name}: every formula belongs to a grid")
    tally.ok(len(cells) >= 40, f"{name}: formulas to look at", str(len(cells)))
    for key in keys:
        for suffix in ("", "_low", "_high"):
            sheet, place = book.names.get(key + suffix, ("Assumptions", None))
            tally.ok(place in book.sheets[sheet].checked, f"{name}: {key}{suffix} is a named cell with a data validation")
    wanted = {k: v for k, v in scenarios(keys).items() if chosen is None or k in chosen}
    os.makedirs(folder(name, "changed"))
    for i, (cells_changed, _) in enumerate(wanted.values()):
        book.with_values(folder(name, "changed", f"{i}.xlsx"), cells_changed)
    files = [folder(name, "changed", f"{i}.xlsx") for i in range(len(wanted))]
    said = convert(files, "xlsx", folder(name, "recalculated"), folder("profile"))
    if not tally.equal(said, "", f"{name}: LibreOffice recalculates"):
        return
    for i, (scenario, (_, sets)) in enumerate(wanted.items()):
        want = wanted_cells(report(program, tally, inputs, folder(name, f"set{i}"), sets))
        compare(tally, f"{name}, {scenario}", cells, Book(folder(name, "recalculated", f"{i}.xlsx")), want, scenario == ENDS)


def check_methods(tally, path):
    """Every table of figures names the methods behind it, and the unit of its money."""
    with open(path, encoding="utf-8") as f:
        twin = json.load(f)
    for sheet, grid in grids_of(twin):
        if sheet in ("Data quality", "Checks", "Method", "Run", "Chart data"):
            continue
        titles = [c["title"] for c in grid["columns"]]
        words = " ".join([grid["title"], grid["caption"], *titles, *(c.get("note") or "" for c in grid["columns"])])
        tally.ok("Method" in titles or re.search(r"\b[A-Z]\d{1,2}\b", words), f"{sheet}, {grid['id']}: names its method")
        for column in grid["columns"]:
            tally.ok(column["kind"] != "money" or "(" in column["title"], f"{sheet}, {grid['id']}: {column['title']} has a unit")


def check_unchanged(program, tally, folder, data):
    out = folder("all")
    report(program, tally, inputs_of(data), out, kinds="xlsx,json", command="all")
    files = [os.path.join(out, n) for n in sorted(os.listdir(out)) if n.endswith(".xlsx")]
    if not tally.equal(convert(files, "xlsx", folder("again"), folder("profile")), "", "LibreOffice recalculates all three"):
        return
    for path in files:
        check_methods(tally, path[:-len("xlsx")] + "json")
        before, after = Book(path), Book(folder("again", os.path.basename(path)))
        for name, sheet in before.sheets.items():
            for place, formula in sheet.formulas.items():
                used = set(re.findall(r"([A-Z][A-Z0-9.]*)\(", formula))
                tally.ok(used <= FUNCTIONS, f"{name} {place}: common functions only", str(used - FUNCTIONS))
                tally.ok(same(after.sheets[name].cells.get(place), sheet.cells.get(place), "number"),
                         f"{os.path.basename(path)} {name} {place}: recalculated as stored",
                         f"{sheet.cells.get(place)!r}, {after.sheets[name].cells.get(place)!r}")


def main():
    tally = Tally()
    if not office():
        tally.skip("live assumptions", "LibreOffice is not there")
        return 0
    program = os.path.abspath(sys.argv[1])
    with Folder() as folder:
        data = sample(generator_beside(program), folder("data"), CASES)
        check_unchanged(program, tally, folder, data)
        tally.section("recalculated unchanged")
        check_model(program, tally, folder, "with customers", inputs_of(data))
        tally.section("with a customer list")
        check_model(program, tally, folder, "cases only", inputs_of(data, ("cases",)),
                    ("annual_value", "customers", "annual_loss_rate", "reach"))
        tally.section("cases only: no value known until one is typed in")
    return tally.end("live assumptions")


if __name__ == "__main__":
    sys.exit(main())
