"""Reasons of the machine reach the message: no room for a workbook, no right to make the output folder."""
import os
import resource
import shutil

from behaviour import as_nobody
from runs import ROOT, Folder, one_sentence, run, visible

SAMPLE = os.path.join(ROOT, "sample-data")


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))


def told(tally, name, done, status, *words):
    text = done.stderr.decode()
    tally.ok(done.returncode == status and one_sentence(done.stderr) and all(w in text for w in words) and "ZIP_ERRNO" not in text, name,
             f"{done.returncode} {text!r}")


def full_disk(tally, folder, words):
    os.mkdir(folder("full"))
    if os.geteuid() != 0 or run(["mount", "-t", "tmpfs", "-o", "size=120k", "tmpfs", folder("full")]).returncode != 0:
        return tally.skip("full disk: the reason", "no file system can be mounted here")
    try:
        return told(tally, "full disk: the reason", run([*words, "--format", "xlsx", "--out", folder("full", "out")]), 74, "No space left on device")
    finally:
        run(["umount", folder("full")])


def locked_folder(program, tally, folder):
    os.chmod(folder(), 0o755)
    mine = folder("casebook")
    shutil.copy(program, mine)
    for name in ("cases.csv", "casebook.ini"):
        shutil.copy(os.path.join(SAMPLE, name), folder(name))
        os.chmod(folder(name), 0o644)
    os.mkdir(folder("locked"), 0o555)
    how = {"preexec_fn": as_nobody, "cwd": folder()} if os.geteuid() == 0 else {"cwd": folder()}
    done = run([mine, "quarterly", "--config", "casebook.ini", "--cases", "cases.csv", "--out", folder("locked", "a", "b")], **how)
    told(tally, "a folder that may not be made: the reason", done, 73, "locked/a/b", "Permission denied")


def section_reasons(program, tally):
    with Folder() as folder:
        words = [program, "quarterly", "--config", os.path.join(SAMPLE, "casebook.ini"), "--cases", os.path.join(SAMPLE, "cases.csv")]
        for form in ("xlsx", "json"):
            done = run([*words, "--format", form, "--out", folder("small")], preexec_fn=small_files)
            told(tally, f"no room for the {form}: the reason", done, 74, "File too large")
            tally.equal(visible(folder("small")), {}, f"no room for the {form}: no file")
        full_disk(tally, folder, words)
        locked_folder(program, tally, folder)
