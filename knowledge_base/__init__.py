"""Text in, matches out: the pure half that answers questions."""
