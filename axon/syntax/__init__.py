"""Axon text to nodes and back: `parser.parse` in, `printer.to_source` out; nothing here runs a program."""
