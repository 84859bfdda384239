"""rfsn_ros: a robot learns online, by contextual bandit, which navigation primitive to use."""

from pkgutil import extend_path

__version__ = '0.1.0'

# A source checkout on sys.path hides the installed package; the generated rfsn_ros.msg and
# rfsn_ros.srv exist only there and are found through the extended path.
__path__ = extend_path(__path__, __name__)
