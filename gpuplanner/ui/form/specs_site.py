"""The fields of servers and site."""

from __future__ import annotations

from typing import Final

from gpuplanner.scenario.document import Cooling, FabricKind, IndexKind
from gpuplanner.ui.form import conditions as when
from gpuplanner.ui.form import options
from gpuplanner.ui.form.field_spec import FieldSpec, SectionSpec, choice, quantity
from gpuplanner.units import QuantityKind

_K: Final = QuantityKind

HOST: Final = SectionSpec(
    "host",
    (
        choice("site.server", options.servers),
        quantity("site.sockets", _K.WHOLE, empty="form.as_built"),
        quantity("site.cores", _K.WHOLE, empty="form.as_needed"),
        quantity("site.ram_gb", _K.NUMBER, empty="form.as_needed"),
        quantity("site.nvme_tb", _K.NUMBER, empty="form.as_needed"),
        quantity("site.client_cards", _K.WHOLE, empty="form.as_needed"),
        quantity("site.fabric_cards", _K.WHOLE, empty="form.as_needed"),
        choice("site.fabric", options.of_enum("site.fabric", FabricKind)),
        quantity("site.oversubscription", _K.NUMBER),
        quantity("site.management_nodes", _K.WHOLE),
        quantity("site.storage_nodes", _K.WHOLE),
        quantity("site.load_balancers", _K.WHOLE, shown=when.answers),
        quantity("site.model_versions", _K.WHOLE),
        quantity("site.dataset_tb", _K.NUMBER),
        quantity("site.object_tb", _K.NUMBER),
        quantity("site.checkpoints_kept", _K.WHOLE, shown=when.trains),
        quantity("site.log_days", _K.NUMBER, shown=when.answers),
        quantity("site.vectors", _K.COUNT, shown=when.answers),
        quantity("site.vector_width", _K.WHOLE, shown=when.indexes),
        choice("site.index", options.of_enum("site.index", IndexKind), shown=when.indexes),
    ),
    folded=True,
)

SITE: Final = SectionSpec(
    "site",
    (
        quantity("site.growth_per_year", _K.PERCENT, shown=when.answers),
        quantity("site.growth_years", _K.WHOLE, shown=when.answers),
        FieldSpec("site.phases", "phases", wide=True, shown=when.answers),
        choice("site.country", options.countries),
        choice("site.around_the_clock", options.yes_or_no("site.around_the_clock"), shown=when.answers),
        choice("site.cooling", options.of_enum("site.cooling", Cooling)),
        quantity("site.rack_kw", _K.NUMBER, prefix="≤ ", empty="form.no_limit"),
        quantity("site.rack_kg", _K.NUMBER, prefix="≤ ", empty="form.no_limit"),
        quantity("site.rack_units", _K.WHOLE),
        quantity("site.free_racks", _K.WHOLE, empty="form.no_limit"),
        quantity("site.ups_minutes", _K.NUMBER),
    ),
    folded=True,
)
