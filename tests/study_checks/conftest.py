"""The study folder that the tests of its checks work on."""

from tests.study.conftest import folder
from tests.study.conftest import whole_folder

__all__ = ["folder", "whole_folder"]
