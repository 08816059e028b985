"""State machines: Hypothesis drives the store's own functions beside a small model, and compares after every step.

`python -m tests.machines --examples 2000 --steps 50 --json` is the long form.
"""
