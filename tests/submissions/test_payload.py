"""Compartments: what was sent comes back exactly."""

from hypothesis import given
from hypothesis import strategies as st

from screener.submissions.payload import canonical
from screener.submissions.payload import pack
from screener.submissions.payload import unpack

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
VALUES = st.dictionaries(TEXT, TEXT | st.lists(TEXT).map(tuple))


@given(VALUES)
def test_packed_values_come_back_exactly(values: dict[str, str | tuple[str, ...]]) -> None:
    assert unpack(pack(values)) == values


@given(VALUES, VALUES)
def test_the_canonical_form_ignores_the_order_of_keys_and_nothing_else(
    contact: dict[str, str | tuple[str, ...]], answers: dict[str, str | tuple[str, ...]]
) -> None:
    turned = dict(reversed(list(contact.items())))

    assert canonical(turned, answers) == canonical(contact, answers)
    assert (canonical(contact, answers) == canonical(answers, contact)) == (contact == answers)
    assert canonical({**contact, "one more": ""}, answers) != canonical(contact, answers) or "one more" in contact
