#!/usr/bin/env python3
"""The command line as people meet it: tests/tools/command_line.py PROGRAM [SECTION…].

Options and commands alike in the program, its help, the man page and the completions; the examples for cron and systemd as they
are written; the Debian package installed and run; a config file of `map --full` that changes no figure; nothing that a customer
wrote, and no agent's name, in any output; a file a day for two years in one run.
"""
import csv
import datetime
import glob
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import zipfile

from behaviour import has_terminals
from runs import ROOT, Folder, Tally, ended, environment, inputs_of, run, visible

SAMPLE = os.path.join(ROOT, "sample-data")
CLI = os.path.join(ROOT, "src", "cli")


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


# ---- one table of options, told in several places --------------------------------------------------------------------

def table(program):
    """Options and commands as the program lists them."""
    text = run([program, "help"]).stdout.decode()
    options = re.findall(r"^  (--[a-z-]+)", text, re.M)
    return set(options), set(re.findall(r"^  casebook ([a-z-]+)", text, re.M))


def section_help(program, tally):
    options, commands = table(program)
    tally.ok(len(options) >= 19 and len(commands) == 10, "help: lists options and commands", f"{options} {commands}")
    man = read("src", "cli", "casebook.1").replace("\\-", "-").replace("\\", "")
    tally.equal(set(re.findall(r"--[a-z-]+[a-z]", man)), options, "man page: the program's options")
    tally.equal(sorted(c for c in commands if not re.search(rf"\b{c}\b", man)), [], "man page: every command")
    for command in sorted(commands):
        own = run([program, "help", command])
        again = run([program, command, "--help"])
        tally.ok(own.returncode == 0 and own.stdout.startswith(f"casebook {command} ".encode()), f"help {command}")
        if command != "help":
            tally.equal(again.stdout, own.stdout, f"{command} --help is help {command}")
    readme = read("README.md")
    known = set(re.findall(r"(--[a-z][a-z-]+[a-z])", " ".join(re.findall(r"casebook .*", readme))))
    tally.equal(sorted(known - options), [], "README: no option that is not there")
    used = set(re.findall(r"^    casebook ([a-z-]+)", readme, re.M))
    tally.equal(sorted(used - commands), [], "README: no command that is not there")
    statuses = set(re.findall(r"\b(6[4-9]|7[0-9]|130|143)\b", run([program, "help"]).stdout.decode().split("Exit status")[1]))
    tally.equal({s for s in statuses if not re.search(rf"\b{s}\b", man.split("EXIT STATUS")[1])}, set(), "man page: every status")


def on_terminal(words, **env):
    """Status and what is shown, with standard error a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([str(w) for w in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs, env=environment(**env)) as child:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                more = b""
            if not more:
                break
            shown += more
    os.close(ours)
    return child.returncode, shown


def section_colour(program, tally):
    if not has_terminals():
        return tally.skip("terminal", "no pseudo-terminal can be opened here")
    wrong = [program, "nihgtly"]
    tally.equal(on_terminal(wrong, TERM="xterm", NO_COLOR=None), (64, b"\x1b[1;31mcasebook:\x1b[0m unknown command 'nihgtly'; did you mean nightly?\r\n"),
                "colour: on a terminal")
    for name, env in (("NO_COLOR", {"TERM": "xterm", "NO_COLOR": "1"}), ("a dumb terminal", {"TERM": "dumb", "NO_COLOR": None}),
                      ("no TERM", {"TERM": None, "NO_COLOR": None})):
        status, shown = on_terminal(wrong, **env)
        tally.ok(status == 64 and shown.startswith(b"casebook: ") and b"\x1b" not in shown, "colour: none with " + name, repr(shown))
    tally.equal(run(wrong, env=environment(TERM="xterm", NO_COLOR=None)).stderr[:10], b"casebook: ", "colour: none in a file")
    with Folder() as folder:
        many = folder("many.csv")
        with open(many, "wb") as f:
            f.write(b"case_id,opened_at,text\n" + b"".join(b"C%d,2026-01-05T09:00:00Z,%s\n" % (i, b"x" * 400) for i in range(400000)))
        status, shown = on_terminal([program, "check", "--threads", "1", "--cases", many], TERM="xterm")
        told = re.findall(rb"many\.csv: +(\d+) %  (\d+) MB/s  (\d+) s left", shown)
        tally.ok(status == 0 and told and all(0 < int(p) <= 100 and int(r) > 0 for p, r, _ in told), "progress: share, rate and time left", repr(shown[:300]))
        tally.ok(shown.endswith(b"\r\x1b[K"), "progress: wiped at the end", repr(shown[-80:]))
        for name, more, env in (("--quiet", ["--quiet"], {"TERM": "xterm"}), ("--progress never", ["--progress", "never"], {"TERM": "xterm"}),
                                ("a dumb terminal", [], {"TERM": "dumb"})):
            tally.equal(on_terminal([program, "check", "--threads", "1", *more, "--cases", many], **env), (0, b""), "progress: none with " + name)


def section_man(program, tally):
    page = os.path.join(CLI, "casebook.1")
    if not shutil.which("groff"):
        return tally.skip("man page", "groff is not there")
    done = run(["groff", "-man", "-Tutf8", "-ww", page])
    tally.equal(ended(done), (0, b""), "man page: no warnings")
    text = re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout.decode())
    for heading in ("NAME", "SYNOPSIS", "DESCRIPTION", "INPUTS", "OPTIONS", "CONFIGURATION", "FILES", "ENVIRONMENT", "EXIT STATUS"):
        tally.ok(re.search(rf"^{heading}$", text, re.M), f"man page: {heading}")
    version = run([program, "version"]).stdout.decode().split()[1]
    tally.ok(f"casebook {version}" in read("src", "cli", "casebook.1"), "man page: the program's version")


def complete(program, words):
    """What bash offers at the end of the words."""
    script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _casebook; printf "%s\\n" "${COMPREPLY[@]}"'
    done = run(["bash", "-c", script, "bash", os.path.join(CLI, "completions", "casebook.bash"), program, *words], cwd=SAMPLE)
    return [line for line in done.stdout.decode().split("\n") if line] if not done.stderr else done.stderr


def section_completions(program, tally):
    options, commands = table(program)
    zsh, fish = read("src", "cli", "completions", "_casebook"), read("src", "cli", "completions", "casebook.fish")
    tally.equal(set(complete(program, ["quarterly", "--"])), options, "bash: the program's options")
    tally.equal(set(complete(program, [""])), commands, "bash: the program's commands")
    tally.equal(complete(program, ["qu"]), ["quarterly"], "bash: one command")
    tally.equal(complete(program, ["help", "ex"]), ["explain"], "bash: help of a command")
    tally.equal(complete(program, ["all", "--format", "x"]), ["xlsx", "xlsx,json"], "bash: words of --format")
    tally.equal(sorted(complete(program, ["all", "--cases", "cus"])), ["customers.csv"], "bash: files behind --cases")
    tally.equal(sorted(complete(program, ["all", "--cases", "cases.csv", "rev"])), ["reviews.csv"], "bash: several files")
    presets = set(re.findall(r"^([a-z0-9-]+) \(", run([program, "presets"]).stdout.decode(), re.M))
    tally.equal(set(complete(program, ["all", "--preset", ""])), presets, "bash: the presets")
    tally.equal({o for o in re.findall(r"'\*?(--[a-z-]+)\[", zsh)}, options, "zsh: the program's options")
    tally.equal(set(re.findall(r"^    '([a-z-]+):", zsh, re.M)), commands, "zsh: the program's commands")
    tally.equal({"--" + o for o in re.findall(r"^complete -c casebook -l ([a-z-]+)", fish, re.M)}, options, "fish: the program's options")
    tally.equal(set(re.search(r"set -l commands (.*)", fish).group(1).split()), commands, "fish: the program's commands")
    tally.equal(set(re.findall(r"-a ([a-z-]+) -d", fish)), commands, "fish: each command with its purpose")
    for shell, file in (("bash", "casebook.bash"), ("zsh", "_casebook"), ("fish", "casebook.fish")):
        if shutil.which(shell):
            done = run([shell, "-n", os.path.join(CLI, "completions", file)])
            tally.equal(ended(done), (0, b""), f"{shell}: its own parser")
        else:
            tally.skip(f"{shell}: its own parser", "the shell is not there")


# ---- examples ---------------------------------------------------------------------------------------------------------

def desk(folder):
    """/etc/casebook and /srv/casebook of the examples, below a folder of ours."""
    os.makedirs(folder("etc"))
    os.makedirs(folder("srv", "exports"))
    shutil.copy(os.path.join(SAMPLE, "dirty", "casebook.ini"), folder("etc", "casebook.ini"))
    for role in ("cases", "reviews", "customers"):
        shutil.copy(os.path.join(SAMPLE, "dirty", role + ".csv"), folder("srv", "exports", role + "-1.csv"))


def here(text, folder):
    return text.replace("/etc/casebook", folder("etc")).replace("/srv/casebook", folder("srv"))


def with_program(program, **more):
    """An environment as a service has it, with the program on its way."""
    return {"PATH": os.path.dirname(program) + ":/usr/bin:/bin", **more}


def section_cron(program, tally):
    text = read("src", "cli", "examples", "casebook.cron")
    variables = dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.M))
    jobs = re.findall(r"^((?:[\d*,/-]+ +){5})(\S+) +(casebook .*)$", text, re.M)
    tally.equal(len(jobs), 2, "cron: two jobs, each with five times, a user and a command")
    tally.ok("%" not in text, "cron: no '%', which cron takes for a line end")
    with Folder() as folder:
        desk(folder)
        env = with_program(program, **{k: here(v, folder) for k, v in variables.items() if k != "MAILTO"})
        for times, user, command in jobs:
            done = run([variables["SHELL"], "-c", here(command, folder)], env=env)
            tally.equal((done.stdout, *ended(done)), (b"", 0, b""), f"cron: {command.split()[1]} is silent")
            tally.ok(glob.glob(folder("srv", "reports", command.split()[1] + "-*.xlsx")), f"cron: {command.split()[1]} was written")
            fields = times.split()
            tally.ok(0 <= int(fields[0]) < 60 and 0 <= int(fields[1]) < 24, "cron: a time of the day")
        os.unlink(folder("srv", "exports", "cases-1.csv"))
        done = run(["/bin/sh", "-c", here(jobs[0][2], folder)], env=env)
        tally.ok(done.returncode == 66 and done.stderr.count(b"\n") == 1, "cron: one line where the export is missing", repr(done.stderr))


def section_systemd(program, tally):
    service, timer = (read("src", "cli", "examples", "casebook-nightly." + s) for s in ("service", "timer"))
    with Folder() as folder:
        desk(folder)
        env = with_program(program, **{k: here(v, folder) for k, v in re.findall(r"^Environment=(\w+)=(.*)$", service, re.M)})
        words = shlex.split(here(re.search(r"^ExecStart=(.*)$", service, re.M).group(1), folder))
        done = run(words, env=env)
        tally.equal((done.stdout, *ended(done)), (b"", 0, b""), "systemd: the command is silent")
        tally.ok(glob.glob(folder("srv", "reports", "nightly-*.xlsx")), "systemd: the workbook was written")
        if not shutil.which("systemd-analyze"):
            return tally.skip("systemd: verify", "systemd-analyze is not there")
        for name, text in (("casebook-nightly.service", service), ("casebook-nightly.timer", timer)):
            with open(folder(name), "w", encoding="utf-8") as f:
                f.write(text)
        done = run(["systemd-analyze", "verify", "--man=no", folder("casebook-nightly.timer"), folder("casebook-nightly.service")])
        ours = [line for line in done.stderr.decode().split("\n") if "casebook-nightly" in line]
        tally.equal((done.returncode, ours), (0, []), "systemd: verify")
        when = re.search(r"OnCalendar=(.*)", timer).group(1)
        done = run(["systemd-analyze", "calendar", when])
        tally.equal(done.returncode, 0, "systemd: the calendar's time")


# ---- the Debian package -----------------------------------------------------------------------------------------------

def section_deb(program, tally):
    if not (shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps")):
        return tally.skip("Debian package", "dpkg-dev is not there")
    made = run(["make", "-s", "deb", "CFG=" + os.environ.get("CFG", "release")], cwd=ROOT, timeout=900)
    if not tally.equal(made.returncode, 0, "deb: made"):
        return print(made.stderr.decode()[-2000:])
    package = os.path.join(ROOT, made.stdout.decode().split()[-1])
    with open(package, "rb") as f:
        first = f.read()
    run(["make", "-s", "deb", "CFG=" + os.environ.get("CFG", "release")], cwd=ROOT, timeout=900)
    with open(package, "rb") as f:
        tally.ok(f.read() == first, "deb: the same bytes again")
    with Folder() as folder:
        install_deb(tally, folder, package, program)


def install_deb(tally, folder, package, program):
    for name in ("info", "updates", "triggers"):
        os.makedirs(folder("root", "var", "lib", "dpkg", name))
    for name in ("status", "available"):
        open(folder("root", "var", "lib", "dpkg", name), "w", encoding="utf-8").close()
    root = folder("root")
    if os.geteuid() == 0:
        done = run(["dpkg", "--root=" + root, "--force-depends", "--force-script-chrootless", "-i", package])
    else:
        done = run(["dpkg-deb", "-x", package, root])
    tally.equal(done.returncode, 0, "deb: installed")
    own = os.path.join(root, "usr", "bin", "casebook")
    tally.equal(run([own, "version"]).stdout, run([program, "version"]).stdout, "deb: the program runs")
    done = run([own, "quarterly", *inputs_of(os.path.join(SAMPLE, "dirty")), "--out", folder("out")])
    tally.equal(ended(done), (0, b""), "deb: a report")
    fields = run(["dpkg-deb", "-f", package]).stdout.decode()
    libraries = re.findall(r"NEEDED\s+(\S+)", run(["objdump", "-p", own]).stdout.decode())
    tally.ok(len(libraries) > 5 and "libxlsxwriter" in fields and "libgsl" in fields, "deb: depends on its libraries", fields)
    for name in ("share/man/man1/casebook.1.gz", "share/bash-completion/completions/casebook", "share/zsh/vendor-completions/_casebook",
                 "share/fish/vendor_completions.d/casebook.fish", "share/doc/casebook/copyright",
                 "share/doc/casebook/examples/casebook-nightly.timer"):
        tally.ok(os.path.exists(os.path.join(root, "usr", name)), "deb: " + name)
    if os.geteuid() == 0:
        done = run(["dpkg", "--root=" + root, "--force-script-chrootless", "-P", "casebook"])
        tally.ok(done.returncode == 0 and not os.path.exists(own), "deb: removed without a trace", done.stderr.decode())


# ---- a config file of map --full ----------------------------------------------------------------------------------------

def figures(out):
    """The JSON of a run without what tells of settings, inputs and the run itself."""
    with open(glob.glob(os.path.join(out, "quarterly-*.json"))[0], encoding="utf-8") as f:
        document = json.load(f)
    return {k: v for k, v in document.items() if k not in ("config", "run_id", "sheets", "inputs")}


def same_with_full(program, tally, folder, name, path, more):
    config = folder(name + ".ini")
    done = run([program, "map", "--full", *more, "--cases", path])
    with open(config, "wb") as f:
        f.write(done.stdout)
    if not tally.equal(ended(done), (0, b""), f"map --full {name}"):
        return
    words = [program, "quarterly", "--cases", path, "--period", "2026", "--format", "json", "--max-rejects", "90", "--quiet"]
    plain = run([*words, *more, "--out", folder(name, "plain")])
    full = run([*words, "--config", config, "--out", folder(name, "full")])
    if tally.equal((plain.returncode, *ended(full)), (0, 0, b""), f"full {name}: runs"):
        tally.equal(figures(folder(name, "full")), figures(folder(name, "plain")), f"full {name}: the same figures")


def section_full(program, tally):
    with Folder() as folder:
        for case in sorted(glob.glob(os.path.join(ROOT, "tests", "cases", "preset-*", "in", "export.csv"))):
            name = case.split(os.sep)[-3]
            with open(os.path.join(os.path.dirname(case), "..", "cmd"), encoding="utf-8") as f:
                words = shlex.split(f.readline())
            if "--cases" in words and words[words.index("--cases") + 1] == "in/export.csv":
                keep = [w for i, w in enumerate(words) if "--set" in (w, words[i - 1])]
                same_with_full(program, tally, folder, name, case, keep)
        same_with_full(program, tally, folder, "sample", os.path.join(SAMPLE, "cases.csv"),
                       ["--config", os.path.join(SAMPLE, "casebook.ini")])


# ---- privacy --------------------------------------------------------------------------------------------------------------

def canary_rows(n):
    """Cases in which every text and every agent's name is a word that stands nowhere else."""
    for i in range(n):
        opened = datetime.datetime(2026, 1, 1) + datetime.timedelta(hours=7 * i)
        closed = opened + datetime.timedelta(hours=5 + i % 40)
        yield {"case_id": f"case-{i}", "opened_at": opened.isoformat() + "Z", "resolved_at": "" if i % 9 == 0 else closed.isoformat() + "Z",
               "customer_id": f"client-{i % 60}", "kind": ("wrong part", "injury", "routine")[i % 3], "root_cause": f"cause{i % 4}",
               "product": f"pump{i % 3}", "team": f"team{i % 4}", "agent": f"CANARYAGENT{i % 7}", "priority": "high",
               "status": "open" if i % 9 == 0 else "closed", "promised_at": (opened + datetime.timedelta(hours=8)).isoformat() + "Z",
               "loss_amount": "20.00", "remedy_amount": "5.00", "currency": "EUR", "liability": "yes" if i % 3 == 1 else "no",
               "text": f"CANARYTEXT{i} our policy is no"}


def everything_in(folder):
    """Every file below a folder, those in workbooks unpacked."""
    for name, data in visible(folder).items():
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(os.path.join(folder, name)) as z:
                for part in z.namelist():
                    yield f"{name}:{part}", z.read(part)
        else:
            yield name, data


def section_privacy(program, tally):
    with Folder() as folder:
        rows = list(canary_rows(600))
        with open(folder("cases.csv"), "w", encoding="utf-8", newline="") as f:
            writer = csv.DictWriter(f, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
            f.write("case-bad,not a date CANARYTEXTBAD" + "," * (len(rows[0]) - 2) + "\n")
        with open(folder("reviews.csv"), "w", encoding="utf-8") as f:
            f.write("review_id,posted_at,rating,customer_id,text\n" + "".join(
                f"review-{i},2026-02-{i % 28 + 1:02d}T09:00:00Z,{i % 5 + 1},client-{i},CANARYTEXT of a review\n" for i in range(60)))
        with open(folder("key"), "w", encoding="utf-8") as f:
            f.write("a key of more than sixteen bytes\n")
        inputs = ["--cases", folder("cases.csv"), "--reviews", folder("reviews.csv"), "--as-of", "2026-06-30"]
        for name, more in (("plain", []), ("verbose", ["--verbose"]),
                           ("codes", ["--pseudonymise", "--set", "report.pseudonym_key_file=" + folder("key")])):
            done = run([program, "all", *inputs, "--out", folder(name), *more])
            tally.equal(done.returncode, 0, f"privacy {name}: the run")
            tally.ok(b"CANARY" not in done.stdout + done.stderr, f"privacy {name}: messages")
            seen = {part for part, data in everything_in(folder(name)) if b"CANARY" in data and not part.startswith("rejected/")}
            tally.equal(seen, set(), f"privacy {name}: no text and no agent in any output")
            tally.ok(len([1 for _ in everything_in(folder(name))]) > 40, f"privacy {name}: the workbooks were looked into")
        ids = {part for part, data in everything_in(folder("codes")) if re.search(rb"\b(case|client|review)-[0-9]+\b", data)}
        tally.equal({i for i in ids if not i.startswith("rejected/")}, set(), "privacy codes: no id of a customer, case or review")
        ids = {part for part, data in everything_in(folder("plain")) if re.search(rb"\b(case|client)-[0-9]+\b", data)}
        tally.ok(any(i.startswith("nightly") for i in ids), "privacy: ids are there without it")
        for words in (["check", *inputs, "--max-rejects", "50"], ["check", *inputs, "--format", "json"], ["map", folder("cases.csv")],
                      ["map", "--full", folder("cases.csv")]):
            done = run([program, *words])
            tally.ok(done.returncode == 0 and b"CANARY" not in done.stdout + done.stderr, "privacy: " + words[0], repr(done.stderr))
        small_groups(program, tally, folder)


def small_groups(program, tally, folder):
    """With min_group above a team's size the team's name is in no group of the JSON."""
    for least, wanted in ((1, True), (10000, False)):
        out = folder(f"group{least}")
        run([program, "quarterly", "--cases", folder("cases.csv"), "--as-of", "2026-06-30", "--format", "json", "--out", out,
             "--set", f"report.min_group={least}"])
        with open(glob.glob(os.path.join(out, "quarterly-*.json"))[0], encoding="utf-8") as f:
            groups = json.load(f)["resolution"]["by"]
        tally.equal("team1" in [g["key"] for g in groups["team"]], wanted, f"privacy: min_group {least}")


# ---- many files -----------------------------------------------------------------------------------------------------------

def section_files(program, tally):
    """730 daily exports of the cases that changed that day: opened, touched the next day, solved the day after."""
    with Folder() as folder:
        first = datetime.date(2024, 10, 1)
        files = []
        for d in range(730):
            day = first + datetime.timedelta(days=d)
            rows = [f"C{d},{day}T09:00:00Z,K{d % 50},,open,{day}T09:00:00Z"]
            if d >= 1:
                rows.append(f"C{d - 1},{day - datetime.timedelta(days=1)}T09:00:00Z,K{(d - 1) % 50},,pending,{day}T10:00:00Z")
            if d >= 2:
                rows.append(f"C{d - 2},{day - datetime.timedelta(days=2)}T09:00:00Z,K{(d - 2) % 50},{day}T11:00:00Z,closed,{day}T11:00:00Z")
            files.append(folder(f"cases-{day}.csv"))
            with open(files[-1], "w", encoding="utf-8") as f:
                f.write("case_id,opened_at,customer_id,resolved_at,status,updated_at\n" + "\n".join(rows) + "\n")
        words = ["--period", "2024-10-01..2026-09-30", "--as-of", "2026-09-30", "--format", "json"]
        for name, order in (("as they came", files), ("backwards", files[::-1])):
            done = run([program, "quarterly", "--cases", *order, *words, "--out", folder(name)])
            if tally.equal(ended(done), (0, b""), f"730 files {name}: the run"):
                check_days(tally, folder(name), name)
        done = run([program, "quarterly", "--cases", *files, *words, "--verbose", "--out", folder("told")])
        text = done.stderr.decode()
        tally.ok("730 files: rows 2187 = accepted 730 + superseded 1457" in text and text.count("\n") < 24, "730 files: one screen", text)
        done = run([program, "check", "--cases", *files])
        text = done.stdout.decode()
        tally.ok(done.returncode == 0 and "and 718 more files" in text and text.count("\n") < 80, "730 files: check fits a screen or two")
        tally.ok("all cases: 730" in text and "chance does not explain: none" in text, "730 files: check tells of the whole", text[-400:])


def check_days(tally, out, name):
    with open(glob.glob(os.path.join(out, "quarterly-*.json"))[0], encoding="utf-8") as f:
        document = json.load(f)
    inputs, flow = document["inputs"], document["flow"]
    tally.equal((len(inputs), sum(i["rows"] for i in inputs), sum(i["accepted"] for i in inputs), sum(i["superseded"] for i in inputs)),
                (730, 730 + 729 + 728, 730, 729 + 728), f"730 files {name}: every row accounted for")
    tally.equal((flow["opened"], flow["resolved"], flow["open_at_end"]), (730, 728, 2), f"730 files {name}: the last state counts")
    tally.equal(document["resolution"]["hours"]["resolved_only"]["mean"], 50.0, f"730 files {name}: 50 hours each")


SECTIONS = {"help": section_help, "colour": section_colour, "man": section_man, "completions": section_completions, "cron": section_cron,
            "systemd": section_systemd, "deb": section_deb, "full": section_full, "privacy": section_privacy, "files": section_files}


def main():
    program = os.path.abspath(sys.argv[1])
    tally = Tally()
    for name in sys.argv[2:] or SECTIONS:
        SECTIONS[name](program, tally)
        tally.section(name)
    return tally.end("command line")


if __name__ == "__main__":
    sys.exit(main())
