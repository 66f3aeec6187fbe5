#!/usr/bin/env python3
"""What Excel demands of a workbook besides the schema, and greets with "We found a problem with some content" where it is not so:
tests/tools/excel_rules.py FILE.xlsx…

Names of sheets, tables and cells, tables and their headings, links, validations, lengths, places of charts. LibreOffice forgives
most of it, so that it opens a workbook is no proof. From Microsoft's "Excel specifications and limits" and the notes on tables,
names and validations beside it.
"""
import math
import posixpath
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

from sheets import MAIN, RELATION, place_of

CHART_FORMULA = "{http://schemas.openxmlformats.org/drawingml/2006/chart}f"
LONGEST_TEXT, LONGEST_FORMULA, LONGEST_RULE, HIGHEST_ROW, MOST_LINKS, MOST_BREAKS = 32767, 8192, 255, 409.5, 65530, 1023
NAME = re.compile(r"[^\W\d][\w.]*")
LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[RCrc]|[Rr]\d*[Cc]\d*")
PLACE = re.compile(r"(?:'((?:[^']|'')+)'|([\w.]+))!\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?")


def area_of(reference):
    """'A5:C9' -> ((4, 0), (8, 2))."""
    first, last = (reference.split(":") * 2)[:2]
    return place_of(first), place_of(last)


def meet(a, b):
    return all(a[0][i] <= b[1][i] and b[0][i] <= a[1][i] for i in (0, 1))


def repeated(names):
    folded = [n.lower() for n in names]
    return sorted({n for n in folded if folded.count(n) > 1})


def unescaped(text):
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


class Package:
    """The parts of a workbook; faults: what breaks a rule, as (where, rule)."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as z:
            self.trees = {n: ElementTree.fromstring(z.read(n)) for n in z.namelist() if n.endswith((".xml", ".rels"))}
        self.faults, self.tables = [], []
        self.book = self.trees["xl/workbook.xml"]
        targets = self.targets("xl/workbook.xml")
        self.sheets = [(s.get("name"), targets[s.get(RELATION)]) for s in self.book.iter(MAIN + "sheet")]
        strings = self.trees.get("xl/sharedStrings.xml")
        self.texts = [] if strings is None else ["".join(t.text or "" for t in s.iter(MAIN + "t")) for s in strings]
        self.names = [n.get("name") for n in self.book.iter(MAIN + "definedName") if not n.get("name").startswith("_xlnm")]

    def targets(self, part):
        """Relation id -> part, of a part."""
        folder, file = posixpath.split(part)
        relations = self.trees.get(f"{folder}/_rels/{file}.rels")
        return {} if relations is None else {r.get("Id"): posixpath.normpath(posixpath.join("/" + folder, r.get("Target")))[1:]
                                             for r in relations}

    def ok(self, good, where, rule):
        if not good:
            self.faults.append((where, rule))

    def leads_somewhere(self, reference):
        match = PLACE.fullmatch(reference)
        return match is not None and (match[1] or match[2]).replace("''", "'") in dict(self.sheets)


def is_name(text):
    return len(text) <= 255 and NAME.fullmatch(text) is not None and LIKE_A_CELL.fullmatch(text) is None


def check_names(p):
    p.ok(not repeated([name for name, _ in p.sheets]), "workbook", "two sheets of one name")
    for name, _ in p.sheets:
        good = 0 < len(name) <= 31 and not re.search(r"[][:*?/\\]", name) and name.strip("'") == name and name.lower() != "history"
        p.ok(good, name, "a sheet's name")
    p.ok(not repeated(p.names), "workbook", "two cells of one name")
    for name in p.names:
        p.ok(is_name(name), name, "a cell's name")
    for name in p.book.iter(MAIN + "definedName"):
        p.ok("#REF" not in (name.text or ""), name.get("name"), "a name leads nowhere")


def text_of(p, cell):
    """The text of a cell that holds one, or None."""
    if cell.get("t") == "s":
        return p.texts[int(cell.findtext(MAIN + "v"))]
    return "".join(t.text or "" for t in cell.iter(MAIN + "t")) if cell.get("t") == "inlineStr" else None


def is_finite(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def check_cells(p, sheet, tree):
    for cell in tree.iter(MAIN + "c"):
        where = f"{sheet}!{cell.get('r')}"
        formula, value, text = cell.findtext(MAIN + "f"), cell.findtext(MAIN + "v"), text_of(p, cell)
        p.ok(formula is None or (len(formula) <= LONGEST_FORMULA and value is not None), where, "a formula has a value and a length")
        p.ok(text is None or len(text) <= LONGEST_TEXT, where, "a text's length")
        p.ok(cell.get("t") is not None or value is None or is_finite(value), where, "a number")
    for row in tree.iter(MAIN + "row"):
        p.ok(float(row.get("ht", 0)) <= HIGHEST_ROW, f"{sheet}: row {row.get('r')}", "a row's height")


def check_table(p, sheet, table, texts):
    """texts: of the sheet's cells, by place."""
    name, area = table.get("displayName"), area_of(table.get("ref"))
    headings = [c.get("name") for c in table.iter(MAIN + "tableColumn")]
    p.ok(is_name(name), f"{sheet}: {name}", "a table's name")
    p.ok(area[1][0] > area[0][0], f"{sheet}: {name}", "a table has a row")
    p.ok(not repeated(headings), f"{sheet}: {name}", "two columns of one name")
    shown = [texts.get((area[0][0], c)) for c in range(area[0][1], area[1][1] + 1)]
    p.ok(shown == [unescaped(h) for h in headings], f"{sheet}: {name}", "headings are the cells' texts")


def check_tables(p, sheet, part, tree):
    targets = p.targets(part)
    texts = {place_of(c.get("r")): text_of(p, c) for c in tree.iter(MAIN + "c")}
    tables = [p.trees[targets[t.get(RELATION)]] for t in tree.iter(MAIN + "tablePart")]
    areas = [area_of(t.get("ref")) for t in tables] + [area_of(m.get("ref")) for m in tree.iter(MAIN + "mergeCell")]
    for i, area in enumerate(areas):
        p.ok(not any(meet(area, other) for other in areas[:i]), f"{sheet}: area {i}", "tables and merged cells do not meet")
    for table in tables:
        check_table(p, sheet, table, texts)
    p.tables += tables


def check_links(p, sheet, tree):
    links = list(tree.iter(MAIN + "hyperlink"))
    p.ok(len(links) <= MOST_LINKS, sheet, "the number of links")
    for link in links:
        where, to = f"{sheet}!{link.get('ref')}", link.get("location")
        p.ok(to is None or to in p.names or p.leads_somewhere(to), where, "a link leads to a sheet")
        p.ok(all(len(link.get(k, "")) <= LONGEST_RULE for k in ("tooltip", "display")), where, "a link's words")


def check_validations(p, sheet, tree):
    for rule in tree.iter(MAIN + "dataValidation"):
        where = f"{sheet}!{rule.get('sqref')}"
        words = {"promptTitle": 32, "prompt": LONGEST_RULE, "errorTitle": 32, "error": 225}
        p.ok(all(len(rule.get(k, "")) <= most for k, most in words.items()), where, "a validation's words")
        p.ok(all(len(f.text or "") <= LONGEST_RULE for f in rule), where, "a validation's formula")


def check_page(p, sheet, tree):
    columns = [(int(c.get("min")), int(c.get("max"))) for c in tree.iter(MAIN + "col")]
    p.ok(all(a[1] < b[0] for a, b in zip(columns, columns[1:])), sheet, "columns in order")
    p.ok(len(list(tree.iter(MAIN + "brk"))) <= MOST_BREAKS, sheet, "the number of page breaks")
    for words in tree.iter(MAIN + "headerFooter"):
        p.ok(all(len(w.text or "") <= LONGEST_RULE for w in words), sheet, "a header's or footer's length")


def check_charts(p):
    for part, tree in p.trees.items():
        if part.startswith("xl/charts/"):
            for formula in tree.iter(CHART_FORMULA):
                p.ok(p.leads_somewhere(formula.text or ""), part, "a chart's values stand in a sheet")


def faults_of(path):
    p = Package(path)
    check_names(p)
    for sheet, part in p.sheets:
        check_tables(p, sheet, part, p.trees[part])
        for check in (check_cells, check_links, check_validations, check_page):
            check(p, sheet, p.trees[part])
    p.ok(not repeated([t.get("displayName") for t in p.tables] + p.names), "workbook", "two tables, or table and cell, of one name")
    p.ok(not repeated([t.get("id") for t in p.tables]), "workbook", "two tables of one id")
    check_charts(p)
    return p.faults


if __name__ == "__main__":
    FAULTS = [(path, *fault) for path in sys.argv[1:] for fault in faults_of(path)]
    for path, where, rule in FAULTS:
        print(f"{path}: {where}: {rule}")
    sys.exit(1 if FAULTS else 0)
