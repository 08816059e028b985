"""One module of request handlers per resource."""
