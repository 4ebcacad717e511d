"""Typed settings: every value that a person can set, with its default, its range and its reason.

The descriptions below are the comments of `config.yaml` and of `cleaner config init`; a test keeps
file and code equal. Models are frozen, so settings are a value that crosses process borders as it
is. Reading YAML and turning faults into file, line and key is `io/settings_file.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from msgspec import Struct
from pydantic import Field, ValidationInfo, model_validator

from cleaner.sending import sent_once
from cleaner.setting_types import PACKAGED, Charset, Model, Patterns, Share, Size, Words, refuse_doubled
from cleaner.spark_settings import SparkSettings
from cleaner.stages.rule import check_rule

if TYPE_CHECKING:
    from cleaner.text.decisions import Decisions

Action = Literal["drop", "strip", "replace", "report", "off"]


class Rule(Model):
    """One boilerplate rule. It is tested on its own examples whenever it is loaded."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="name in reports: <pack>.<id>")
    pattern: str = Field(
        min_length=1,
        description="regular expression; {UP}, {NAME}, {CREDIT}, {SYLLABLE}, {GIVEN}, {DATE}, {TIME} expand",
    )
    scope: Literal["line", "start", "end", "inline"] = Field(
        "line", description="line: the whole paragraph must match; the others strip just that part"
    )
    position: Literal["any", "first", "first_three", "last", "last_three", "above_captions"] = Field(
        "any",
        description="where in the document; last ones are peeled; above_captions: of closing captions",
    )
    action: Action = Field("drop", description="report: never removes, only lists")
    replacement: str = Field("", description="what `replace` puts in place of the match")
    max_characters: int = Field(200, ge=1, description="longer paragraphs are never touched by scope line")
    max_words: int | None = Field(None, ge=1, description="likewise, in words")
    min_run: int = Field(1, ge=1, description="act only when this many paragraphs in a row match")
    after_sentence: bool = Field(
        False, description="act only after a paragraph of 60 or more characters that ends a sentence"
    )
    metadata: Literal["author", "source", "url", "time", "tags"] | None = Field(
        None, description="what the removed text tells; kept in the ledger under this name"
    )
    risk: Literal["low", "medium", "high"] = Field("medium", description="how often the words are content")
    reason: str = Field("", description="why, in a few words, for the person who reads the diff")
    examples: Words = Field(min_length=1, description="paragraphs that it must match, place aside")
    counter_examples: Words = Field(min_length=1, description="paragraphs that it must not match anywhere")

    @model_validator(mode="after")
    def _tested(self, info: ValidationInfo) -> Self:
        check_rule(self, speed=info.context != PACKAGED)
        return self


class FactWords(Model):
    """Words of one language that state facts, for the guard that protects them. Phrases are allowed."""

    negators: Words = Field((), description="words that turn a statement round: any difference blocks")
    decisive: Words = Field((), description="words on which the meaning hangs, likewise: up, deputy, appeal")
    directions: Words = Field((), description="compass words: decisive, unless part of a name (South Korea)")
    stating: Words = Field(
        (), description="facts as numbers are: half, each, charged; the side with it stays"
    )
    numbers: Mapping[str, int] = Field(default_factory=dict, description="number words and their value")
    units: Mapping[str, str] = Field(default_factory=dict, description="spelling of a unit -> one spelling")
    joiners: Words = Field((), description="between two numbers they make a range or a date: 12 to 24")
    days: Words = Field((), description="units that say nothing before a date: day")
    minutes: Words = Field((), description="units that say nothing at the end of a time: minutes")
    plurals: Words = Field((), description="several, without a number; a number in their place says more")
    synonyms: Mapping[str, str] = Field(
        default_factory=dict,
        description="spelling -> one spelling, where both say the same; a phrase hides the fact words in it",
    )
    opposites: Annotated[
        tuple[Annotated[tuple[Words, ...], Field(strict=False)], ...], Field(strict=False)
    ] = Field((), description="sets of words that contradict each other, though light: he | she, from | to")
    abbreviations: Mapping[str, str] = Field(default_factory=dict, description="short form -> full form")
    light: Words = Field((), description="words that state nothing: particles, connectors, forms of address")
    credits: Words = Field((), description="words before a photographer's name at the end of a caption")


class RulePack(Model):
    """The rules and fact words of one language: one file of `cleaner/rules/`."""

    language: str = Field(pattern=r"^[a-z]{2,3}$")
    facts: FactWords = FactWords()
    rules: Annotated[tuple[Rule, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _unique_ids(self) -> Self:
        refuse_doubled([rule.id for rule in self.rules])
        return self


class EncodingSettings(Model):
    enabled: bool = Field(
        True, description="repair broken encodings, entities, mark order, invisible characters"
    )
    mojibake: bool = Field(
        True, description="undo UTF-8 that was read as another encoding, in whole lines and in single words"
    )
    code_pages: bool = Field(
        True,
        description="read TCVN3, VNI, VISCII, VPS, Windows-1258 and VIQR, the old ways to write Vietnamese",
    )
    charsets: bool = Field(
        True, description="read other charsets (windows-1251, gbk ...) where words of a language prove them"
    )
    charsets_expected: Annotated[tuple[Charset, ...], Field(strict=False)] = Field(
        (),
        description="charsets to choose from where words prove none, at your risk: [windows-1251, koi8-r]",
    )
    letters: bool = Field(
        True,
        description="Ð, ₫, ǎ, full-width, Cyrillic and Greek look-alikes become the letters they stand for",
    )
    tone_style: Literal["keep", "old", "new"] = Field(
        "keep", description="tones of open oa, oe, uy: keep as written, old (hòa, thủy), new (hoà, thuỷ)"
    )
    tone_placement: bool = Field(
        False, description="move tones that stand on a wrong vowel (gìơ, đừơng, tòan)"
    )
    entities: bool = Field(True, description="turn HTML entities into characters, where no live < stands")
    zero_width: bool = Field(True, description="remove zero-width characters where they carry no meaning")


class WhitespaceSettings(Model):
    enabled: bool = Field(
        True, description="no-break and odd spaces become spaces; runs and edges are trimmed"
    )


class BoilerplateSettings(Model):
    enabled: bool = Field(True, description="apply the rule packs below")
    packs: Words = Field(("vi", "en"), description="rule packs by language")
    actions: Mapping[str, Action] = Field(
        default_factory=dict, description="another action for a rule: {vi.gallery: report}"
    )
    rule_file: str = Field(
        "rules.yaml", description="a file with a list of your own rules, if it is there; '' for none"
    )
    rules: Annotated[tuple[Rule, ...], Field(strict=False)] = Field(
        (), description="more of them; tested on their examples like the packs, and reported as own.<id>"
    )

    @model_validator(mode="after")
    def _unique_ids(self) -> Self:
        refuse_doubled([rule.id for rule in self.rules])
        return self


class RepeatSettings(Model):
    enabled: bool = Field(True, description="drop literal repeats inside a document; the first stays")
    min_characters: int = Field(
        20, ge=1, description="shorter lines may repeat: answers, refrains, table cells"
    )
    min_words: int = Field(4, ge=1, description="likewise, in words")
    prefix: bool = Field(True, description="drop a caption that is the literal start of a fuller paragraph")
    prefix_min_characters: int = Field(60, ge=1, description="shorter starts may be headings")
    prefix_min_words: int = Field(10, ge=1, description="likewise, in words")


class PrioritySettings(Model):
    sources: Words = Field((), description="of two that say as much, the one of the source named first stays")
    date_field: str = Field(
        "", description="JSONL, Parquet: the field with the date; then the earliest stays ('' for none)"
    )


class NearDuplicateSettings(Model):
    enabled: bool = Field(
        True, description="drop near-duplicate paragraphs, in a document and across documents"
    )
    threshold: float = Field(
        90.0, ge=80.0, le=100.0, description="rapidfuzz ratio from which two paragraphs may be duplicates"
    )
    min_characters: int = Field(40, ge=5, description="shorter paragraphs are never near-duplicates")
    max_characters: int = Field(50_000, ge=1000, description="longer ones are compared for equality only")
    facts: Literal["strict", "default", "off"] = Field(
        "default", description="the guard: strict also blocks on any name; off trusts the ratio alone"
    )
    whole_documents: bool = Field(
        True, description="drop a document that is another line by line, short lines included"
    )
    bucket_cap: int = Field(
        100, ge=2, description="candidates compared within one bucket; the rest with its first two; counted"
    )
    window_runs: Annotated[int, Field(ge=1)] | None = Field(
        None, description="compare with what the last so many runs published; nothing: with all runs"
    )
    window_days: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="pass over earlier documents dated (priority.date_field) so many days before all new",
    )

    @property
    def limits(self) -> tuple[int, int]:
        """The shortest and the longest paragraphs that are compared for likeness, in characters."""
        return self.min_characters, self.max_characters


class LimitSettings(Model):
    enabled: bool = Field(True, description="a run beyond these publishes nothing, unless --force-publish")
    min_documents: int = Field(100, ge=1, description="runs of fewer documents are never stopped")
    one_rule: Share = Field(20.0, description="per cent of paragraphs that one boilerplate rule may drop")
    all_rules: Share = Field(40.0, description="likewise, all boilerplate rules together")
    empty: Share = Field(20.0, description="per cent of documents that these may leave nothing of")
    skipped: Share = Field(20.0, description="per cent of records and files that may be skipped")
    duplicates: Share = Field(
        40.0, description="per cent of paragraphs that may be duplicates above the most of the last ten runs"
    )
    withdrawn: Share = Field(50.0, description="inputs: mirror: per cent of documents that may be withdrawn")


class Settings(Model):
    """All settings of a run. Paths are relative to the settings file."""

    input: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] = Field(
        ("seeds",), description="folders and files to clean; also s3://bucket/folder, gs://, hdfs://, file://"
    )
    include: Patterns = Field(
        (), description="only paths that match: 2024/**, *.jsonl.gz, **/drafts/*, a?.txt; empty: all"
    )
    exclude: Patterns = Field(
        (), description="paths to pass over, likewise, whatever is included; a folder goes with all below"
    )
    inputs: Literal["keep", "mirror"] = Field(
        "keep", description="of what is no input any more the output stays, or is withdrawn with the next run"
    )
    output: str = Field("out", min_length=1, description="where clean/, ledger/, report/ and state/ go")
    working_copy: str = Field("", description="for working copies of outputs by URL; '': ~/.cache/cleaner")
    decisions: str = Field(
        "decisions.jsonl", min_length=1,
        description="what people decided in `cleaner review`, minded by every run; no such file: nothing",
    )  # fmt: skip
    format: Literal["auto", "txt", "jsonl", "parquet"] = Field("auto", description="auto: by the file name")
    text_field: str = Field(
        "text", min_length=1, description="JSONL, Parquet: the field or column that is cleaned"
    )
    id_field: str = Field("id", min_length=1, description="JSONL, Parquet: the field that names a document")
    source_field: str = Field(
        "",
        description="JSONL, Parquet: the field that names the source; '' for the first folder of the path",
    )
    when_empty: Literal["keep", "drop"] = Field(
        "keep", description="a document with nothing left: empty in the clean text, or in the ledger only"
    )
    bad_records: Literal["ledger", "keep"] = Field(
        "ledger", description="what cannot be read goes to the ledger only, or is kept as it is"
    )
    record_limit: Size = Field(
        64_000_000,
        ge=1000,
        description="a longer line, or text of a row, is not cleaned but listed; bytes, or as 64MB",
    )
    document_seconds: int = Field(
        60, ge=1, le=86_400,
        description="processor time for a document, and again for each million characters; or it is left",
    )  # fmt: skip
    paragraph: Literal["line", "blank_line"] = Field(
        "line", description="a line is a paragraph, or a block between blank lines is (hard-wrapped text)"
    )
    layout: Literal["auto", "blank_line", "keep"] = Field(
        "auto", description="blank_line: one blank line between paragraphs; auto: so for .txt alone"
    )
    workers: Literal["auto"] | Annotated[int, Field(ge=1, le=1024)] = Field(
        "auto", description="processes; auto: one a core, fewer for small inputs; results never depend on it"
    )
    memory: Size = Field(
        1_000_000_000, ge=100_000_000,
        description="what all processes (of Spark: each task) aim to stay within, in bytes, or as 1GB;"
        " results never depend on it",
    )  # fmt: skip
    engine: Literal["local", "spark"] = Field(
        "local", description="where work is done: processes here, or Apache Spark; results never depend on it"
    )
    keep_pairs: Annotated[int, Field(ge=1)] | None = Field(
        None, description="stored pairs of the last so many runs are kept; nothing: while their texts stand"
    )
    encoding: EncodingSettings = EncodingSettings()
    whitespace: WhitespaceSettings = WhitespaceSettings()
    boilerplate: BoilerplateSettings = BoilerplateSettings()
    repeats: RepeatSettings = RepeatSettings()
    near_duplicate: NearDuplicateSettings = NearDuplicateSettings()
    priority: PrioritySettings = PrioritySettings()
    limits: LimitSettings = LimitSettings()
    spark: SparkSettings = SparkSettings()

    @property
    def index_made_for(self) -> tuple[int, int, str]:
        """What an index depends on: the lengths of paragraphs that are compared, and what a paragraph is."""
        return *self.near_duplicate.limits, self.paragraph


class Rules(Struct, frozen=True):
    """What the stages know of languages: labelled boilerplate rules, and the words that state facts."""

    boilerplate: tuple[tuple[str, Rule], ...] = ()
    facts: tuple[FactWords, ...] = ()


class Recipe(Struct, frozen=True, eq=False):
    """Settings and rules, known by a digest, and what people decided. Workers make its stages only once."""

    settings: Settings
    rules: Rules
    digest: str
    decisions: Decisions

    def __reduce__(self) -> Any:
        return sent_once(Recipe, self.settings, self.rules, self.digest, self.decisions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self._key == other._key

    @property
    def _key(self) -> tuple[str, str]:
        return self.digest, self.decisions.digest

    def __hash__(self) -> int:
        return hash(self._key)
