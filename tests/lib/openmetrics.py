# SPDX-License-Identifier: GPL-2.0-or-later
"""openmetrics.py: holds standard input against the text format of OpenMetrics 1.0.

What of it can occur here: families with TYPE, UNIT and HELP before their samples, each family and
sample once, names with the suffixes that the type asks for, escaped labels, histograms whose
buckets grow and end in +Inf, an EOF and nothing behind it. Exits with 1 and the line where not.
"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)?\}})? ([^ ]+)(?: [0-9.]+)?\Z")
SUFFIXES = {
    "gauge": {""},
    "counter": {"_total", "_created"},
    "info": {"_info"},
    "histogram": {"_bucket", "_sum", "_count", "_created"},
    "unknown": {""},
}


def fail(number, why):
    sys.exit(f"openmetrics: line {number}: {why}")


def number_of(text, number):
    if not re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|[Ii]nf|NaN)", text):
        fail(number, f"no number: {text}")
    return float(text)


def main():
    text = sys.stdin.read()
    if not text.endswith("# EOF\n"):
        sys.exit("openmetrics: does not end in # EOF")
    lines = text[: -len("# EOF\n")].split("\n")
    if lines.pop() != "":
        sys.exit("openmetrics: a line without an end")
    family, kind, said, seen, samples, buckets = None, None, set(), {}, set(), []

    def close(number):
        if kind == "histogram":
            if not buckets or buckets[-1][0] != float("inf"):
                fail(number, f"{family}: the buckets do not end in +Inf")
            if buckets != sorted(buckets) or len({b[0] for b in buckets}) != len(buckets):
                fail(number, f"{family}: the buckets do not grow")
            if sums.get("_count") != buckets[-1][1]:
                fail(number, f"{family}: _count is not the last bucket")
            if "_sum" not in sums:
                fail(number, f"{family}: no _sum")

    sums = {}
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            parts = line.split(" ", 3)
            if len(parts) < 4 or parts[0] != "#" or parts[1] not in ("TYPE", "UNIT", "HELP"):
                fail(number, "neither TYPE nor UNIT nor HELP")
            word, name, rest = parts[1:]
            if not re.fullmatch(NAME, name):
                fail(number, "no name")
            if name != family:
                close(number)
                if name in seen:
                    fail(number, f"{name} is there twice")
                family, kind, said, buckets, sums = name, "unknown", set(), [], {}
                seen[name] = None
            if word in said or "sample" in said:
                fail(number, f"{word} again, or behind a sample")
            said.add(word)
            if word == "TYPE":
                if rest not in SUFFIXES:
                    fail(number, f"unknown type {rest}")
                kind = rest
                for other in seen:
                    for suffix in SUFFIXES[kind]:
                        if other != name and other == name + suffix:
                            fail(number, f"{name} clashes with {other}")
                if kind in ("counter", "info") and re.search(r"_(total|info)$", name):
                    fail(number, f"{name}: the suffix belongs to the sample")
            if word == "UNIT" and not name.endswith("_" + rest):
                fail(number, f"{name} does not end in its unit")
            if word == "HELP" and re.search(r"\\[^\\n\"]", rest):
                fail(number, "bad escape")
            continue
        match = SAMPLE.match(line)
        if not match:
            fail(number, f"no sample: {line}")
        name, labels, value = match.groups()
        suffix = name[len(family):] if family and name.startswith(family) else None
        if suffix not in SUFFIXES[kind]:
            fail(number, f"{name} is no sample of the {kind} {family}")
        said.add("sample")
        pairs = re.findall(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"', labels or "")
        if len({key for key, _ in pairs}) != len(pairs):
            fail(number, "a label twice")
        key = (name, tuple(sorted(pairs)))
        if key in samples:
            fail(number, f"{name} is there twice")
        samples.add(key)
        value = number_of(value, number)
        if kind in ("counter", "histogram") and not value >= 0:
            fail(number, "a count below nothing")
        if kind == "info" and value != 1:
            fail(number, "an info is 1")
        if suffix == "_bucket":
            end = dict(pairs)["le"]
            if end != "+Inf" and not re.search(r"[.e]", end):
                fail(number, f"a bucket's end is written {end}.0")
            buckets.append((float(end), value))
        elif kind == "histogram":
            sums[suffix] = value
    close(len(lines))


main()
