"""The artifact that ``host build`` writes and ``host run --production`` serves: the TypeScript and a manifest of its plugins.

The manifest depends on no machine, process or time, so the same plugins produce the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from host.common.errors import BootError, ConfigurationError, StaleConfigError
from host.common.files import write
from host.common.version import __version__
from host.frontend.drift import FILE, drift

if TYPE_CHECKING:
    from host.frontend.model import Generated
    from host.lifecycle.boot import Boot

#: The files in the directory of the artifact.
CONFIG: Final = FILE
MANIFEST: Final = "manifest.json"
#: The version of the manifest; it changes when a key is renamed or removed.
VERSION: Final = 1

_BUILD: Final = "run host build with the same plugins installed as here"


class Locked(msgspec.Struct, frozen=True, omit_defaults=True):
    """One plugin of the artifact.

    Args:
        distribution: The distribution of the plugin.
        version: The version of the distribution.
        schema: The digest of its part of the TypeScript, "" if it has none.
    """

    distribution: str
    version: str
    schema: str = ""


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """The host and the plugins from which the artifact was built.

    Args:
        manifest: The version of this format.
        host: The version of the host.
        config: The digest of the bytes of the TypeScript.
        schema_hash: The digest of the schema in the TypeScript.
        plugins: The installed plugins, by key.
    """

    manifest: int
    host: str
    config: str
    schema_hash: str
    plugins: dict[str, Locked]


class _Format(msgspec.Struct, frozen=True):
    """The part that manifests of all versions have in common."""

    manifest: int
    host: str


@dataclass(frozen=True)
class Artifact:
    """An artifact that was read.

    Args:
        directory: The directory of the artifact.
        manifest: Its manifest.
        config: The text of the TypeScript.
    """

    directory: Path
    manifest: Manifest
    config: str


def build_artifact(directory: Path, boot: Boot, generated: Generated) -> bool:
    """Write the files of the artifact that differ, the manifest last.

    Args:
        directory: The directory to write; created if it does not exist.
        boot: The host with its registered plugins.
        generated: The TypeScript.

    Returns:
        Whether any file was written.

    Raises:
        BootError: A plugin failed; an artifact without it would be incomplete.
        ConfigurationError: The directory cannot be written.
    """
    if errors := boot.failures.all():
        raise BootError(errors)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{directory} cannot be created: {error.strerror or error}"
        raise ConfigurationError(message, fix="choose another --output or build.output") from None
    data = msgspec.to_builtins(_manifest(boot, generated))
    changed = write(directory / CONFIG, generated.text)
    return write(directory / MANIFEST, json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n") or changed


def read_artifact(directory: Path) -> Artifact:
    """Read an artifact.

    Args:
        directory: The directory of the artifact.

    Raises:
        ConfigurationError: There is no artifact, or it was changed after it was built.
    """
    try:
        manifest = _read_manifest(directory)
        content = (directory / CONFIG).read_bytes()
    except FileNotFoundError as error:
        raise _unusable(f"there is no artifact in {directory}: {Path(error.filename).name} is missing") from None
    except OSError as error:
        raise _unusable(f"the artifact in {directory} cannot be read: {error.strerror or error}") from None
    except msgspec.DecodeError as error:
        raise _unusable(f"{MANIFEST} of the artifact in {directory} is damaged: {error}") from None
    if manifest.config != _digest(content):
        raise _unusable(f"{CONFIG} of the artifact in {directory} is not the one that was built")
    return Artifact(directory, manifest, content.decode("utf-8", "replace"))


def _read_manifest(directory: Path) -> Manifest:
    content = (directory / MANIFEST).read_bytes()
    header = msgspec.json.decode(content, type=_Format)
    if header.manifest != VERSION:
        raise _unusable(f"the artifact in {directory} was built by litestar-host {header.host}, in another format")
    return msgspec.json.decode(content, type=Manifest)


def check_artifact(artifact: Artifact, boot: Boot, generated: Generated) -> None:
    """Compare the artifact with the installed plugins. Plugins that failed at this start and are isolated are not compared.

    Args:
        artifact: The artifact.
        boot: The host with its registered plugins.
        generated: The TypeScript of these plugins.

    Raises:
        StaleConfigError: They differ; the error names the plugins and the differences.
    """
    before, now = artifact.manifest, _manifest(boot, generated)
    if before == now:
        return
    changes = _version_changes({key: lock for key, lock in before.plugins.items() if key not in boot.failures}, now.plugins)
    drifted = drift(artifact.config, generated.text)
    for part in drifted.plugins:
        if part.plugin not in boot.failures and (part.kind == "changed" or part.plugin not in changes):
            changes.setdefault(part.plugin, []).append(str(part).removeprefix(f"{part.plugin}: "))
    lines = [f"{key}: {'; '.join(changes[key])}" for key in sorted(changes)]
    if before.host != now.host:
        lines.append(f"the host: litestar-host {now.host} is installed, the artifact was built with {before.host}")
    elif not lines and not list(boot.failures):
        lines.append("the host itself")
    if lines:
        keys = sorted(changes)
        message = f"the artifact in {artifact.directory} does not match the installed plugins: {', '.join(keys) or 'the host'}"
        raise StaleConfigError(
            message, drifted=keys, changes=lines, diff=drifted.diff, fix=f"{_BUILD}; or install the versions in the artifact"
        )


def _version_changes(before: Mapping[str, Locked], now: Mapping[str, Locked]) -> dict[str, list[str]]:
    """Return the differences in plugins and versions, by plugin."""
    changes: dict[str, list[str]] = {}
    for key in before.keys() | now.keys():
        old, new = before.get(key), now.get(key)
        if old is None:
            changes[key] = ["installed, but not in the artifact"]
        elif new is None:
            changes[key] = [f"in the artifact, but not installed or not enabled: {old.distribution} {old.version}"]
        elif (old.distribution, old.version) != (new.distribution, new.version):
            changes[key] = [f"{new.distribution} {new.version} is installed, the artifact has {old.distribution} {old.version}"]
    return changes


def _manifest(boot: Boot, generated: Generated) -> Manifest:
    plugins = {
        plugin.key: Locked(
            plugin.plugin.installed.distribution, plugin.plugin.installed.version, generated.digests.get(plugin.key, "")
        )
        for plugin in boot.contributions
    }
    return Manifest(VERSION, __version__, _digest(generated.text.encode("utf-8")), generated.digest, plugins)


def _digest(content: bytes) -> str:
    return "sha256-" + hashlib.sha256(content).hexdigest()


def _unusable(message: str) -> ConfigurationError:
    return ConfigurationError(message, fix=f"{_BUILD}; or name its directory: --artifact, or build.output in host.toml")
