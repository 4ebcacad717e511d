"""One boilerplate rule: its compiled form, where it matches, and the checks it must pass when loaded.

A rule is data that a person may write, so it is tried before it touches a text: on its own examples,
on the empty string, and on strings on which bad patterns run for minutes. `regex` is used throughout:
it knows \\p{Lu}, partial matches and time limits.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import normalize

import regex
from msgspec import Struct

from cleaner.errors import InputError
from cleaner.stages.literals import literals_of

if TYPE_CHECKING:
    from cleaner.settings import Action, Rule

# A name is 1 to 5 capitalised words: "Minh Hà", "Jean-Luc O’Neil", "TTXVN", "Đ.H.".
# A credit names who made a picture: a name with at most two other words in it ("Báo Pháp luật Thủ đô").
# A syllable is a capitalised Vietnamese one: onset, vowels, coda; "Anh" and "Nguyễn", not "York".
# Given: the syllables with which most Vietnamese names end.
_WORD = r"\p{Lu}[\w.’'-]*"
_CREDITED = r"[^\s:;?!()]*"
_VOWELS = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
_GIVEN = (
    "An Anh Ánh Bảo Bích Bình Chi Châu Chinh Chung Công Cường Cúc Dung Duy Duyên Dũng Dương Đan Đào Đạt "
    "Điệp Đông Đức Giang Hà Hải Hạnh Hân Hằng Hiền Hiếu Hiệp Hoa Hoà Hòa Hoài Hoan Hoàn Hoàng Hồng Huân "
    "Huệ Hùng Huy Huyền Hưng Hương Hường Hậu Khang Khánh Khiêm Khoa Khôi Khuê Kiên Kiệt Kim Lam Lan Lâm "
    "Lài Lệ Liên Linh Loan Long Lộc Luân Ly Lý Mai Mạnh Minh My Mỹ Nam Nga Ngân Nghĩa Ngọc Nguyên Nguyệt "
    "Nhân Nhật Nhi Nhung Như Oanh Phát Phong Phú Phúc Phương Phượng Quang Quân Quốc Quý Quyên Quyền Quỳnh "
    "Sang Sâm Sơn Tâm Tài Tân Thái Thanh Thành Thảo Thắm Thắng Thân Thi Thiên Thiện Thịnh Thoa Thơ Thơm "
    "Thu Thuận Thuý Thúy Thuỳ Thùy Thuỷ Thủy Thư Thương Tiên Tiến Tiệp Tín Toàn Trà Trang Trâm Trân Trí "
    "Trinh Trúc Trung Trường Tú Tuấn Tuyền Tuyết Tùng Tường Uyên Vân Vi Vinh Việt Vĩnh Vũ Vương Vy Xuân "
    "Yên Yến"
)
PLACEHOLDERS = {
    "UP": r"\p{Lu}",
    "NAME": rf"(?:{_WORD}(?:\s+{_WORD}){{0,4}})",
    "CREDIT": (
        rf"(?:\p{{Lu}}{_CREDITED}(?: [\p{{Lu}}\d&/+–-]{_CREDITED}){{0,5}}"
        rf"(?: \p{{Ll}}{_CREDITED}(?: [\p{{Lu}}\d&/+–-]{_CREDITED}){{0,4}}){{0,2}})"
    ),
    "SYLLABLE": (
        rf"(?:(?:Ngh?|Nh?|T[hr]?|Ph|Ch?|Kh?|G[hi]?|Qu|[BDĐHLMRSVX])[{_VOWELS}]|[{_VOWELS.upper()}])"
        rf"[{_VOWELS}]{{0,2}}(?:ch|ng|nh|[cmnpt])?(?!\w)"
    ),
    "GIVEN": rf"(?:{_GIVEN.replace(' ', '|')})(?!\w)",
    "DATE": r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{4})",
    "TIME": r"(?:\d{1,2}[:hg]\d{2}(?::\d{2})?)",
}
# Names tell no literal, but are long to read.
_OPAQUE = dict.fromkeys(("NAME", "CREDIT", "SYLLABLE", "GIVEN"), r"\w+")
TIME_LIMIT = 0.2  # seconds; ours take at most 0.003 on the strings below
_RUN = 5000
_HARD = ("a" * _RUN, " " * _RUN, "a " * (_RUN // 2), "Nguyễn Văn " * (_RUN // 11), "A" * _RUN, "-" * _RUN)
_BREAK = "\x1a"
_DANGLING = regex.compile(r"\s+[-–—|]+\s*([.!?…]?)\Z")  # what led over to a part that is gone
_PLACEHOLDER = regex.compile(r"\{([A-Z][A-Z_]*)\}")
_FAILURES = (regex.error, RecursionError, OverflowError, MemoryError)

# A cut text may end where an assertion wants to look on, or a fuzzy match to try; only without these
# does "no match of the start" prove "no match of the whole".
_LOOKS_ON = regex.compile(r"\\[bBmMGKRXzZ]|\(\?[!<].*\$|(?<!\\[pP])\{[^\d,]", regex.DOTALL)


class RuleTimeoutError(InputError):
    """A person's own pattern took too long on a paragraph, so its document was skipped."""


class Form(Struct, frozen=True):
    """The compiled form of a rule.

    No text of more than `longest` characters matches. All of `literals` stand in every text that does,
    and one of `one_of`, if there are any; `opened` finds these where all open with the same sign, as fast
    as it finds that sign. `by_start` tells whether the first characters of a text alone can rule a match
    out.
    """

    pattern: regex.Pattern[str]
    scope: str
    longest: int
    max_words: int | None
    literals: tuple[str, ...]
    one_of: tuple[str, ...]
    opened: re.Pattern[str] | None
    by_start: bool

    def find(self, text: str, timeout: float | None = None) -> tuple[int, int] | None:
        """Return the part of the stripped `text` that matches, never an empty one.

        Raises TimeoutError when that takes longer than `timeout` seconds.
        """
        if len(text) > self.longest:
            return None
        if self.scope == "line":
            if self.max_words is not None and len(text.split()) > self.max_words:
                return None
            found = self.pattern.fullmatch(text, timeout=timeout)
        elif self.scope == "start":
            found = self.pattern.match(text, timeout=timeout)
        else:
            found = next(
                (m for m in self.pattern.finditer(text, timeout=timeout) if m.end() > m.start()), None
            )
        return (found.start(), found.end()) if found and found.end() > found.start() else None

    def may_stand_in(self, text: str) -> bool:
        """Tell whether a part of `text` can match, by its literals alone: never no when one can."""
        for literal in self.literals:
            if literal not in text:
                return False
        if self.opened:
            return self.opened.search(text) is not None
        for literal in self.one_of:
            if literal in text:
                return True
        return not self.one_of

    def may_open(self, start: str) -> bool:
        """Tell whether a text that opens with `start` can match: never no when it can."""
        match = self.pattern.fullmatch if self.scope == "line" else self.pattern.match
        return not self.by_start or match(start, partial=True) is not None


def form_of(rule: Rule, *, literals_too: bool = True) -> Form:
    """Return the compiled form of a rule; ValueError if the pattern does not compile.

    Its literals take as long as all the rest, and are only for those who look for it in many texts.
    """
    pattern = _compiled(rule.pattern, rule.scope)
    by_start = rule.scope in ("line", "start") and _LOOKS_ON.search(pattern.pattern) is None
    literals: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    if literals_too:
        literals, one_of = literals_of(_expanded(rule.pattern, PLACEHOLDERS | _OPAQUE))
    same = len({literal[0] for literal in one_of}) == 1
    opened = re.compile("|".join(map(re.escape, one_of))) if same else None
    longest = rule.max_characters if rule.scope == "line" else sys.maxsize
    return Form(pattern, rule.scope, longest, rule.max_words, literals, one_of, opened, by_start)


def check_action(action: Action, *, scope: str, replacement: str) -> None:
    """Raise ValueError if a rule of this scope cannot do this."""
    if action == "replace" and not replacement:
        raise ValueError("action replace needs a replacement; to remove, use drop (lines) or strip (parts)")
    if replacement and action in ("drop", "strip"):
        raise ValueError(f"a replacement has no effect with action {action}; did you mean action: replace?")
    if action == "drop" and scope != "line":
        raise ValueError(f"action drop is for whole lines; for scope {scope} use action: strip")
    if action == "strip" and scope == "line":
        raise ValueError("action strip is for parts; for scope line use action: drop")


def check_rule(rule: Rule, *, speed: bool = True) -> None:
    """Raise ValueError, with one sentence that says what is wrong, if the rule cannot be trusted. Its `speed`
    is asked on strings on which bad patterns run for minutes.
    """
    check_action(rule.action, scope=rule.scope, replacement=rule.replacement)
    if rule.scope != "line" and (rule.max_words or rule.min_run > 1 or rule.after_sentence):
        raise ValueError("max_words, min_run and after_sentence are for scope line only")
    form = form_of(rule, literals_too=False)
    if speed:
        _check_speed(form, normalize("NFC", rule.examples[0]))
    if form.pattern.fullmatch("", timeout=TIME_LIMIT):
        raise ValueError("the pattern matches the empty string, so it would act everywhere")
    for number, example in enumerate(rule.examples, 1):
        text = normalize("NFC", example).strip()
        span = form.find(text, TIME_LIMIT)
        if span is None:
            raise ValueError(f"the rule does not act on its own example {number}: {_short(example)}")
        if rule.action == "replace" and len(replaced(text, span, rule.replacement)) >= len(text):
            raise ValueError(f"the replacement must be shorter than what it replaces, see example {number}")
    for number, example in enumerate(rule.counter_examples, 1):
        if form.find(normalize("NFC", example).strip(), TIME_LIMIT):
            raise ValueError(f"the rule acts on its counter-example {number}: {_short(example)}")


def replaced(text: str, span: tuple[int, int], replacement: str) -> str:
    """Return `text` with `replacement` in place of the part `span`.

    A removed part takes its space along, a full stop that would follow another one, and at the end of
    the text a dash that led over to it.
    """
    left, right = text[: span[0]], text[span[1] :]
    if not replacement:
        if left.rstrip().endswith((".", "!", "?", "…")) and right == ".":
            right = ""
        if not right or right[0].isspace() or right[0] in '.,;:!?…)”"':
            left = left.rstrip()
        if left and not right:
            left = _DANGLING.sub(r"\1", left)
    return (left + replacement + right).strip()


def _expanded(pattern: str, meanings: Mapping[str, str] = PLACEHOLDERS) -> str:
    """Put the placeholders in; the result is NFC, as the text is."""
    for name in _PLACEHOLDER.findall(pattern):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise ValueError(f"unknown placeholder {{{name}}} in the pattern; there are {known}")
    return _PLACEHOLDER.sub(lambda found: meanings[found[1]], normalize("NFC", pattern))


_KNOWN: dict[str, regex.Pattern[str]] = {}


def know(patterns: Iterable[regex.Pattern[str]]) -> None:
    """Take patterns that an earlier process has compiled, instead of compiling them."""
    _KNOWN.update((pattern.pattern, pattern) for pattern in patterns)


@lru_cache(maxsize=4096)
def _compiled(pattern: str, scope: str) -> regex.Pattern[str]:
    expanded = _expanded(pattern)
    whole = rf"(?:{expanded})\Z" if scope == "end" else expanded
    try:
        return _KNOWN.get(whole) or regex.compile(whole)
    except _FAILURES as error:
        message = getattr(error, "msg", None) or "it is too large or too deep"
        at = getattr(error, "pos", None)
        where = "" if at is None else f" at position {_written_at(pattern, at - 3 * (scope == 'end'))}"
        raise ValueError(f"the pattern is not a regular expression: {message}{where}") from None


def _written_at(pattern: str, at: int) -> int:
    """Return the place in the pattern as written for the place `at` in the expanded one."""
    for found in _PLACEHOLDER.finditer(normalize("NFC", pattern)):
        grown = len(PLACEHOLDERS[found[1]]) - len(found[0])
        if at <= found.start():
            break
        at = max(found.start(), at - grown)
    return min(max(at, 0), len(pattern))


def _check_speed(form: Form, example: str) -> None:
    for hard in _hard_texts(example):
        text = hard[: form.longest]
        try:
            form.find(text, TIME_LIMIT)
        except TimeoutError:
            raise ValueError(
                f"the pattern takes more than {TIME_LIMIT} s on {_short(text)}; nested or neighbouring"
                " repeats such as (a+)+ are the usual cause"
            ) from None


def _hard_texts(example: str) -> Iterator[str]:
    """Yield texts that bad patterns need very long to refuse.

    A pattern may look for something rare first: the example brings it, the run stands around it or
    in its midst, and a sign that no pattern expects breaks the match off.
    """
    yield from _HARD
    for run in _HARD[:4]:
        yield from (example + run, run + _BREAK + example)
        for at in range(0, len(example), len(example) // 4 + 1):
            yield example[:at] + run[:150] + _BREAK + example[at:]


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
