"""`frontdesk chat`: a customer at the terminal, line by line."""

import subprocess

from tests.commandline import COMMAND, RUN_WITHIN_S, CommandLine

ARTICLES = "text,article,answer\nhow do I pay,pay,By card.\nwhere is my parcel,track,In the mail.\n"


def test_a_conversation(frontdesk: CommandLine) -> None:
    frontdesk("kb", "import", frontdesk.file("kb.csv", ARTICLES))
    done = frontdesk.process("chat", "--name", "Zoë", stdin="how do I pay\n\n1\n/human\n")
    assert (done.status, done.err) == (0, "")
    told = [line for line in done.out.splitlines() if line.startswith("bot: ")]
    assert told[0] == "bot: By card."
    assert "number 1 in the queue" in told[-1]
    assert frontdesk("customers", "list", "--json").json[0]["name"] == "Zoë"


def test_no_input_is_no_conversation(frontdesk: CommandLine) -> None:
    done = frontdesk.process("chat", stdin="")
    assert (done.status, done.out) == (0, "")
    assert frontdesk("customers", "list", "--json").json == []


def test_bytes_that_are_no_text_do_not_end_it(frontdesk: CommandLine) -> None:
    frontdesk("kb", "import", frontdesk.file("kb.csv", ARTICLES))
    done = subprocess.run(
        [*COMMAND, "chat"],
        cwd=frontdesk.folder,
        env=frontdesk.environment(),
        input=b"\xff\xfe?\nhow do I pay\n",
        capture_output=True,
        timeout=RUN_WITHIN_S,
        check=False,
    )
    assert done.returncode == 0
    assert b"bot: By card." in done.stdout
