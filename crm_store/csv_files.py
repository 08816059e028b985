"""What CSV files of spreadsheets have in common, whatever they hold."""

_SEPARATORS = ",;\t"


def separator_of(header: str) -> str:
    """What parts the columns below this header: what it holds most often, else the comma.

    Spreadsheets take commas, semicolons or tabs, by the country they are set to.
    """
    return max(_SEPARATORS, key=header.count)
