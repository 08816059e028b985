"""Power cuts at any moment of the shipped writer's work."""
