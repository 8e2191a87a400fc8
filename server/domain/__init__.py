"""What EmbedPool is about, in plain Python: no framework, no database, no clock."""
