#!/usr/bin/env python3
"""Checks that a model file is a well-formed safetensors file, in code that shares nothing with the
library: with the standard library alone and, where the package safetensors is installed, with that.

Usage: check_safetensors.py FILE      exit status 0: well-formed, 1: not, 2: usage
"""
import json
import struct
import sys

ELEMENT_BYTES = {"U8": 1, "I32": 4, "I64": 8, "F32": 4, "F64": 8, "BF16": 2}


def expect(condition, message):
    if not condition:
        raise ValueError(message)


def without_repetition(pairs):
    names = [name for name, _ in pairs]
    expect(len(names) == len(set(names)), f"a name is given twice: {names}")
    return dict(pairs)


def is_size(value):
    return type(value) is int and value >= 0


def check_layout(content):
    """The rules of the format and those of docs/model-file.md; returns name -> (dtype, shape, bytes)
    and the metadata."""
    (header_bytes,) = struct.unpack_from("<Q", content)
    start = 8 + header_bytes
    expect(start <= len(content), "the header is longer than the file")
    expect(start % 8 == 0, f"the arrays begin at byte {start}, not a multiple of 8")
    text = content[8:start].decode("utf-8")
    expect(text.startswith("{"), "the header does not begin with {")
    header = json.loads(text, object_pairs_hook=without_repetition)
    metadata = header.pop("__metadata__", {})
    expect(all(isinstance(value, str) for value in metadata.values()), "metadata is not text")

    arrays, offset = {}, 0
    for name, entry in header.items():
        expect(set(entry) == {"dtype", "shape", "data_offsets"}, f"{name}: {sorted(entry)}")
        expect(entry["dtype"] in ELEMENT_BYTES, f"{name}: dtype {entry['dtype']}")
        expect(len(entry["shape"]) in (1, 2), f"{name}: shape {entry['shape']}")
        begin, end = entry["data_offsets"]
        expect(all(map(is_size, entry["shape"] + [begin, end])), f"{name}: sizes")
        size = ELEMENT_BYTES[entry["dtype"]]
        expect((start + begin) % size == 0, f"{name} is not aligned")
        expect(begin == offset, f"{name} begins at {begin}, the one before ends at {offset}")
        for length in entry["shape"]:
            size *= length
        expect(end - begin == size, f"{name} has {end - begin} bytes, its shape needs {size}")
        arrays[name] = (entry["dtype"], entry["shape"], content[start + begin:start + end])
        offset = end
    expect(start + offset == len(content), "bytes follow the last array")
    expect(list(arrays)[-1:] == ["checksum"], "the last array is not the checksum")
    expect(arrays["checksum"][:2] == ("U8", [8]), "the checksum is not U8 (8)")
    return arrays, metadata


def check_with_package(path, arrays, metadata):
    """Python's safetensors finds the same; returns whether it is installed."""
    try:
        from safetensors import safe_open
    except ImportError:
        return False
    numpy_types = {"U8": "|u1", "I32": "<i4", "I64": "<i8", "F32": "<f4", "F64": "<f8"}
    with safe_open(path, framework="numpy") as file:
        expect(set(file.keys()) == set(arrays), "safetensors finds other arrays")
        expect((file.metadata() or {}) == metadata, "safetensors finds other metadata")
        for name, (dtype, shape, content) in arrays.items():
            if dtype not in numpy_types:  # NumPy has no bfloat16
                continue
            array = file.get_tensor(name)
            expect(array.dtype.str == numpy_types[dtype], f"{name}: dtype {array.dtype}")
            expect(list(array.shape) == shape, f"{name}: shape {array.shape}")
            expect(array.tobytes() == content, f"{name}: other bytes")
    return True


def check_checksum(content):
    """XXH3-64 computed by the package xxhash; returns whether it is installed."""
    try:
        import xxhash
    except ImportError:
        return False
    expected = struct.pack("<Q", xxhash.xxh3_64_intdigest(content[:-8]))
    expect(content[-8:] == expected, "the checksum is wrong")
    return True


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    path = sys.argv[1]
    try:
        with open(path, "rb") as file:
            content = file.read()
        arrays, metadata = check_layout(content)
        checkers = ["the standard library"]
        if check_with_package(path, arrays, metadata):
            checkers.append("safetensors")
        if check_checksum(content):
            checkers.append("xxhash")
    except Exception as error:  # whatever it is, the file is not as it should be
        print(f"{path}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(f"{path}: {len(arrays)} arrays, well-formed according to {', '.join(checkers)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
