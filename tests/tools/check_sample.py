#!/usr/bin/env python3
"""Check that the data of casebook-sample hold the truths which its truths.json states.

    python3 tests/tools/check_sample.py [sample-data [sample-data/dirty [build/release/casebook-sample]]]

Reads the CSV files with Python's csv module, shares no code with the generator, and recomputes each planted figure:
counts must agree exactly, rates within 3 standard errors. With the generator as third argument the folders are also
drawn again and must be the same to the byte. Exits with 1 and names what does not hold.
"""
import csv
import filecmp
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
YEAR_S = 365.25 * 86400
DAY_S = 86400
faults = []


def say(ok, text):
    print(("ok    " if ok else "FAIL  ") + text)
    if not ok:
        faults.append(text)


_instants = {}


def instant(text):
    """UTC seconds of local wall time, None if blank. Offsets are looked up once per hour."""
    if not text:
        return None
    if len(text) == 10:
        text += " 00:00:00"
    hour = text[:13]
    if hour not in _instants:
        local = datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=ZONE)
        _instants[hour] = int(local.timestamp())
    return _instants[hour] + int(text[14:16]) * 60 + int(text[17:19])


def cents(text):
    return None if text == "" else round(float(text) * 100)


def rows_of(folder, name):
    with open(os.path.join(folder, name), newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def within(name, events, exposure, rate):
    expected = rate * exposure
    z = (events - expected) / math.sqrt(expected)
    say(abs(z) <= 3, f"{name}: rate {rate:.3f}, {events} events in {exposure:.1f}, {events / exposure:.4f}, z = {z:+.2f}")


def eligible_remedy(row):
    """methods.md A1: (loss, remedy) in cents, or None."""
    loss, remedy = cents(row["loss_amount"]), cents(row["remedy_amount"])
    if remedy is None and row["remedy_type"] in ("", "none"):
        remedy = 0
    if row["status"] not in ("Resolved", "Closed") or not loss or remedy is None:
        return None
    return loss + (cents(row["consequential_loss"]) or 0), remedy


def state_of(row):
    if row["status"] in ("Open", "Working", "Waiting", "Withdrawn"):
        return "unresolved"
    pair = eligible_remedy(row)
    if pair is not None and pair[1] < pair[0]:
        return "inadequate"
    quick = row["resolved"] is not None and row["resolved"] - row["opened"] <= DAY_S
    return "quick_adequate" if quick else "adequate"


def check_rows(cases, end):
    bad = 0
    for row in cases:
        row["opened"], row["resolved"] = instant(row["opened_at"]), instant(row["resolved_at"])
        last = max(t for t in (row["opened"], row["resolved"]) if t is not None)
        follow, answer = instant(row["follow_up_at"]), instant(row["first_response_at"])
        updated, escalated = instant(row["updated_at"]), instant(row["escalated_at"])
        bad += last > end or updated >= end or updated < last
        bad += follow is not None and not (row["resolved"] is not None and row["resolved"] < follow <= updated)
        bad += answer is not None and not (row["opened"] <= answer <= updated or row["status"] == "Open")
        bad += escalated is not None and not (row["opened"] <= escalated < end)
        bad += (row["resolved"] is not None) and row["status"] not in ("Resolved", "Closed")
        bad += (row["escalated"] == "yes") != (escalated is not None)
    say(bad == 0, f"times of {len(cases)} cases in order ({bad} not)")
    ids = [row["case_id"] for row in cases]
    say(len(set(ids)) == len(ids), "case ids are unique")


def check_leaving(truth, cases, customers, start, end):
    by_customer = defaultdict(list)
    for row in cases:
        if row["customer_id"]:
            by_customer[row["customer_id"]].append(row)
    first = min(row["opened"] for row in cases)
    years, losses, bad = Counter(), Counter(), 0
    for customer in customers:
        since, churned = instant(customer["since"]), instant(customer["churned_at"])
        active = instant(customer["last_active_at"])
        own = sorted(by_customer.get(customer["customer_id"], []), key=lambda row: row["opened"])
        stop = end if churned is None else churned
        bad += churned is not None and (churned >= end or (since is not None and churned < since))
        bad += bool(own) and (own[-1]["opened"] > stop or (since is not None and own[0]["opened"] < since))
        bad += active is not None and (active > stop or (since is not None and active < since))
        at = max(since if since is not None else start, first, start)
        if stop <= at:
            continue
        state, until = "clean", None
        events = [(row["opened"], state_of(row)) for row in own] + [(stop, None)]
        for when, new in events:
            if until is not None and until < when:
                years[state] += until - at
                at, state, until = until, "clean", None
            years[state] += max(0, when - at)
            at = max(at, when)
            if new is None:
                losses[state] += churned is not None
            else:
                state, until = new, when + 365 * DAY_S
    say(bad == 0, f"times of {len(customers)} customers consistent with their cases ({bad} not)")
    for item in truth["leaving"]["states"]:
        within("leaving, " + item["state"], losses[item["state"]], years[item["state"]] / YEAR_S, item["rate"])
    total = sum(years.values()) / YEAR_S
    planted = sum(item["customer_years"] for item in truth["leaving"]["states"])
    say(0.99 < total / planted <= 1.0, f"customer-years seen {total:.1f} of {planted:.1f} simulated (rest: not listed)")


def months_of(cases):
    series = defaultdict(lambda: [0] * 24)
    for row in cases:
        year, month = int(row["opened_at"][:4]), int(row["opened_at"][5:7])
        if row["root_cause"]:
            series[row["root_cause"]][(year - 2024) * 12 + month - 10] += 1
    return series


def ratio(name, series, reference, split, planted):
    a, b = sum(series[split:]), sum(series[:split])
    ea, eb = sum(reference[split:]), sum(reference[:split])
    log_ratio = math.log(a / ea / (b / eb))
    error = math.sqrt(1 / a + 1 / b + 1 / ea + 1 / eb)
    z = (log_ratio - math.log(planted)) / error
    say(abs(z) <= 3, f"{name}: ratio {math.exp(log_ratio):.3f}, planted {planted:.3f}, z = {z:+.2f}")


def check_causes(truth, cases):
    series = months_of(cases)
    for key in ("rising_cause", "fixed_cause", "high_by_chance", "high_by_chance_in_last_quarter"):
        say(series[truth[key]["root_cause"]] == truth[key]["cases_by_month"], f"{key}: months agree")
    rising, fixed = truth["rising_cause"]["root_cause"], truth["fixed_cause"]["root_cause"]
    lemon = truth["repeated_breakdown"]["root_cause"]
    rest = [sum(values) for values in zip(*(s for c, s in series.items() if c not in (rising, fixed, lemon)))]
    ratio("rising cause, 2026-Q3", series[rising], rest, 21, truth["rising_cause"]["rate_ratio"])
    ratio("fixed cause, since 2026-02", series[fixed], rest, 16, truth["fixed_cause"]["rate_ratio"])
    chance = truth["high_by_chance"]
    split = (int(chance["month"][:4]) - 2024) * 12 + int(chance["month"][5:]) - 10
    expected = sum(series[chance["root_cause"]]) * rest[split] / sum(rest)
    say(abs(expected - chance["expected"]) < 0.001, f"high by chance: {chance['cases']} against {expected:.2f}")


def check_breakdowns(truth, cases):
    pairs, found = defaultdict(list), Counter()
    for row in cases:
        if row["customer_id"] and row["product"]:
            pairs[row["customer_id"], row["product"]].append(row["opened"])
    for (_, product), times in pairs.items():
        times.sort()
        found[product] += any(c - a <= 365 * DAY_S for a, c in zip(times, times[2:]))
    planted = truth["repeated_breakdown"]["customers_by_product"]
    worst = max(abs(found[p] - n) / math.sqrt(n + 1) for p, n in planted.items())
    say(worst < 2, f"repeated breakdowns: {found} (blank products make a few fewer than {sum(planted.values())})")


def check_practice(truth, cases, end):
    resolved, done = Counter(), Counter()
    eligible, adequate = Counter(), Counter()
    for row in cases:
        if row["resolved"] is not None and row["resolved"] + 7 * DAY_S <= end:
            resolved[row["team"]] += 1
            follow = instant(row["follow_up_at"])
            done[row["team"]] += follow is not None and follow - row["resolved"] <= 7 * DAY_S
        pair = eligible_remedy(row)
        for key in (row["team"], "channel " + row["channel"]):
            eligible[key] += pair is not None
            adequate[key] += pair is not None and pair[1] >= pair[0]
    for item in truth["follow_up"]["teams"]:
        team, n, p = item["team"], item["resolved"], item["chance"]
        say(resolved[team] == n and done[team] == item["followed_up"], f"follow-up, {team}: counts agree")
        z = (done[team] - n * p) / math.sqrt(n * p * (1 - p))
        say(abs(z) <= 3, f"follow-up, {team}: {done[team] / n:.3f}, planted {p:.3f}, z = {z:+.2f}")
    for key in ("team", "channel"):
        groups = truth["equal_adequacy"][key]
        names = [g[key] if key == "team" else "channel " + g[key] for g in groups]
        agree = all(eligible[n] == g["eligible"] and adequate[n] == g["adequate"] for n, g in zip(names, groups))
        say(agree, f"adequacy by {key}: counts agree")
        share = sum(adequate[n] for n in names) / sum(eligible[n] for n in names)
        chi = sum((adequate[n] - eligible[n] * share) ** 2 / (eligible[n] * share * (1 - share)) for n in names)
        free = len(names) - 1
        say(chi < free + 3 * math.sqrt(2 * free), f"adequacy equal by {key}: chi-square {chi:.1f} on {free}")


def check_words(truth, cases):
    texts = [row["text"] for row in cases if row["text"]]
    say(len(texts) == truth["phrases"]["texts"], f"{len(texts)} texts")
    for phrase, item in truth["phrases"].items():
        if phrase != "texts":
            n = sum(phrase.lower() in text.lower() for text in texts)
            say(n == item["texts"], f"phrase \"{phrase}\": {n} texts")
    liability = [row for row in cases if row["liability"] == "yes"]
    escalated = sum(row["escalated"] == "yes" for row in liability)
    say([len(liability), escalated] == list(truth["liability"].values()), f"liability: {escalated} of {len(liability)}")
    largest = max(cents(row["loss_amount"]) or 0 for row in cases)
    say(largest == round(truth["largest_loss"] * 100), f"largest loss {largest / 100:.2f}")


def check_folder(folder):
    with open(os.path.join(folder, "truths.json"), encoding="utf-8") as file:
        truth = json.load(file)
    cases, reviews, customers = (rows_of(folder, n + ".csv") for n in ("cases", "reviews", "customers"))
    start, end = instant(truth["first_day"]), instant("2026-10-01")
    for key, rows in (("cases", cases), ("reviews", reviews), ("customers", customers)):
        say(len(rows) == truth["rows"][key], f"{len(rows)} {key}")
    check_rows(cases, end)
    still = sum(row["status"] in ("Open", "Working", "Waiting") for row in cases)
    say(still == truth["rows"]["cases_open_at_end"], f"{still} open at the end, {still / len(cases):.2%}")
    say(all(start <= instant(row["posted_at"]) < end for row in reviews), "reviews are posted within the window")
    check_leaving(truth, cases, customers, start, end)
    check_causes(truth, cases)
    check_breakdowns(truth, cases)
    check_practice(truth, cases, end)
    check_words(truth, cases)


def record_at(data, at):
    """(cells, next offset, fault) of the record at an offset, byte by byte after RFC 4180."""
    cells, cell, i = [], b"", at
    while True:
        if data[i:i + 1] == b'"':
            i += 1
            while data[i:i + 1] != b'"' or data[i:i + 2] == b'""':
                if i >= len(data):
                    return None, None, "quote-error"
                step = 2 if data[i:i + 2] == b'""' else 1
                cell += data[i:i + 1]
                i += step
            i += 1
            if data[i:i + 1] not in (b",", b"\n", b"\r", b""):
                return None, None, "quote-error"
        else:
            while data[i:i + 1] not in (b",", b"\n", b"\r", b""):
                if data[i:i + 1] == b'"':
                    return None, None, "quote-error"
                cell += data[i:i + 1]
                i += 1
        cells.append(cell)
        cell = b""
        if data[i:i + 1] == b",":
            i += 1
            continue
        i += 2 if data[i:i + 2] == b"\r\n" else 1
        return cells, i, None


def number(text):
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def when(text):
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S" if len(text) > 10 else "%Y-%m-%d")
    except ValueError:
        return None


TIMES = {"opened_at", "first_response_at", "resolved_at", "updated_at", "promised_at", "follow_up_at", "escalated_at",
         "posted_at", "since", "churned_at", "last_active_at"}
NUMBERS = {"transfers", "contacts", "reopens", "options_offered", "loss_amount", "consequential_loss",
           "remedy_amount", "satisfaction", "rating", "reach", "annual_value"}
FLAGS = {"escalated", "liability", "apology", "agreed", "avoidable"}


def cell_fault(name, text):
    if name in TIMES:
        return None if when(text) else "type-error"
    if name in NUMBERS:
        value = number(text)
        if value is None:
            return "type-error"
        if value < 0 or (name in ("satisfaction", "rating") and not 1 <= value <= 5):
            return "constraint-error"
    if name in FLAGS and text not in ("yes", "no"):
        return "type-error"
    return None


def is_required(role, name):
    return name in {"cases": ("case_id", "opened_at"), "reviews": ("review_id", "posted_at", "rating"),
                    "customers": ("customer_id",)}[role]


def judge(role, header, cells):
    """('rejected', code) | ('blank', ) | ('ok', row, unknown cells)."""
    if all(cell.strip() == b"" for cell in cells):
        return ("blank",)
    if len(cells) != len(header):
        return ("rejected", "extra-cell" if len(cells) > len(header) else "missing-cell")
    try:
        row = {name: cell.decode("utf-8").strip() for name, cell in zip(header, cells)}
    except UnicodeDecodeError:
        return ("rejected", "encoding-error")
    unknown = []
    for name, text in row.items():
        required = is_required(role, name)
        fault = cell_fault(name, text) if text else "missing-value" if required else None
        if fault and required:
            return ("rejected", fault)
        if fault:
            unknown.append(name)
    if role == "cases" and row["resolved_at"] and "resolved_at" not in unknown and row["resolved_at"] < row["opened_at"]:
        return ("rejected", "row-constraint")
    return ("ok", row, unknown)


def check_dirty(folder):
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    for item in expected["inputs"]:
        with open(os.path.join(folder, item["file"]), "rb") as file:
            data = file.read().removeprefix(b"\xef\xbb\xbf")
        header, at, _ = record_at(data, 0)
        header = [name.decode() for name in header]
        line, rows, rejected, blank, unknown, kept, superseded = 2, 0, [], [], Counter(), {}, []
        while at < len(data):
            rows += 1
            cells, after, fault = record_at(data, at)
            if fault:
                after = data.index(b"\n", at) + 1
            verdict = ("rejected", fault) if fault else judge(item["role"], header, cells)
            if verdict[0] == "blank":
                blank.append(line)
            elif verdict[0] == "rejected":
                rejected.append((line, verdict[1]))
            else:
                row, key = verdict[1], verdict[1][header[0]]
                unknown.update(verdict[2])
                old = kept.get(key)
                if old and row.get("updated_at", "") < old[0].get("updated_at", ""):
                    superseded.append(line)
                else:
                    if old:
                        superseded.append(old[1])
                    kept[key] = (row, line)
            line += data.count(b"\n", at, after)
            at = after
        role = item["role"]
        say(rows == item["rows"] == len(kept) + len(superseded) + len(rejected) + len(blank), f"dirty {role}: {rows} rows")
        say(len(kept) == item["accepted"], f"dirty {role}: {len(kept)} accepted")
        say(rejected == [(r["line"], r["code"]) for r in item["rejected_rows"]], f"dirty {role}: {len(rejected)} rejected")
        say(dict(Counter(code for _, code in rejected)) == item["rejects"], f"dirty {role}: rejects by code")
        say(blank == [r["line"] for r in item["blank_rows"]], f"dirty {role}: {len(blank)} blank")
        say(dict(unknown) == item["unknown_cells"], f"dirty {role}: unknown cells {dict(unknown)}")
        say(superseded == [r["line"] for r in item["superseded_rows"]], f"dirty {role}: {len(superseded)} superseded")
        say(len(rejected) < 0.05 * rows, f"dirty {role}: rejects below 5 %")


def check_again(generator, folder, options):
    with tempfile.TemporaryDirectory() as again:
        subprocess.run([generator, "--out", again] + options, check=True)
        for name in sorted(os.listdir(again)):
            same = filecmp.cmp(os.path.join(again, name), os.path.join(folder, name), shallow=False)
            say(same, f"drawn again, {os.path.join(folder, name)} is the same")


def main():
    clean = sys.argv[1] if len(sys.argv) > 1 else "sample-data"
    dirty = sys.argv[2] if len(sys.argv) > 2 else "sample-data/dirty"
    check_folder(clean)
    check_dirty(dirty)
    if len(sys.argv) > 3:
        check_again(sys.argv[3], clean, [])
        check_again(sys.argv[3], dirty, ["--dirty"])


if __name__ == "__main__":
    main()
    print(f"{len(faults)} do not hold")
    sys.exit(1 if faults else 0)
