"""The source of an export: the store, the private keys that open it, and every field that was ever asked."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from screener.db import connect
from screener.db import reading
from screener.export.fields import ExportField
from screener.export.fields import collect_export_fields
from screener.sealing.form_key import FormKeyRing
from screener.sealing.open import PrivateKeys
from screener.settings import Settings
from screener.study.loader import list_locales
from screener.study.loader import load_study
from screener.study.loader import load_wording
from screener.study.model import Study
from screener.study.wording import Wording
from screener.submissions import queries
from screener.submissions.opening import OpeningKeys


@dataclass(frozen=True)
class ExportSource:
    """What is exported."""

    store: sa.Engine
    keys: OpeningKeys
    fields: tuple[ExportField, ...]

    def count_submissions(self) -> int:
        """Return the number of submissions in the store, erased ones included: the steps of an export."""
        with reading(self.store) as connection:
            return queries.count_submissions(connection)


def load_export_source(settings: Settings, keys: PrivateKeys, store: sa.Engine | None = None) -> ExportSource:
    """Return the *store* of *settings* as a source. Raises *UserError* when the study or the store cannot be read."""
    study = load_study(settings.study)
    store = store or connect(settings.store, may="write")
    with reading(store) as connection:
        newest_first = [one.content for one in reversed(queries.list_wordings(connection))]
    opening = OpeningKeys(keys, FormKeyRing(settings.form_keys, settings.private_keys), study.id)
    return ExportSource(store, opening, collect_export_fields(study, _load_words(settings.study, study), newest_first))


def _load_words(folder: Path, study: Study) -> Wording:
    """Return the wording for the codebook: the source one, from which translations are made."""
    wordings = [load_wording(folder, study, locale) for locale in list_locales(folder)]
    return next((wording for wording in wordings if wording.status == "source"), wordings[0])
