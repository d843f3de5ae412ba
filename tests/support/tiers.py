"""Which tier a test belongs to, by what it uses: ``make test-fast`` takes no browser, PostgreSQL or other process.

A test gets the marker of each fixture that it asks for, and of each module that its own module imports, so that a new
test is in its tier without a word. A test in a module named ``test_attack_*`` is an *attack*, and others may be marked
so by hand; *slow* and *release* are given by hand.
"""

from collections.abc import Iterator

import pytest

#: Fixtures that start something, by the marker that they give.
FIXTURES = {
    "browser": {"browser", "new_context", "page", "pictured"},
    "postgres": {"postgres", "postgres_deployment"},
    "processes": {"server", "one_server"},
    "slow": {"played", "packet", "shipped_packet"},
}
#: Packages of ours that a test module imports from, likewise.
MODULES = {
    "browser": ("tests.browser",),
    "processes": ("tests.support.server", "tests.journeys", "subprocess", "multiprocessing"),
}


def mark_tiers(items: list[pytest.Item]) -> None:
    """Add the markers to every collected test."""
    for item in items:
        if isinstance(item, pytest.Function):
            for name in markers_of(item):
                item.add_marker(name)


def markers_of(item: pytest.Function) -> Iterator[str]:
    fixtures, imported = set(item.fixturenames), imports_of(item)
    for name, ours in FIXTURES.items():
        if fixtures & ours:
            yield name
    for name, packages in MODULES.items():
        if any(each == package or each.startswith(f"{package}.") for each in imported for package in packages):
            yield name
    if hasattr(item, "callspec") and "postgresql" in item.callspec.params.values():
        yield "postgres"
    if item.module.__name__.rpartition(".")[2].startswith("test_attack_"):
        yield "attack"


def imports_of(item: pytest.Function) -> set[str]:
    """The modules from which the test's own module has its names."""
    found = set()
    for value in vars(item.module).values():
        found.add(value.__name__ if type(value).__name__ == "module" else str(getattr(value, "__module__", "")))
    return found
