"""The profiles of an export: for each program that will read the file, its columns and its writer."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from screener.export.columns import RowLayout
from screener.export.csv_file import CsvWriter
from screener.export.fields import ExportField
from screener.export.manifest import ProfileName


@dataclass(frozen=True)
class Profile:
    """Which columns a file has, and how rows become its bytes."""

    layout: Callable[[tuple[ExportField, ...]], RowLayout]
    writer: Callable[[IO[bytes]], CsvWriter]


PROFILES: Mapping[ProfileName, Profile] = {"spreadsheet": Profile(RowLayout, CsvWriter)}
