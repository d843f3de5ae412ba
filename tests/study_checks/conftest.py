"""The study folder that the tests of its checks work on."""

from tests.study.conftest import folder as folder
from tests.study.conftest import whole_folder as whole_folder
