"""The call log: whom a coordinator called about what, what came of it, and when to call again."""
