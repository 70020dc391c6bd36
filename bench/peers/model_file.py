"""The arrays of a descent model file, for the peers that continue from it."""
import json
import struct

TYPES = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "u1"}


def read_arrays(path):
    """By name, with NumPy alone; docs/model-file.md says what they are."""
    import numpy

    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    arrays = {}
    for name, about in json.loads(content[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in about["data_offsets"])
            arrays[name] = numpy.frombuffer(content[begin:end], TYPES[about["dtype"]]).reshape(about["shape"])
    return arrays
