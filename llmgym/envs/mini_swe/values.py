"""Plain data as JSON, with its types: what a test reports from inside a sandbox.

Only values of exactly the built-in types are told; a value of any other type becomes a mark that equals nothing, so
an object with an ``__eq__`` of its own has no say. The runner inside the sandbox uses this very file.
"""

__all__ = ["OTHER", "decode", "encode"]

OTHER = ("other value",)
"""What a value of another type is decoded as; no test expects it."""

_DEEPEST = 50


def encode(value, depth=0):
    """Return a value as JSON data.

    Args:
        value: Anything.
        depth: How deep it lies in what is encoded.
    """
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return ["int", hex(value)]
    if kind is float:
        return ["float", float.hex(value)]
    if kind is str:
        return value
    if kind is bytes:
        return ["bytes", value.hex()]
    if depth < _DEEPEST:
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            return [kind.__name__, [encode(item, depth + 1) for item in kind.__iter__(value)]]
        if kind is dict:
            return [
                "dict",
                [[encode(key, depth + 1), encode(item, depth + 1)] for key, item in dict.items(value)],
            ]
    return ["other", kind.__name__ if type(kind) is type else ""]


def decode(data):
    """Return the value that some JSON data stands for.

    Args:
        data: What :func:`encode` returned, or anything that pretends to be.

    Raises:
        ValueError: When it is no such data.
    """
    if data is None or isinstance(data, bool | str):
        return data
    if not isinstance(data, list) or len(data) != 2 or not isinstance(data[0], str):
        raise ValueError("not an encoded value")
    kind, content = data
    try:
        if kind == "int":
            return int(content, 16)
        if kind == "float":
            return float.fromhex(content)
        if kind == "bytes":
            return bytes.fromhex(content)
        if kind == "list":
            return [decode(item) for item in content]
        if kind == "tuple":
            return tuple(decode(item) for item in content)
        if kind == "set" or kind == "frozenset":
            return frozenset(decode(item) for item in content)
        if kind == "dict":
            return {decode(key): decode(item) for key, item in content}
    except (TypeError, AttributeError, OverflowError) as error:
        raise ValueError("not an encoded value") from error
    return OTHER
