"""A minimal server of wire v0, written from its description alone: it shares no code with ours."""
