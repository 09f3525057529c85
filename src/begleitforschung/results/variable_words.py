"""What the variables of our own frames are called where a reader sees them."""

from __future__ import annotations

from begleitforschung.language import Text

_WORDS: dict[str, Text] = {
    "bundesland": Text("Land", "Land"),
    "einwohner": Text("Einwohner", "Residents"),
    "groessenklasse": Text("Größenklasse", "Size class"),
    "programm_kategorie": Text("Kategorie des Programms", "Category of the programme"),
    "staffel": Text("Staffel", "Round"),
}


def variable_words(name: str) -> Text:
    """Return a variable of a frame in words.

    Parameters
    ----------
    name : str
        Column of the frame.

    Returns
    -------
    Text
        German and English; the name itself where it is a column of somebody else's frame.

    Examples
    --------
    >>> variable_words("groessenklasse").de, variable_words("verband").de
    ('Größenklasse', 'verband')
    """
    return _WORDS.get(name, Text(name, name))
