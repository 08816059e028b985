"""An upgrade of very many rows, killed over and over (see `__main__`)."""
