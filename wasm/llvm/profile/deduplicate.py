#!/usr/bin/env python3
"""Drops repeated records of one function from a raw profile (LLVM's format 10, wasm32). See README.md.

usage: deduplicate.py <raw profile> <output>
"""
import struct
import sys

HEADER_WORDS = 16  # InstrProfData.inc, INSTR_PROF_RAW_HEADER
RECORD = 48  # INSTR_PROF_DATA with 4-byte pointers
BINARY_IDS, NUM_DATA, COUNTERS_DELTA = 2, 3, 10
COUNTER_POINTER = 16  # offset in a record, after the name's and the function's hash
WORD = 1 << 32


def main(source, target):
    raw = open(source, "rb").read()
    header = list(struct.unpack_from(f"<{HEADER_WORDS}Q", raw))
    start = 8 * HEADER_WORDS + header[BINARY_IDS]
    count, delta = header[NUM_DATA], header[COUNTERS_DELTA]
    seen, kept = set(), []
    for i in range(count):
        record = bytearray(raw[start + i * RECORD : start + (i + 1) * RECORD])
        name, function, pointer = struct.unpack_from("<QQI", record)
        # Pointers are relative to their record, so they change as records move.
        counters = (pointer - (delta - i * RECORD)) % WORD
        if (name, function, counters) in seen:
            continue
        seen.add((name, function, counters))
        struct.pack_into("<I", record, COUNTER_POINTER, (counters + delta - len(kept) * RECORD) % WORD)
        kept.append(bytes(record))
    header[NUM_DATA] = len(kept)
    with open(target, "wb") as out:
        out.write(struct.pack(f"<{HEADER_WORDS}Q", *header) + raw[8 * HEADER_WORDS : start])
        out.write(b"".join(kept) + raw[start + count * RECORD :])


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
