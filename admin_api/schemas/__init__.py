"""What goes in and out over HTTP, one file per resource; the store's rows are never shown as they are."""
