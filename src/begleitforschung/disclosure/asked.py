"""What a policy asks of linked questions, and how many respondents are behind each group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from begleitforschung.disclosure.linking import Linked
from begleitforschung.disclosure.policies import Policy
from begleitforschung.disclosure.structure import Bools, Ints

Domain = tuple[str, int, str, int]


class Domains:
    """Cases of each domain, and how many respondents they are.

    Parameters
    ----------
    linked : Linked
        The sums.
    units : pandas.Series
        Municipality of each case, as several answers of one count once.
    released : dict of str to numpy.ndarray of bool, shape (n,)
        Cases whose answer to a question everybody knows; they hide nobody.
    """

    def __init__(self, linked: Linked, units: pd.Series, released: dict[str, Bools]) -> None:
        self._linked = linked
        codes = pd.factorize(units)[0].astype(np.int64)
        alone = codes < 0
        codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
        self._codes = codes
        self._counted = {
            column: secret.rows.answered & ~released.get(column, np.False_)
            for column, secret in linked.secrets.items()
        }

    def cases(self, domain: Domain) -> Ints:
        """Return the cases of a domain that answered and whose answer is not known already.

        Parameters
        ----------
        domain : (str, int, str, int)
            Column, group of the register, partition and part.

        Returns
        -------
        numpy.ndarray of int
            Their positions.
        """
        column, group, partition, part = domain
        inside = self._linked.groups[group] & self._counted[column]
        if partition:
            inside = inside & (self._linked.parts[partition] == part)
        return np.flatnonzero(inside)

    def size(self, cases: Ints) -> int:
        """Count respondents.

        Parameters
        ----------
        cases : numpy.ndarray of int
            Positions of cases.

        Returns
        -------
        int
            Municipalities behind them.
        """
        return len(np.unique(self._codes[cases]))

    def holdings(self, cases: Ints) -> Ints:
        """Return to whom each case belongs.

        Parameters
        ----------
        cases : numpy.ndarray of int
            Positions of cases.

        Returns
        -------
        numpy.ndarray of int
            One code for each municipality.
        """
        return self._codes[cases]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a policy asks of the questions of a system.

    Parameters
    ----------
    policy : Policy
        The policy.
    telling : frozenset of str
        Columns of which groups that tell what their members answered are hidden.
    hidden : dict of str to numpy.ndarray of bool, shape (groups,)
        By column, groups of the register that are not shown.
    small : numpy.ndarray of bool, shape (bases,)
        Bases of groups that must not be told apart.
    """

    policy: Policy
    telling: frozenset[str]
    hidden: dict[str, Bools]
    small: Bools
