"""For a release: Lighthouse finds nothing that costs points but what a lab's slow line costs."""

import pytest

from tests.browser import lighthouse


@pytest.mark.release
@pytest.mark.timeout(1800)
def test_the_start_page_and_the_form_lack_nothing() -> None:
    reports = lighthouse.measured()

    scores = {
        f"{page}: {name}": report["categories"][name]["score"]
        for page, report in reports.items()
        for name in ("accessibility", "best-practices", "seo")
    }
    assert {name: score for name, score in scores.items() if score < 1} == {}, lighthouse.table(reports)
