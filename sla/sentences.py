"""Sentences of the arithmetic, which knows no Django: marked here, translated where shown."""

from typing import Any


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the translators and give it as it is."""
    return sentence


class Untold(ValueError):
    """An error whose English `sentence` is still to be filled with `values` and translated."""

    def __init__(self, sentence: str, **values: Any) -> None:
        self.sentence = sentence
        self.values = values
        super().__init__(sentence % values)
