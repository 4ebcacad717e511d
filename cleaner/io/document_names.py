"""The name of a document as scans and the index hold it: path, record and id, a JSON list in ASCII."""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii

import msgspec

DocumentName = tuple[str, int, str]

_plain = msgspec.json.Decoder(DocumentName)


def packed_name(name: DocumentName) -> bytes:
    r"""Return what `json.dumps` makes of a name, in a sixth of the time.

    >>> packed_name(("tin/bão.txt", 0, "a\udcff"))
    b'["tin/b\\u00e3o.txt", 0, "a\\udcff"]'
    """
    path, record, identity = name
    return f"[{encode_basestring_ascii(path)}, {record}, {encode_basestring_ascii(identity)}]".encode()


def read_name(data: bytes) -> DocumentName:
    r"""Return a name that was packed; of one that holds half a character `json` alone can tell.

    >>> read_name(b'["tin/b\\u00e3o.txt", 0, "a\\udcff"]')
    ('tin/bão.txt', 0, 'a\udcff')
    """
    try:
        name: DocumentName = _plain.decode(data)
    except msgspec.DecodeError:
        path, record, identity = json.loads(data)
        name = path, record, identity
    return name
