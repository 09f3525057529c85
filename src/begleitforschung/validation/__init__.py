"""Plausibility rules, corrections as data, and the validation report."""

from begleitforschung.validation.apply import apply_corrections
from begleitforschung.validation.corrections import Correction, Corrections, read_corrections
from begleitforschung.validation.rules import Rule, RuleSet, read_rules
from begleitforschung.validation.run import report_failure, validate

__all__ = [
    "Correction",
    "Corrections",
    "Rule",
    "RuleSet",
    "apply_corrections",
    "read_corrections",
    "read_rules",
    "report_failure",
    "validate",
]
