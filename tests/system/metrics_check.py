#!/usr/bin/python3
"""Reads Prometheus's text format strictly: metrics_check.py < PAGE. Complains and fails, or prints the metrics' names.

The rules are those of "Exposition formats" (0.0.4) and of what `promtool check metrics` holds against names: each metric
has HELP and TYPE, in this order and once, and its values behind them; a counter ends with _total, what is none does not; base
units; a histogram's buckets grow, end with +Inf and agree with its count; no value stands twice."""
import re
import sys

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|\Z)')
LINE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)\Z")
UNITS = ("milliseconds", "microseconds", "minutes", "hours", "days", "kilobytes", "megabytes", "kib", "mib", "percent")

faults = []
kinds, helps, values, buckets = {}, {}, {}, {}
at = None


def fault(number, words):
    faults.append("line %d: %s" % (number, words))


def take_comment(number, line):
    global at
    words = line.split(" ", 3)
    if len(words) < 4 or words[1] not in ("HELP", "TYPE") or not NAME.match(words[2]) or not words[3]:
        return fault(number, "neither HELP nor TYPE: " + line)
    seen = helps if words[1] == "HELP" else kinds
    if words[2] in seen:
        fault(number, "twice: " + line)
    if words[1] == "TYPE" and at != words[2]:
        fault(number, "TYPE without its HELP before it: " + line)
    if words[1] == "TYPE" and words[3] not in ("counter", "gauge", "histogram"):
        fault(number, "no such type: " + line)
    seen[words[2]] = words[3]
    at = words[2]


def take_labels(number, text):
    labels, rest = {}, text or ""
    while rest:
        m = LABEL.match(rest)
        if not m or m.group(1) in labels:
            fault(number, "labels: " + text)
            break
        labels[m.group(1)] = m.group(2)
        rest = rest[m.end():]
    return labels


def take_value(number, line):
    m = LINE.match(line)
    if not m:
        return fault(number, "no value: " + line)
    name, labels = m.group(1), take_labels(number, m.group(2))
    base = name
    if kinds.get(at) == "histogram":
        base = re.sub(r"_(bucket|sum|count)\Z", "", name)
    if base != at:
        fault(number, "not behind its TYPE: " + line)
    key = (name, tuple(sorted(labels.items())))
    if key in values:
        fault(number, "twice: " + line)
    try:
        values[key] = float(m.group(3))
    except ValueError:
        fault(number, "no number: " + line)
        return
    if kinds.get(base) == "counter" and not values[key] >= 0:
        fault(number, "a counter below 0: " + line)
    if name == base + "_bucket" and kinds.get(base) == "histogram":
        if "le" not in labels:
            return fault(number, "bucket without le: " + line)
        rest = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        buckets.setdefault((base, rest), []).append((float(labels["le"]), values[key]))
    elif "le" in labels:
        fault(number, "le, but no bucket: " + line)


page = sys.stdin.buffer.read().decode("utf-8")
if not page.endswith("\n"):
    fault(0, "the last line has no end")
for number, line in enumerate(page.split("\n")[:-1], 1):
    if line.startswith("#"):
        take_comment(number, line)
    else:
        take_value(number, line)
for name, kind in kinds.items():
    if (kind == "counter") != name.endswith("_total"):
        fault(0, "a counter, and only that, ends with _total: " + name)
    if re.search(r"_(bucket|sum|count)\Z", name) or name != name.lower() or any(u in name.split("_") for u in UNITS):
        fault(0, "name: " + name)
    if helps.get(name, "").startswith(" "):
        fault(0, "help: " + name)
for (name, rest), row in buckets.items():
    if row != sorted(row) or [c for _, c in row] != sorted(c for _, c in row) or row[-1][0] != float("inf"):
        fault(0, "buckets: " + name)
    if values.get((name + "_count", rest)) != row[-1][1] or (name + "_sum", rest) not in values:
        fault(0, "count and sum: " + name)
for words in faults:
    print(words, file=sys.stderr)
if faults:
    sys.exit(1)
for name in kinds:
    print(name)
