"""Which policy answers need: what was promised, and who answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from begleitforschung.disclosure.policies import Policy, load_policy
from begleitforschung.disclosure.positions import BY_HAND
from begleitforschung.results.estimate import Estimate
from begleitforschung.surveys import Codebook, Item, Survey, parse_filter

_ANONYMOUS = "anonym"


class Choice(NamedTuple):
    """A policy and why it is needed.

    Parameters
    ----------
    policy : Policy
        The policy.
    reason : str
        Why.
    """

    policy: Policy
    reason: str


def required_policy(codebook: Codebook, names: Iterable[str]) -> Choice:
    """Return the policy that results of some items need.

    Public items need none. Answers of persons, answers that were promised to stay anonymous, and
    whatever is not declared are ``strict``; answers of offices that were promised to be published
    in summary are ``grouped``.

    Parameters
    ----------
    codebook : Codebook
        The codebook with the promise.
    names : iterable of str
        Items or columns that results use.

    Returns
    -------
    Choice
        The policy and the reason.

    Raises
    ------
    UnknownCodeError
        If there is no such item.
    """
    items = {item.id: item for item in map(codebook.item, names)}
    answers = [item for item in items.values() if is_secret(item)]
    if not answers:
        return Choice(load_policy("public"), "all items are public")
    instrument = codebook.instrument
    if instrument.promise is None:
        return _strict("no promise to the respondents is declared (instrument: promise)")
    if instrument.respondent != "office":
        said = "persons answered" if instrument.respondent else "respondent: is not declared"
        return _strict(said)
    promise = instrument.promise.text
    if _ANONYMOUS in promise.de.casefold() or _ANONYMOUS in promise.en.casefold():
        return _strict("the promise says that answers stay anonymous")
    if undeclared := [item.id for item in answers if item.confidentiality is None]:
        return _strict(f"items without declared confidentiality: {', '.join(undeclared)}")
    return Choice(load_policy("grouped"), "the promise is to publish in summary only")


def used_items(survey: Survey, results: Sequence[Estimate]) -> list[str]:
    """Return all items that results are made of or broken down by.

    Parameters
    ----------
    survey : Survey
        Their survey.
    results : sequence of Estimate
        Estimates.

    Returns
    -------
    list of str
        Items and columns of the codebook, each once.
    """
    names: list[str] = []
    for result in results:
        said = result.specification
        names += [*result.questions, *(n for b in result.breakdowns for n in b.names)]
        names += [said[key] for key in ("denominator", "weight_by") if said.get(key)]
        where = str(said.get("where") or "")
        names += parse_filter(where).columns if where and where != BY_HAND else ()
    known = {*survey.codebook.columns(), *(item.id for item in survey.codebook.items)}
    return [name for name in dict.fromkeys(names) if name in known]


def is_secret(item: Item) -> bool:
    """Say whether single answers of an item are secret.

    Parameters
    ----------
    item : Item
        An item.

    Returns
    -------
    bool
        False for public items, and for those that only tell who answered.
    """
    return item.grade != "public" and item.role == "answer"


def _strict(reason: str) -> Choice:
    return Choice(load_policy("strict"), reason)
