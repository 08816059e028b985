"""The machines by subject."""

from tests.machines.base import Machine
from tests.machines.clocks import ClocksMachine
from tests.machines.conversation import ConversationMachine
from tests.machines.outbox import OutboxMachine
from tests.machines.queue import QueueMachine
from tests.machines.ratings import RatingsMachine
from tests.machines.sessions import SessionsMachine

MACHINES: tuple[type[Machine], ...] = (
    ConversationMachine,
    QueueMachine,
    ClocksMachine,
    OutboxMachine,
    RatingsMachine,
    SessionsMachine,
)
