"""Pure array functions with formula and reference; neither pandas nor YAML."""
