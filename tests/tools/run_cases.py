#!/usr/bin/env python3
"""Runs the case directories: tests/cases/NAME/{cmd,expect,in/*}.

cmd     the arguments of casebook, one run a line; OUT is a fresh folder, SHARED the folder of real data (a case that names it is
        skipped where it is absent), VAR=value words before the arguments set the environment
expect  one expectation a line, checked after the last run (exit, stderr, stdout: of the last run):
        exit N                              exit status (0 if not given)
        stderr TEXT / stdout TEXT           contains the text;  stderr empty (but for a clock behind the data)
        absent FILE / exists FILE           below OUT;  only PATTERN…: no other file that does not begin with a dot
        unchanged                           the last run left the files below OUT as they were
        same FILE OTHER                     FILE below OUT equals OTHER in the case directory, byte for byte
        FILE:PATH = JSON                    a value of a JSON file below OUT (FILE without .json and date: "quarterly")
        FILE:PATH ~ NUMBER TOLERANCE
A run that fails says one message, which begins with "casebook: ". The word CANARY stands in inputs where a customer's words would stand: it must occur in no message and in no metric file.
"""
import fnmatch
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from runs import CLOCK_WARNING


class Failure(Exception):
    pass


def shared_folder(root):
    path = os.environ.get("CB_SHARED", os.path.join(root, "..", "shared"))
    return os.path.join(path, "data")


def json_file(out, name):
    found = sorted(glob.glob(os.path.join(out, name + "*.json")))
    if not found:
        raise Failure(f"no {name}*.json was written")
    with open(found[-1], encoding="utf-8") as f:
        return json.load(f)


def value_at(document, path):
    at = document
    for key in path.split("."):
        if isinstance(at, list):
            if key.startswith("["):
                field, wanted = key[1:-1].split("==")
                at = next((x for x in at if str(x.get(field)) == wanted), None)
                if at is None:
                    raise Failure(f"{path}: nothing with {field} {wanted}")
            else:
                at = at[int(key)]
        else:
            if not isinstance(at, dict) or key not in at:
                raise Failure(f"{path}: no key {key}")
            at = at[key]
    return at


def check_value(line, out):
    m = re.match(r"(\S+?):(\S+) (=|~) (.*)$", line)
    if not m:
        raise Failure(f"not understood: {line}")
    name, path, how, rest = m.groups()
    got = value_at(json_file(out, name), path)
    if how == "=":
        if got != json.loads(rest):
            raise Failure(f"{path}: wanted {rest}, got {got!r}")
    else:
        want, tolerance = (float(x) for x in rest.split())
        if not isinstance(got, (int, float)) or abs(got - want) > tolerance:
            raise Failure(f"{path}: wanted {want} within {tolerance}, got {got!r}")


def snapshot(out):
    """name -> bytes of the files that a reader of the folder sees."""
    found = {}
    for folder, names, files in os.walk(out):
        names[:] = [n for n in names if not n.startswith(".")]
        for name in files:
            if not name.startswith("."):
                with open(os.path.join(folder, name), "rb") as f:
                    found[os.path.relpath(os.path.join(folder, name), out)] = f.read()
    return found


def check_folder(line, out, before):
    """unchanged, only: what stands in the output folder as a whole."""
    word, _, rest = line.partition(" ")
    now = snapshot(out)
    if word == "unchanged":
        changed = sorted(n for n in set(now) | set(before) if now.get(n) != before.get(n))
        if changed or not before:
            raise Failure(f"unchanged: there are differences in {changed}" if changed else "unchanged: there was nothing before")
    else:
        stray = [n for n in now if not any(fnmatch.fnmatch(n, p) for p in rest.split())]
        if stray:
            raise Failure(f"{line}: there is {stray} too")


def without_clock(text):
    """Messages less the warning of a clock that is behind the case's data."""
    return re.sub(CLOCK_WARNING, "", text)


def check(line, case, out, run, before):
    word, _, rest = line.partition(" ")
    if word == "exit":
        return
    if word in ("unchanged", "only"):
        check_folder(line, out, before)
        return
    if word in ("stderr", "stdout"):
        text = run.stderr if word == "stderr" else run.stdout
        if rest == "empty":
            if without_clock(text):
                raise Failure(f"{word} is not empty: {text}")
        elif rest not in text:
            raise Failure(f"{word} lacks {rest!r}; it is: {text}")
    elif word == "absent" or word == "exists":
        if bool(glob.glob(os.path.join(out, rest))) != (word == "exists"):
            raise Failure(line)
    elif word == "same":
        mine, other = rest.split()
        with open(os.path.join(out, mine), "rb") as a, open(os.path.join(case, other), "rb") as b:
            got, want = a.read(), b.read()
        if got != want:
            raise Failure(f"{mine} differs from {other}:\n{got.decode('utf-8', 'replace')}")
    else:
        check_value(line, out)


def lines_of(path):
    with open(path, encoding="utf-8") as f:
        return [x.strip("\n") for x in f if x.strip() and not x.startswith("#")]


def run_once(program, line, case, out, shared):
    env = {k: v for k, v in os.environ.items() if not k.startswith("CASEBOOK_")}
    words = [w.replace("SHARED", shared) for w in shlex.split(line)]
    words = [out + w[3:] if w == "OUT" or w.startswith("OUT/") else w for w in words]
    while words and re.match(r"[A-Z_]+=", words[0]):
        key, _, value = words.pop(0).partition("=")
        env[key] = value
    stdin = None
    if "<" in words:
        at = words.index("<")
        stdin = open(os.path.join(case, words[at + 1]), "rb")
        del words[at:at + 2]
    run = subprocess.run([program] + words, cwd=case, env=env, stdin=stdin or subprocess.DEVNULL, capture_output=True,
                         timeout=300, text=True, errors="replace", check=False)
    if stdin:
        stdin.close()
    return run


def leaks(out, run):
    for name in glob.glob(os.path.join(out, "*.prom")):
        with open(name, encoding="utf-8") as f:
            if "CANARY" in f.read():
                return name
    return "a message" if "CANARY" in run.stderr else None


def run_case(program, case, shared):
    commands, expectations = lines_of(os.path.join(case, "cmd")), lines_of(os.path.join(case, "expect"))
    if any("SHARED" in c for c in commands) and not os.path.isdir(shared):
        return "skipped"
    out = tempfile.mkdtemp(prefix="casebook-case-")
    try:
        for command in commands:
            before = snapshot(out)
            run = run_once(program, command, case, out, shared)
            if leaks(out, run):
                raise Failure(f"the content of a cell is in {leaks(out, run)}")
        wanted = next((int(x.split()[1]) for x in expectations if x.startswith("exit ")), 0)
        if run.returncode != wanted:
            raise Failure(f"exit {run.returncode}, wanted {wanted}: {run.stderr}")
        said = without_clock(run.stderr)
        if wanted != 0 and (not said.startswith("casebook: ") or said.count("casebook: ") != 1):
            raise Failure(f"not one message that begins with the program's name: {run.stderr}")
        for line in expectations:
            check(line, case, out, run, before)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    return "passed"


def main():
    program, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    shared = os.path.abspath(shared_folder(os.path.dirname(os.path.dirname(root))))
    only = sys.argv[3:]
    tally = {"passed": 0, "failed": 0, "skipped": 0}
    for cmd in sorted(glob.glob(os.path.join(root, "*", "cmd"))):
        case = os.path.dirname(cmd)
        name = os.path.basename(case)
        if only and name not in only:
            continue
        try:
            result = run_case(program, case, shared)
        except (Failure, OSError, ValueError, subprocess.TimeoutExpired) as fault:
            result = "failed"
            print(f"FAILED {name}: {fault}")
        tally[result] += 1
    print(f"cases: {tally['passed']} passed, {tally['failed']} failed, {tally['skipped']} skipped")
    return 1 if tally["failed"] or tally["passed"] + tally["skipped"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
