"""The request for an export: who wants it, what for, in which profile, and through which channel."""

from dataclasses import dataclass
from typing import Literal

from screener.errors import UserError
from screener.export.manifest import ProfileName
from screener.typed_text import is_single_line

#: Where an export is asked for: at the command line or at the desk; it begins the name of each audit event.
ExportChannel = Literal["cli", "desk"]
_LONGEST_PURPOSE = 500


@dataclass(frozen=True)
class ExportRequest:
    """One export as it was asked for. Raises *UserError* when *purpose* is not one line that says something."""

    purpose: str
    account: str
    profile: ProfileName = "spreadsheet"
    channel: ExportChannel = "cli"

    def __post_init__(self) -> None:
        if not is_single_line(self.purpose, _LONGEST_PURPOSE):
            where = ": --purpose." if self.channel == "cli" else "."
            raise UserError(f"Say in one line of at most {_LONGEST_PURPOSE} characters what the file is for{where}")
