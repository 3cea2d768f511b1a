import pytest

from services.permits.api.answers import pointer


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("", "#"),
        ("title", "#/title"),
        ("measures", "#/measures"),
        ("measures[0].end", "#/measures/0/end"),
        ("measures[12].kind", "#/measures/12/measure"),
        ("measures[0].except_dates[1]", "#/measures/0/except/1"),
    ],
)
def test_a_path_of_the_domain_becomes_a_pointer_in_the_published_words(field: str, expected: str) -> None:
    assert pointer(field) == expected
