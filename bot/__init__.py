"""The talking half: conversations with customers and agents on their channels."""
