"""The compiler: from the text of a spec to a Python package."""
