"""What the command line is tried with: keys, and staff who export."""

from tests.export.conftest import staff
from tests.export.conftest import stranger
from tests.sealing.conftest import light_passphrase
from tests.sealing.conftest import new_folders

__all__ = ["light_passphrase", "new_folders", "staff", "stranger"]
