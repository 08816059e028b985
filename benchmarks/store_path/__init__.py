"""The store's part of a message, measured beside other ways to write the same."""
