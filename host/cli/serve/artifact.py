"""What ``host build`` writes and ``host run --production`` serves: the TypeScript, and a manifest of what it is of (rows R22, E19).

The manifest holds nothing of one machine, process or moment, so the same plugins give the same bytes (row B15).
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

#: The files in the artifact's directory.
CONFIG: Final = FILE
MANIFEST: Final = "manifest.json"
#: Of the manifest; it changes when a key is renamed or removed.
VERSION: Final = 1

_BUILD: Final = "host build, where the same plugins are installed as here"


class Locked(msgspec.Struct, frozen=True, omit_defaults=True):
    """One plugin of the artifact.

    Args:
        distribution: that it comes from.
        version: of the distribution.
        schema: the digest of its part of the TypeScript; "" where it has none.
    """

    distribution: str
    version: str
    schema: str = ""


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """What the artifact is of.

    Args:
        manifest: the version of this format.
        host: the version of the host.
        config: the digest of the file's bytes.
        schema_hash: as in the file.
        plugins: plugin key → what was installed.
    """

    manifest: int
    host: str
    config: str
    schema_hash: str
    plugins: dict[str, Locked]


class _Format(msgspec.Struct, frozen=True):
    """What a manifest of any version says."""

    manifest: int
    host: str


@dataclass(frozen=True)
class Artifact:
    """A built artifact, as it was read.

    Args:
        directory: where it lies.
        manifest: what it is of.
        config: the text of the TypeScript.
    """

    directory: Path
    manifest: Manifest
    config: str


def build_artifact(directory: Path, boot: Boot, generated: Generated) -> bool:
    """Write the artifact where it differs, the manifest last.

    Args:
        directory: made where it is missing.
        boot: what was registered.
        generated: the TypeScript.

    Returns:
        whether anything was written.

    Raises:
        BootError: a plugin has failed; an artifact holds all of them or is none.
        ConfigurationError: it cannot be written there.
    """
    if errors := boot.failures.all():
        raise BootError(errors)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{directory} cannot be made: {error.strerror or error}"
        raise ConfigurationError(message, fix="choose another --output or build.output") from None
    data = msgspec.to_builtins(_manifest(boot, generated))
    changed = write(directory / CONFIG, generated.text)
    return write(directory / MANIFEST, json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n") or changed


def read_artifact(directory: Path) -> Artifact:
    """Read the artifact; nothing is written.

    Args:
        directory: where it lies.

    Raises:
        ConfigurationError: there is none, or it is not as it was built.
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
    begun = msgspec.json.decode(content, type=_Format)
    if begun.manifest != VERSION:
        raise _unusable(f"the artifact in {directory} was built by litestar-host {begun.host}, in another format")
    return msgspec.json.decode(content, type=Manifest)


def check_artifact(artifact: Artifact, boot: Boot, generated: Generated) -> None:
    """Compare what was built with what is installed. A plugin that was isolated at this start is not looked at.

    Args:
        artifact: what was built.
        boot: what is installed and was registered.
        generated: its TypeScript.

    Raises:
        StaleConfigError: they differ; says by name which plugins, and in what.
    """
    before, now = artifact.manifest, _manifest(boot, generated)
    if before == now:
        return
    changes = _locks({key: lock for key, lock in before.plugins.items() if key not in boot.failures}, now.plugins)
    found = drift(artifact.config, generated.text)
    for one in found.plugins:
        if one.plugin not in boot.failures and (one.kind == "changed" or one.plugin not in changes):
            changes.setdefault(one.plugin, []).append(str(one).removeprefix(f"{one.plugin}: "))
    lines = [f"{key}: {'; '.join(changes[key])}" for key in sorted(changes)]
    if before.host != now.host:
        lines.append(f"the host: litestar-host {now.host} is installed, built was {before.host}")
    elif not lines and not list(boot.failures):
        lines.append("the host itself")
    if lines:
        keys = sorted(changes)
        message = f"the artifact in {artifact.directory} does not fit what is installed: {', '.join(keys) or 'the host'}"
        raise StaleConfigError(
            message, drifted=keys, changes=lines, diff=found.diff, fix=f"{_BUILD}; or install what it was built of"
        )


def _locks(before: Mapping[str, Locked], now: Mapping[str, Locked]) -> dict[str, list[str]]:
    """What differs in the versions, by plugin."""
    found: dict[str, list[str]] = {}
    for key in before.keys() | now.keys():
        old, new = before.get(key), now.get(key)
        if old is None:
            found[key] = ["installed, but not in the artifact"]
        elif new is None:
            found[key] = [f"in the artifact, but not installed or not enabled: {old.distribution} {old.version}"]
        elif (old.distribution, old.version) != (new.distribution, new.version):
            found[key] = [f"{new.distribution} {new.version} is installed, built was {old.distribution} {old.version}"]
    return found


def _manifest(boot: Boot, generated: Generated) -> Manifest:
    plugins = {
        one.key: Locked(one.plugin.installed.distribution, one.plugin.installed.version, generated.digests.get(one.key, ""))
        for one in boot.contributions
    }
    return Manifest(VERSION, __version__, _digest(generated.text.encode("utf-8")), generated.digest, plugins)


def _digest(content: bytes) -> str:
    return "sha256-" + hashlib.sha256(content).hexdigest()


def _unusable(message: str) -> ConfigurationError:
    return ConfigurationError(message, fix=f"{_BUILD}; or name its directory: --artifact, or build.output in host.toml")
