"""Duplicates found by veilbook and by Python's recordlinkage (its ECM classifier) in the same labelled table.

    pip install recordlinkage
    veilbook demo --labelled table.csv --customers 20000 --seed 4242
    python3 benches/duplicates/compare.py table.csv target/release/veilbook

recordlinkage gets what its documentation recommends: normalised strings, blocks on every identifying column and on the
name, Jaro-Winkler and exact comparisons, and the unsupervised Fellegi-Sunter classifier. Both print the same columns.
"""

import json
import subprocess
import sys
import time
import unicodedata

import pandas
import recordlinkage

TABLE, VEILBOOK = sys.argv[1], sys.argv[2]
TEXT = ["name", "email", "chat_id", "address", "company", "gender", "birthday", "date_of_birth", "resident_id"]


def folded(text):
    return unicodedata.normalize("NFKC", text).lower().strip().lstrip("'")


def digits(text):
    found = "".join(c for c in folded(text) if c.isdigit())
    return found[2:] if len(found) == 13 and found.startswith("861") else found


def peer():
    rows = pandas.read_csv(TABLE, dtype=str, keep_default_na=False)
    key = rows.pop("key")
    began = time.monotonic()
    for column in TEXT:
        rows[column] = rows[column].map(folded)
    for column in ("mobile", "phone"):
        rows[column] = rows[column].map(digits)
    rows = rows.replace("", None)
    index = recordlinkage.Index()
    for column in ("name", "mobile", "phone", "email", "chat_id", "address", "resident_id"):
        index.block(column)
    pairs = index.index(rows)
    compare = recordlinkage.Compare()
    compare.string("name", "name", method="jarowinkler", threshold=0.88, label="name")
    compare.string("address", "address", method="jarowinkler", threshold=0.88, label="address")
    for column in ("mobile", "phone", "email", "chat_id", "company", "gender", "birthday", "date_of_birth"):
        compare.exact(column, column, label=column)
    features = compare.compute(pairs, rows)
    found = recordlinkage.ECMClassifier(binarize=0.5).fit_predict(features)
    took = time.monotonic() - began
    right = sum(key[a] == key[b] for a, b in found)
    groups = key.value_counts()
    all_pairs = int((groups * (groups - 1) // 2).sum())
    precision, recall = right / max(len(found), 1), right / all_pairs
    return len(pairs), precision, recall, took


def own():
    out = subprocess.run(
        [VEILBOOK, "duplicates", "eval", TABLE, "--key", "key", "--json"], check=True, capture_output=True
    ).stdout
    row = json.loads(out)
    return row["compared"], row["precision"], row["recall"], row["seconds"]


def main():
    print(f"{'':14}{'pairs compared':>16}{'precision':>11}{'recall':>9}{'F1':>9}{'seconds':>9}")
    for name, row in (("veilbook", own()), ("recordlinkage", peer())):
        compared, precision, recall, took = row
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        print(f"{name:14}{compared:16}{precision:11.4f}{recall:9.4f}{f1:9.4f}{took:9.1f}")


main()
