"""Every setting is described where the operator looks, and nothing is described that is not one."""

import re

from screener.settings import PREFIX
from screener.settings import ROOT
from screener.settings import SECRET_FILES
from screener.settings import Settings

NAMES = {PREFIX + name.upper() for name in (*Settings.model_fields, *SECRET_FILES.values())}
DESCRIBED = re.compile(rf"^\| `({PREFIX}[A-Z_]+)` \|", re.MULTILINE)


def test_operate_describes_every_setting_in_its_table() -> None:
    described = DESCRIBED.findall((ROOT / "docs" / "operate.md").read_text(encoding="utf-8"))

    assert set(described) == NAMES
    assert len(described) == len(NAMES)


def test_no_page_of_ours_names_a_setting_that_does_not_exist() -> None:
    pages = [ROOT / "README.md", ROOT / "Makefile", *ROOT.glob("docs/*.md")]
    named = {name for page in pages for name in re.findall(rf"{PREFIX}[A-Z_]+", page.read_text(encoding="utf-8"))}

    assert named - NAMES == set()
