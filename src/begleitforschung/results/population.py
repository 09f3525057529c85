"""Where counts of a population come from, in words for the notes below a result."""

from __future__ import annotations

from begleitforschung.display.numbers import format_number
from begleitforschung.language import Lang, Text
from begleitforschung.surveys import Design

_LANGS: tuple[Lang, Lang] = ("de", "en")


def population_texts(design: Design) -> tuple[Text, ...]:
    """Say of what date, territorial state and census the counts behind a design are.

    Parameters
    ----------
    design : Design
        The design; its inputs know `begleitforschung.margins` and what weights were fitted to.

    Returns
    -------
    tuple of Text
        One sentence for each table of margins.

    Raises
    ------
    KeyError
        Never for margins that this package counted.
    """
    found = []
    for step in (step for node in design.inputs for step in node.steps()):
        given = dict(step.parameters)
        if step.operation == "margins" and "year" in given:
            year, state, census = (given[name] for name in ("year", "gebietsstand", "census"))
            found.append(
                Text(
                    f"Zahlen der Grundgesamtheit: Gemeinden und Einwohner {year}, Gebietsstand "
                    f"{state}, Zensusbasis: {census}.",
                    f"Figures of the population: municipalities and residents of {year}, "
                    f"territorial state {state}, census base: {census}.",
                )
            )
        if step.operation == "municipal_frame" and "gebietsstand" in given:
            units, least, state = (given[name] for name in ("units", "smallest", "gebietsstand"))
            numbers = [[format_number(n, 0, lang) for n in (units, least)] for lang in _LANGS]
            found.append(
                Text(
                    f"Grundgesamtheit: {numbers[0][0]} Gemeinden ab {numbers[0][1]} Einwohnern, "
                    f"Gebietsstand {state}.",
                    f"Population: {numbers[1][0]} municipalities of at least {numbers[1][1]} "
                    f"residents, territorial state {state}.",
                )
            )
    return tuple(dict.fromkeys(found))
