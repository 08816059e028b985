"""The seeing half: the staff's API and desk."""
