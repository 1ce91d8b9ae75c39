"""Mutants that compute what the original does: no test can find them, and why."""

EQUIVALENT: dict[str, str] = {}
