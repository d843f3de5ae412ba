"""What the command line is tried with: keys, a study folder, staff who export."""

from tests.export.conftest import staff
from tests.export.conftest import stranger
from tests.sealing.conftest import light_passphrase
from tests.sealing.conftest import new_folders
from tests.study.conftest import folder
from tests.study.conftest import whole_folder

__all__ = ["folder", "light_passphrase", "new_folders", "staff", "stranger", "whole_folder"]
