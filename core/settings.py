"""Every setting of the service, read from the environment as ``HUIYIN_*`` (or a ``.env`` file)."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
KEY_BYTES: Final = 32
_DRIVERS: Final = ("sqlite+aiosqlite", "postgresql+asyncpg")


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
    address_model: Path | None = Field(
        None,
        description="Model of address elements (huiyin address train) by which answers about places are read, too.",
    )
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
        "", max_length=20, description="Signature before every SMS, like 【某市12345】, where the provider adds none."
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

    # speech
    asr_model: Path | None = Field(
        None, description="Folder of a Vosk model. Unset: what `huiyin speech install` put into data_dir/speech."
    )
    edge_voice: str = Field(
        "",
        description="A voice of Microsoft's online service, like zh-CN-XiaoxiaoNeural. Set, what the phone says goes "
        "to Microsoft, numbers and names too. Empty: espeak-ng speaks, on this machine.",
    )
    espeak_variant: str = Field("", description="Variant of the espeak-ng voice, like f3; empty: the plain one.")

    # telephone
    audiosocket_host: str = Field("127.0.0.1", description="Address for Asterisk's AudioSocket; not for the internet.")
    audiosocket_port: int = Field(
        0, ge=0, le=65535, description="Port for Asterisk's AudioSocket, usually 9092; 0: the phone is switched off."
    )
    pbx_secret: SecretStr = Field(
        SecretStr(""), description="Secret the PBX's dialplan must show on /voice/pbx/…; empty refuses all calls."
    )
    pbx_recordings: Path | None = Field(
        None,
        description="Folder where the PBX leaves recordings and notes (RECORDINGS of its globals.conf), writable here; "
        "empty: they stay there.",
    )
    telephones_without_desk: bool = Field(
        False,
        description="A telephone of the PBX's queue takes calls though its owner has no desk page open. Off: calls go "
        "to whoever is on duty at the desk and has a telephone.",
    )
    calls_at_once: int = Field(60, gt=0, description="Calls the bot leads at once; further ones go to people.")

    stream_token: SecretStr = Field(
        SecretStr(""),
        description="Token by which a cloud telephony provider in Twilio's manner signs what it asks on "
        "/voice/stream/…; empty: no calls by it. Needs HUIYIN_PUBLIC_URL.",
    )
    stream_people: str = Field("", description="Number that provider dials for a person; empty: nobody is there.")
    browser_calls_at_once: int = Field(
        5, ge=0, description="Calls in the browser (/call) at once; further ones are asked to wait. 0: switched off."
    )

    # staff
    staff_session_minutes: int = Field(480, gt=0, description="A staff session ends after this long.")
    staff_idle_minutes: int = Field(60, gt=0, description="…or after this long without a request.")

    # watching
    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="What /metrics must be shown as a Bearer token. Empty: it answers localhost alone, never a proxy.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="DEBUG, INFO, WARNING, ERROR.")

    @field_validator("database_url")
    @classmethod
    def _is_a_database(cls, url: str) -> str:
        if url and _driver(url) not in _DRIVERS:
            raise ValueError("要写成 postgresql+asyncpg://用户:口令@主机/库名 或 sqlite+aiosqlite:///文件")
        return url

    @field_validator("master_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and _decoded_length(key.get_secret_value()) != KEY_BYTES:
            raise ValueError(f"要是 {KEY_BYTES} 个字节的 base64，可用 openssl rand -base64 {KEY_BYTES} 生成")
        return key

    @property
    def resolved_database_url(self) -> str:
        """The database to use: ``database_url``, or SQLite inside ``data_dir``."""
        return self.database_url or f"sqlite+aiosqlite:///{self.database_file.absolute()}"

    @property
    def database_file(self) -> Path:
        """The SQLite database that is used when no other is named."""
        return self.data_dir / "huiyin.db"

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
    def speech_dir(self) -> Path:
        """Folder of fetched recognition models."""
        return self.data_dir / "speech"

    @property
    def model_dir(self) -> Path:
        """Folder of trained dialogue models."""
        return self.data_dir / "models"


def _driver(url: str) -> str:
    try:
        return make_url(url).drivername
    except ArgumentError:
        return ""


def _decoded_length(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except binascii.Error:
        return 0


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings of this process."""
    return Settings()
