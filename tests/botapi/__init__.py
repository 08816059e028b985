"""The project's own Bot API server, for tests and manual trials."""
