"""Settings the admin API owns."""

from pydantic import Field

from crm_store.settings import Settings


class AdminSettings(Settings):
    """The staff's side."""

    staff_host: str = Field("127.0.0.1", description="Where the staff's side (API, desk) listens.")
    staff_port: int = Field(8081, ge=0, le=65535, description="Its port.")
    staff_cookie_secure: bool = Field(
        False,
        description="Send the staff's cookie over https only; set it when a proxy serves the desk by https.",
    )
    staff_max_body_bytes: int = Field(
        1024 * 1024, ge=1024, description="The largest request body the staff's side reads."
    )
