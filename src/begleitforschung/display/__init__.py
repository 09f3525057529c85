"""Numbers in words, the printable table, figure primitives and the house style."""
