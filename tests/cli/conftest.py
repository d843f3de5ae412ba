"""The commands of the export are tried over the same invented store as its functions."""

from tests.export.conftest import staff
from tests.export.conftest import stranger

__all__ = ["staff", "stranger"]
