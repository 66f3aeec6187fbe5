#!/usr/bin/env python3
"""Prints, for every preset's case directory and every real file: command, exit status, rows, what was mapped, what is missing.

tests/tools/layouts_table.py PROGRAM [--markdown]

Presets: the inputs of tests/cases/preset-*, whose expectations `make test-cases` checks. Real files: the folder of real data
(CB_SHARED/data, else ../shared/data beside the repository); those of its csv folder are no exports, and are left out.
"""
import glob
import json
import os
import re
import shlex
import sys

from runs import ROOT, ROLES, SHARED, run

HEAD = ("input", "command", "exit", "layout", "rows", "accepted", "superseded", "rejected", "blank", "mapped", "missing")


def role_words(path, role, more):
    return ["check", "--" + role, path, "--format", "json", *more]


def facts_of(stdout):
    """The input of a `check` document, or None where the run was refused before it."""
    try:
        return json.loads(stdout)["inputs"][-1]
    except (ValueError, LookupError):
        return None


def row_of(program, shown, words, folder):
    done = run([program, *words], cwd=folder)
    facts = facts_of(done.stdout)
    command = " ".join(shlex.quote(w) for w in ["casebook", *words])
    if not facts:
        why = done.stderr.decode("utf-8", "replace").split("\n")[0].removeprefix("casebook: ")
        return (shown, command, done.returncode, "", *[""] * 5, "", why[:160])
    counts = [facts[k] for k in ("rows", "accepted", "superseded", "rejected", "blank")]
    return (shown, command, done.returncode, facts["preset"] or "own names", *counts, " ".join(facts["mapped"]), " ".join(facts["missing"]))


def options_of(words):
    """What a case's command says beside inputs, period and output."""
    keep, at = [], 0
    while at < len(words):
        if words[at] in ("--set", "--preset", "--max-rejects", "--config"):
            keep += words[at:at + 2]
            at += 1
        at += 1
    return keep


def preset_rows(program):
    for cmd in sorted(glob.glob(os.path.join(ROOT, "tests", "cases", "preset-*", "cmd"))):
        folder = os.path.dirname(cmd)
        with open(cmd, encoding="utf-8") as f:
            words = shlex.split(f.readline())
        if any("SHARED" in w for w in words):
            continue
        at = max(words.index("--" + r) for r in ROLES if "--" + r in words)
        yield row_of(program, os.path.basename(folder), role_words(words[at + 1], words[at][2:], options_of(words)), folder)


def real_rows(program):
    for role in ROLES:
        for path in sorted(glob.glob(os.path.join(SHARED, role, "*"))):
            yield row_of(program, os.path.basename(path), role_words(os.path.basename(path), role, []), os.path.dirname(path))


def show(rows, markdown):
    if markdown:
        print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for row in rows:
        cells = [re.sub(r"[|\n]", " ", str(c)) for c in row]
        if markdown:
            print("| " + " | ".join(cells) + " |")
        else:
            print("\n".join(f"{h + ':':<12}{c}" for h, c in zip(HEAD, cells)), end="\n\n")


def main():
    program = os.path.abspath(sys.argv[1])
    show([*preset_rows(program), *real_rows(program)], "--markdown" in sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
