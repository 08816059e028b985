"""Backups of a busy store: made, restored, started on; damaged ones refused (see `__main__`)."""
