"""The settings of the engine for a cluster."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cleaner.setting_types import Model


class SparkSettings(Model):
    master: str = Field(
        "", description="spark://host:7077, local[4], yarn, ...; '' for all cores of this machine"
    )
    partitions: Annotated[int, Field(ge=1)] | None = Field(
        None, description="partitions that a stage has at most; nothing: as many as it has tasks, up to 4096"
    )
