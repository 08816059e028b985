"""The record of every customer, conversation and rating, and the rules of a conversation."""
