"""Which Compose files make one deployment: alone, laid over another file, or within one that includes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from ..schemas.files import reason_of, within
from ..schemas.models.project import Options
from .examination import Examination
from .loading import compose_shape
from .names import is_compose, is_template
from .settings import Settings

if TYPE_CHECKING:
    from ..schemas.models.deployment import Deployment
    from ..schemas.workspace import Workspace
    from .memory import Memory

_MOST_TRIED = 8
_LACKS = frozenset(
    ("missing-image", *(f"undefined-{what}" for what in ("service", "network", "volume", "secret", "config")))
)


class Deployments:
    """Loads deployments; what cannot be loaded becomes a line of `out`, in which `tops` are the user's folders."""

    def __init__(
        self, settings: Settings, workspace: Workspace, out: Examination, memory: Memory | None = None
    ) -> None:
        self.settings = settings
        self.workspace = workspace
        self.out = out
        self.memory = memory
        self.tops: set[str] = set()

    def load(self, path: str, files: tuple[str, ...], env_files: tuple[str, ...] | None = None) -> Deployment | None:
        """The deployment that Compose finds in the folder of `path`, or the one of `-f files`.

        `env_files` take the place of `.env`, () that of none, unless the user names some.
        """
        settings, folder = self.settings, path.rpartition("/")[0]
        if not self.readable(path):
            return None
        given = settings.env_files or env_files or ()
        find, boundary = env_files is None, self.boundary(folder)
        options = Options(files, given, settings.profiles, settings.shell, boundary=boundary, find_env=find)
        if self.memory is None:
            return self._load(path, options)
        return self.memory.deployment(path, options, self.workspace, lambda: self._load(path, options))

    def _load(self, path: str, options: Options) -> Deployment | None:
        from ..schemas.models.loading import load_deployment

        folder, memory = path.rpartition("/")[0], self.memory
        try:
            if memory is None:
                return load_deployment(self.workspace, folder, options)
            known = partial(memory.project, path, options, self.workspace)
            return load_deployment(self.workspace, folder, options, known)
        except OSError as error:
            self.out.error(path, reason_of(error))
        except Exception as error:  # noqa: BLE001 - a crash on one deployment must not hide the others
            self.out.crash("the loader", path, error)
        return None

    def readable(self, path: str) -> bool:
        """Whether a Compose file can be read and is meant to be; a template of another program is passed over."""
        try:
            document = self.workspace.document(path)
        except (OSError, ValueError) as error:
            self.out.error(path, reason_of(error))
            # Without it nothing can be said of its deployment, and silence would pass for health.
            self.out.failed = True
            return False
        if is_template(path.rpartition("/")[2], document.text):
            self.out.read.add(path)
            return False
        return True

    def boundary(self, folder: str) -> str:
        """The folder out of which a deployment reads nothing: its checkout, else the widest one that the user gave."""
        from ..schemas.models.deployment import find_boundary

        found = find_boundary(self.workspace.files, folder)
        given = [top for top in (*self.tops, self.out.cwd) if top != "/" and within(found, top)]
        return min(given, key=len) if found == folder and given else found

    def main(self, path: str) -> Deployment | None:
        """The deployment of a main file, None where it only completes another: nobody knows what that one holds."""
        alone = self.load(path, ())
        if alone is None or not _lacking(alone, path):
            return alone
        return self._laid(path) or (None if self._completes(path) else alone)

    def whole(self, path: str, main: str | None, env_files: tuple[str, ...] | None) -> Deployment | None:
        """The deployment of a Compose file beside others: its own, or the one with the file that defines what it lacks.

        `main` is the folder's main file. None as for `main`.
        """
        alone = self.load(path, (path,), env_files)
        if alone is None or not _lacking(alone, path):
            return alone
        for base in self._beside(path, main):
            joined = self.load(base, (base, path))
            if joined is not None and not _lacking(joined, path):
                return joined
        return self._laid(path) or (None if self._completes(path) else alone)

    def _laid(self, path: str) -> Deployment | None:
        """The deployment of a command that names the file behind others, which define what it lacks."""
        from .layers import orders

        for order in islice(orders(self.workspace.files, path, self._around(path)), _MOST_TRIED):
            joined = self.load(order[0], order)
            if joined is not None and not _lacking(joined, path):
                return joined
        return None

    def _completes(self, path: str) -> bool:
        """Whether the file is an override without its main file, or a main file further up defines what it lacks."""
        from .layers import is_override, mains_above

        files = self.workspace.files
        if is_override(files, path):
            return True
        for main in mains_above(files, path, self._around(path)):
            joined = self.load(main, (main, path))
            if joined is not None and not _lacking(joined, path):
                return True
        return False

    def _around(self, path: str) -> str:
        """The folder outside of which nothing tells how a file is used."""
        boundary = self.boundary(path.rpartition("/")[0])
        return self.workspace.files.real(boundary)

    def _beside(self, path: str, main: str | None) -> list[str]:
        """The Compose files over which another one may be meant to be laid, the main one first."""
        folder = path.rpartition("/")[0]
        names = [name for name in self.workspace.files.entries(folder) if is_compose(name)]
        paths = dict.fromkeys(filter(None, (main, *(f"{folder}/{name}" for name in names))))
        return [p for p in paths if p != path and self._has(p, "services")][:_MOST_TRIED]

    def including_first(self, roots: Iterable[str]) -> list[str]:
        """Main files in the order in which they are to be looked at: one that another reads may be no deployment.

        Such are files that are included, and those with services that only serve to be extended.
        """
        return sorted(roots, key=lambda path: (not self._has(path, "include"), self._is_part(path)))

    def with_named(self, above: Iterable[str], named: set[str]) -> Iterator[tuple[str, Deployment]]:
        """Those of the main files in the folders above that include a named file, with their deployments."""
        for path in above:
            deployment = self.load(path, ()) if self._has(path, "include") else None
            if deployment is not None and named & service_files(deployment):
                yield path, deployment

    def _is_part(self, path: str) -> bool:
        try:
            return compose_shape(self.workspace.yaml(path)) == "part"
        except (OSError, ValueError):
            return False

    def _has(self, path: str, word: str) -> bool:
        """Whether a word stands in a file, as far as it can be read."""
        try:
            return word in self.workspace.document(path).text
        except (OSError, ValueError):
            return False


def service_files(deployment: Deployment) -> set[str]:
    """The Compose files in which a deployment's services stand, those that it includes among them."""
    return {service.place.document.path for service in deployment.services.values()}


def _lacking(deployment: Deployment, path: str) -> bool:
    """Whether a file uses what its deployment does not define."""
    return any(p.kind in _LACKS and p.place.document.path == path for p in deployment.project.problems)
