"""Every setting of the service, read from the environment as ``HUIYIN_*`` (or a ``.env`` file)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What a city may set. Each field's description is its documentation (``huiyin doctor --settings``)."""

    model_config = SettingsConfigDict(env_prefix="HUIYIN_", env_file=".env", extra="ignore")

    # where things are
    data_dir: Path = Field(Path("var"), description="Folder of everything written at run time.")
    database_url: str = Field(
        "", description="SQLAlchemy URL. Empty: SQLite in data_dir. PostgreSQL: postgresql+asyncpg://…"
    )
    city_dir: Path = Field(
        ROOT / "cities" / "yunzhou",
        description="City pack: departments, categories, rules, gazetteer, articles.",
    )

    # the web server
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    public_url: str = Field("", description="Address citizens see, for links in SMS. Empty: http://host:port.")
    trusted_proxies: int = Field(
        0, ge=0, description="How many reverse proxies stand in front and set X-Forwarded-For."
    )
    secure_cookies: bool = Field(False, description="Send cookies over HTTPS only. Set it in production.")

    # secrets
    master_key: SecretStr | None = Field(
        None,
        description="32 bytes in base64: root of all keys. Unset: generated into data_dir/master.key (600).",
    )

    # dialogue
    turn_time_limit: float = Field(
        8.0,
        gt=0,
        le=20,
        description="Seconds one bot turn may take before the citizen gets an apology and a person.",
    )
    turns_at_once: int = Field(
        4, gt=0, description="Bot turns under way at the same time; the time of those that wait is not yet counted."
    )
    conversation_idle_minutes: int = Field(
        120, gt=0, description="A conversation the bot owns is closed after this long without a word."
    )
    text_limit: int = Field(2000, gt=0, description="Characters of one citizen message the bot reads.")

    # uploads
    upload_limit_bytes: int = Field(8 * 1024 * 1024, gt=0, description="Largest photo taken.")
    upload_pixels: int = Field(50_000_000, gt=0, description="Most pixels a photo may unpack to.")

    # SMS through Kannel
    sms_account: str = Field("12345", description="Our number, as citizens see it.")
    sms_signature: str = Field(
        "", max_length=20, description="Signature before every SMS, like 【云州12345】, where the provider adds none."
    )
    kannel_send_url: str = Field("", description="Kannel smsbox sendsms address; empty: SMS is switched off.")
    kannel_username: str = Field("", description="sendsms user.")
    kannel_password: SecretStr = Field(SecretStr(""), description="sendsms password.")
    kannel_get_secret: SecretStr = Field(
        SecretStr(""), description="Secret Kannel's get-url and dlr-url must carry; empty refuses all calls."
    )
    kannel_callback_url: str = Field(
        "", description="This service as Kannel reaches it, for delivery reports. Empty: http://host:port."
    )

    # staff
    staff_session_minutes: int = Field(480, gt=0, description="A staff session ends after this long.")
    staff_idle_minutes: int = Field(60, gt=0, description="…or after this long without a request.")

    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING, ERROR.")

    @property
    def resolved_database_url(self) -> str:
        """The database to use: ``database_url``, or SQLite inside ``data_dir``."""
        return self.database_url or f"sqlite+aiosqlite:///{(self.data_dir / 'huiyin.db').absolute()}"

    @property
    def resolved_public_url(self) -> str:
        """Address for links, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def resolved_kannel_callback_url(self) -> str:
        """Address Kannel reports to, without a slash at the end; Kannel runs on the same machine unless told."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 - read, not bound
        return (self.kannel_callback_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def media_dir(self) -> Path:
        """Folder of photos and other attachments."""
        return self.data_dir / "media"

    @property
    def model_dir(self) -> Path:
        """Folder of trained dialogue models."""
        return self.data_dir / "models"


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings of this process."""
    return Settings()
