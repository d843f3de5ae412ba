"""What the command line is tried with: keys, a study folder, staff who export."""

from tests.export.conftest import staff as staff
from tests.sealing.conftest import light_passphrase as light_passphrase
from tests.sealing.conftest import new_folders as new_folders
from tests.study.conftest import folder as folder
from tests.study.conftest import whole_folder as whole_folder
