"""The web desk: pages for people, drawn on the server over the same store as the API."""
