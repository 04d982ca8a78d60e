"""A mutator of bytes: what bad disks, bad senders and bad intentions make of a sample."""

_ODD = [
    b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\\ud800", b"\\u0000", b"\r", b"\n\n",
    b"\r\n", b"[" * 3000, b'{"a":' * 3000, b"<p>" * 3000, b"</page>", b"<eos>", b"9" * 5000, b"-1", b"1e999", b"NaN",
    b"Infinity", b"null", b"true", b'""', b"[]", b"{}", b"0" * 20, b"9223372036854775808", b"&#xD800;", b"&amp;",
    b"<!--", b"<![CDATA[", b"WARC/1.0\r\n", b"Content-Length: 99999999999\r\n", b"Content-Length: -5\r\n", b": ",
    b"'", b'"', b"\\", b"{{", b"%s", b"!!python/object:os.system", b"&a [*a]", b"*b", b"- ", b"\t", b"? ", b"| ",
    b"2026-13-45",
]  # fmt: skip


def _place(data, rng):
    return rng.randrange(len(data) + 1)


def _stretch(data, rng):
    start = _place(data, rng)
    return start, min(len(data), start + rng.choice([1, 2, 8, 64, 1024]))


def _flip(data, rng):
    if not data:
        return data
    place = rng.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def _delete(data, rng):
    start, end = _stretch(data, rng)
    return data[:start] + data[end:]


def _repeat(data, rng):
    start, end = _stretch(data, rng)
    return data[:start] + data[start:end] * rng.choice([2, 3, 50]) + data[end:]


def _insert(data, rng):
    place = _place(data, rng)
    return data[:place] + rng.choice(_ODD) + data[place:]


def _replace(data, rng):
    start, end = _stretch(data, rng)
    return data[:start] + rng.choice([rng.choice(_ODD), rng.randbytes(end - start)]) + data[end:]


def _cut(data, rng):
    return data[: _place(data, rng)]


def _replace_value(data, rng):
    """Put something odd between two marks of punctuation, where values stand."""
    marks = [place for place, code in enumerate(data) if code in b':,[]{}"<>= \n']
    if len(marks) < 2:
        return data
    first = rng.randrange(len(marks) - 1)
    return data[: marks[first] + 1] + rng.choice(_ODD) + data[marks[first + 1] :]


_WAYS = (_flip, _flip, _delete, _repeat, _insert, _replace, _cut, _replace_value, _replace_value)


def mutate(samples, rng):
    """Change a sample one to four times; now and then its end is that of another."""
    data = rng.choice(samples)
    if rng.random() < 0.1:
        data = data[: _place(data, rng)] + (other := rng.choice(samples))[_place(other, rng) :]
    for _ in range(rng.choice([1, 1, 2, 4])):
        data = rng.choice(_WAYS)(data, rng)
    return data


def flipped(data, rng, bits=1):
    """Some bits of a file, turned over."""
    spoiled = bytearray(data)
    for _ in range(bits):
        spoiled[rng.randrange(len(spoiled))] ^= 1 << rng.randrange(8)
    return bytes(spoiled)
