"""Everything that the public pages work with, made once at the start of the process and handed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import cast

import sqlalchemy as sa
from flask import current_app

from screener.intake.availability import Gate
from screener.intake.page_cache import Pages
from screener.questionnaire.form import FormDefinition
from screener.study.model import Study
from screener.web.rate_limit import NetworkRateLimit

EXTENSION = "screener.intake"


@dataclass(frozen=True)
class Locale:
    """The form of one language: its pages, how it is read, and what each step of a blank one shows."""

    pages: Pages
    form: FormDefinition
    names: Mapping[bytes, str]
    blank: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Room:
    """The public side of one study."""

    study: Study
    locales: Mapping[str, Locale]
    gate: Gate
    limit: NetworkRateLimit
    inbox: sa.Engine

    def close(self) -> None:
        """Let go of the connections; whoever makes several applications in one process calls this."""
        self.inbox.dispose()
        self.gate.board.dispose()


def room() -> Room:
    """The room that this process serves."""
    return cast(Room, current_app.extensions[EXTENSION])
