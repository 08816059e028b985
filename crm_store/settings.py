"""Settings the store owns."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_URL = "sqlite:///frontdesk.db"


class StoreSettings(BaseSettings):
    """Where the record is kept. Read from FRONTDESK_... variables and `.env`."""

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = Field(
        DEFAULT_URL,
        description="The database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    backup_folder: str = Field("backups", description="Where backups of an SQLite file are put.")
    backup_keep: int = Field(10, ge=1, description="How many automatic backups are kept.")
    retention_days: int = Field(
        0, ge=0, description="Resolved conversations older than this are deleted; 0 keeps them for good."
    )

    @property
    def retention(self) -> timedelta | None:
        """The age at which resolved conversations go, or None."""
        return timedelta(days=self.retention_days) if self.retention_days else None
