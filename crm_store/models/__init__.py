"""Every table, one file per subject."""
