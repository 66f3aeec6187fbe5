#!/usr/bin/env python3
"""Time and memory of `casebook all` on a million cases, against DuckDB on the same file in the same run.

    tests/tools/bench.py BUILD [--cases N] [--runs N] [--threads N] [--profile]

BUILD holds casebook and casebook-sample. The file of cases and DuckDB (the npm package) are kept in build/bench. DuckDB computes
count, mean, median, p90 and p95 of the resolution time by kind and product, once straight from the file (four of its 36 columns
are converted) and once from a table that the whole file was read into; casebook reads all columns and writes three reports as JSON.
The runs take turns, so that what else the machine does meets all alike. Exits with 1 where casebook is over the target, which
is set against the first.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

from runs import ROOT, environment, run

BENCH = os.path.join(ROOT, "build", "bench")
TARGET_TIME, TARGET_MEMORY = 0.8, 1.0
DUCKDB = "@duckdb/node-api"


def cases_file(build, cases):
    """The input, drawn once."""
    folder = os.path.join(BENCH, f"cases-{cases}")
    path = os.path.join(folder, "cases.csv")
    if not os.path.exists(path):
        print(f"drawing {cases} cases into {folder}", flush=True)
        made = run([os.path.join(build, "casebook-sample"), "--cases", cases, "--cases-only", "--out", folder + ".part"], timeout=3600)
        if made.returncode != 0:
            sys.exit(f"bench: casebook-sample: {made.stderr.decode()}")
        os.rename(folder + ".part", folder)
    return path


def duckdb_words(path, threads):
    """The peer's command, or None with the reason said."""
    if not shutil.which("node") or not shutil.which("npm"):
        print("skipped DuckDB: node and npm are not there")
        return None
    if not os.path.isdir(os.path.join(BENCH, "node_modules", DUCKDB)):
        print(f"installing {DUCKDB} into {BENCH}", flush=True)
        done = run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", BENCH, DUCKDB], cwd=BENCH, timeout=900)
        if done.returncode != 0:
            print(f"skipped DuckDB: npm could not install it: {done.stderr.decode()[-200:]}")
            return None
    shutil.copy(os.path.join(ROOT, "tests", "tools", "bench_duckdb.js"), BENCH)
    return ["node", os.path.join(BENCH, "bench_duckdb.js"), path, str(threads)]


def casebook_words(build, path, threads):
    out = os.path.join(BENCH, "out")
    shutil.rmtree(out, ignore_errors=True)
    return [os.path.join(build, "casebook"), "all", "--config", os.path.join(ROOT, "sample-data", "casebook.ini"), "--cases", path,
            "--format", "json", "--threads", str(threads), "--out", out]


def measure(words):
    """Wall seconds, processor seconds, peak MB, standard output."""
    started = time.monotonic()
    child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=BENCH)
    said = child.stdout.read()
    complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"bench: {words[0]}: exit {child.returncode}: {complaint.decode()}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said


def same_count(peer_said, cases):
    """The peer must have read what casebook read."""
    seen = json.loads(peer_said)["cases"]
    found = [n for n in os.listdir(os.path.join(BENCH, "out")) if n.startswith("quarterly") and n.endswith(".json")]
    with open(os.path.join(BENCH, "out", found[0]), encoding="utf-8") as f:
        rows = json.load(f)["inputs"][0]["rows"]
    if rows != seen:
        sys.exit(f"bench: casebook read {rows} rows, DuckDB {seen}")
    return rows


def table(results):
    print(f"\n{'':14} {'best s':>8} {'median s':>9} {'cpu s':>7} {'peak MB':>8}")
    for name, rows in results.items():
        print(f"{name:14} {min(r[0] for r in rows):8.2f} {statistics.median(r[0] for r in rows):9.2f} "
              f"{statistics.median(r[1] for r in rows):7.2f} {max(r[2] for r in rows):8.0f}")


def ratios(results, name):
    ours, peer = results["casebook"], results[name]
    best = min(r[0] for r in ours) / min(r[0] for r in peer)
    median = statistics.median(r[0] for r in ours) / statistics.median(r[0] for r in peer)
    memory = max(r[2] for r in ours) / max(r[2] for r in peer)
    work = statistics.median(r[1] for r in ours) / statistics.median(r[1] for r in peer)
    print(f"casebook / {name}: time {best:.2f} (best), {median:.2f} (median), processor time {work:.2f}, memory {memory:.2f}")
    return median, memory


def verdict(results):
    print()
    median, memory = ratios(results, "DuckDB")
    ratios(results, "DuckDB, table")
    print(f"wanted, against the first: time <= {TARGET_TIME}, memory <= {TARGET_MEMORY}")
    return 1 if median > TARGET_TIME or memory > TARGET_MEMORY else 0


def profile(words):
    """Where the time goes, sampled by perf: the functions themselves, and with what they call (needs frame pointers:
    make CFG=fp OPT="-O2 -g -fno-omit-frame-pointer" bench)."""
    if not shutil.which("perf"):
        return print("no profile: perf is not there")
    data = os.path.join(BENCH, "perf.data")
    done = run(["perf", "record", "-q", "-F", "999", "-g", "-o", data, *words], cwd=BENCH)
    if done.returncode != 0:
        return print(f"no profile: {done.stderr.decode()[-300:]}")
    for what in ("--no-children", "--children"):
        print(f"\nprofile, {what[2:].replace('-', ' ')}")
        said = run(["perf", "report", "-i", data, "--stdio", what, "-g", "none", "--percent-limit", "1"], cwd=BENCH)
        lines = [x.rstrip() for x in said.stdout.decode("utf-8", "replace").splitlines() if re.match(r"\s+\d", x)]
        print("\n".join(lines[:60]))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("build")
    arguments.add_argument("--cases", type=int, default=1000000)
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--profile", action="store_true")
    given = arguments.parse_args()
    build = os.path.abspath(given.build)
    os.makedirs(BENCH, exist_ok=True)
    path = cases_file(build, given.cases)
    peer = duckdb_words(path, given.threads)
    results = {"casebook": []}
    for _ in range(given.runs):
        results["casebook"].append(measure(casebook_words(build, path, given.threads)))
        for name, more in (("DuckDB", []), ("DuckDB, table", ["load"])) if peer else ():
            results.setdefault(name, []).append(measure(peer + more))
            same_count(results[name][-1][3], given.cases)
    print(f"{os.path.getsize(path) / 1e6:.0f} MB, {given.cases} cases, {given.threads} threads, {given.runs} runs of each, in turns")
    table(results)
    if given.profile:
        profile(casebook_words(build, path, given.threads))
    return verdict(results) if peer else 0


if __name__ == "__main__":
    sys.exit(main())
