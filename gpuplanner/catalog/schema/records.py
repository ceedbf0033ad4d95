"""Records by id, checked when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from gpuplanner.catalog.schema.common import Record

R = TypeVar("R", bound=Record)
Raw = Mapping[str, Any]


class Records(Mapping[str, R], Generic[R]):
    """Records of one kind by id, in a stable order.

    Listing ids and names is cheap: a record is checked against its schema when it is first asked for, and kept.

    Args:
        schema: what the records are, or a function that fetches it when it is first needed.
        source: plain values by id, or a function that fetches them when they are first needed.
    """

    def __init__(
        self, schema: type[R] | Callable[[], type[R]], source: Mapping[str, Raw] | Callable[[], Mapping[str, Raw]]
    ) -> None:
        self._schema = schema
        self._source = source
        self._made: dict[str, R] = {}

    @property
    def schema(self) -> type[R]:
        """What the records are."""
        schema = self._schema
        if not isinstance(schema, type):
            schema = self._schema = schema()
        return schema

    @property
    def raw(self) -> Mapping[str, Raw]:
        """The plain values by id, as the files give them."""
        source = self._source
        if callable(source):  # through a variable: another thread may be here too
            source = self._source = source()
        return source

    def __getitem__(self, key: str) -> R:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self.schema.model_validate(self.raw[key])
        return made

    def __contains__(self, key: object) -> bool:
        return key in self.raw

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def name_of(self, key: str) -> str:
        """The name of a record, without checking it; its id where it has none.

        Raises:
            KeyError: when there is no such record.
        """
        name = self.raw[key].get("name")
        return name if isinstance(name, str) else str(getattr(self[key], "name", key))
