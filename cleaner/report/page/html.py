"""The page as one file: fixed markup, style and script, and the data as JSON that no browser reads as more.

The policy of the page names style and script by their digests, so that nothing else can run or load.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

import msgspec

from cleaner.report.page.data import PageData

_STATIC = files("cleaner.report.page") / "static"
_SCRIPTS = ("elements.js", "overview.js", "changes.js", "page.js")
# What ends a script element, or begins a comment in one, and what JavaScript once took for line ends.
_ESCAPES = {each: f"\\u{ord(each):04x}".encode() for each in "<>&\u2028\u2029"}


def page_html(data: PageData) -> bytes:
    """Return the page."""
    style = _read("page.css")
    script = f"(() => {{\n{''.join(map(_read, _SCRIPTS))}}})();\n"  # no name of it is one of the window
    parts = {
        "policy": _policy(style, script).encode(),
        "style": style.encode(),
        "data": _json(data),
        "script": script.encode(),
    }
    first, *rest = _read("page.html").split("@")
    return first.encode() + b"".join(
        parts[piece] if number % 2 == 0 else piece.encode() for number, piece in enumerate(rest)
    )


def _json(data: PageData) -> bytes:
    """Return the data as JSON that can stand in a script element."""
    text = msgspec.json.encode(data)
    for character, spelled in _ESCAPES.items():
        text = text.replace(character.encode(), spelled)
    return text


def _policy(style: str, script: str) -> str:
    return "; ".join([
        "default-src 'none'",
        f"script-src '{_digest(script)}'",
        f"style-src '{_digest(style)}'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ])  # fmt: skip


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _read(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")
