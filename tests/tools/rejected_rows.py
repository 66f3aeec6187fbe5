"""Rejected rows are kept, and no run takes away a file that it reads."""
import os
import shutil

from runs import Folder, ended, one_sentence, run, stages, visible

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
    tally.equal(ended(done), (0, b""), "own input: a copy elsewhere is taken")
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
    tally.equal(ended(done), (0, b""), "own input: a file of another name may lie in the output folder")


def section_own_inputs(program, tally):
    with Folder() as folder:
        mended_in_place(program, tally, folder)
        report_as_input(program, tally, folder)


# ---- too many of them -------------------------------------------------------------------------------------------------

FEW = HEADER + "C1,2026-07-05T09:00:00Z,\nC2,CANARY,\n,2026-08-05T09:00:00Z,\n"


def files_of(out, name):
    found = visible(out)
    return found.get(f"rejected/{name}.csv"), found.get(f"rejected/{name}.errors.tsv")


def kept(program, tally, folder, name, rows, wanted, errors):
    """With 65 the rows can be found: in rejected/, and the first of them in the message. Older reports stay."""
    out = folder(name)
    write(folder("good.csv"), BROKEN)
    tally.equal(quarterly(program, out, folder("good.csv")).returncode, 0, f"{name}: a good run before")
    before = visible(out)
    write(folder(name + ".csv"), rows)
    done = quarterly(program, out, folder(name + ".csv"))
    text = done.stderr.decode()
    tally.ok(done.returncode == 65 and one_sentence(done.stderr), f"{name}: 65 and one sentence", f"{done.returncode} {text}")
    tally.ok(all(w in text for w in [os.path.join(out, "rejected"), *wanted]) and "CANARY" not in text, f"{name}: folder, line, field and code", text)
    tally.equal(files_of(out, name), (rows.encode().replace(b"C1,2026-07-05T09:00:00Z,\n", b""), errors), f"{name}: the rows and their reasons")
    after = visible(out)
    tally.equal({n: after.get(n) for n in before}, before, f"{name}: the files of the run before")
    tally.equal(sorted(set(after) - set(before)), [f"rejected/{name}.csv", f"rejected/{name}.errors.tsv"], f"{name}: no other file")
    tally.equal([oct(os.stat(os.path.join(out, "rejected", f)).st_mode & 0o777) for f in (name + ".csv", name + ".errors.tsv")],
                ["0o600"] * 2, f"{name}: their owner's alone")
    told = run([program, "check", "--cases", folder(name + ".csv")]).stderr.decode()
    tally.ok(all(w in told for w in wanted) and "rejected/" not in told, f"{name}: check tells the first line", told)


def not_kept(program, tally, folder):
    """The rows cannot be kept: still 65, and one sentence that says why."""
    write(folder("few.csv"), FEW)
    write(folder("blocked", "rejected"), "a file")
    done = quarterly(program, folder("blocked"), folder("few.csv"))
    tally.ok(done.returncode == 65 and one_sentence(done.stderr) and b"could not be kept" in done.stderr, "not kept: 65 and why", repr(done.stderr))
    tally.equal((sorted(visible(folder("blocked"))), stages(folder("blocked"))), (["rejected"], []), "not kept: nothing else is written")
    write(folder("empty.csv"), HEADER)
    done = quarterly(program, folder("nothing"), folder("empty.csv"))
    tally.ok(done.returncode == 65 and b"rejected" not in done.stderr and not visible(folder("nothing")), "no row at all: nothing to keep", repr(done.stderr))
    write(folder("wide.csv"), "case_id,opened_at,CANARY\nC1,2026-07-05,\nC2\n")
    done = quarterly(program, folder("wide"), folder("few.csv"), folder("wide.csv"))
    tally.ok(b"line 3 of few.csv" in done.stderr and b"CANARY" not in done.stderr, "two files: the first line of the first", repr(done.stderr))
    tally.ok(files_of(folder("wide"), "wide")[0] and files_of(folder("wide"), "few")[0], "two files: the rows of both")


def section_rejected(program, tally):
    head = b"line\tfield\tcode\tmessage\n"
    one = b"\topened_at\ttype-error\tthe cell cannot be read as what its column holds\n"
    with Folder() as folder:
        kept(program, tally, folder, "few", FEW, ("line 3", "opened_at", "type-error"),
             head + b"3" + one + b"4\tcase_id\tmissing-value\ta required cell is empty\n")
        kept(program, tally, folder, "none", HEADER + "C3,CANARY,\n", ("no usable row", "line 2", "opened_at", "type-error"), head + b"2" + one)
        not_kept(program, tally, folder)
