"""`python -m bot` and the `frontdesk` command."""

import os

# Before NumPy is loaded: two spinning threads on two busy cores are many times slower than one.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

from bot.cli import app  # noqa: E402


def main() -> None:
    """Run the command line."""
    app(prog_name="frontdesk")


if __name__ == "__main__":
    main()
