"""The whole bot in one process under a seeded scheduler: virtual time, a simulated Telegram, faults, crashes.

`python -m tests.simulation --seeds 1000` runs it; `--seed N` replays one seed and prints its trace.
"""
