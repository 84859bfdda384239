"""Show the examples in docstrings as code; Markdown would take `>>>` for a quotation."""

import re

import griffe

_EXAMPLE = re.compile(r'((?:^>>> .*(?:\n(?!\n).*)*(?:\n\n(?=>>> ))?)+)', re.MULTILINE)


class FenceDoctests(griffe.Extension):
    """Put a fence around every example."""

    def on_instance(self, *, obj, **_):
        """Change the docstring of any object that has one."""
        if obj.docstring:
            obj.docstring.value = _EXAMPLE.sub(r'```pycon\n\1\n```', obj.docstring.value)
