#!/usr/bin/env python3
"""Injects faults into `casebook all` and looks at what a reader of the output folder sees afterwards.

    tests/tools/faults.py PROGRAM [--points N] [--seed N] [--only CLASS…]

Before every fault the folder holds the files of an older good run. After it, each visible file must be the old one or the new
one, whole; after exit 0 all must be new; other ends must have one of the contract's statuses and one message; no signal but the
injected one may end the program; and the next run must work, give the good result and sweep what was left behind.

Classes: allocations that fail once or for ever, in the program and in the processes that write workbooks (failalloc.c); system
calls that fail (strace); SIGKILL at a system call (strace) or at any time; small file systems (a tmpfs each, as root); little
memory, small files, few open files (ulimit); commands that print, without memory; standard output on /dev/full.
"""
import argparse
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

from runs import (ROOT, STATUSES, Folder, Tally, environment, generator_beside, inputs_of, one_sentence, prom_is_whole, run, sample,
                  stages, visible, without_prom)

CASES = 300
# Calls whose failure a program must notice, with the errors that they are known to have.
FAILING_CALLS = (("write", "ENOSPC"), ("write", "EIO"), ("read", "EIO"), ("openat", "EMFILE"), ("openat", "EACCES"), ("close", "EIO"),
                 ("lseek", "EIO"), ("fsync", "EIO"), ("renameat", "EIO"), ("renameat", "ENOSPC"), ("mkdir", "ENOSPC"),
                 ("newfstatat", "EIO"), ("unlink", "EIO"), ("unlinkat", "EIO"), ("fchmod", "EPERM"), ("flock", "ENOLCK"),
                 ("clone", "EAGAIN"), ("clone3", "EAGAIN"), ("pipe2", "EMFILE"), ("wait4", "EINTR"), ("poll", "EINTR"), ("mmap", "ENOMEM"),
                 ("getdents64", "EIO"), ("faccessat2", "EACCES"), ("fcntl", "EIO"), ("getrandom", "EINTR"))
KILLING_CALLS = ("write", "read", "openat", "close", "lseek", "fsync", "renameat", "unlink", "unlinkat", "newfstatat", "mmap", "clone", "wait4",
                 "mkdir", "mkdirat", "exit_group", "clone3")


class Stand:
    """One small input, the good results, and a folder that every fault begins with."""

    def __init__(self, program, folder):
        self.program, self.folder = folder("casebook"), folder
        shutil.copy(program, self.program)  # a build may go on meanwhile
        self.data = sample(generator_beside(program), folder("data"), CASES)
        self.old_set, self.out, self.tmp = folder("old"), folder("out"), folder("tmp")
        os.mkdir(self.tmp)
        spoiled = self.spoil(folder("spoiled"))
        self.good(self.old_set, "--set", "report.title=An older run", "--set", "report.min_group=3", "--max-rejects", "50",
                  cases=spoiled)
        self.old = visible(self.old_set)
        self.good(folder("new"))
        self.new = visible(folder("new"))
        self.words = self.command(self.out)

    def spoil(self, place):
        """The older run has rejected rows of cases, which the newer one must take away."""
        with open(os.path.join(self.data, "cases.csv"), "rb") as f:
            lines = f.read().splitlines(keepends=True)
        os.mkdir(place)
        with open(os.path.join(place, "cases.csv"), "wb") as f:
            f.writelines(lines[:5] + [b"no date,,\n", b'"never closed\n'] + lines[5:])
        return os.path.join(place, "cases.csv")

    def command(self, out, cases=None):
        words = [self.program, "all", *inputs_of(self.data), "--out", out, "--threads", "2"]
        return [cases if cases and w.endswith("cases.csv") else w for w in words]

    def good(self, out, *more, cases=None):
        done = run(self.command(out, cases) + list(more))
        if done.returncode != 0 or done.stderr:
            raise RuntimeError(f"a run without a fault: exit {done.returncode}: {done.stderr.decode()}")

    def prepare(self):
        """The older files, as the fault will meet them."""
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(self.old_set, self.out)


class Fault:
    """One injection: the words before the command, its environment, what is done in the child before exec."""

    def __init__(self, kind, label, before=(), env=None, setup=None, kill_after_s=None, silent=False, log=None):
        self.kind, self.label, self.before, self.env, self.setup = kind, label, list(before), env or {}, setup
        self.kill_after_s, self.silent, self.log = kill_after_s, silent, log  # silent: the fault may swallow the message as well

    def swallowed(self):
        """Did the fault meet the message itself?"""
        if self.silent or not self.log:
            return self.silent
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return any(re.search(r"\bwrite\(2,.*INJECTED", line) for line in f)


# ---- what must hold -------------------------------------------------------------------------------------------------

def files_wrong(seen, old, new):
    """Why a reader would be misled, or ""."""
    for name, data in seen.items():
        if name == "casebook.prom":
            if data != old.get(name) and not prom_is_whole(data):
                return f"{name} is cut short"
        elif data not in (old.get(name), new.get(name)):
            return f"{name} is neither the old file nor the new one ({len(data)} bytes)"
    missing = [n for n in old if n in new and n not in seen]
    if missing:
        return f"{missing} is gone"
    renewed = "casebook.prom" in seen and seen["casebook.prom"] != old.get("casebook.prom")
    if renewed and without_prom(seen) != without_prom(new):
        return "casebook.prom tells of a success, and not all files are new"
    return ""


def end_wrong(fault, code, stderr):
    """Why the way it ended is wrong, or ""."""
    if code < 0:
        return "" if fault.kill_after_s is not None or "SIGKILL" in fault.label and code == -signal.SIGKILL else f"ended by signal {-code}"
    if code == 127 and b"error while loading shared libraries" in stderr:
        return ""  # the loader, before the program begins
    if code not in STATUSES:
        return f"exit {code} is none of the contract's"
    if code != 0 and not one_sentence(stderr) and not fault.swallowed():
        return f"exit {code} without one message: {stderr.decode('utf-8', 'replace')!r}"
    return ""


def verdict(stand, fault, code, stderr):
    seen = visible(stand.out)
    wrong = files_wrong(seen, stand.old, stand.new) or end_wrong(fault, code, stderr)
    if not wrong and code == 0 and (without_prom(seen) != without_prom(stand.new) or seen["casebook.prom"] == stand.old["casebook.prom"]):
        wrong = "exit 0, and not all files are new"
    if not wrong and os.listdir(stand.tmp):
        wrong = f"left in the temporary folder: {os.listdir(stand.tmp)}"
    return wrong


def next_run_wrong(stand):
    """The run after a fault, without one."""
    done = run(stand.words)
    if done.returncode != 0 or done.stderr:
        return f"the next run: exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')}"
    if without_prom(visible(stand.out)) != without_prom(stand.new):
        return "the next run gives other files"
    return f"the next run left {stages(stand.out)}" if stages(stand.out) else ""


def end_of(child, fault):
    """Waits, and kills where the fault is a time."""
    if fault.kill_after_s is None:
        return child.communicate(timeout=120)[1]
    try:
        return child.communicate(timeout=fault.kill_after_s)[1]
    except subprocess.TimeoutExpired:
        child.kill()
        return child.communicate()[1]


def inject(stand, fault):
    stand.prepare()
    child = subprocess.Popen(fault.before + stand.words, env=environment(TMPDIR=stand.tmp, **fault.env), stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=fault.setup)
    stderr = end_of(child, fault)
    wrong = verdict(stand, fault, child.returncode, stderr)
    left = len(stages(stand.out))
    return wrong or next_run_wrong(stand), child.returncode, left


# ---- the classes ----------------------------------------------------------------------------------------------------

def spread(rng, highest, n):
    """n numbers from 1 to highest: half of them early, where set-up is, the others anywhere."""
    if highest <= n:
        return list(range(1, highest + 1))
    early = {min(highest, int(1.0 + highest ** (i / max(1, n // 2)))) for i in range(n // 2)}
    while len(early) < n:
        early.add(rng.randint(1, highest))
    return sorted(early)


def build_shim(folder):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    shim = folder("failalloc.so")
    source = os.path.join(ROOT, "tests", "tools", "failalloc.c")
    if not compiler or run([compiler, "-shared", "-fPIC", "-O2", "-o", shim, source]).returncode != 0:
        return None
    return shim


def count_allocations(stand, shim, words):
    """By process: the program first, then its children in their order."""
    counts = stand.folder("counts")
    if os.path.exists(counts):
        os.unlink(counts)
    run(words, env=environment(LD_PRELOAD=shim, FAILALLOC_COUNTS=counts))
    with open(counts, "rb") as f:
        data = f.read()
    highest = [int.from_bytes(data[i:i + 8], sys.byteorder) for i in range(0, len(data), 8)]
    return [n for n in highest if n]


def allocation_faults(stand, rng, points, tally):
    shim = build_shim(stand.folder)
    if not shim:
        tally.skip("allocations", "no compiler for the shim, or no glibc")
        return []
    stand.prepare()
    highest = count_allocations(stand, shim, stand.words)
    print(f"    allocations by process: {highest}")
    found = []
    for process, most in enumerate(highest):
        share = points // 2 if process == 0 else points // 2 // max(1, len(highest) - 1)
        who = "program" if process == 0 else "writer"
        for i, n in enumerate(spread(rng, most, max(2, share))):
            env = {"LD_PRELOAD": shim, "FAILALLOC_PROCESS": str(process), "FAILALLOC_AT": str(n)}
            if i % 2:
                env["FAILALLOC_FOREVER"] = "1"
            found.append(Fault(f"allocation, {who}", f"{n} of {most} in process {process}{' and on' if i % 2 else ''}", env=env))
    return found


def count_calls(stand):
    """How often a single task makes each system call at most: strace counts its injections by task."""
    log = stand.folder("strace.log")
    stand.prepare()
    done = run(["strace", "-f", "-o", log, *stand.words])
    if done.returncode != 0:
        return None
    counts = Counter()
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            m = re.match(r"(\d+) +([a-z_0-9]+)\(", line)
            if m:
                counts[m.group(1, 2)] += 1
    most = {}
    for (_, call), n in counts.items():
        most[call] = max(most.get(call, 0), n)
    return most


def call_fault(stand, call, action, n, forever):
    kill = action == "SIGKILL"
    what = "signal=SIGKILL" if kill else f"error={action}"
    when = f"{n}+" if forever else str(n)
    log = stand.folder("injected.log")
    before = ["strace", "-f", "-o", log, "-e", f"trace={call}", "-e", f"inject={call}:{what}:when={when}"]
    kind = "kill at a system call" if kill else f"{call} {action}"
    return Fault(kind, f"{call} {action} at {when}", before=before, silent=kill or (forever and call == "mmap"), log=log)


def call_faults(stand, rng, points, tally, kills):
    if not shutil.which("strace"):
        tally.skip("kills" if kills else "system calls", "strace is not there")
        return []
    most = count_calls(stand)
    if not most:
        tally.skip("kills" if kills else "system calls", "strace may not trace here")
        return []
    wanted = [(c, "SIGKILL") for c in KILLING_CALLS] if kills else list(FAILING_CALLS)
    wanted = [(c, a) for c, a in wanted if most.get(c)]
    found, pools = [], {w: spread(rng, most[w[0]], points) for w in wanted}
    while len(found) < points and any(pools.values()):
        for (call, action), numbers in pools.items():
            if numbers and len(found) < points:
                n = numbers.pop(rng.randrange(len(numbers)))
                found.append(call_fault(stand, call, action, n, not kills and action != "EINTR" and rng.random() < 0.3))
    return found


def time_faults(stand, rng, points):
    """SIGKILL at any time, without strace, so that threads and children meet it at full speed."""
    started = time.monotonic()
    stand.prepare()
    run(stand.words)
    whole = time.monotonic() - started
    return [Fault("kill at a time", f"SIGKILL after {1000 * t:.0f} ms", kill_after_s=t) for t in sorted(rng.uniform(0, whole) for _ in range(points))]


def limit(what, value):
    def setup():
        resource.setrlimit(what, (value, value))
    return setup


def ladder_faults(points):
    rungs = max(3, points // 3)
    memory = [int((24 << 20) * 1.5 ** (8 * i / rungs)) for i in range(rungs)]
    sizes = [int(4096 * 2 ** (10 * i / rungs)) for i in range(rungs)]
    files = [4 + i for i in range(rungs)][:16]
    return ([Fault("little memory", f"ulimit -v {v >> 10}", setup=limit(resource.RLIMIT_AS, v), silent=v < 64 << 20) for v in memory] +
            [Fault("small files", f"ulimit -f {v >> 10}", setup=limit(resource.RLIMIT_FSIZE, v)) for v in sizes] +
            [Fault("few open files", f"ulimit -n {v}", setup=limit(resource.RLIMIT_NOFILE, v), silent=v < 5) for v in files])


# ---- small file systems and a full terminal, which need an output of their own --------------------------------------

def on_tmpfs(stand, kilobytes, tally, results):
    place = stand.folder("tmpfs")
    os.makedirs(place, exist_ok=True)
    if run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "casebook-test", place]).returncode != 0:
        return False
    kept, stand.out = stand.out, os.path.join(place, "out")
    try:
        fits = sum(len(d) + 8192 for d in stand.old.values()) < kilobytes * 1024 * 0.9
        if fits:
            shutil.copytree(stand.old_set, stand.out)
        done = run(stand.command(stand.out), env=environment(TMPDIR=stand.tmp))
        seen = visible(stand.out) if os.path.isdir(stand.out) else {}
        fault = Fault("small file system", f"tmpfs of {kilobytes} K")
        wrong = files_wrong(seen, stand.old if fits else {}, stand.new) or end_wrong(fault, done.returncode, done.stderr)
        if not wrong and done.returncode == 0 and without_prom(seen) != without_prom(stand.new):
            wrong = "exit 0, and not all files are there"
        if not wrong and done.returncode not in (0, 73, 74):
            wrong = f"exit {done.returncode}: {done.stderr.decode()}"
        if not wrong and stages(stand.out):
            wrong = f"left behind: {stages(stand.out)}"
        tally.ok(not wrong, fault.label, wrong)
        results[fault.kind, "done" if done.returncode == 0 else "refused"] += 1
    finally:
        stand.out = kept
        run(["umount", place])
    return True


def tmpfs_ladder(stand, points, tally, results):
    sizes = [int(64 * 2 ** (5.5 * i / max(1, points - 1))) for i in range(points)]
    for kilobytes in sizes:
        if not on_tmpfs(stand, kilobytes, tally, results):
            tally.skip("small file systems", "a tmpfs cannot be mounted here (not root)")
            return


def full_terminal(stand, tally, results):
    cases = os.path.join(stand.data, "cases.csv")
    check = ["check", *inputs_of(stand.data)]
    commands = (["help"], ["help", "quarterly"], ["--help"], ["--version"], ["version"], ["presets"], ["explain"], ["explain", "R2"],
                ["map", cases], check, [*check, "--format", "json"])
    for words in commands:
        with open("/dev/full", "wb") as full:
            done = run([stand.program, *words], stdout=full)
        tally.ok(done.returncode == 74 and one_sentence(done.stderr), f"/dev/full: {' '.join(words)}",
                 f"exit {done.returncode}, {done.stderr.decode()!r}")
        results["standard output on /dev/full", "refused"] += 1


def printing_commands(stand):
    check = ["check", *inputs_of(stand.data), "--threads", "1"]
    return (check, [*check, "--format", "json"], ["map", os.path.join(stand.data, "cases.csv")], ["presets"], ["explain"], ["help"])


def starved_commands(stand, rng, points, tally, results):
    """What is printed: all of it with exit 0, or another exit and a message."""
    shim = build_shim(stand.folder)
    if not shim:
        tally.skip("printing without memory", "no compiler for the shim, or no glibc")
        return
    for words in printing_commands(stand):
        good = run([stand.program, *words])
        most = count_allocations(stand, shim, [stand.program, *words])[0]
        for i, n in enumerate(spread(rng, most, max(3, points // 4))):
            env = environment(LD_PRELOAD=shim, FAILALLOC_AT=str(n), **({"FAILALLOC_FOREVER": "1"} if i % 2 else {}))
            done = run([stand.program, *words], env=env)
            fault = Fault("printing without memory", f"{words[0]} {words[-1]}: allocation {n} of {most}{' and on' if i % 2 else ''}")
            wrong = end_wrong(fault, done.returncode, done.stderr)
            if not wrong and done.returncode == 0 and done.stdout != good.stdout:
                wrong = "exit 0, and other words are printed"
            tally.ok(not wrong, f"{fault.kind}: {fault.label}", wrong)
            results[fault.kind, "done" if done.returncode == 0 else "refused"] += 1


# ---- a sweep --------------------------------------------------------------------------------------------------------

def sweep(stand, faults, tally, results):
    for fault in faults:
        wrong, code, left = inject(stand, fault)
        tally.ok(not wrong, f"{fault.kind}: {fault.label}", wrong)
        kind = fault.kind if fault.kind.startswith(("alloc", "kill", "little", "small", "few")) else "system call fails"
        results[kind, "killed" if code < 0 else "done" if code == 0 else "refused"] += 1
        results[kind, "stage swept by the next run"] += left


def table(results):
    columns = ("done", "refused", "killed", "stage swept by the next run")
    print(f"    {'class':32}" + "".join(f"{c:>12.27}" for c in columns[:3]) + "  of which a stage was left to sweep")
    for kind in sorted({k for k, _ in results}):
        print(f"    {kind:32}" + "".join(f"{results[kind, c]:12}" for c in columns))


CLASSES = ("allocations", "calls", "kills", "times", "limits", "printing", "tmpfs", "full")


def sweep_all(program, tally, points, seed, classes=CLASSES):
    """`points` faults of each of the first three classes, and ladders that grow with it."""
    rng, results = random.Random(seed), Counter()
    with Folder() as folder:
        stand = Stand(program, folder)
        makers = {"allocations": lambda: allocation_faults(stand, rng, points, tally),
                  "calls": lambda: call_faults(stand, rng, points, tally, kills=False),
                  "kills": lambda: call_faults(stand, rng, points, tally, kills=True),
                  "times": lambda: time_faults(stand, rng, max(3, points // 3)),
                  "limits": lambda: ladder_faults(max(9, points // 4))}
        for name in classes:
            if name in makers:
                sweep(stand, makers[name](), tally, results)
            elif name == "printing":
                starved_commands(stand, rng, points, tally, results)
            elif name == "tmpfs":
                tmpfs_ladder(stand, max(4, min(24, points // 8)), tally, results)
            else:
                full_terminal(stand, tally, results)
            tally.section(f"faults: {name}")
    table(results)


def short_sweep(program, tally):
    """What `make test-end` runs, about 40 seconds."""
    sweep_all(program, tally, 24, seed=1)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--points", type=int, default=150)
    arguments.add_argument("--seed", type=int, default=int(time.time()))
    arguments.add_argument("--only", nargs="*", choices=CLASSES, default=CLASSES)
    given = arguments.parse_args()
    tally = Tally()
    print(f"seed {given.seed}")
    sweep_all(os.path.abspath(given.program), tally, given.points, given.seed, given.only)
    return tally.end("faults")


if __name__ == "__main__":
    sys.exit(main())
