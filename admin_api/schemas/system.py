"""How the installation is."""

from typing import Literal

from admin_api.schemas.base import Shown


class Health(Shown):
    """This process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Shown):
    """Whether everything serves."""

    status: Literal["ready", "starting"]
