"""rfsn_ros: a robot learns online, by contextual bandit, which navigation primitive to use."""

import re
from pathlib import Path
from pkgutil import extend_path

__all__ = ['__version__']


def _version() -> str:
    """Return the version of package.xml in a source tree, else that of the installation."""
    manifest = Path(__file__).resolve().parent.parent / 'package.xml'
    if manifest.is_file():
        found = re.search(r'<version>(.*?)</version>', manifest.read_text(encoding='utf-8'))
        if found:
            return found.group(1)
    from importlib import metadata

    try:
        return metadata.version('rfsn_ros')
    except metadata.PackageNotFoundError:
        return 'unknown'


__version__ = _version()

# A source checkout on sys.path hides the installed package; the generated rfsn_ros.msg and
# rfsn_ros.srv exist only there and are found through the extended path.
__path__ = extend_path(__path__, __name__)
