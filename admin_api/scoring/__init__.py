"""Scores and segments: values in, values out."""
