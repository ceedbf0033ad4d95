"""The page "Scenarios": rail, list and details."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from gpuplanner.palette import Theme
from gpuplanner.scenario.cards import Card
from gpuplanner.scenario.index import Listing
from gpuplanner.ui.faults import guarded
from gpuplanner.ui.library.answers import Answers
from gpuplanner.ui.library.arrange import GROUPS, SORTS, Order, Scope
from gpuplanner.ui.library.centre import Centre
from gpuplanner.ui.library.commands import MOST_COMPARED, Commands
from gpuplanner.ui.library.details import Details
from gpuplanner.ui.library.keeper import Keeper
from gpuplanner.ui.library.listing import Lister
from gpuplanner.ui.library.menus import begin_menu, selection_menu
from gpuplanner.ui.library.model import LibraryModel
from gpuplanner.ui.library.pane import DetailPane
from gpuplanner.ui.library.rail import Rail
from gpuplanner.ui.notices import Notice
from gpuplanner.ui.session import Session

_COUNTS_MS: Final = 60


class LibraryPage(QWidget):
    """Lists the scenarios of folders; reads nothing before it is first shown.

    Signals:
        open_wanted: a path.
        template_wanted: a path whose copy shall begin.
        example_wanted: an :class:`Example`.
        new_wanted: an empty scenario.
        compare_wanted: paths.
        moved: a file was renamed, from and to.
        noticed: a :class:`Notice`.
        folder_wanted: a folder shall be added to the library.
        folder_dropped: one shall leave it.
        arranged: how the list is arranged, to be kept.
    """

    open_wanted = Signal(object)
    template_wanted = Signal(object)
    example_wanted = Signal(object)
    new_wanted = Signal()
    compare_wanted = Signal(object)
    moved = Signal(object, object)
    noticed = Signal(object)
    folder_wanted = Signal()
    folder_dropped = Signal(object)
    arranged = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.model = LibraryModel(self)
        self.rail, self.pane = Rail(self), DetailPane(self)
        self.centre = Centre(self.model, self)
        self.lister, self.answers, self.keeper = Lister(self), Answers(self), Keeper(self)
        self.details = Details(self.pane, self.model, self.centre.current, lambda: session.catalog, self)
        self._counts_timer = QTimer(self)
        self._counts_timer.setSingleShot(True)
        self._counts_timer.setInterval(_COUNTS_MS)
        self._problems: tuple[str, ...] = ()
        self._wanted: Path | None = None
        self._renames = False
        self.commands = Commands(self.model, self.centre, self.keeper, self)
        self.addActions(list(self.commands.actions.values()))
        self._lay_out()
        self._connect()
        self.set_catalog()

    def set_folders(self, folders: Sequence[Path]) -> None:
        """List these folders and what is inside them."""
        self.lister.set_roots(folders)

    def set_catalog(self) -> None:
        """Follow the session's catalogue."""
        catalog = self._session.catalog
        self.model.set_catalog(catalog)
        self.answers.set_catalog(catalog)
        self.details.follow()

    def restore_state(self, kept: dict[str, object]) -> None:
        """Arrange the list as it was left; what makes no sense is passed over."""
        group, sort, view = kept.get("group"), kept.get("sort"), kept.get("view")
        order = Order(
            str(group) if group in GROUPS else "customer",
            str(sort) if sort in SORTS else "changed",
            kept.get("down") is not False,
        )
        self.centre.set_order(order)
        if view == "cards":
            self.centre.show_view("cards")

    def state(self) -> dict[str, object]:
        """How the list is arranged."""
        order = self.centre.order
        return {"group": order.group, "sort": order.sort, "down": order.down, "view": self.centre.shown_view}

    def selected(self) -> list[Card]:
        """The scenarios that are selected, in the order they are listed."""
        return self.centre.selected()

    def select(self, paths: Sequence[Path]) -> None:
        """Select files and bring the first into view."""
        self.centre.select(paths)

    def refresh(self) -> None:
        """Read the folders again."""
        self.lister.refresh()

    @property
    def busy(self) -> bool:
        """Whether something is still to be shown."""
        working = self.lister.background.busy or self.answers.busy or self.details.busy
        return working or self._counts_timer.isActive()

    def stop(self) -> None:
        """Stop what runs beside the window."""
        self.lister.stop()
        self.answers.stop()
        self.details.stop()

    @guarded
    def showEvent(self, event: QShowEvent) -> None:
        """Folders are followed while the page is seen."""
        super().showEvent(event)
        self.lister.wake(True)
        self.centre.view.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """And not while it isn't."""
        super().hideEvent(event)
        self.lister.wake(False)

    def retranslate(self) -> None:
        """Follow a change of language."""
        for part in (self.rail, self.centre, self.pane, self.commands):
            part.retranslate()
        self._count()
        self._follow_selection()

    def apply_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        for part in (self.rail, self.centre, self.pane):
            part.apply_theme(theme)

    def set_byte_unit(self, unit: str) -> None:
        """Show sizes in "GB" or "GiB"."""
        self.pane.set_byte_unit(unit)

    def run(self, key: str) -> None:
        """Carry out a command on what is selected."""
        self.commands.run(key)

    def _made(self, path: object, named: bool) -> None:
        """Select a file that was made once it is listed, and type its name where it has none of its own."""
        if isinstance(path, Path):
            self._wanted, self._renames = path, named

    def _renamed(self, path: Path, name: str) -> None:
        card = next((card for card in self.model.cards if card.path == path), None)
        if card is not None:
            done = self.keeper.rename(path, name, [other.path for other in self.model.variants(card)])
            self._wanted = done.moved[0][1] if done.moved else path

    def _listed(self, listing: Listing, took_ms: float) -> None:
        before = [card.path for card in self.selected()]
        if listing.cards != self.model.cards:
            self.model.set_cards(listing.cards)
            self.centre.select(before)
            for card in reversed(listing.cards):  # what is looked at comes before these
                if card.problem is None and self.model.answer(card) is None:
                    self.answers.want(card)
        said = tuple(problem.sentence() for problem in listing.problems)
        if said != self._problems:
            self._problems = said
            for place, problem in enumerate(listing.problems[:2]):
                self.noticed.emit(Notice(problem, "caution", f"library.folder.{place}"))
        self.centre.say_listed(len(listing.cards), took_ms)
        if self._wanted is not None and self.model.index_of(self._wanted).isValid():
            self.centre.select([self._wanted])
            self._wanted = None
            if self._renames:
                self._renames = False
                self.centre.edit_name()
        self._count()
        self._follow_selection()

    def _count(self) -> None:
        self.rail.show_counts(self.model.counts(self.lister.roots), self.lister.roots)

    def _answers_found(self, answers: object) -> None:
        if isinstance(answers, dict):
            self.model.set_answers(answers)
            self.details.answers_found(answers)
            self._counts_timer.start()

    def _follow_selection(self) -> None:
        self.centre.show_selection(MOST_COMPARED)
        self.details.follow()

    def _menu(self, place: QPoint) -> None:
        if cards := self.selected():
            selection_menu(cards, self.commands.actions, MOST_COMPARED, self).popup(place)

    def _new_menu(self) -> None:
        templates = [card for card in self.model.cards if card.template and not card.archived]
        menu = begin_menu(
            templates,
            self.new_wanted.emit,
            lambda card: self.template_wanted.emit(card.path),
            self.example_wanted.emit,
            self,
        )
        button = self.centre.new_button
        menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def _dropped(self, paths: object) -> None:
        if isinstance(paths, list) and self.lister.roots:
            scope = self.model.scope
            folder = Path(scope.value) if scope.kind == "folder" else self.lister.roots[0]
            self.keeper.adopt(paths, folder)

    def _scope_chosen(self, scope: Scope) -> None:
        self.model.arrange(scope=scope)
        self._follow_selection()

    def _connect(self) -> None:
        centre, pane, commands = self.centre, self.pane, self.commands
        commands.open_wanted.connect(self.open_wanted)
        commands.template_wanted.connect(self.template_wanted)
        commands.compare_wanted.connect(self.compare_wanted)
        commands.made.connect(self._made)
        self.lister.listed.connect(self._listed)
        self.answers.found.connect(self._answers_found)
        self.model.answer_missing.connect(self.answers.want)
        self.keeper.changed.connect(self.lister.refresh)
        self.keeper.moved.connect(self.moved)
        self.keeper.noticed.connect(self.noticed)
        self.rail.chosen.connect(self._scope_chosen)
        self.rail.folder_wanted.connect(self.folder_wanted)
        self.rail.folder_dropped.connect(self.folder_dropped)
        self._counts_timer.timeout.connect(self._count)
        self._session.catalog_changed.connect(self.set_catalog)
        centre.selection_changed.connect(self._follow_selection)
        centre.renamed.connect(self._renamed)
        centre.dropped.connect(self._dropped)
        centre.menu_wanted.connect(self._menu)
        centre.new_wanted.connect(self._new_menu)
        centre.command.connect(self.run)
        centre.arranged.connect(self._arranged)
        pane.open_wanted.connect(partial(self.run, "open"))
        pane.variant_wanted.connect(partial(self.run, "variant"))
        pane.duplicate_wanted.connect(partial(self.run, "duplicate"))
        pane.menu_wanted.connect(self._pane_menu)
        pane.path_wanted.connect(lambda path: self.centre.select([path]))

    def _arranged(self) -> None:
        self.arranged.emit(self.state())

    def _pane_menu(self) -> None:
        self._menu(self.pane.more_button.mapToGlobal(QPoint(0, 0)))

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        for part in (self.rail, self.centre, self.pane):
            splitter.addWidget(part)
            splitter.setStretchFactor(splitter.indexOf(part), int(part is self.centre))
        self.rail.setMinimumWidth(150)
        self.pane.setMinimumWidth(270)
        splitter.setSizes([190, 10_000, 332])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(splitter)
