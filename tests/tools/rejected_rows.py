"""Rejected rows are kept, and no run takes away a file that it reads."""
import os
import shutil

from runs import Folder, one_sentence, run, stages, visible

HEADER = "case_id,opened_at,resolved_at\n"
BROKEN = HEADER + "".join(f"C{i},2026-0{i % 8 + 1}-05T09:00:00Z,2026-0{i % 8 + 1}-06T09:00:00Z\n" for i in range(40)) + "C90,soon,\n"
MENDED = HEADER + "C90,2026-03-05T09:00:00Z,\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def quarterly(program, out, *files, **how):
    return run([program, "quarterly", "--format", "json", "--period", "2026-Q3", "--out", out, "--cases", *files], **how)


def refused(tally, name, done, before, out):
    good = done.returncode == 64 and one_sentence(done.stderr) and b"--out" in done.stderr and b"copy it" in done.stderr
    tally.ok(good, f"own input, {name}: 64 and what to do", f"{done.returncode} {done.stderr!r}")
    tally.ok(visible(out) == before and not stages(out), f"own input, {name}: every file is as it was")


# ---- inputs in the output folder --------------------------------------------------------------------------------------

def mended_in_place(program, tally, folder):
    """The file of rejected rows, mended where it lies and fed again, under many spellings."""
    out, rows = folder("out"), folder("in", "rows.csv")
    write(rows, BROKEN)
    tally.equal(quarterly(program, out, rows).returncode, 0, "own input: the first run")
    mended = os.path.join(out, "rejected", "rows.csv")
    write(mended, MENDED)
    os.symlink(mended, folder("link.csv"))
    os.symlink(out, folder("way"))
    before = visible(out)
    for name, files in (("alone", [mended]), ("beside the first", [rows, mended]), ("a symbolic link", [folder("link.csv")]),
                        ("an odd spelling", [os.path.join(out, "..", "out", ".", "rejected", "rows.csv")]),
                        ("through another folder", [folder("way", "rejected", "rows.csv")])):
        refused(tally, name, quarterly(program, out, *files), before, out)
    with open(mended, "rb") as f:
        refused(tally, "standard input", quarterly(program, out, rows, "-", stdin=f), before, out)
    refused(tally, "a relative folder", quarterly(program, "out/", "out/rejected/rows.csv", cwd=folder()), before, out)
    shutil.copy(mended, folder("mended.csv"))
    done = quarterly(program, out, rows, folder("mended.csv"))
    tally.equal((done.returncode, done.stderr), (0, b""), "own input: a copy elsewhere is taken")
    tally.equal(run([program, "check", "--cases", os.path.join(out, "rejected", "rows.csv")], cwd=folder()).returncode, 65,
                "own input: check may read it")


def report_as_input(program, tally, folder):
    out = folder("reports")
    write(folder("reports", "cases.csv"), BROKEN)
    for name in ("quarterly-2026-Q3.json", "nightly-2026-08-06.xlsx", "casebook.prom", "rejected/other.errors.tsv", ".stage-dead01/f0"):
        write(os.path.join(out, name), BROKEN)
        before = visible(out)
        done = quarterly(program, out, os.path.join(out, name))
        tally.ok(os.path.exists(os.path.join(out, name)), f"own input, {name}: still there")
        if not name.startswith("."):
            refused(tally, name, done, before, out)
        os.unlink(os.path.join(out, name))
    done = quarterly(program, out, os.path.join(out, "cases.csv"))
    tally.equal((done.returncode, done.stderr), (0, b""), "own input: a file of another name may lie in the output folder")


def section_own_inputs(program, tally):
    with Folder() as folder:
        mended_in_place(program, tally, folder)
        report_as_input(program, tally, folder)
