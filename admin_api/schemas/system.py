"""How the installation is."""

from typing import Literal

from admin_api.schemas.base import Shown


class Health(Shown):
    """This process answers."""

    status: Literal["ok"] = "ok"


class TroubleShown(Shown):
    """A part that is out of order, in words, and for how many seconds."""

    part: str
    what: str
    for_s: float


class Readiness(Shown):
    """Whether everything serves; `degraded` names what does not."""

    status: Literal["ready", "starting", "degraded"]
    troubles: tuple[TroubleShown, ...] = ()
