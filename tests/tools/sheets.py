"""Workbooks read, changed and recalculated from outside, with nothing of casebook's: zip and XML from Python, LibreOffice to
recalculate and to draw."""
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# LibreOffice asks of files that it did not write whether to recalculate: always, here.
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>
"""


def office():
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(files, to, out, profile, timeout=300):
    """One start of LibreOffice for many files; returns what it said where it failed, else ''."""
    folder = os.path.join(profile, "user")
    if not os.path.isdir(folder):
        os.makedirs(folder)
        with open(os.path.join(folder, "registrymodifications.xcu"), "w", encoding="utf-8") as f:
            f.write(PROFILE)
    done = subprocess.run([office(), f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", to, "--outdir",
                           out, *files], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
    missing = [f for f in files
               if not os.path.exists(os.path.join(out, os.path.splitext(os.path.basename(f))[0] + "." + to.split(":")[0]))]
    return done.stdout.decode("utf-8", "replace") if missing else ""


def column_of(letters):
    n = 0
    for letter in letters:
        n = n * 26 + ord(letter) - 64
    return n - 1


def place_of(address):
    """'$C$7' -> (6, 2): row and column from 0."""
    letters, digits = re.fullmatch(r"\$?([A-Z]+)\$?(\d+)", address).groups()
    return int(digits) - 1, column_of(letters)


class Sheet:
    """cells: (row, column) -> value; formulas: (row, column) -> text without '='; checked: cells with a data validation."""

    def __init__(self, part, root, texts):
        self.part, self.cells, self.formulas, self.checked = part, {}, {}, set()
        for c in root.iter(MAIN + "c"):
            place = place_of(c.get("r"))
            formula, value = c.find(MAIN + "f"), c.find(MAIN + "v")
            if formula is not None and formula.text:
                self.formulas[place] = formula.text
            if value is not None and value.text is not None:
                self.cells[place] = self.value(c.get("t"), value.text, texts)
            elif c.get("t") == "inlineStr":
                self.cells[place] = "".join(t.text or "" for t in c.iter(MAIN + "t"))
        for rule in root.iter(MAIN + "dataValidation"):
            for part_of in rule.get("sqref", "").split():
                first, last = (place_of(a) for a in (part_of.split(":") * 2)[:2])
                self.checked |= {(r, c) for r in range(first[0], last[0] + 1) for c in range(first[1], last[1] + 1)}

    @staticmethod
    def value(kind, text, texts):
        if kind == "s":
            return texts[int(text)]
        if kind in ("str", "e"):
            return text
        return float(text)


class Book:
    """A workbook as it stands in the file: sheets by name, defined names by name -> (sheet, (row, column))."""

    def __init__(self, path):
        self.path, self.sheets, self.names = path, {}, {}
        with zipfile.ZipFile(path) as z:
            texts = self.texts(z)
            book = ET.fromstring(z.read("xl/workbook.xml"))
            parts = {r.get("Id"): r.get("Target") for r in ET.fromstring(z.read("xl/_rels/workbook.xml.rels"))}
            for sheet in book.iter(MAIN + "sheet"):
                part = "xl/" + parts[sheet.get(RELATION)].removeprefix("/xl/")
                self.sheets[sheet.get("name")] = Sheet(part, ET.fromstring(z.read(part)), texts)
            for name in book.iter(MAIN + "definedName"):
                match = re.fullmatch(r"'?([^'!]+)'?!(\$[A-Z]+\$\d+)", name.text or "")
                if match and not name.get("name").startswith("_xlnm"):
                    self.names[name.get("name")] = (match[1], place_of(match[2]))

    @staticmethod
    def texts(z):
        if "xl/sharedStrings.xml" not in z.namelist():
            return []
        root = ET.fromstring(z.read("xl/sharedStrings.xml"))
        return ["".join(t.text or "" for t in si.iter(MAIN + "t")) for si in root.iter(MAIN + "si")]

    def named(self, name):
        sheet, place = self.names[name]
        return self.sheets[sheet].cells.get(place)

    def with_values(self, path, values):
        """Writes a copy in which named cells hold other numbers; the stored results stay as they were."""
        changes = {}
        for name, value in values.items():
            sheet, (row, column) = self.names[name]
            letters = chr(65 + column)
            changes.setdefault(self.sheets[sheet].part, []).append((f"{letters}{row + 1}", value))
        with zipfile.ZipFile(self.path) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for item in old.namelist():
                data = old.read(item)
                for address, value in changes.get(item, []):
                    text, n = re.subn(rf'(<c r="{address}"[^>]*>)<v>[^<]*</v>', rf"\g<1><v>{value!r}</v>", data.decode("utf-8"))
                    if n != 1:
                        raise ValueError(f"{address} of {item} holds no number")
                    data = text.encode("utf-8")
                new.writestr(item, data)


def grids_of(twin):
    """Every grid of the JSON twin: (sheet name, block)."""
    return [(s["name"], b) for s in twin["sheets"] for b in s["blocks"] if b["type"] == "grid"]


def header_row(sheet, grid):
    """Where the headings of a grid stand: the first row after its title with all of them."""
    titles = [c["title"] for c in grid["columns"]]
    rows = sorted({r for r, _ in sheet.cells})
    begins = [r for r in rows if sheet.cells.get((r, 0)) == grid["title"]] or [-1]
    for begin in begins:
        for row in rows:
            if row > begin and all(sheet.cells.get((row, c)) == t for c, t in enumerate(titles)):
                return row
    return None
