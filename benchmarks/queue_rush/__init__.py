"""Many agents reach for one queue at once, until it is empty."""
