"""The intake context: everything that the public pages work with, made once at the start of the process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import cast

import sqlalchemy as sa
from flask import current_app

from screener.intake.availability import AvailabilityMonitor
from screener.intake.page_cache import PageCache
from screener.questionnaire.form import FormDefinition
from screener.study.model import Study
from screener.web.rate_limit import NetworkRateLimit

EXTENSION = "screener.intake"


@dataclass(frozen=True)
class LocaleContext:
    """One language: its pages, its form, the names of its inputs, and the template context of each blank step."""

    pages: PageCache
    form: FormDefinition
    field_names: Mapping[bytes, str]
    blank_steps: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class IntakeContext:
    """The public side of one study."""

    study: Study
    locales: Mapping[str, LocaleContext]
    availability: AvailabilityMonitor
    rate_limit: NetworkRateLimit
    inbox: sa.Engine

    def close(self) -> None:
        """Close the database connections; for a process that makes several applications."""
        self.inbox.dispose()
        self.availability.board.dispose()


def intake_context() -> IntakeContext:
    """The context of the current application."""
    return cast(IntakeContext, current_app.extensions[EXTENSION])
