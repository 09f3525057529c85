"""Which cells must not be shown and what goes with them; still without content."""
