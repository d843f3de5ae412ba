"""Compartments: what was sent comes back exactly."""

from hypothesis import given
from hypothesis import strategies as st

from screener.submissions.payload import canonical_bytes
from screener.submissions.payload import pack_values
from screener.submissions.payload import unpack_values

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
VALUES = st.dictionaries(TEXT, TEXT | st.lists(TEXT).map(tuple))


@given(VALUES)
def test_packed_values_come_back_exactly(values: dict[str, str | tuple[str, ...]]) -> None:
    assert unpack_values(pack_values(values)) == values


@given(VALUES, VALUES)
def test_the_canonical_form_ignores_the_order_of_keys_and_nothing_else(
    contact: dict[str, str | tuple[str, ...]], answers: dict[str, str | tuple[str, ...]]
) -> None:
    turned = dict(reversed(list(contact.items())))

    assert canonical_bytes(turned, answers) == canonical_bytes(contact, answers)
    assert (canonical_bytes(contact, answers) == canonical_bytes(answers, contact)) == (contact == answers)
    assert (
        canonical_bytes({**contact, "one more": ""}, answers) != canonical_bytes(contact, answers)
        or "one more" in contact
    )
