"""A bot that is ended over and over while customers and staff are at work, and what that did to anybody."""
