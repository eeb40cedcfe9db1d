"""What the site is made of: known holes in its libraries, a bill of materials (CycloneDX) and their licences.

Holes are looked up by pip-audit, over the network; the other two are read from what is installed.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")


def pinned(lock: Path) -> dict[str, str]:
    """Name and version of each library that the lock names, in its order."""
    found = (PINNED.match(line) for line in lock.read_text().splitlines())
    return {match[1]: match[2] for match in found if match}


def installed(name: str) -> Distribution | None:
    """The installed library of that name; None if the lock names it only for other systems or Pythons."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def expression(library: Distribution) -> str:
    """Its licence as an SPDX expression, if it says it so."""
    return ", ".join(library.metadata.get_all("License-Expression") or [])


def licence(library: Distribution) -> str:
    """As the library says it: an SPDX expression, else its classifiers, else the first line of its own words."""
    about = library.metadata
    classifiers = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier") or [] if each[:7] == "License"]
    words = [line for each in about.get_all("License") or [] for line in each.strip().splitlines()[:1]]
    return expression(library) or ", ".join(classifiers or words) or "not said"


def bill_of_materials(libraries: dict[str, str]) -> dict[str, object]:
    """CycloneDX 1.6, the parts in the lock's order; without a date, so that the same lock makes the same bill."""
    components = []
    for name, version in libraries.items():
        library = installed(name)
        component: dict[str, object] = {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
        }
        if library:
            spdx = expression(library)
            component["licenses"] = [{"expression": spdx} if spdx else {"license": {"name": licence(library)}}]
        components.append(component)
    site = {"type": "application", "name": "forum-agenda"}
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": site}, "components": components}


def holes(lock: Path) -> tuple[str, bool]:
    """What pip-audit says, and whether it found a hole. Where it cannot ask, that is what is said."""
    asked = [
        "-m",
        "pip_audit",
        "--requirement",
        str(lock),
        "--require-hashes",
        "--disable-pip",
        "--progress-spinner",
        "off",
    ]
    done = subprocess.run([sys.executable, *asked, "--format", "json"], capture_output=True, text=True, check=False)
    try:
        libraries = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        said = done.stderr.strip().splitlines()
        return f"Not audited: pip-audit got no answer ({said[-1] if said else 'and says nothing'}).", False
    found = [
        f"{each['name']} {each['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version'}"
        for each in libraries
        for hole in each.get("vulns", [])
    ]
    is_open = bool(found)
    skipped = [each["name"] for each in libraries if "skip_reason" in each]
    asked_about = len(libraries) - len(skipped)
    if asked_about and not found:
        found = [f"No known hole in {asked_about} libraries."]
    if skipped:
        missing = ", ".join(skipped) if asked_about else f"any of the {len(skipped)} libraries"
        found.append(f"Not audited: {missing}; the service that was asked knows nothing of them.")
    return "\n".join(found), is_open


def main(lock: Path) -> None:
    libraries = pinned(lock)
    print("== Bill of materials: CycloneDX")
    print(json.dumps(bill_of_materials(libraries), indent=2))
    print("\n== Licences")
    for name, version in libraries.items():
        library = installed(name)
        print(f"{name} {version}: {licence(library) if library else 'not for this system or Python'}")
    print(f"\n== Known holes in {lock.name}: pip-audit")
    said, is_open = holes(lock)
    print(said)
    sys.exit(is_open)


if __name__ == "__main__":
    main(ROOT / sys.argv[1])
