"""Values of the language: how they compare, print and compute.

The scalar kinds themselves live in `pylib.kinds`, shared with the sandboxed interpreter.
"""
