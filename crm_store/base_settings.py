"""Where settings come from."""

from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """What all settings share: FRONTDESK_... variables count most, then `.env`, then `frontdesk.toml`."""

    model_config = SettingsConfigDict(
        env_prefix="FRONTDESK_",
        env_file=".env",
        toml_file="frontdesk.toml",
        env_ignore_empty=True,  # FRONTDESK_X= in a compose file means "not set"
        extra="ignore",
        frozen=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The sources, the one that counts most first."""
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)
