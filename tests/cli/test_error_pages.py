"""``screener error-pages`` writes whole pages for a proxy: telephone number and crisis lines, and no word typed."""

from pathlib import Path

from click.testing import CliRunner

from screener.cli.error_pages import STATUSES
from screener.cli.error_pages import error_pages_command
from screener.settings import Settings


def test_each_page_of_a_proxy_has_the_telephone_number_and_the_crisis_lines(
    deployment: Settings, tmp_path: Path
) -> None:
    done = CliRunner().invoke(error_pages_command, [str(tmp_path / "pages")], obj=deployment)

    assert done.exit_code == 0
    for status in STATUSES:
        page = (tmp_path / "pages" / f"{status}.html").read_text(encoding="utf-8")
        assert page.count("<h1") == 1
        assert 'class="phone"' in page
        assert "tel:988" in page
