"""What casebook does where: on a terminal and without one, under signals and a lock, with odd inputs and output folders."""
import fcntl
import glob
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import time

from runs import ROOT, Folder, ended, environment, inputs_of, one_sentence, prom_is_whole, run, stages, visible, without_prom

SAMPLE = os.path.join(ROOT, "sample-data")
DIRTY = os.path.join(SAMPLE, "dirty")
NOBODY = 65534


def report(program, out, *more, data=DIRTY):
    return [program, "quarterly", *inputs_of(data), "--out", out, *more]


# ---- what is said ---------------------------------------------------------------------------------------------------

def all_of(terminal):
    """What was shown until the other side closed."""
    shown = b""
    while select.select([terminal], [], [], 120)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(terminal)
    return shown.decode("utf-8", "replace")


def on_terminal(words, **env):
    """Runs with standard error on a pseudo-terminal: exit status and what was shown."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs,
                             env=environment(TERM="xterm-256color", **env))
    os.close(theirs)
    shown = all_of(ours)
    return child.wait(), shown


def has_terminals():
    """Whether this machine can open a pseudo-terminal: a bare root folder without /dev/pts cannot."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError:
        return False
    return True


def section_terminal(program, tally):
    if not has_terminals():
        return tally.skip("terminal", "no pseudo-terminal can be opened here")
    with Folder() as folder:
        status, shown = on_terminal(report(program, folder("a")))
        tally.ok(status == 0 and "median resolution" in shown and "wrote " in shown, "terminal: a summary at the end", shown)
        tally.ok("rows 580 = accepted 555 + superseded 4 + rejected 18 + blank 3" in shown, "terminal: rows are accounted for", shown)
        tally.ok(len(shown.splitlines()) <= 25, "terminal: the summary fits a screen", shown)
        status, quiet = on_terminal(report(program, folder("a"), "--quiet"))
        tally.equal((status, quiet), (0, ""), "terminal: --quiet is silent")
        status, shown = on_terminal(report(program, folder("a"), "--progress", "always", data=SAMPLE))
        tally.ok(status == 0 and "\x1b[3" not in shown, "terminal: no colour", repr(shown))
        status, shown = on_terminal(report(program, folder("a")), NO_COLOR="1")
        tally.ok(status == 0 and not re.search(r"\x1b\[\d*m", shown), "terminal: NO_COLOR", repr(shown))
        status, shown = on_terminal(report(program, folder("a"), "--progress", "never", data=SAMPLE))
        tally.ok(status == 0 and "\r\x1b" not in shown and "%  " not in shown, "terminal: --progress never", repr(shown))
        said = run(report(program, folder("b"), "--verbose"))
        tally.ok(said.returncode == 0 and b"rows 580 = accepted 555" in said.stderr and said.stdout == b"", "no terminal: --verbose")
        said = run(report(program, folder("b")))
        tally.equal((said.stdout, *ended(said)), (b"", 0, b""), "no terminal: silent")
        closed = subprocess.run([program, "version"], stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1), check=False)
        tally.ok(closed.returncode == 74 and one_sentence(closed.stderr), "closed standard output",
                 f"{closed.returncode} {closed.stderr!r}")
        section_progress(program, tally, folder)
        section_closed(program, tally, folder)


def section_closed(program, tally, folder):
    """Started without some of its standard streams, as daemons do: no file of ours may take their place."""
    run(report(program, folder("reference")))
    for closed in ((0,), (1,), (2,), (1, 2), (0, 1, 2)):
        out = folder("closed" + "".join(map(str, closed)))

        def close(closed=closed):
            for fd in closed:
                os.close(fd)
        for more, status in (((), 0), (("--set", "report.title=x", "--reviews", "nowhere.csv"), 66)):
            child = subprocess.Popen(report(program, out, *more), preexec_fn=close, env=environment())
            tally.equal(child.wait(), status, f"without the streams {closed}: exit")
            tally.ok(without_prom(visible(out)) == without_prom(visible(folder("reference"))), f"without the streams {closed}: the files")
            tally.equal(os.path.getsize(os.path.join(out, ".lock")), 0, f"without the streams {closed}: no message in the lock")


def section_progress(program, tally, folder):
    """A pipe that is slow makes a run long enough to show its progress."""
    with open(os.path.join(SAMPLE, "cases.csv"), "rb") as f:
        data = f.read()
    ours, theirs = pty.openpty()
    child = subprocess.Popen([program, "check", "--config", os.path.join(SAMPLE, "casebook.ini"), "--cases", "-"], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, stderr=theirs, env=environment())
    os.close(theirs)
    for i in range(8):
        child.stdin.write(data[len(data) * i // 8:len(data) * (i + 1) // 8])
        child.stdin.flush()
        time.sleep(0.12)
    child.stdin.close()
    status = child.wait()
    shown = all_of(ours)
    tally.ok(status == 0 and " MB" in shown and shown.endswith("\r\x1b[K"), "terminal: progress, wiped at the end", repr(shown[-200:]))


# ---- signals and locks ----------------------------------------------------------------------------------------------

def interrupted(program, folder, out, number, after_s, whole_group):
    child = subprocess.Popen([program, "all", *inputs_of(SAMPLE), "--out", out, "--set", "report.title=Interrupted"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(TMPDIR=folder("tmp")), start_new_session=True)
    time.sleep(after_s)
    if whole_group:
        os.killpg(child.pid, number)
    else:
        child.send_signal(number)
    stderr = child.communicate(timeout=60)[1]
    return child.returncode, stderr


def section_signals(program, tally):
    with Folder() as folder:
        out = folder("out")
        os.mkdir(folder("tmp"))
        started = time.monotonic()
        done = run([program, "all", *inputs_of(SAMPLE), "--out", out])
        whole_s = time.monotonic() - started
        tally.equal(done.returncode, 0, "signals: a run before")
        before, caught = visible(out), 0
        for i, (number, status) in enumerate([(signal.SIGINT, 130), (signal.SIGTERM, 143)] * 5):
            code, stderr = interrupted(program, folder, out, number, whole_s * (0.03 + 0.09 * i), i % 4 < 2)
            name = f"signal {number} in part {i} of the run"
            if code == 0:
                before = visible(out)
                continue
            caught += 1
            tally.ok(code == status and one_sentence(stderr), f"{name}: status and message", f"{code} {stderr!r}")
            tally.ok(visible(out) == before, f"{name}: the files are as they were")
            tally.equal(stages(out) + os.listdir(folder("tmp")), [], f"{name}: nothing is left")
        tally.ok(caught >= 3, "signals: some came in time", f"{caught}")
        done = run([program, "all", *inputs_of(SAMPLE), "--out", out])
        tally.equal(ended(done), (0, b""), "signals: the run after them")


def section_lock(program, tally):
    with Folder() as folder:
        out = folder("out")
        run(report(program, out))
        before = visible(out)
        with open(os.path.join(out, ".lock"), "r+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = run(report(program, out, "--set", "report.title=Other"))
        tally.ok(done.returncode == 75 and one_sentence(done.stderr), "lock held: 75", f"{done.returncode} {done.stderr!r}")
        tally.ok(visible(out) == before, "lock held: the files are as they were")
        tally.equal(run(report(program, out)).returncode, 0, "lock free again")
        # Ten at once: each ends with 0 or 75, at least one with 0, and the folder is whole.
        children = [subprocess.Popen(report(program, out, "--quiet"), stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment())
                    for _ in range(10)]
        codes = sorted(c.wait() for c in children)
        tally.ok(codes[0] == 0 and set(codes) <= {0, 75}, "ten runs at once", str(codes))
        tally.ok(without_prom(visible(out)) == without_prom(before) and prom_is_whole(visible(out)["casebook.prom"]), "ten runs at once: whole files")


# ---- odd inputs and folders -----------------------------------------------------------------------------------------

def refused(tally, done, status, name, *words):
    text = done.stderr.decode("utf-8", "replace")
    tally.ok(done.returncode == status and one_sentence(done.stderr) and all(w in text for w in words), name, f"{done.returncode} {text!r}")


def quarterly_of_file(program, path, out, **how):
    return run([program, "quarterly", "--cases", path, "--out", out], timeout=20, **how)


def section_inputs(program, tally):
    with Folder() as folder:
        out = folder("out")
        os.mkfifo(folder("fifo.csv"))
        refused(tally, quarterly_of_file(program, folder("fifo.csv"), out), 66, "a FIFO as input", "pipe")
        os.symlink(os.path.join(SAMPLE, "cases.csv"), folder("link.csv"))
        done = run([program, "quarterly", "--config", os.path.join(SAMPLE, "casebook.ini"), "--cases", folder("link.csv"), "--out", out])
        tally.equal(ended(done), (0, b""), "a symbolic link to a file as input")
        os.symlink(folder("nowhere"), folder("broken.csv"))
        refused(tally, quarterly_of_file(program, folder("broken.csv"), out), 66, "a link that leads nowhere")
        os.symlink(folder("loop.csv"), folder("loop.csv"))
        refused(tally, quarterly_of_file(program, folder("loop.csv"), out), 66, "a link to itself")
        for device in ("/dev/zero", "/dev/null", "/dev/tty"):
            done = quarterly_of_file(program, device, out, start_new_session=True)
            tally.ok(done.returncode == 66 and one_sentence(done.stderr), f"{device} as input", f"{done.returncode} {done.stderr!r}")
        refused(tally, quarterly_of_file(program, "a" * 5000, out), 66, "a name that is too long")
        with open(folder("nothing.csv"), "wb"):
            pass
        refused(tally, quarterly_of_file(program, folder("nothing.csv"), out), 65, "an empty file", "empty")
        tally.equal(sorted(n for n in visible(out) if not n.startswith(("quarterly", "casebook.prom"))), [], "odd inputs leave no file")


def as_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def section_rights(program, tally):
    """What a user without rights meets; a super-user is let through everywhere, so another user is taken for that."""
    with Folder() as folder:
        os.chmod(folder(), 0o755)
        mine = folder("casebook")
        shutil.copy(program, mine)
        os.chmod(mine, 0o755)
        for name in ("cases.csv", "casebook.ini"):
            shutil.copy(os.path.join(SAMPLE, name), folder(name))
            os.chmod(folder(name), 0o644)
        how = {"preexec_fn": as_nobody, "cwd": folder()} if os.geteuid() == 0 else {"cwd": folder()}
        words = [mine, "quarterly", "--config", "casebook.ini", "--cases", "cases.csv", "--format", "json", "--out"]
        os.mkdir(folder("locked"), 0o555)
        refused(tally, run(words + [folder("locked")], **how), 73, "an output folder without the right to write", "locked")
        refused(tally, run(words + [folder("locked", "deep", "deeper")], **how), 73, "a folder that cannot be made", "locked/deep")
        os.chmod(folder("cases.csv"), 0)
        os.mkdir(folder("open"))
        os.chmod(folder("open"), 0o777)
        refused(tally, run(words + [folder("open")], **how), 66, "an input without the right to read", "cases.csv")
        os.chmod(folder("cases.csv"), 0o644)
        os.chmod(folder("casebook.ini"), 0)
        refused(tally, run(words + [folder("open")], **how), 78, "a config file without the right to read", "casebook.ini")
        tally.equal(visible(folder("open")), {}, "refusals leave no file")


def section_folders(program, tally):
    with Folder() as folder:
        real, link, victim = folder("real"), folder("link"), folder("victim")
        os.mkdir(real)
        os.symlink(real, link)
        refused(tally, run(report(program, link)), 73, "the output folder is a symbolic link", "symbolic link")
        tally.equal(os.listdir(real), [], "nothing goes through the link")
        with open(victim, "w", encoding="ascii") as f:
            f.write("untouched")
        os.symlink(victim, os.path.join(real, ".lock"))
        refused(tally, run(report(program, real)), 73, "the lock is a symbolic link", ".lock")
        os.unlink(os.path.join(real, ".lock"))
        for name in ("quarterly-2026-Q3.xlsx", "quarterly-2026-Q3.json", "casebook.prom"):
            os.symlink(victim, os.path.join(real, name))
        done = run(report(program, real))
        tally.equal(ended(done), (0, b""), "links stand where files go")
        with open(victim, encoding="ascii") as f:
            tally.equal(f.read(), "untouched", "the link's victim is untouched")
        tally.ok(not any(os.path.islink(p) for p in glob.glob(os.path.join(real, "*"))), "files took the place of the links")
        section_leftovers(program, tally, folder)


def section_leftovers(program, tally, folder):
    """What another run or a person left in the folder."""
    real = folder("real")
    before = visible(real)
    os.makedirs(os.path.join(real, ".stage-dead01", "sub"))
    with open(os.path.join(real, ".stage-dead01", "f0"), "wb") as f:
        f.write(b"torso")
    with open(os.path.join(real, "notes.txt"), "wb") as f:
        f.write(b"mine")
    done = run(report(program, real))
    tally.equal((done.returncode, stages(real)), (0, []), "a dead run's stage is swept")
    tally.equal(visible(real).get("notes.txt"), b"mine", "a file of others stays")
    os.unlink(os.path.join(real, "notes.txt"))
    os.unlink(os.path.join(real, "quarterly-2026-Q3.json"))
    os.mkdir(os.path.join(real, "quarterly-2026-Q3.json"))
    left = visible(real)
    refused(tally, run(report(program, real, "--set", "report.title=Other")), 73, "a folder stands where a file goes", "quarterly-2026-Q3.json")
    tally.ok(visible(real) == left, "then no file changes")
    os.rmdir(os.path.join(real, "quarterly-2026-Q3.json"))
    tally.equal(run(report(program, real)).returncode, 0, "the folder is away: the run works")
    tally.ok(without_prom(visible(real)) == without_prom(before), "and gives the same files")
    modes = {n: stat.S_IMODE(os.stat(os.path.join(real, n)).st_mode) for n in visible(real)}
    wrong = {n: oct(m) for n, m in modes.items() if m != (0o600 if n.startswith("rejected") else 0o644)}
    tally.equal(wrong, {}, "rights of the files")
