"""Areas (districts and their streets) and the names of roads, estates and landmarks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import with_config
from sqlalchemy import ForeignKey, Integer, Select, String, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from backoffice.gazetteer import Gazetteer, PlaceKind, PlaceName, place_names_of
from backoffice.routing_state import routing_changed
from core.database import Base


class Area(Base):
    """A district, or a street (街道) of one."""

    __tablename__ = "areas"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("areas.code"), index=True)
    position: Mapped[int] = mapped_column(Integer)


class Place(Base):
    """A name by which citizens say where something is."""

    __tablename__ = "places"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    area_code: Mapped[str] = mapped_column(ForeignKey("areas.code"), index=True)


@with_config(extra="forbid")
@dataclass(frozen=True)
class StreetEntry:
    """A street as a city pack describes it. Places named here are known to lie in it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()
    roads: tuple[str, ...] = ()
    estates: tuple[str, ...] = ()
    landmarks: tuple[str, ...] = ()


@with_config(extra="forbid")
@dataclass(frozen=True)
class DistrictEntry:
    """A district as a city pack describes it."""

    code: str
    name: str
    aliases: tuple[str, ...] = ()
    streets: tuple[StreetEntry, ...] = ()
    roads: tuple[str, ...] = ()
    estates: tuple[str, ...] = ()
    landmarks: tuple[str, ...] = ()


async def all_areas(session: AsyncSession) -> list[Area]:
    """Every area, each district followed by its streets."""
    return list(await session.scalars(select(Area).order_by(Area.position)))


def codes_within(code: str) -> Select[tuple[str]]:
    """A subquery: an area and its streets."""
    inner = aliased(Area)
    return select(inner.code).where(or_(inner.code == code, inner.parent_code == code))


async def load_gazetteer(session: AsyncSession) -> Gazetteer:
    """The gazetteer as it stands in the database."""
    rows = await session.execute(
        select(Place.name, Place.kind, Area.code, Area.parent_code).join(Area, Area.code == Place.area_code)
    )
    return Gazetteer(PlaceName(name, PlaceKind(kind), area, parent or area) for name, kind, area, parent in rows)


async def load_areas(session: AsyncSession, districts: Iterable[DistrictEntry]) -> None:
    """Makes areas and names what ``districts`` say. Areas no longer named stay, for the orders in them."""
    await session.execute(delete(Place))
    position = 0
    for district in districts:
        position += 1
        await session.merge(Area(code=district.code, name=district.name, parent_code=None, position=position))
        for street in district.streets:
            position += 1
            await session.merge(Area(code=street.code, name=street.name, parent_code=district.code, position=position))
        await session.flush()
        for place in names_in(district):
            session.add(Place(name=place.name, kind=place.kind.value, area_code=place.area))
    await session.flush()
    await routing_changed(session)


def names_in(district: DistrictEntry) -> Iterator[PlaceName]:
    """All names of places that ``district`` and its streets have."""
    code = district.code
    yield from place_names_of(code, PlaceKind.DISTRICT, (district.name, *district.aliases))
    yield from place_names_of(code, PlaceKind.ROAD, district.roads)
    yield from place_names_of(code, PlaceKind.ESTATE, district.estates)
    yield from place_names_of(code, PlaceKind.LANDMARK, district.landmarks)
    for street in district.streets:
        yield from place_names_of(street.code, PlaceKind.STREET, (street.name, *street.aliases), district=code)
        yield from place_names_of(street.code, PlaceKind.COMMUNITY, street.communities, district=code)
        yield from place_names_of(street.code, PlaceKind.ROAD, street.roads, district=code)
        yield from place_names_of(street.code, PlaceKind.ESTATE, street.estates, district=code)
        yield from place_names_of(street.code, PlaceKind.LANDMARK, street.landmarks, district=code)
