"""Disclosure control: which cells must not be shown, which go with them, and the audit of that."""

from begleitforschung.disclosure.auditing import audit
from begleitforschung.disclosure.policies import Policy, load_policy
from begleitforschung.disclosure.protecting import protect

__all__ = ["Policy", "audit", "load_policy", "protect"]
