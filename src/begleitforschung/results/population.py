"""Where counts of a population come from, in words for the notes below a result."""

from __future__ import annotations

from begleitforschung.language import Text
from begleitforschung.surveys import Design


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
    return tuple(dict.fromkeys(found))
