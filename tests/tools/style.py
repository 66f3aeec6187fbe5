#!/usr/bin/env python3
"""The rules of the code that can be looked at by a program: tests/tools/style.py [--figures]

Layers (a part includes its left neighbours of the pipeline and base), outside libraries only behind their doors, banned calls,
length of functions, files and lines, a comment at the head of every public header. Prints what breaks a rule; exit 1 if any does.
--figures prints the measured proportions as well.
"""
import glob
import os
import re
import statistics
import sys
from collections import namedtuple

from runs import ROOT

MAX_FUNCTION, MAX_FILE, MAX_LINE, MAX_BRANCHES = 80, 600, 160, 20

# Whose header is it? stats_*.h are all of stats.
HEADERS = {
    "base": "alloc calendar civil intern money numbering schema sha256 status text workers",
    "config": "mapping settings",
    "ingest": "coerce fields ingest records rejects source",
    "book": "book",
    "stats": "stats",
    "measures": "churn fairness flow measures practice recurrence remedy resolution results review trend",
    "report": "layout report twin workbook xlsx",
    "publish": "publish",
}
# What a part may include of others. settings.h is plain data that measures read; a header's own part is always allowed.
MAY = {
    "base": (),
    "config": ("base",),
    "ingest": ("base", "config", "book"),
    "book": ("base",),
    "stats": ("base",),
    "measures": ("base", "config", "book", "stats"),
    "report": ("base", "config", "book", "stats", "measures", "ingest"),
    "publish": ("base", "report"),
    "cli": ("base", "config", "ingest", "book", "stats", "measures", "report", "publish"),
    "sample": ("base",),
}
NARROWER = {  # of a part, only these headers of another
    ("measures", "config"): {"settings"},
    ("report", "config"): {"settings"},
    ("publish", "report"): {"workbook", "layout", "xlsx"},
    ("cli", "stats"): {"stats"},
}
# outside header -> files that are its door
DOORS = {
    "csv.h": ("src/ingest/fields.c",),
    "xlsxwriter.h": ("src/report/xlsx.c", "src/report/xlsx_*"),
    "gsl/": ("src/stats/*",),
    "archive.h": ("src/ingest/source*", "src/publish/readback*"),
    "archive_entry.h": ("src/ingest/source*", "src/publish/readback*"),
    "zlib.h": ("src/ingest/source*",),
    "iconv.h": ("src/ingest/source*",),
    "expat.h": ("src/publish/readback*",),
    "jansson.h": ("src/report/*", "src/cli/*", "include/casebook/twin.h"),
    "ini.h": ("src/config/*",),
    "openssl/": ("src/base/sha256.c",),
    "pthread.h": ("src/base/workers.c",),
    "locale.h": ("src/report/xlsx.c",),
}
BANNED = ("setlocale localtime localtime_r strtok strtok_r sprintf vsprintf strcpy strcat strncpy strncat atoi atol atof strtod strtof "
          "system popen alloca rand srand random gmtime gmtime_r mktime ctime asctime time gets scanf sscanf fscanf tmpnam mktemp "
          "signal longjmp setjmp usleep abort").split()
ONLY_CLI = "exit printf fprintf puts fputs putchar perror vprintf vfprintf stderr stdout".split()
PRINTS = ("src/cli/", "src/sample/")

Function = namedtuple("Function", "path line name lines branches")


class Source:
    """A C file: its lines, and its lines without comments and the insides of strings."""

    def __init__(self, path):
        self.path = path
        with open(os.path.join(ROOT, path), encoding="utf-8") as f:
            self.text = f.read()
        self.lines = self.text.split("\n")
        self.code = blank_out(self.text).split("\n")
        self.part = part_of(path)


def blank_out(text):
    """Comments and the content of strings and characters become spaces; lines stay."""
    def blank(m):
        found = m.group(0)
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[-1]
        return re.sub(r"[^\n]", " ", found)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def part_of(path):
    if path.startswith("src/"):
        return path.split("/")[1]
    name = os.path.basename(path)[:-2]
    if name.startswith("stats_"):
        return "stats"
    return next((part for part, names in HEADERS.items() if name in names.split()), None)


def fits(path, patterns):
    return any(path == p or (p.endswith("*") and path.startswith(p[:-1])) for p in patterns)


# ---- the rules: each yields (line, what is wrong) -------------------------------------------------------------------

def layer_of_include(source, included):
    """What is wrong with an include of our own, or ""."""
    name = included.split("/")[-1][:-2]
    if included.startswith("casebook/"):
        to = "stats" if name.startswith("stats_") else next((p for p, n in HEADERS.items() if name in n.split()), None)
        if to is None:
            return f"{included} belongs to no part: add it to HEADERS of tests/tools/style.py"
        if to == source.part:
            return ""
        narrow = NARROWER.get((source.part, to))
        if to not in MAY[source.part] or (narrow is not None and name not in narrow):
            return f"{source.part} may not include {included}, which is {to}'s"
        return ""
    to = included.split("/")[0] if "/" in included else source.part
    return "" if to == source.part else f"{source.part} may not include {included}, a private header of {to}"


def rule_includes(source):
    for n, line in enumerate(source.lines, 1):
        m = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if not m:
            continue
        if m.group(1) == '"':
            wrong = layer_of_include(source, m.group(2))
            if wrong:
                yield n, wrong
            continue
        for header, doors in DOORS.items():
            if (m.group(2) == header or (header.endswith("/") and m.group(2).startswith(header))) and not fits(source.path, doors):
                yield n, f"<{m.group(2)}> has its door elsewhere: {', '.join(doors)}"


def rule_banned(source):
    words = BANNED + ([] if source.path.startswith(PRINTS) else ONLY_CLI)
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(w for w in words if w not in ("stderr", "stdout")) + r")\s*\(" +
                         ("" if source.path.startswith(PRINTS) else r"|\b(stderr|stdout)\b"))
    for n, line in enumerate(source.code, 1):
        for m in pattern.finditer(line):
            if not re.match(r"\s*(__attribute__|#)", line):
                yield n, f"{m.group(1) or m.group(2)} is banned here"


def rule_marks(source):
    for n, line in enumerate(source.lines, 1):
        if re.search(r"\b(TODO|FIXME|HACK)\b", line):
            yield n, "a mark of unfinished work"
        if len(line) > MAX_LINE:
            yield n, f"{len(line)} columns, more than {MAX_LINE}"
        if "\t" in line or line != line.rstrip():
            yield n, "a tab, or blanks at the end of the line"
        if re.search(r"/(tmp|home|work|root)/", line):
            yield n, "a path of some machine"


def rule_size(source):
    if len(source.lines) - 1 > MAX_FILE:
        yield len(source.lines) - 1, f"{len(source.lines) - 1} lines, more than {MAX_FILE}"
    for f in functions_of(source):
        if f.lines > MAX_FUNCTION:
            yield f.line, f"{f.name} has {f.lines} lines, more than {MAX_FUNCTION}"
        if f.branches > MAX_BRANCHES:
            yield f.line, f"{f.name} has {f.branches} ways through it, more than {MAX_BRANCHES}"


def rule_header(source):
    if not source.path.endswith(".h"):
        return
    name = os.path.basename(source.path)
    if source.path.startswith("include/") and not source.text.startswith(f"/* {name} - "):
        yield 1, f"a public header begins with a comment: /* {name} - what it is for"
    if not re.search(r"#ifndef (\w+)\n#define \1\n", source.text):
        yield 1, "no include guard"


def rule_globals(source):
    """State that a file keeps between calls, except what never changes, and the flag of the signals."""
    for n, line in enumerate(source.code, 1):
        m = re.match(r"(static\s+)?(?!typedef|extern|return|struct \w+ \{|enum|union|const|static const|static inline)[\w ]+[ *](\w+)(\[[^\]]*\])*\s*(=|;)", line)
        if source.path.endswith(".c") and m and not line.startswith((" ", "}")) and "const" not in line and "(" not in line:
            if not re.search(r"\bsig_atomic_t\b|once\b", line):
                yield n, f"{m.group(2)} is state that is kept between calls"


RULES = (rule_includes, rule_banned, rule_marks, rule_size, rule_header, rule_globals)


# ---- functions and figures ------------------------------------------------------------------------------------------

BRANCH = re.compile(r"\b(if|for|while|case)\b|&&|\|\||\?")


def functions_of(source):
    """Our functions open and close with a brace in the first column; a function starts where its signature does."""
    if not source.path.endswith(".c"):
        return
    opened = None
    for n, line in enumerate(source.code, 1):
        if line.startswith("{"):
            opened = n
        elif line.startswith("}") and opened:
            start = opened - 1
            while start > 1 and source.code[start - 1].strip() and source.code[start - 2].strip() and not re.match(r"[#}]|.*;\s*$", source.code[start - 2]):
                start -= 1
            signature = " ".join(source.code[start - 1:opened - 1])
            name = re.search(r"(\w+)\s*\(", signature)
            if name and line.rstrip() == "}":
                body = "\n".join(source.code[opened:n - 1])
                yield Function(source.path, start, name.group(1), n - start + 1, 1 + len(BRANCH.findall(body)))
            opened = None


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def figures(sources):
    functions = [f for s in sources for f in functions_of(s)]
    lengths = [f.lines for f in functions]
    print(f"functions: {len(functions)}, lines median {statistics.median(lengths):.0f}, p95 {percentile(lengths, 0.95)}, "
          f"largest {max(lengths)}; ways through median {statistics.median(f.branches for f in functions):.0f}, "
          f"p95 {percentile([f.branches for f in functions], 0.95)}, most {max(f.branches for f in functions)}; "
          f"over 12: {sum(f.branches > 12 for f in functions)}")
    files = [len(s.lines) - 1 for s in sources if s.path.endswith(".c")]
    print(f"files: {len(files)}, lines median {statistics.median(files):.0f}, largest {max(files)}")
    headers = [s for s in sources if s.path.startswith("include/")]
    all_lines = sum(len([x for x in s.lines if x.strip()]) for s in headers)
    code_lines = sum(len([x for x in s.code if x.strip()]) for s in headers)
    with_note = sum(len([1 for a, b in zip(s.lines, s.code) if a.strip() and a.rstrip() != b.rstrip()]) for s in headers)
    print(f"public headers: {len(headers)}, {all_lines} lines, {100 * with_note / all_lines:.0f} % with a comment, "
          f"{100 * (all_lines - code_lines) / all_lines:.0f} % nothing but comment")
    for part in MAY:
        own = [f.lines for f in functions if part_of(f.path) == part]
        if own:
            print(f"  {part:9} {len(own):4} functions, median {statistics.median(own):4.0f}, p95 {percentile(own, 0.95):3}, "
                  f"{sum(len(s.lines) for s in sources if s.part == part):6} lines")


def main():
    paths = sorted(os.path.relpath(p, ROOT) for pattern in ("include/casebook/*.h", "src/*/*.h", "src/*/*.c")
                   for p in glob.glob(os.path.join(ROOT, pattern)))
    sources = [Source(p) for p in paths]
    findings = 0
    for source in sources:
        for rule in RULES:
            for line, wrong in rule(source):
                print(f"{source.path}:{line}: {wrong}")
                findings += 1
    if "--figures" in sys.argv:
        figures(sources)
    print(f"style: {len(sources)} files, {findings} findings")
    return 1 if findings or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
