#!/usr/bin/env python3
"""Checks exports of veilbook's record of actions, with the Python standard library alone.

    verify_record.py VKEY FILE...

VKEY is what `veilbook init` printed. One sentence a file; exit status 0 if every file is sound, else 1.
Written from the documents (RFC 6962, RFC 8032, RFC 8949 section 4.2.1, C2SP signed-note, tlog-checkpoint and
tlog-cosignature) and from the format's description, not from veilbook's code, so that the two check each other.
"""
import base64
import functools
import hashlib
import json
import sys


class Refused(Exception):
    pass


def require(condition, why):
    if not condition:
        raise Refused(why)


def b64(text, length=None):
    require(isinstance(text, str), "not base64")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Refused("not base64") from None
    require(base64.b64encode(data).decode() == text, "base64 is not canonical")
    require(length is None or len(data) == length, "wrong length")
    return data


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# Ed25519 (RFC 8032 section 5.1), points as (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z.

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, p):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, p)
        p, n = add(p, p), n >> 1
    return total


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    require(y < P, "not a point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    require((x * x - square) % P == 0 and (x or not sign), "not a point")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def compress(p):
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
NEUTRAL = compress((0, 1, 1, 0))


@functools.lru_cache(maxsize=1024)  # Several copies of one record share their signatures.
def check_signature(key, message, signature):
    require(len(signature) == 64, "a signature has the wrong length")
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    a = point(key)
    require(s < L and compress(times(8, a)) != NEUTRAL and compress(times(8, point(r))) != NEUTRAL, "a weak signature")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    require(compress(add(times(s, BASE), times(h, (P - a[0], a[1], a[2], P - a[3])))) == r, "a signature is wrong")


# Deterministic CBOR: unsigned and negative integers, byte and text strings, arrays, null.


def decode(data, at=0):
    require(at < len(data), "an entry is cut off")
    major, low, at = data[at] >> 5, data[at] & 31, at + 1
    if (major, low) == (7, 22):
        return None, at
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
    require(major < 5 and (low < 24 or size) and at + size <= len(data), "an entry is not in the format")
    n, at = (int.from_bytes(data[at : at + size], "big") if size else low), at + size
    require(not size or n >= {1: 24, 2: 2**8, 4: 2**16, 8: 2**32}[size], "an entry's encoding is not canonical")
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if major == 4:
        items = []
        for _ in range(n):
            item, at = decode(data, at)
            items.append(item)
        return items, at
    require(at + n <= len(data), "an entry is cut off")
    text = data[at : at + n]
    try:
        return (text if major == 2 else text.decode("utf-8")), at + n
    except UnicodeDecodeError:
        raise Refused("an entry is not in the format") from None


SHAPE = "version seq time actor session origin action object number field reason count outcome commitments".split()
PARTS = "before after reason ticket value_hmac".split()


def check_entry(line, seq):
    leaf = b64(line["leaf"])
    fields, end = decode(leaf)
    require(end == len(leaf) and isinstance(fields, list) and len(fields) == len(SHAPE), "an entry is not in the format")
    entry = dict(zip(SHAPE, fields))
    require(entry["version"] == 1, "an entry of an unknown version")
    require(type(line["seq"]) is int, "not a line of this format")
    require(line["seq"] == seq and entry["seq"] == seq, "an entry is missing or out of order")
    texts = line.get("texts", {})
    require("texts" not in line or texts, "the encoding is not canonical")
    require(isinstance(texts, dict) and list(texts) == [p for p in PARTS if p in texts], "an entry has unknown texts")
    require(isinstance(entry["commitments"], list) and len(entry["commitments"]) == 5, "an entry is not in the format")
    for part, committed in zip(PARTS, entry["commitments"]):
        if part in texts:
            salt, what = texts[part]
            what = b64(what, 32) if part == "value_hmac" else what.encode("utf-8")
            require(sha256(b64(salt, 16), what) == committed, f"the text {part!r} is not the one committed to")
    return sha256(b"\0", leaf)


# The tree: the roots of its complete subtrees, largest first, with their sizes.


def append(peaks, leaf):
    size = 1
    while peaks and peaks[-1][0] == size:
        _, left = peaks.pop()
        leaf, size = sha256(b"\1", left, leaf), size * 2
    peaks.append((size, leaf))


def root_of(peaks):
    root = peaks[-1][1]
    for _, left in reversed(peaks[:-1]):
        root = sha256(b"\1", left, root)
    return root


def consistent(old, old_root, new, new_root, proof):
    """RFC 9162 section 2.1.4.2."""
    if old == 0 or old == new:
        return not proof and (old == 0 or old_root == new_root)
    if old & (old - 1) == 0:
        proof = [old_root] + proof
    if not proof:
        return False
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = sha256(b"\1", c, fr), sha256(b"\1", c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = sha256(b"\1", sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == new_root


# Keys, notes, checkpoints.


def parse_vkey(text):
    parts = text.split("+", 2)
    require(len(parts) == 3, "not a verification key")
    name, key_id, material = parts[0], parts[1], b64(parts[2], 33)
    require(sha256(name.encode(), b"\n", material)[:4].hex() == key_id, "a key's hash does not fit")
    return {"name": name, "id": bytes.fromhex(key_id), "type": material[0], "key": material[1:]}


def open_checkpoint(note, key, cosigners):
    require(all(c == "\n" or ord(c) >= 32 for c in note) and note.endswith("\n"), "not a signed note")
    body, gap, signatures = note.rpartition("\n\n")
    require(gap, "not a signed note")
    body += "\n"
    used = []
    for number, line in enumerate(signatures[:-1].split("\n")):
        dash, name, material = (line.split(" ") + [None] * 3)[:3]
        require(dash == "—" and line.count(" ") == 2, "not a signed note")
        material = b64(material)
        known = [k for k in ([key] if number == 0 else cosigners) if (k["name"], k["id"]) == (name, material[:4])]
        require(known and known[0] not in used, "a checkpoint is signed by a key that was not expected")
        used.append(known[0])
        if number == 0:
            check_signature(key["key"], body.encode(), material[4:])
        else:
            seen = int.from_bytes(material[4:12], "big")
            check_signature(known[0]["key"], f"cosignature/v1\ntime {seen}\n{body}".encode(), material[12:])
    lines = body[:-1].split("\n")
    require(len(lines) >= 3 and all(lines) and lines[0] == key["name"], "not a checkpoint of this record")
    require(lines[1].isascii() and lines[1].isdigit() and lines[1][0] != "0", "a checkpoint's size is not a plain number")
    return int(lines[1]), b64(lines[2], 32)


def canonical(line, *members):
    value = json.loads(line)
    require(isinstance(value, dict), "not a line of this format")
    again = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    require(again == line, "the encoding is not canonical")
    names = list(value)
    require(names == [m for m in members if m in names], "not a line of this format")
    require(all(m in names for m in members if m != "texts"), "not a line of this format")
    return value


def check_lines(lines, given):
    head = canonical(next(lines), "format", "vkey", "cosigners")
    require(head["format"] == "veilbook-record/1", "not an export of a record")
    require(head["vkey"] == given, "signed with another key than the one given")
    key, cosigners = parse_vkey(given), [parse_vkey(c) for c in head["cosigners"]]
    require(key["type"] == 1 and all(c["type"] == 4 for c in cosigners), "a key is of the wrong kind")
    peaks, entries, checkpoints, last = [], 0, 0, (0, b"")
    for line in lines:
        if line.startswith('{"seq":'):
            append(peaks, check_entry(canonical(line, "seq", "leaf", "texts"), entries))
            entries += 1
        elif line.startswith('{"checkpoint":'):
            stated = canonical(line, "checkpoint", "proof")
            size, root = open_checkpoint(stated["checkpoint"], key, cosigners)
            require(size == entries, "entries were removed or added before a checkpoint")
            require(root == root_of(peaks), "the entries are not those that were signed")
            require(consistent(*last, size, root, [b64(h, 32) for h in stated["proof"]]), "a proof is wrong")
            last, checkpoints = (size, root), checkpoints + 1
        else:
            canonical(line, "entries", "checkpoints")
            require(line == f'{{"entries":{entries},"checkpoints":{checkpoints}}}', "the last line counts otherwise")
            require(last[0] == entries > 0, "the last entries are covered by no checkpoint")
            require(next(lines, None) is None, "something was added behind the end")
            return entries, checkpoints
    raise Refused("the tail was cut off")


def check_file(path, given):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    require(text.endswith("\n"), "the tail was cut off")
    entries, checkpoints = check_lines(iter(text[:-1].split("\n")), given)
    return f"sound: {entries} entries under {checkpoints} signed checkpoints"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sound = True
    for path in sys.argv[2:]:
        try:
            print(f"{path}: {check_file(path, sys.argv[1])}")
        except (Refused, ValueError, TypeError, KeyError, AttributeError, RecursionError, StopIteration) as fault:
            sound = False
            print(f"{path}: refused: {fault}")
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
