"""What a function returned, as JSON that keeps the types apart. Standard library only."""

import sys

_DEEPEST = 400


def encoded(value, depth=0):
    """Return a value as JSON: what JSON has no form for becomes an object with its kind, a dictionary a list of pairs.

    Objects of derived classes count as what they are derived from. What has no meaning outside, such as an object of
    the program's own, is told as ``opaque``.

    Args:
        value: Anything.
        depth: How deep it lies in another value.
    """
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int.__int__(value)
        return number if -(1 << 63) <= number < 1 << 63 else {"int": hex(number)}
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, list | tuple | dict) and depth < _DEEPEST:
        return _encoded_container(value, depth + 1)
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    kind = type(value)
    if (kind.__module__, kind.__name__) == ("decimal", "Decimal"):
        return {"decimal": str(value)}
    if (kind.__module__, kind.__name__) == ("fractions", "Fraction"):
        return {"fraction": [hex(value.numerator), hex(value.denominator)]}
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic) and value.dtype.kind in "biufc":
        told = {"numpy": value.dtype.str, "data": value.tobytes().hex()}
        return {**told, "shape": list(value.shape)} if isinstance(value, numpy.ndarray) else told
    return {"opaque": kind.__name__}


def _encoded_container(value, depth):
    if isinstance(value, list):
        return [encoded(each, depth) for each in list.__iter__(value)]
    if isinstance(value, tuple):
        return {"tuple": [encoded(each, depth) for each in tuple.__iter__(value)]}
    return {"dict": [[encoded(key, depth), encoded(each, depth)] for key, each in dict.items(value)]}
