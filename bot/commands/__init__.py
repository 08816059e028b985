"""The verbs of the `frontdesk` command, one module per subject."""
