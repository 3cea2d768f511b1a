import re
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from shared.web.german import german


def default_messages() -> list[str]:
    """What marshmallow's fields can say when they load, with made-up values in the gaps."""
    classes = [it for it in vars(fields).values() if isinstance(it, type) and issubclass(it, fields.Field)]
    found = {str(message) for it in classes for key, message in it.default_error_messages.items() if key != "format"}
    found |= set(map(str, Schema._default_error_messages.values()))
    filled = []
    for message in sorted(found):
        awareness = ["naive", "aware"] if "{awareness}" in message else [""]
        kinds = (
            ["datetime", "date", "time"] if "{obj_type}" in message and "{awareness}" not in message else ["datetime"]
        )
        filled += [message.format(awareness=a, obj_type=k, choices="a, b", input="x") for a in awareness for k in kinds]
    return filled


@pytest.mark.parametrize("message", default_messages())
def test_every_message_of_a_field_has_a_german_sentence(message: str) -> None:
    assert german(message) != message
    assert re.fullmatch(r"[A-Z].*\.", german(message))


@pytest.mark.parametrize(
    ("validator", "value", "sentence"),
    [
        (validate.Range(min=0), -1, "Der Wert muss mindestens 0 sein."),
        (validate.Range(max=9, max_inclusive=False), 9, "Der Wert muss kleiner als 9 sein."),
        (validate.Range(min=1, max=9), 0, "Der Wert muss mindestens 1 und höchstens 9 sein."),
        (validate.Length(min=2), "a", "Mindestens 2 Zeichen oder Einträge."),
        (validate.Length(max=2), "abc", "Höchstens 2 Zeichen oder Einträge."),
        (validate.Length(min=2, max=3), "a", "Zwischen 2 und 3 Zeichen oder Einträge."),
        (validate.Length(equal=2), "a", "Genau 2 Zeichen oder Einträge."),
        (validate.OneOf(["an", "aus"]), "x", "Möglich sind: an, aus."),
        (validate.ContainsOnly("ab"), "c", "Möglich sind nur: a, b."),
        (validate.ContainsNoneOf("ab"), "a", "Nicht möglich sind: a, b."),
        (validate.NoneOf("ab"), "a", "Dieser Wert ist nicht gültig."),
        (validate.Equal(3), 4, "Hier wird genau 3 erwartet."),
        (validate.Regexp("a"), "b", "Die Angabe hat nicht die erwartete Form."),
        (validate.URL(), "b", "Das ist keine gültige Internetadresse."),
        (validate.Email(), "b", "Das ist keine gültige E-Mail-Adresse."),
    ],
)
def test_validators_speak_german(validator: validate.Validator, value: Any, sentence: str) -> None:
    with pytest.raises(ValidationError) as told:
        validator(value)
    assert [german(str(message)) for message in told.value.messages] == [sentence]


def test_our_own_sentences_pass_as_they_are() -> None:
    assert german("Das Ende liegt vor dem Beginn.") == "Das Ende liegt vor dem Beginn."
