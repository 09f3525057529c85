"""Print how the code stands against the measures of the design."""
