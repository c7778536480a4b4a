"""Stand-ins for packages that an engine imports and a text model never calls.

    STAND_INS="IPython modelscope flashinfer" PYTHONPATH=.../stand_ins:$PYTHONPATH python3 -m ...

Python runs this file at its start. A module of a package in STAND_INS can then be
imported, and whatever is taken from it is a class that no object has (isinstance asks
for one) and that gives a mock when it is called. A module in ABSENT cannot, so that its
importer goes its other way.
"""
import importlib.abc
import importlib.machinery
import os
import sys
import types
from unittest.mock import MagicMock

STAND_INS = set(os.environ.get("STAND_INS", "").split())
ABSENT = set(os.environ.get("ABSENT", "").split())


def taken(_, name):
    if name.startswith("__"):
        raise AttributeError(name)
    return Taken(name, (), {})


class Taken(type):
    __getattr__ = taken

    def __call__(cls, *args, **kwargs):
        return MagicMock()


class StandIn(types.ModuleType):
    __path__ = []
    __getattr__ = taken


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name in ABSENT:
            raise ImportError(name)
        if name.split(".")[0] in STAND_INS:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


if STAND_INS or ABSENT:
    sys.meta_path.insert(0, Finder())
