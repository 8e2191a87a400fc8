"""All SQL: one module per table; never commits on its own, never decides."""
